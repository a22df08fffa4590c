from datetime import timedelta

from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests.common import ReinvoiceCommon


class AgreementCommon(ReinvoiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.write({"use_customer_approval": True, "customer_approval_days": 5})
        cls.ticket.sale_line_id = cls.item_a
        cls.contact = cls.ticket.partner_id
        cls.contact.email = "contact@alpha.example"
        cls.line = cls._log(cls.ticket, 2.0, name="Printer")
        cls.line_2 = cls._log(cls.ticket, 3.0, name="Router")
        cls.lines = cls.line | cls.line_2
        cls.Agreement = cls.env["helpdesk.time.agreement"]

    def _ask(self, lines=None):
        return self.Agreement._ask(self.lines if lines is None else lines)


@tagged("post_install", "-at_install")
class TestAgreement(AgreementCommon):
    """The customer agrees to time, questions it, or says nothing in time."""

    def _run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "helpdesk_timesheet_approval.ir_cron_ask"
            ).method_direct_trigger()

    def test_job_asks_once(self):
        self.assertDelivered(self.item_a, 0.0)
        self.assertIn("Waits for the customer", self.line.so_line_reason)
        before = self.Agreement.search([])
        self._run_job()
        agreement = self.Agreement.search([]) - before
        self.assertEqual(agreement.line_ids, self.lines)
        self.assertEqual(agreement.partner_id, self.contact)
        self.assertEqual(agreement.deadline, fields.Date.today() + timedelta(days=5))
        self.assertIn("/my/time/", agreement.message_ids[0].body)
        self.assertIn("counts as agreed", agreement.message_ids[0].body)
        self.assertEqual(set(self.lines.mapped("customer_state")), {"asked"})
        self._run_job()
        self.assertEqual(self.Agreement.search([]) - before, agreement)

    def test_a_questioned_ticket_is_not_idle(self):
        tickets = self.env["helpdesk.ticket"]
        self._ask()
        self.assertIn(self.ticket, tickets.search(tickets._domain_may_auto_close()))
        self.line.customer_state = "questioned"
        self.assertNotIn(self.ticket, tickets.search(tickets._domain_may_auto_close()))

    def test_agreed_time_is_billed(self):
        agreement = self._ask()
        agreement._agree(self.line, "Elena")
        self.assertDelivered(self.item_a, 2.0)
        self.assertEqual(self.line.customer_answer_by, "Elena")
        self.assertEqual(self._invoice(self.order_a).invoice_line_ids.quantity, 2.0)
        report = self.env["ir.actions.report"]._render_qweb_html(
            "sale_timesheet.timesheet_report_account_move",
            self.line.timesheet_invoice_id.ids,
        )[0]
        self.assertIn(b"Elena, ", report)

    def test_question_waits_and_is_asked_again(self):
        agreement = self._ask()
        agreement._question(self.line_2, "Which router?", "Elena")
        self.assertEqual(self.line_2.customer_state, "questioned")
        self.assertIn("Which router?", self.line_2._get_worker_task())
        self.assertFalse(self.line._get_worker_task())
        message = self.ticket.message_ids[0]
        self.assertIn("Which router?", message.body)
        self.assertEqual(message.author_id, self.contact)
        self.assertEqual(self.ticket.activity_ids.user_id, self.agent)
        self._end_deadline(agreement)
        self.assertDelivered(self.item_a, 2.0, "silence on one, the question waits")
        self.line_2.with_user(self.agent).name = "Router on floor 2"
        self.assertEqual(self.line_2.customer_state, "none")
        again = self._ask()
        self.assertEqual(again.line_ids, self.line_2)
        again._agree(self.line_2, "Elena")
        self.assertDelivered(self.item_a, 5.0)

    def test_question_on_time_of_who_has_left(self):
        agreement = self._ask()
        self.agent.active = False
        # by signed link, without a log-in
        public = self.env.ref("base.public_user")
        as_public = agreement.with_user(public).sudo()
        as_public._question(self.line_2, "Which router?", "Elena")
        self.assertEqual(self.ticket.activity_ids.user_id, self.agent_2, "in the team")
        self.ticket.user_id = self.manager
        as_public._question(self.line, "Which printer?", "Elena")
        self.assertIn(self.manager, self.ticket.activity_ids.user_id)

    def _end_deadline(self, agreement):
        agreement.deadline = fields.Date.today() - timedelta(days=1)
        self.Agreement._cron_close()

    def test_silence_counts_after_the_deadline_only(self):
        agreement = self._ask()
        agreement.deadline = fields.Date.today()
        self.Agreement._cron_close()
        self.assertDelivered(self.item_a, 0.0)
        self._end_deadline(agreement)
        self.assertDelivered(self.item_a, 5.0)
        self.assertFalse(self.line.customer_answer_by)
        self.assertIn("no answer in time", self.line._get_agreed_text())

    def test_change_is_agreed_to_anew(self):
        agreement = self._ask()
        agreement._agree(self.lines, "Elena")
        self.line.with_user(self.agent).unit_amount = 2.5
        self.assertEqual(self.line.customer_state, "none")
        self.assertDelivered(self.item_a, 3.0)

    def test_more_to_pay_is_agreed_to_anew(self):
        """Fewer hours are billed without another question, more are not."""
        agreement = self._ask()
        agreement._agree(self.lines, "Elena")
        line = self.line
        line.write({"billable_hours": 1.0, "billable_hours_reason": "Goodwill"})
        self.assertEqual(line.customer_state, "agreed")
        self.assertDelivered(self.item_a, 4.0)
        line.write({"billable_hours": 3.0, "billable_hours_reason": "As ordered"})
        self.assertEqual(line.customer_state, "none")
        self.assertDelivered(self.item_a, 3.0)

    def test_approval_comes_first(self):
        self.team.use_time_approval = True
        self.assertFalse(self._ask())
        self.line.with_user(self.manager).action_approve()
        self.assertEqual(self._ask().line_ids, self.line)
        self.line.agreement_id._agree(self.line, "Elena")
        self.assertDelivered(self.item_a, 2.0)

    def test_ticket_goes_to_another_customer(self):
        agreement = self._ask()
        self.ticket.partner_id = self.customer_b
        self.assertFalse(agreement._get_lines_to_show())
        self.assertEqual(set(self.lines.mapped("customer_state")), {"none"})
        agreement._agree(self.lines, "Elena")
        self.assertEqual(set(self.lines.mapped("customer_state")), {"none"})

    def test_customer_who_is_never_asked(self):
        self.customer_a.helpdesk_time_detail = "none"
        self.assertDelivered(self.item_a, 5.0)
        self.assertFalse(self._ask())

    def test_nobody_to_ask(self):
        ticket = self.ticket.copy({"name": "Unknown", "partner_id": False})
        line = self._log(ticket, 1.0)
        self.assertFalse(line.waits_for_approval)
        ticket.write({"partner_id": self.contact.id, "sale_line_id": self.item_a.id})
        self.assertTrue(line.waits_for_approval)

    def test_contact_of_the_customer(self):
        boss = self.env["res.partner"].create(
            {
                "name": "Boss",
                "email": "boss@alpha.example",
                "parent_id": self.customer_a.id,
            }
        )
        self.customer_a.helpdesk_agreement_partner_id = boss
        self.assertEqual(self._ask().partner_id, boss)

    def test_lead_asks_at_once(self):
        action = self.lines.with_user(self.manager).action_ask_customer()
        self.assertIn("1 customers were asked", action["params"]["message"])
        with self.assertRaisesRegex(UserError, "nothing to ask"):
            self.lines.with_user(self.manager).action_ask_customer()
        with self.assertRaises(AccessError):
            self.lines.with_user(self.agent).action_ask_customer()
        with self.assertRaisesRegex(UserError, "Only the customer says"):
            self.line.with_user(self.agent).customer_state = "agreed"


@tagged("post_install", "-at_install")
class TestAgreementPage(AgreementCommon, HttpCase):
    """The signed link, without log-in."""

    def _post(self, agreement, token=None, **values):
        return self.url_open(
            f"/my/time/{agreement.id}/answer",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "access_token": token or agreement.access_token,
                **values,
            },
        )

    def test_page_and_answers(self):
        agreement = self._ask()
        self.authenticate(None, None)
        page = self.url_open(agreement.get_portal_url()).text
        for text in ("Printer", "Router", "Agree to All", "200.00", self.agent.name):
            self.assertIn(text, page)
        self._post(agreement, line_ids=str(self.line_2.id), question="Which one?")
        self.assertEqual(self.line_2.customer_state, "questioned")
        self._post(agreement)
        self.assertEqual(self.line.customer_state, "agreed")
        self.assertEqual(self.line_2.customer_state, "questioned")
        self._post(agreement, line_ids=str(self.line_2.id))
        self.assertDelivered(self.item_a, 5.0)
        self._invoice(self.order_a)
        page = self.url_open(agreement.get_portal_url()).text
        self.assertIn("nothing to agree to any more", page)
        self.assertNotIn("Printer", page)

    def test_page_of_time_that_lost_its_item(self):
        agreement = self._ask()
        self.ticket.sale_line_id = False
        self.assertFalse(self.lines.so_line)
        self.authenticate(None, None)
        page = self.url_open(agreement.get_portal_url())
        self.assertEqual(page.status_code, 200)
        self.assertIn("Printer", page.text)
        self.assertNotIn("200.00", page.text)

    def test_a_file_is_no_answer(self):
        agreement = self._ask()
        self.authenticate(None, None)
        for name in ("line_ids", "question"):
            answer = self.url_open(
                f"/my/time/{agreement.id}/answer",
                data={
                    "csrf_token": http.Request.csrf_token(self),
                    "access_token": agreement.access_token,
                },
                files={name: ("answer.txt", b"yes")},
            )
            self.assertEqual(answer.status_code, 200)
        self.assertEqual(set(self.lines.mapped("customer_state")), {"asked"})

    def test_only_the_hours_by_ticket(self):
        self.customer_a.helpdesk_time_detail = "tickets"
        agreement = self._ask()
        self.authenticate(None, None)
        page = self.url_open(agreement.get_portal_url()).text
        self.assertIn(self.ticket.name, page)
        self.assertNotIn("Printer", page)

    def test_link_opens_nothing_else(self):
        agreement = self._ask()
        foreign = self._log(self.ticket_b, 1.0)
        self.authenticate(None, None)
        for token in ("wrong", ""):
            url = f"/my/time/{agreement.id}?access_token={token}"
            self.assertNotIn("Printer", self.url_open(url).text)
            self._post(agreement, token or "x")
        self.assertEqual(self.line.customer_state, "asked")
        self._post(agreement, line_ids=f"{foreign.id},x,{self.line.id}")
        self.assertEqual(foreign.customer_state, "none")
        self.assertEqual(self.line.customer_state, "agreed")
