from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from .invoice_common import InvoiceCommon


@tagged("post_install", "-at_install")
class TestInvoiceSplit(InvoiceCommon):
    """One invoice line per ticket, where the team wants it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.split_invoice_by_ticket = True
        cls.line_3 = cls._log(cls.ticket_a2, 3.0)

    def _line_of(self, move, ticket):
        return self._product_lines(move).filtered(
            lambda line: line.helpdesk_ticket_id == ticket
        )

    def test_split(self):
        invoice = self._bill()
        quantities = {
            line.helpdesk_ticket_id: line.quantity
            for line in self._product_lines(invoice)
        }
        self.assertEqual(quantities, {self.ticket: 10.0, self.ticket_a2: 3.0})
        self.assertEqual(invoice.amount_untaxed, 1300.0)
        self.assertBilled(invoice, self.line_1, self.line_2, self.line_3)
        self.assertBooks(self.item, 13.0, 13.0)
        self.assertIn("10.00 h", self._line_of(invoice, self.ticket).name)
        self.assertIn("3.00 h", self._line_of(invoice, self.ticket_a2).name)

    def test_split_with_time_of_no_ticket(self):
        task = self.env["project.task"].create(
            {
                "name": "Project work",
                "project_id": self.project.id,
                "partner_id": self.customer_a.id,
                "sale_line_id": self.item.id,
            }
        )
        plain = self.env["account.analytic.line"].create(
            {
                "name": "Work",
                "task_id": task.id,
                "project_id": self.project.id,
                "employee_id": self.employee.id,
                "unit_amount": 2.0,
            }
        )
        self.assertEqual(plain.so_line, self.item)
        invoice = self._bill()
        quantities = {
            line.helpdesk_ticket_id: line.quantity
            for line in self._product_lines(invoice)
        }
        none = self.env["helpdesk.ticket"]
        self.assertEqual(
            quantities, {self.ticket: 10.0, self.ticket_a2: 3.0, none: 2.0}
        )
        self.assertBooks(self.item, 15.0, 15.0)
        self._delete(self._line_of(invoice, none))
        self.assertBilled(invoice, self.line_1, self.line_2, self.line_3)
        self.assertBooks(self.item, 15.0, 13.0)
        self.assertBilled(self._bill(), plain)
        self.assertBooks(self.item, 15.0, 15.0)

    def _delete(self, line):
        line.move_id.with_user(self.accountant).write(
            {"invoice_line_ids": [Command.delete(line.id)]}
        )

    def test_delete_one_split_line(self):
        invoice = self._bill()
        self._delete(self._line_of(invoice, self.ticket))
        self.assertBilled(invoice, self.line_3)
        self.assertEqual(invoice.amount_untaxed, 300.0)
        self.assertBooks(self.item, 13.0, 3.0)
        self.assertHours(self.ticket, 10.0, 0.0)
        again = self._bill()
        self.assertBilled(again, self.line_1, self.line_2)
        self.assertEqual(again.amount_untaxed, 1000.0)
        self.assertBooks(self.item, 13.0, 13.0)

    def test_delete_all_split_lines(self):
        invoice = self._bill()
        lines = self._product_lines(invoice)
        invoice.with_user(self.accountant).write(
            {"invoice_line_ids": [Command.delete(line.id) for line in lines]}
        )
        self.assertBilled(invoice)
        self.assertBooks(self.item, 13.0, 0.0)

    def test_lower_one_split_line(self):
        invoice = self._bill()
        line = self._line_of(invoice, self.ticket)
        invoice.with_user(self.accountant).write(
            {"invoice_line_ids": [Command.update(line.id, {"quantity": 4.0})]}
        )
        self.assertBilled(invoice, self.line_1, self.line_3)
        self.assertBooks(self.item, 13.0, 7.0)
        self.assertHours(self.ticket, 6.0, 4.0)
        self.assertHours(self.ticket_a2, 0.0, 3.0)

    def test_quantities_add_up_in_days(self):
        """What rounding leaves goes to the largest line; the total is that of the item
        as delivered."""
        service = self._new_service("Days", "delivered_timesheet", self.day, 800.0)
        item = self._new_item(self.customer_a, service, user_id=self.seller.id)
        tickets = self.env["helpdesk.ticket"].union(
            *(
                self._new_ticket(
                    f"T{number}", partner_id=self.customer_a.id, sale_line_id=item.id
                )
                for number in range(3)
            )
        )
        for ticket in tickets:
            self._log(ticket, 1.0)
        invoice = self._bill(item.order_id)
        quantities = self._product_lines(invoice).mapped("quantity")
        self.assertEqual(sorted(quantities), [0.12, 0.13, 0.13])
        self.assertBooks(item, 0.38, 0.38)

    def test_period(self):
        invoice = self._bill(end=date(2026, 1, 31))
        self.assertEqual(self._product_lines(invoice).helpdesk_ticket_id, self.ticket)
        self.assertEqual(self._product_lines(invoice).quantity, 4.0)
        self.assertBilled(invoice, self.line_1)
        rest = self._bill()
        self.assertEqual(self._line_of(rest, self.ticket).quantity, 6.0)
        self.assertEqual(self._line_of(rest, self.ticket_a2).quantity, 3.0)
        self.assertBooks(self.item, 13.0, 13.0)

    def test_ticket_below_zero_is_not_split(self):
        """A line per ticket would hold a negative quantity: the item stays one line
        that names the tickets."""
        self._log(self.ticket_a2, -4.0)
        invoice = self._bill()
        line = self._product_lines(invoice)
        self.assertEqual(line.quantity, 9.0)
        self.assertIn("-1.00 h", line.name)
        self.assertBooks(self.item, 9.0, 9.0)

    def test_team_without_split(self):
        self.team.split_invoice_by_ticket = False
        line = self._product_lines(self._bill())
        self.assertEqual(line.quantity, 13.0)
        self.assertFalse(line.helpdesk_ticket_id)
