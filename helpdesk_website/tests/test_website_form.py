import io
import json
from unittest.mock import patch

from odoo import http
from odoo.exceptions import UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.helpdesk_base.tests.mail_common import HelpdeskMailCommon

TYPED = {
    "partner_name": "Vera Visitor",
    "partner_email": "Vera@Visit.Example",
    "name": "Gate is open",
    "description": "Since <b>noon</b>.\nPlease look.",
}


@tagged("post_install", "-at_install")
class TestWebsiteForm(HelpdeskMailCommon, HttpCase):
    """The page of a team and its form, for visitors and customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.team.write({"is_published": True, "website_id": cls.website.id})
        cls.url = cls.team.website_url
        cls.Ticket = cls.env["helpdesk.ticket"].with_context(active_test=False)

    def setUp(self):
        super().setUp()
        self.last = self.Ticket.search([], order="id desc", limit=1).id

    def _get_new(self):
        return self.Ticket.search([("id", ">", self.last)])

    def _send(self, files=None, **values):
        """Send the form.

        :return: what the page gets
        """
        data = {"team_id": self.team.id, **TYPED, **values}
        if self.session.uid:
            data["csrf_token"] = http.Request.csrf_token(self)
        response = self.url_open(
            "/website/form/helpdesk.ticket", data=data, files=files
        )
        self.assertEqual(response.status_code, 200)
        return json.loads(response.text)

    def _assert_refused(self, sentence, **values):
        answer = self._send(**values)
        self.assertIn(sentence, answer["error"])
        self.assertFalse(self._get_new())

    # === VISITORS === #

    def test_visitor_gets_a_number_and_becomes_no_contact(self):
        self.authenticate(None, None)
        partners = self.env["res.partner"].search_count([])
        mails = self.env["mail.mail"].search([])
        self.assertEqual(self.url_open(self.url).status_code, 200)
        ticket = self._get_new().browse(self._send()["id"])
        self.assertEqual(ticket.name, "Gate is open")
        self.assertEqual(ticket.team_id, self.team)
        self.assertEqual(ticket.partner_name, "Vera Visitor")
        self.assertEqual(ticket.partner_email, "vera@visit.example")
        self.assertIn("&lt;b&gt;noon&lt;/b&gt;", ticket.description)
        self.assertFalse(ticket.partner_id)
        self.assertFalse(ticket.user_id)
        self.assertEqual(self.env["res.partner"].search_count([]), partners)
        mail = self.env["mail.mail"].search([]) - mails
        self.assertEqual(mail.email_to, "vera@visit.example")
        self.assertFalse(mail.recipient_ids)
        self.assertFalse(mail.author_id.partner_share, "nobody else speaks for us")
        self.assertIn(ticket.ticket_ref, mail.subject)
        self.assertIn("auto-replied", mail.headers)
        self.assertIn(self.alias, mail.reply_to)
        for text in (mail.subject, mail.body_html):
            self.assertNotIn("Gate is open", text, "it sends nobody's words")
            self.assertNotIn("access_token", text)
        page = self.url_open(f"{self.url}/thank-you").text
        self.assertIn(f"#{ticket.ticket_ref}", page)
        self.assertIn("vera@visit.example", page)
        self.assertNotIn("/my/ticket", page)
        self.assertNotIn("access_token", page)

    def test_address_of_a_customer_opens_nothing(self):
        self.authenticate(None, None)
        self._send(partner_email=self.contact_a.email)
        ticket = self._get_new()
        self.assertFalse(ticket.partner_id)
        self.assertFalse(ticket.message_partner_ids & self.contact_a)
        found = self.Ticket.with_user(self.portal_a).search([("id", "in", ticket.ids)])
        self.assertFalse(found)

    def test_first_stage_that_sends_makes_no_contact(self):
        template = self.env.ref("helpdesk_base.mail_template_ticket_received")
        self.stage_new.template_id = template
        partners = self.env["res.partner"].search_count([])
        mails = self.env["mail.mail"].search([])
        self.authenticate(None, None)
        self._send()
        self.assertEqual(self.env["res.partner"].search_count([]), partners)
        self.assertEqual(len(self.env["mail.mail"].search([]) - mails), 1)

    def test_files_are_the_visitor_s(self):
        self.authenticate(None, None)
        files = [("files[0][0]", ("gate.txt", io.BytesIO(b"open"), "text/plain"))]
        self._send(files=files)
        message = self._get_new().message_ids.filtered("attachment_ids")
        self.assertEqual(message.attachment_ids.raw, b"open")
        self.assertFalse(message.author_id)
        self.assertIn("vera@visit.example", message.email_from)
        self.assertFalse(self._get_new().partner_id)

    def test_machines_are_told_that_all_went_well(self):
        self.authenticate(None, None)
        self.assertTrue(self._send(company_fax="123")["id"])
        self.assertFalse(self._get_new())
        self.assertNotIn("Its number", self.url_open(f"{self.url}/thank-you").text)

    @mute_logger("odoo.http")
    def test_captcha_is_asked_where_the_website_has_one(self):
        self.authenticate(None, None)
        name = "_verify_request_recaptcha_token"
        refuse = UserError("Suspicious activity detected.")
        http_model = type(self.env["ir.http"])
        with patch.object(http_model, name, side_effect=refuse) as asked:
            self.url_open(
                "/website/form/helpdesk.ticket", data={"team_id": self.team.id, **TYPED}
            )
        asked.assert_called_once_with("website_form")
        self.assertFalse(self._get_new())

    def test_refused_with_a_sentence(self):
        self.authenticate(None, None)
        self.team.website_form_files = False
        file = [("files[0][0]", ("a.txt", io.BytesIO(b"a"), "text/plain"))]
        for sentence, values in (
            ("what it is about", {"name": " "}),
            ("below 200", {"name": "x" * 201}),
            ("Describe", {"description": ""}),
            ("below 20000", {"description": "x" * 20_001}),
            ("below 20000", {"more": "x" * 20_001}),
            ("e-mail address", {"partner_email": "vera"}),
            ("e-mail address", {"partner_name": "x" * 201}),
            ("Files cannot", {"files": file}),
            ("not in use", {"team_id": self.team_private.id}),
            ("not in use", {"team_id": 0}),
        ):
            with self.subTest(sentence, **values):
                self._assert_refused(sentence, **values)

    def test_gateway_s_limit(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", "2")
        self.authenticate(None, None)
        self._send()
        self._send()
        answer = self._send()
        self.assertIn("many tickets within a short time", answer["error"])
        self.assertEqual(len(self._get_new()), 2)

    def test_fields_that_nobody_asked_for(self):
        """They are text of the ticket at most."""
        self.authenticate(None, None)
        self._send(
            partner_phone="+32 1",
            partner_id=self.contact_a.id,
            stage_id=self.stage_done.id,
            user_id=self.agent.id,
            priority="3",
        )
        ticket = self._get_new()
        self.assertFalse(ticket.partner_phone, "the team does not ask for it")
        self.assertFalse(ticket.partner_id or ticket.user_id)
        self.assertEqual(ticket.stage_id, self.stage_new)
        self.assertEqual(ticket.priority, "0")
        self.assertIn("priority : 3", ticket.description)

    # === WHAT THE TEAM CHOOSES === #

    def test_phone_type_and_properties(self):
        kind = self.env["helpdesk.ticket.type"].create({"name": "Incident"})
        self.team.write(
            {
                "website_form_phone": True,
                "website_form_type": True,
                "website_form_properties": True,
                "ticket_properties": [
                    {"name": "aa01", "string": "Floor", "type": "integer"},
                    {
                        "name": "bb02",
                        "string": "Building",
                        "type": "selection",
                        "selection": [["north", "North"], ["south", "South"]],
                    },
                    {"name": "dd04", "string": "Since", "type": "date"},
                    {"name": "ee05", "string": "Until", "type": "datetime"},
                    {
                        "name": "cc03",
                        "string": "Our Contact",
                        "type": "many2one",
                        "comodel": "res.partner",
                    },
                ],
            }
        )
        self.authenticate(None, None)
        page = self.url_open(self.url).text
        for text in ("Floor", "Building", "Incident", "partner_phone"):
            self.assertIn(text, page)
        self.assertNotIn("Our Contact", page)
        for wrong in (
            {"bb02": "attic"},
            {"aa01": "1" * 30},
            {"dd04": "2026-02-30"},
            {"ee05": "noon"},
        ):
            with self.subTest(**wrong):
                self._assert_refused("again", **wrong)
        self._send(
            partner_phone="+32 1",
            ticket_type_id=kind.id,
            aa01="4",
            bb02="south",
            dd04="2026-02-28",
            ee05="2026-02-28 12:00:00",
            cc03=str(self.contact_a.id),
        )
        ticket = self._get_new()
        self.assertEqual(ticket.partner_phone, "+32 1")
        self.assertEqual(ticket.ticket_type_id, kind)
        self.assertEqual(ticket.properties["aa01"], 4)
        self.assertEqual(ticket.properties["bb02"], "South")
        self.assertEqual(str(ticket.properties["dd04"]), "2026-02-28")
        self.assertEqual(str(ticket.properties["ee05"]), "2026-02-28 12:00:00")
        self.assertFalse(ticket.properties["cc03"])

    def test_unpublished_other_website_other_company(self):
        self.authenticate(None, None)
        other = self.env["website"].create({"name": "Other", "domain": "x.example"})
        company = self.env["res.company"].create({"name": "Second Desk"})
        for values in (
            {"is_published": False},
            {"is_published": True, "website_id": other.id},
            {"website_id": False, "active": False},
        ):
            with self.subTest(**values):
                self.team.write(values)
                self.assertEqual(self.url_open(self.url).status_code, 404)
                self._assert_refused("not in use")
        far = self._new_team(
            "Far", self.stage_new, self.agent.browse(), company_id=company.id
        )
        far.is_published = True
        self.assertEqual(self.url_open(far.website_url).status_code, 404)
        self._assert_refused("not in use", team_id=far.id)

    def test_list_of_teams(self):
        self.authenticate(None, None)
        alone = self.website._get_helpdesk_teams() - self.team
        alone.is_published = False
        self.assertIn(self.url, self.url_open("/helpdesk").url)
        self.team_private.is_published = True
        page = self.url_open("/helpdesk").text
        self.assertIn(self.team_private.website_url, page)
        self.assertIn(self.url, self.url_open("/sitemap.xml").text)

    def test_website_of_another_company_is_refused(self):
        company = self.env["res.company"].create({"name": "Second Desk"})
        other = self.env["website"].create({"name": "X", "company_id": company.id})
        with self.assertRaises(ValidationError):
            self.team.website_id = other

    # === CUSTOMERS === #

    def test_customer_who_is_logged_in(self):
        self.authenticate("hd_portal_a", "hd_portal_a")
        self.assertNotIn("ticket_partner_email", self.url_open(self.url).text)
        self._send(partner_email="someone@else.example", partner_name="Someone")
        ticket = self._get_new()
        self.assertEqual(ticket.partner_id, self.contact_a)
        self.assertEqual(ticket.partner_email, self.contact_a.email)
        page = self.url_open(f"{self.url}/thank-you").text
        self.assertIn(f"/my/ticket/{ticket.id}", page)

    def test_customer_of_another_company_is_a_visitor(self):
        company = self.env["res.company"].create({"name": "Second Desk"})
        self.portal_a.company_ids += company
        self.portal_a.company_id = company
        self.contact_a.company_id = company
        self.authenticate("hd_portal_a", "hd_portal_a")
        self._send()
        self.assertFalse(self._get_new().partner_id)
        self.assertEqual(self._get_new().partner_email, self.contact_a.email)

    # === SETTINGS === #

    def test_lead_publishes_agent_does_not(self):
        self.assertTrue(self.team.with_user(self.manager).can_publish)
        self.team.with_user(self.manager).is_published = False
        with self.assertRaises(ValidationError):
            self.team.with_user(self.manager).write(7)
        self.assertFalse(self.team.with_user(self.agent).can_publish)
        with self.assertRaises(UserError):
            self.team.with_user(self.agent).is_published = True
