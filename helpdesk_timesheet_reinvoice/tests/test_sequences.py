from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from .invoice_common import InvoiceCommon


@tagged("post_install", "-at_install")
class TestSequences(InvoiceCommon):
    """Short sequences that random play found, see ``test_invariants``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "project.group_project_manager,hr_timesheet.group_hr_timesheet_user"
        cls.planner = cls._new_user("hd_planner", groups, name="Pia Planner")

    def _of_agent(self, line):
        """The line as its agent finds it, with nothing read yet."""
        self.env.invalidate_all()
        return line.with_user(self.agent).sudo(False)

    def _bill_ticket(self):
        return self.ticket.with_user(self.seller).sudo(False).action_create_invoice()

    def test_cancelled_order_is_not_billed(self):
        """Time stays on the items of a cancelled order, but nobody can bill it."""
        self.order_a.with_user(self.seller).action_cancel()
        with self.assertRefused("item of a confirmed order"):
            self._bill_ticket()
        with self.assertRaises(UserError):
            self._bill(start=date(2026, 1, 1))
        self.assertFalse(self.order_a.invoice_ids)
        self.assertFalse(self.line_1.timesheet_invoice_id)

    def test_new_rate_takes_the_hours_off_the_old_item(self):
        """A rate that gives the project a customer and an item, all at once."""
        rate = self._new_item(self.customer_a)
        self.env.invalidate_all()
        self.env["project.sale.line.employee.map"].with_user(self.planner).create(
            {
                "project_id": self.project.id,
                "employee_id": self.employee.id,
                "sale_line_id": rate.id,
            }
        )
        self.assertBooks(rate, 10.0, 0.0)
        self.assertBooks(self.item, 0.0, 0.0)

    def test_order_counts_the_time_of_archived_tickets(self):
        """Archiving a ticket takes no hour off the figures of its order."""
        self._log(self.ticket, 2.0, so_line=False)
        tickets = self.env["helpdesk.ticket"].search(
            [("sale_order_id", "=", self.order_a.id)]
        )
        tickets.with_user(self.agent).action_archive()
        self.env.invalidate_all()
        self.assertEqual(self.order_a.ticket_count, 0)
        self.assertEqual(self.order_a.ticket_hours_non_billable, 2.0)
        self.assertEqual(self.order_a.ticket_hours_to_invoice, 10.0)

    def test_agent_is_told_that_time_is_invoiced(self):
        """Not that journal entries are none of the agent's business."""
        invoice = self._bill()
        for post in (False, True):
            if post:
                self._post(invoice)
            with self.assertRefused("already invoiced"):
                self._of_agent(self.line_1).write({"unit_amount": 1.0})
        with self.assertRefused("invoice"):
            self._of_agent(self.line_1).unlink()
        self.assertBilled(invoice, self.line_1, self.line_2)

    def test_agent_corrects_time_of_a_cancelled_invoice(self):
        """It is open again, and the agent's own."""
        self._bill().with_user(self.accountant).button_cancel()
        self._of_agent(self.line_1).write({"unit_amount": 1.0})
        self._of_agent(self.line_2).unlink()
        self.assertBooks(self.item, 1.0, 0.0)

    def test_customer_follows_once_the_time_is_open_again(self):
        """The ticket changed customer while its time was on a draft."""
        invoice = self._bill()
        self.ticket.with_user(self.agent).partner_id = self.customer_b
        self.assertEqual(self.line_1.so_line, self.item)
        invoice.with_user(self.accountant).button_cancel()
        self.ticket.with_user(self.agent).sale_line_id = self.item_b
        self.env.flush_all()
        self.env.invalidate_all()
        lines = self.line_1 | self.line_2
        self.assertEqual(lines.so_line, self.item_b)
        self.assertEqual(lines.partner_id, self.customer_b)
        self.assertBooks(self.item_b, 10.0, 0.0)
        self.assertBooks(self.item, 0.0, 0.0)

    def test_customer_follows_before_the_time_is_billed_again(self):
        """The same, in one go: what waits to be computed comes before the invoice."""
        invoice = self._bill()
        self.ticket.partner_id = self.customer_b
        invoice.with_user(self.accountant).button_cancel()
        self.ticket.sale_line_id = self.item_b
        second = self.order_b.with_user(self.seller)._create_invoices()
        lines = self.line_1 | self.line_2
        self.assertEqual(lines.partner_id, self.customer_b)
        self.assertBilled(second, lines)
        self.assertBooks(self.item_b, 10.0, 10.0)
        self.assertBooks(self.item, 0.0, 0.0)
