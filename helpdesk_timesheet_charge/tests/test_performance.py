from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests.test_performance import (
    OURS,
    PerformanceCommon,
)


@tagged("post_install", "-at_install")
class TestKindQueries(PerformanceCommon):
    """Kinds of work cost at most three queries beside what recording time costs; those
    that are rounded over a ticket look for its other time, which costs two more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        steps = {"step_minutes": 15, "minimum_minutes": 30}
        cls.by_entry, cls.by_ticket = cls.env["helpdesk.work.type"].create(
            [{"name": "Entry", **steps}, {"name": "Ticket", "scope": "ticket", **steps}]
        )

    def _count_log(self, kind):
        self.team.default_work_type_id = kind
        ticket = self._new_tickets(1)
        self._log_many(ticket, 5)
        return self._count_warm_queries(self._log_many, ticket, 1)

    def test_log_by_entry(self):
        self.assertLessEqual(self._count_log(self.by_entry), OURS["log"] + 3)

    def test_log_by_ticket(self):
        self.assertLessEqual(self._count_log(self.by_ticket), OURS["log"] + 5)

    def test_form_does_not_grow_with_its_lines(self):
        self.team.default_work_type_id = self.by_ticket
        ticket = self._new_tickets(1)
        self._log_many(ticket, 5)
        spec = self._spec(self.Ticket, "form")
        few = self._count_warm_queries(ticket.with_user(self.agent).web_read, spec)
        self._log_many(ticket, 45)
        many = self._count_queries(ticket.with_user(self.agent).web_read, spec)
        self.assertEqual(many, few)

    def test_list_of_time_does_not_grow(self):
        self.team.default_work_type_id = self.by_ticket
        tickets = self._new_tickets(8)
        self._log_many(tickets, 10)
        lines = self.Line.search([("helpdesk_ticket_id", "in", tickets.ids)])
        names = ["name", "work_type_id", "billable_hours", "so_line_reason"]
        few = self._count_warm_queries(lines[:10].read, names)
        self.assertEqual(self._count_queries(lines.read, names), few)
