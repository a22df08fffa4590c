from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ReinvoiceCommon


@tagged("post_install", "-at_install")
class TestTimeBeforeClosing(ReinvoiceCommon):
    """Where a team asks for it, agents close no ticket without time or a reason."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.require_time_to_close = True
        cls.as_agent = cls.ticket.with_user(cls.agent)
        cls.closed = {"stage_id": cls.stage_done.id}

    def _find_closed_without_time(self):
        arch = self.env.ref("helpdesk_timesheet_reinvoice.helpdesk_ticket_view_search")
        self.assertIn("closed_without_time", arch.arch)
        return self.env["helpdesk.ticket"].search(
            [
                ("is_closed", "=", True),
                ("use_helpdesk_timesheet", "=", True),
                ("total_hours_spent", "=", 0),
            ]
        )

    def test_agent_is_told(self):
        with self.assertRaisesRegex(UserError, "Why Closed without Time"):
            self.as_agent.write(self.closed)
        self.assertFalse(self.as_agent._can_close())
        self.as_agent.write({"stage_id": self.stage_work.id})

    def test_agent_is_told_who_closes_by_call(self):
        with self.assertRaisesRegex(UserError, "Why Closed without Time"):
            self.as_agent.action_close()

    def test_ticket_with_time_is_closed(self):
        self._log(self.ticket, 0.5)
        self.as_agent.write(self.closed)
        self.assertTrue(self.ticket.is_closed)

    def test_time_may_come_with_the_stage(self):
        line = Command.create({"name": "Call", "unit_amount": 0.5})
        self.as_agent.write({**self.closed, "timesheet_ids": [line]})
        self.assertTrue(self.ticket.is_closed)

    def test_reason_may_come_with_the_stage(self):
        with self.assertRaises(UserError):
            self.as_agent.write({**self.closed, "close_without_time_reason": "  "})
        self.as_agent.write({**self.closed, "close_without_time_reason": "Spam"})
        self.assertTrue(self.ticket.is_closed)
        self.assertIn(self.ticket, self._find_closed_without_time())

    def test_other_teams_are_not_asked(self):
        for setting in ("require_time_to_close", "use_helpdesk_timesheet"):
            with self.subTest(setting=setting):
                self.ticket.stage_id = self.stage_new
                self.team[setting] = False
                self.as_agent.write(self.closed)
                self.team[setting] = True

    def test_customer_closes_and_the_ticket_is_found(self):
        self.ticket.with_user(self.portal_a).sudo().write(self.closed)
        self._log(self.ticket_b, 1)
        self.ticket_b.write(self.closed)
        found = self._find_closed_without_time()
        self.assertIn(self.ticket, found)
        self.assertNotIn(self.ticket_b, found)

    def test_many_tickets_are_looked_at_together(self):
        tickets = self.ticket | self.ticket_a2 | self.ticket_b
        for ticket in tickets:
            self._log(ticket, 0.5)
        with self.assertRaises(UserError) as refused:
            (tickets | self.ticket_assigned).with_user(self.agent).write(self.closed)
        self.assertIn("Door is open", str(refused.exception))
        self.assertFalse(any(tickets.mapped("is_closed")))
