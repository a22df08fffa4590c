from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from .mail_common import HelpdeskMailCommon


@tagged("post_install", "-at_install", "mail_gateway")
class TestSnooze(HelpdeskMailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.as_agent = cls.ticket.with_user(cls.agent)

    def setUp(self):
        super().setUp()
        with freeze_time("2026-06-08"):
            self.as_agent.action_snooze("2026-06-11")

    def _run(self, day):
        with freeze_time(day), self.enter_registry_test_mode():
            self.env.ref("helpdesk_base.ir_cron_wake").method_direct_trigger()

    def _get_todos(self):
        return self.ticket.activity_search(["helpdesk_base.mail_activity_wake"])

    def test_comes_back_without_a_job(self):
        arch = self.env.ref("helpdesk_base.helpdesk_ticket_view_search").arch
        self.assertIn("snoozed_until", arch)
        tickets = self.env["helpdesk.ticket"].with_user(self.agent)
        domain = ["|", ("snoozed_until", "=", False), ("snoozed_until", "<=", "today")]
        for day, is_snoozed in (("2026-06-10", True), ("2026-06-11", False)):
            with freeze_time(day), self.subTest(day):
                self.env.invalidate_all()
                self.assertEqual(self.as_agent.is_snoozed, is_snoozed)
                snoozed = tickets.search([("is_snoozed", "=", True)])
                self.assertEqual(self.as_agent in snoozed, is_snoozed)
                self.assertEqual(
                    self.as_agent in tickets.search(domain), not is_snoozed
                )

    def test_default_lists_leave_it_out(self):
        for name in ("helpdesk_ticket_action", "helpdesk_ticket_action_my"):
            action = self.env.ref(f"helpdesk_base.{name}")
            context = safe_eval(action.context, {"uid": self.agent.id})
            self.assertTrue(context["search_default_awake"])

    def test_its_day_is_a_todo(self):
        self.ticket.user_id = self.agent
        self._run("2026-06-10 23:00:00")
        self.assertFalse(self._get_todos())
        self._run("2026-06-11 01:00:00")
        self.assertEqual(self._get_todos().user_id, self.agent)
        self.assertFalse(self.ticket.snoozed_until)
        self._run("2026-06-11 02:00:00")
        self.assertEqual(len(self._get_todos()), 1)

    def test_the_lead_is_told_of_tickets_nobody_has(self):
        self.team.lead_id = self.manager
        self._run("2026-06-11 01:00:00")
        self.assertEqual(self._get_todos().user_id, self.manager)

    def test_an_answer_of_the_customer_wakes_it(self):
        self._answer(self.ticket)
        self.assertTrue(self.ticket.snoozed_until, "ours does not")
        message = self.ticket.message_ids.sorted("id")[-1]
        self._receive(headers={"In-Reply-To": message.message_id})
        self.assertFalse(self.ticket.snoozed_until)

    def test_closing_wakes_it(self):
        self.as_agent.stage_id = self.stage_done
        self.assertFalse(self.ticket.snoozed_until)

    def test_it_is_not_closed_as_idle(self):
        tickets = self.env["helpdesk.ticket"]
        domain = tickets._domain_may_auto_close() & Domain("id", "=", self.ticket.id)
        self.assertFalse(tickets.search(domain))
        self.as_agent.action_wake()
        self.assertTrue(tickets.search(domain))

    @freeze_time("2026-06-10 12:00:00")
    def test_wizard(self):
        """A Wednesday."""
        tickets = (self.ticket | self.ticket_b).with_user(self.agent)
        wizard = self.env["helpdesk.ticket.snooze"].with_user(self.agent)
        wizard = wizard.with_context(active_model=tickets._name, active_ids=tickets.ids)
        days = {"1": "2026-06-11", "monday": "2026-06-15", "7": "2026-06-17"}
        for choice, day in days.items():
            with Form(wizard) as form:
                form.choice = choice
            self.assertIs(form.save().action_snooze().get("name"), None)
            self.assertEqual(set(map(str, tickets.mapped("snoozed_until"))), {day})
        with self.assertRaises(UserError):
            wizard.create({"choice": "day", "date": "2026-06-10"}).action_snooze()

    def test_malformed_and_forbidden(self):
        for until in ("soon", 5, ["2026-06-11"]):
            with self.subTest(until), self.assertRaises(ValidationError):
                self.as_agent.action_snooze(until)
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.portal_a).action_snooze("2026-06-11")
