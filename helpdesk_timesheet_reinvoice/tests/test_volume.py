from odoo.tests import tagged

from .rule_common import RuleCommon


@tagged("post_install", "-at_install")
class TestVolume(RuleCommon):
    """Many tickets and lines change in groups: a change costs no query per line."""

    def _new_batch(self, count):
        """Tickets of customer Alpha with three lines each."""
        tickets = self.env["helpdesk.ticket"].create(
            [
                {
                    "name": f"Ticket {index}",
                    "team_id": self.team.id,
                    "partner_id": self.contact_a.id,
                    "sale_line_id": self.item_a.id,
                }
                for index in range(count)
            ]
        )
        self.env["account.analytic.line"].with_user(self.agent).create(
            [
                {"helpdesk_ticket_id": ticket.id, "unit_amount": 1.0, "name": "Work"}
                for ticket in tickets
                for _index in range(3)
            ]
        )
        return tickets

    def _assert_flat(self, values):
        """Compare two sizes, after a first run that fills the caches. Of one more ticket
        stock notes the change, by two queries."""
        self._count_queries(self._new_batch(2).write, values)
        few = self._count_queries(self._new_batch(5).write, values)
        many = self._count_queries(self._new_batch(25).write, values)
        self.assertLessEqual(many - few, 20 * 2 + 2)

    def test_new_item_for_many_tickets(self):
        item = self._new_item(self.customer_a)
        self._assert_flat({"sale_line_id": item.id})
        self.assertDelivered(item, 96.0)
        self.assertDelivered(self.item_a, 0.0)

    def test_new_project_for_many_tickets(self):
        own = self.project.copy({"name": "Own"})
        self._assert_flat({"project_id": own.id})
        self.assertDelivered(self.item_a, 96.0)

    def test_new_item_for_many_lines_of_one_ticket(self):
        item = self._new_item(self.customer_a)
        lines = self.env["account.analytic.line"].with_user(self.agent)
        counts = []
        for size in (5, 5, 100):
            ticket = self._new_batch(1)
            lines.create(
                [
                    {"helpdesk_ticket_id": ticket.id, "unit_amount": 1.0, "name": "X"}
                    for _index in range(size)
                ]
            )
            counts.append(self._count_queries(ticket.write, {"sale_line_id": item.id}))
        self.assertLessEqual(counts[2] - counts[1], 2)
        self.assertDelivered(item, 119.0)

    def test_new_day_for_many_lines(self):
        """Lines cross the day from which the item of their ticket counts."""
        counts, item = [], self._new_item(self.customer_a)
        Line = self.env["account.analytic.line"].with_user(self.agent)
        for size in (2, 2, 20):
            tickets = self._new_batch(size)
            tickets.write({"sale_line_id": item.id, "sale_line_since": "2020-01-01"})
            lines = Line.browse(tickets.timesheet_ids.ids)
            counts.append(self._count_queries(lines.write, {"date": "2019-12-31"}))
        self.assertLessEqual(counts[2] - counts[1], 2)
        self.assertDelivered(item, 0.0)
        self.assertDelivered(self.item_a, 72.0)

    def test_new_rate_for_many_lines(self):
        counts, lines = [], self.env["account.analytic.line"]
        for size in (2, 2, 30):
            self._new_batch(size)
            rate = self._new_rate(self.employee, self._new_item(self.customer_a))
            item = self._new_item(self.customer_a)
            counts.append(self._count_queries(rate.write, {"sale_line_id": item.id}))
            rate.unlink()
        self.assertLessEqual(counts[2] - counts[1], 8)
        self.assertEqual(len(lines.search([("so_line", "=", self.item_a.id)])), 102)
