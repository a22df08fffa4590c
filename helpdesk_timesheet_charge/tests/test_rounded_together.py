from datetime import date

from odoo.tests import tagged

from .charge_common import ChargeCommon

JANUARY, FEBRUARY = date(2026, 1, 20), date(2026, 2, 10)


@tagged("post_install", "-at_install")
class TestRoundedTogether(ChargeCommon):
    """Entries of a ticket cost no more than one long one, over all invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.by_ticket.write({"step_minutes": 60, "minimum_minutes": 60})

    def _log_minutes(self, *minutes, day=JANUARY, kind=None):
        lines = self.env["account.analytic.line"]
        for value in minutes:
            lines |= self._log_kind(kind or self.by_ticket, value / 60, date=day)
        return lines

    def _bill(self):
        return self._invoice(self.order_a)

    def assertMinutes(self, lines, *minutes):
        self.assertBilled(lines, *(value / 60 for value in minutes))

    def test_rounding_sits_on_the_newest_open_line(self):
        lines = self._log_minutes(45, 45, 5)
        self.assertMinutes(lines, 45, 45, 30)
        self.assertDelivered(self.item_a, 2.0)

    def test_each_entry_for_comparison(self):
        self.by_ticket.scope = "entry"
        self.assertMinutes(self._log_minutes(45, 45, 5), 60, 60, 60)

    def test_day_by_day(self):
        self.by_ticket.scope = "day"
        lines = self._log_minutes(45, 10) | self._log_minutes(5, day=FEBRUARY)
        self.assertMinutes(lines, 45, 15, 60)
        lines[1].date = FEBRUARY
        self.assertMinutes(lines, 60, 10, 50)

    def test_cumulative_over_invoices(self):
        """January 1:35 is billed as 2:00; ten more minutes cost nothing, twenty more one
        step; the minimum is never charged twice."""
        january = self._log_minutes(95)
        self._bill()
        self.assertMinutes(january, 120)
        ten = self._log_minutes(10, day=FEBRUARY)
        self.assertMinutes(january | ten, 120, 0)
        twenty = self._log_minutes(20, day=FEBRUARY)
        self.assertMinutes(january | ten | twenty, 120, 10, 50)
        self._bill()
        self.assertDelivered(self.item_a, 3.0)
        self.assertEqual(self.item_a.qty_invoiced, 3.0)

    def test_period_in_between(self):
        """Only January is invoiced: February bills what the rule still asks for."""
        lines = self._log_minutes(45, 45) | self._log_minutes(5, day=FEBRUARY)
        self._invoice(self.order_a, start=date(2026, 1, 1), end=date(2026, 1, 31))
        self.assertEqual(self.item_a.qty_invoiced, 1.5)
        self.assertMinutes(lines, 45, 45, 30)
        self._bill()
        self.assertEqual(self.item_a.qty_invoiced, 2.0)

    def test_every_change_of_the_group_sets_it_right(self):
        lines = self._log_minutes(45, 45, 5)
        lines[0].unit_amount = 0.25
        self.assertMinutes(lines, 15, 45, 60)
        lines[1].work_type_id = self.by_day
        self.assertMinutes(lines, 15, 45, 45)
        lines[2].with_user(self.agent).unlink()
        self.assertMinutes(lines[:2], 60, 45)
        self.assertDelivered(self.item_a, 1.75)

    def test_move_to_another_ticket_sets_both_right(self):
        lines = self._log_minutes(45, 30)
        other = self.ticket_2.copy({"sale_line_id": self.item_a.id})
        there = self._log_kind(self.by_ticket, 0.5, other, date=JANUARY)
        lines[1].with_user(self.agent).helpdesk_ticket_id = other
        self.assertMinutes(lines | there, 60, 30, 30)
        self.assertDelivered(self.item_a, 2.0)

    def test_item_of_the_ticket_changes(self):
        lines = self._log_minutes(45, 30)
        item = self._new_item(self.customer_a)
        self.ticket_2.sale_line_id = item
        self.assertMinutes(lines, 45, 75)
        self.assertDelivered(item, 2.0)
        self.assertDelivered(self.item_a, 0.0)

    def test_correction_below_zero(self):
        lines = self._log_minutes(20, -10)
        self.by_ticket.write({"step_minutes": 15, "minimum_minutes": 0})
        self.assertDelivered(self.item_a, 0.25)
        self.assertAlmostEqual(sum(lines.mapped("billable_hours")), 0.25)

    def test_correction_of_billed_time(self):
        self._log_minutes(130)
        self._bill()
        line = self._log_minutes(-80, day=FEBRUARY)
        self.assertMinutes(line, -120)
        self.assertDelivered(self.item_a, 1.0)

    def test_softer_rule_gives_nothing_back(self):
        self._log_minutes(65)
        self._bill()
        self.by_ticket.write({"step_minutes": 15, "minimum_minutes": 15})
        line = self._log_minutes(5, day=FEBRUARY)
        self.assertMinutes(line, 0)
        self.assertDelivered(self.item_a, 2.0)

    def test_cancelled_invoice_opens_the_group(self):
        lines = self._log_minutes(95)
        invoice = self._bill()
        lines |= self._log_minutes(10, day=FEBRUARY)
        self.assertMinutes(lines, 120, 0)
        invoice.button_cancel()
        self.assertMinutes(lines, 95, 25)
        self.assertDelivered(self.item_a, 2.0)

    def test_written_off_hours_are_not_charged_by_the_next_line(self):
        line = self._log_minutes(95)
        line.with_user(self.manager).action_write_off(1.0, "Goodwill")
        self.assertMinutes(line, 60)
        self._bill()
        self.assertMinutes(self._log_minutes(10, day=FEBRUARY), 0)
        self.assertDelivered(self.item_a, 1.0)

    def test_colleagues_share_one_minimum(self):
        mine = self._log_minutes(10)
        hers = self._log_kind(self.by_ticket, 0.2, user=self.agent_2, date=JANUARY)
        self.assertMinutes(mine | hers, 10, 50)

    def test_one_query_for_many_tickets(self):
        """A batch of lines on many tickets costs as many queries as on one."""
        tickets = self.ticket_2 | self.ticket_2.copy() | self.ticket_2.copy()
        tickets.sale_line_id = self.item_a
        lines = self.env["account.analytic.line"]

        def vals(chosen):
            return [
                {
                    "name": "Work",
                    "unit_amount": 0.2,
                    "helpdesk_ticket_id": ticket.id,
                    "work_type_id": self.by_ticket.id,
                    "employee_id": self.employee.id,
                }
                for ticket in chosen
                for _n in range(3)
            ]

        few = self._count_queries(lines.create, vals(tickets[:1]))
        many = self._count_queries(lines.create, vals(tickets))
        self.assertLessEqual(many, few + 3)
