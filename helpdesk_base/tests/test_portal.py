import re

from odoo import http
from odoo.tests import HttpCase, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .common import HelpdeskCommon


@tagged("post_install", "-at_install")
class TestPortal(HelpdeskCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.allow_portal_ticket_closing = True
        # without one to choose, the form shows no choice
        others = cls.env["helpdesk.team"].search([("id", "!=", cls.team.id)])
        others.allow_portal_ticket_creation = False

    def _get(self, url, user=None):
        if user:
            self.authenticate(user.login, user.login)
        return self.url_open(url)

    def _rows(self, response):
        return re.findall(r'href="/my/ticket/(\d+)"', response.text)

    def _post(self, url, data, **kwargs):
        data = {"csrf_token": http.Request.csrf_token(self), **data}
        return self.url_open(url, data=data, **kwargs)

    # === LIST === #

    def test_list_shows_the_tickets_of_the_own_company(self):
        page = self._get("/my/tickets", self.portal_a)
        self.assertEqual(page.status_code, 200)
        self.assertEqual(
            set(self._rows(page)), {str(self.ticket.id), str(self.ticket_a2.id)}
        )
        self.assertNotIn("Lift is stuck", page.text)
        self.assertNotIn("Payroll", page.text)

    def test_search_sort_group_and_filter(self):
        self.authenticate(self.portal_a.login, self.portal_a.login)
        self.ticket.stage_id = self.stage_done
        self.ticket_a2.message_post(
            body="A zebra", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.ticket_a2.message_post(body="A giraffe", subtype_xmlid="mail.mt_note")
        self.env.flush_all()
        oven, till = str(self.ticket.id), str(self.ticket_a2.id)
        for query, expected in (
            ("search_in=all&search=oven", [oven]),
            (f"search_in=ticket_ref&search=%23{self.ticket_a2.ticket_ref}", [till]),
            ("search_in=messages&search=zebra", [till]),
            ("search_in=messages&search=giraffe", []),
            ("search_in=stage&search=finished", [oven]),
            ("search_in=user&search=ada", []),
            ("sortby=name", [oven, till]),
            ("sortby=reference", [till, oven]),
            ("sortby=stage&groupby=stage", [till, oven]),
            ("filterby=open", [till]),
            ("filterby=closed", [oven]),
            ("groupby=customer&sortby=name", [oven, till]),
            ("groupby=team", [till, oven]),
            ("sortby=bogus&groupby=bogus&filterby=bogus&search_in=bogus", [till, oven]),
            ("date_begin=foo&date_end=bar", [till, oven]),
            ("date_begin=2026-02-31&date_end=2026-13-01", [till, oven]),
            ("date_begin=1999-01-01&date_end=1999-02-01", []),
            ("date_begin=1999-01-01&date_end=2999-01-01", [till, oven]),
        ):
            with self.subTest(query=query):
                page = self.url_open(f"/my/tickets?{query}")
                self.assertEqual(page.status_code, 200)
                self.assertEqual(self._rows(page), expected)

    def test_home_counts(self):
        self.authenticate(self.portal_a.login, self.portal_a.login)
        answer = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["ticket_count"]}
        )
        self.assertEqual(answer["ticket_count"], 2)

    def test_home_of_a_colleague_without_rights(self):
        self.authenticate(self.colleague.login, self.colleague.login)
        self.assertEqual(self.url_open("/my").status_code, 200)
        page = self.url_open("/my/tickets")
        self.assertEqual(self._rows(page), [])

    def test_list_needs_a_login(self):
        self.assertIn("/web/login", self.url_open("/my/tickets").url)

    def test_list_costs_the_same_for_many_tickets(self):
        self.authenticate(self.portal_a.login, self.portal_a.login)
        few = self._count_warm_queries(self.url_open, "/my/tickets")
        for number in range(30):
            self._new_ticket(f"More {number}", partner_id=self.contact_a2.id)
        many = self._count_queries(self.url_open, "/my/tickets")
        self.assertLessEqual(many, few + 2)

    # === ONE TICKET === #

    def test_ticket_page(self):
        self.ticket.description = "<p>It stays cold</p>"
        self.ticket.user_id = self.agent
        page = self._get(f"/my/ticket/{self.ticket.id}", self.portal_a)
        self.assertIn("It stays cold", page.text)
        self.assertIn("Incoming", page.text)
        self.assertIn("Ada Agent", page.text)
        self.assertIn(self.ticket.ticket_ref, page.text)

    def test_ticket_of_another_customer(self):
        page = self._get(f"/my/ticket/{self.ticket_b.id}", self.portal_a)
        self.assertTrue(page.url.endswith("/my"))
        self.assertNotIn("Lift is stuck", page.text)
        page = self._get("/my/ticket/987654321", self.portal_a)
        self.assertTrue(page.url.endswith("/my"))

    def test_signed_link_works_without_login(self):
        url = self.ticket.get_portal_url()
        self.env.flush_all()
        page = self.url_open(url)
        self.assertIn("Oven is cold", page.text)
        page = self.url_open(f"/my/ticket/{self.ticket.id}?access_token=wrong")
        self.assertNotIn("Oven is cold", page.text)
        other = self.ticket_b.get_portal_url().split("?")[1]
        page = self.url_open(f"/my/ticket/{self.ticket.id}?{other}")
        self.assertNotIn("Oven is cold", page.text)

    def test_signed_link_ends_with_the_portal_and_with_the_customer(self):
        url = self.ticket.get_portal_url()
        self.ticket.partner_id = self.contact_b
        self.env.flush_all()
        self.assertNotIn("Oven is cold", self.url_open(url).text)
        url = self.ticket_a2.get_portal_url()
        self.team.with_context(x=1).privacy_visibility = "internal"
        self.ticket_a2.access_token = url.split("access_token=")[1]
        self.env.flush_all()
        self.assertNotIn("Till is slow", self.url_open(url).text)

    def test_mail_link_leads_customers_to_the_portal(self):
        url = f"/mail/view?model=helpdesk.ticket&res_id={self.ticket.id}"
        page = self._get(url, self.portal_a)
        self.assertIn(f"/my/ticket/{self.ticket.id}", page.url)
        page = self._get(url, self.portal_b)
        self.assertNotIn("Oven is cold", page.text)

    def test_merged_ticket_points_to_the_survivor(self):
        self.ticket_a2._merge(self.ticket)
        page = self._get(f"/my/ticket/{self.ticket.id}", self.portal_a)
        self.assertIn(f"/my/ticket/{self.ticket_a2.id}", page.text)

    # === CONVERSATION === #

    def test_conversation_shows_nothing_internal(self):
        self.ticket.message_post(
            body="Hello Alice", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.ticket.message_post(body="Slow payer", subtype_xmlid="mail.mt_note")
        self.ticket.stage_id = self.stage_work
        self.env.flush_all()
        token = self.ticket._portal_ensure_token()
        for user, access in ((None, {"token": token}), (self.portal_a, {})):
            if user:
                self.authenticate(user.login, user.login)
            answer = self.make_jsonrpc_request(
                "/mail/chatter_fetch",
                {
                    "thread_model": "helpdesk.ticket",
                    "thread_id": self.ticket.id,
                    "fetch_params": {"limit": 30},
                    **access,
                },
            )
            bodies = str(answer["data"])
            self.assertNotIn("Slow payer", bodies)

    def test_customer_comments_by_signed_link(self):
        token = self.ticket._portal_ensure_token()
        self.env.flush_all()
        self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "helpdesk.ticket",
                "thread_id": self.ticket.id,
                "post_data": {"body": "By link", "message_type": "comment"},
                "token": token,
            },
        )
        message = self.ticket.message_ids.filtered(lambda m: "By link" in m.body)
        self.assertEqual(message.author_id, self.contact_a)

    def test_signed_link_takes_no_comment_where_the_page_is_closed(self):
        token = self.ticket._portal_ensure_token()
        url = self.ticket.get_portal_url()
        for closed in ("archived", "hidden"):
            if closed == "archived":
                self.ticket.active = False
            else:
                self.ticket.active = True
                self.team.privacy_visibility = "internal"
                self.ticket.access_token = token
            self.env.flush_all()
            with self.subTest(closed):
                self.assertNotIn("Oven is cold", self.url_open(url).text)
                with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
                    self.make_jsonrpc_request(
                        "/mail/message/post",
                        {
                            "thread_model": "helpdesk.ticket",
                            "thread_id": self.ticket.id,
                            "post_data": {
                                "body": "Too late",
                                "message_type": "comment",
                            },
                            "token": token,
                        },
                    )
                self.assertFalse(
                    self.ticket.message_ids.filtered(lambda m: "Too late" in m.body)
                )

    def test_odd_words_in_the_address(self):
        for word in ("document", "ticket", "values", "no_breadcrumbs"):
            page = self._get(f"/my/ticket/{self.ticket.id}?{word}=1", self.portal_a)
            self.assertEqual(page.status_code, 200)
            self.assertIn("Oven is cold", page.text)

    def test_comment_on_a_closed_ticket_reopens_it(self):
        self.ticket.stage_id = self.stage_done
        self.env.flush_all()
        self.authenticate(self.portal_a.login, self.portal_a.login)
        self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "helpdesk.ticket",
                "thread_id": self.ticket.id,
                "post_data": {
                    "body": "Still cold",
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                },
            },
        )
        self.assertEqual(self.ticket.stage_id, self.stage_new)

    # === CLOSE AND REOPEN === #

    def test_close_and_reopen(self):
        page = self._get(f"/my/ticket/{self.ticket.id}", self.portal_a)
        self.assertIn("o_ticket_close", page.text)
        page = self._post(f"/my/ticket/{self.ticket.id}/close", {})
        self.assertEqual(self.ticket.stage_id, self.stage_done)
        self.assertIn("o_ticket_reopen", page.text)
        self._post(f"/my/ticket/{self.ticket.id}/reopen", {})
        self.assertEqual(self.ticket.stage_id, self.stage_new)

    def test_close_is_refused_where_the_team_does_not_allow_it(self):
        self.team.allow_portal_ticket_closing = False
        page = self._get(f"/my/ticket/{self.ticket.id}", self.portal_a)
        self.assertNotIn("o_ticket_close", page.text)
        self._post(f"/my/ticket/{self.ticket.id}/close", {})
        self.assertFalse(self.ticket.is_closed)

    @mute_logger("odoo.http")
    def test_close_needs_the_right_ticket_and_a_form(self):
        self.authenticate(self.portal_a.login, self.portal_a.login)
        self._post(f"/my/ticket/{self.ticket_b.id}/close", {})
        self.assertFalse(self.ticket_b.is_closed)
        answer = self._post(f"/my/ticket/{self.ticket.id}/delete", {})
        self.assertEqual(answer.status_code, 404)
        self.url_open(f"/my/ticket/{self.ticket.id}/close")
        self.url_open(f"/my/ticket/{self.ticket.id}/close", data={"x": "no token"})
        self.assertFalse(self.ticket.is_closed)

    def test_close_by_signed_link(self):
        token = self.ticket._portal_ensure_token()
        self.env.flush_all()
        self.authenticate(None, None)
        self._post(f"/my/ticket/{self.ticket.id}/close", {"access_token": token})
        self.assertEqual(self.ticket.stage_id, self.stage_done)

    # === FORM === #

    def test_form_opens_a_ticket(self):
        page = self._get("/my/tickets/new", self.portal_a)
        self.assertIn(f'value="{self.team.id}"', page.text)
        page = self._post(
            "/my/tickets/new",
            {
                "team_id": self.team.id,
                "name": "Mixer <b>broken</b>",
                "description": "It\x00 smokes.\n<script>alert(1)</script>",
            },
            files={"files": ("mixer.txt", b"smoke", "text/plain")},
        )
        ticket = self.env["helpdesk.ticket"].search([], order="id desc", limit=1)
        self.assertEqual(ticket.name, "Mixer <b>broken</b>")
        self.assertEqual(ticket.partner_id, self.contact_a)
        self.assertNotIn("<script>", ticket.description)
        self.assertEqual(
            ticket.message_ids.attachment_ids.mapped("name"), ["mixer.txt"]
        )
        self.assertIn(f"/my/ticket/{ticket.id}", page.url)
        self.assertIn("Thank you", page.text)

    def test_form_says_what_is_missing(self):
        self.authenticate(self.portal_a.login, self.portal_a.login)
        before = self.env["helpdesk.ticket"].search_count([])
        page = self._post("/my/tickets/new", {"team_id": "nope", "name": " "})
        self.assertIn("Tell us in a few words", page.text)
        self.assertIn("Describe what happened", page.text)
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), before)

    def test_form_takes_all_or_says_why_not(self):
        self.authenticate(self.portal_a.login, self.portal_a.login)
        Ticket = self.env["helpdesk.ticket"]
        before = Ticket.search_count([])
        data = {"team_id": self.team.id, "name": "Oven", "description": "Cold"}
        file = ("files", ("one.txt", b"1", "text/plain"))
        for changes, files, sentence in (
            ({}, [file] * 11, "10 files at most"),
            ({"description": "x" * 20_001}, None, "attach the rest as a file"),
            ({"name": ""}, [file], "Choose your files again"),
        ):
            page = self._post("/my/tickets/new", {**data, **changes}, files=files)
            self.assertIn(sentence, page.text)
        self.assertEqual(Ticket.search_count([]), before)
        self._post("/my/tickets/new", data, files=[file] * 10)
        ticket = Ticket.search([], order="id desc", limit=1)
        self.assertEqual(len(ticket.message_ids.attachment_ids), 10)

    def test_form_knows_the_limit_of_the_mail_gateway(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 2)
        self.authenticate(self.portal_b.login, self.portal_b.login)
        Ticket = self.env["helpdesk.ticket"]
        data = {"team_id": self.team.id, "name": "Oven", "description": "Cold"}
        for _number in range(4):
            page = self._post("/my/tickets/new", data)
        self.assertIn("many tickets within a short time", page.text)
        self.assertIn(Ticket.search_count([("name", "=", "Oven")]), (1, 2))

    def test_form_of_a_team_that_takes_no_tickets(self):
        self.authenticate(self.portal_a.login, self.portal_a.login)
        before = self.env["helpdesk.ticket"].search_count([])
        data = {"name": "Sneaky", "description": "x", "team_id": self.team_private.id}
        self._post("/my/tickets/new", data)
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), before)
        self.team.allow_portal_ticket_creation = False
        page = self.url_open("/my/tickets/new")
        self.assertTrue(page.url.endswith("/my/tickets"))
        self.assertNotIn("o_new_ticket", page.text)
