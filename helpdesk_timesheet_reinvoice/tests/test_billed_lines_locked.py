from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .invoice_common import InvoiceCommon


@tagged("post_install", "-at_install")
class TestBilledLinesLocked(InvoiceCommon):
    """Time on an invoice that counts stays as it was billed."""

    def _assert_locked(self, line):
        other = self._new_item(self.customer_a)
        project = self.env["project.project"].create(
            {"name": "Elsewhere", "allow_timesheets": True}
        )
        task = self.env["project.task"].create(
            {"name": "Task", "project_id": self.project.id}
        )
        for values in (
            {"unit_amount": 1.0},
            {"date": date(2026, 5, 1)},
            {"employee_id": self.employee_2.id},
            {"project_id": project.id},
            {"task_id": task.id},
            {"so_line": other.id},
            {"helpdesk_ticket_id": self.ticket_a2.id},
            {"partner_id": self.customer_b.id},
            {"product_uom_id": self.day.id},
            {"timesheet_invoice_id": False},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                line.with_user(self.manager).sudo(False).write(values)
        with self.assertRaises(UserError):
            line.with_user(self.manager).sudo(False).unlink()
        self.assertEqual(line.so_line, self.item)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.group_ids |= cls.env.ref("hr_timesheet.group_timesheet_manager")

    def test_on_a_draft(self):
        invoice = self._bill()
        self._assert_locked(self.line_1)
        self.assertBilled(invoice, self.line_1, self.line_2)

    def test_on_a_posted_invoice(self):
        invoice = self._post(self._bill())
        self._assert_locked(self.line_1)
        self.assertBilled(invoice, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_nobody_writes_who_bills_a_line(self):
        """The screens cannot; a script can neither free billed time nor hide open time
        on an invoice, nor say who chose an item."""
        invoice = self._post(self._bill(end=date(2026, 1, 31)))
        mine = (self.line_1 | self.line_2).with_user(self.agent).sudo(False)
        for line, values in (
            (mine[0], {"timesheet_invoice_id": False}),
            (mine[1], {"timesheet_invoice_id": invoice.id}),
            (mine[1], {"timesheet_invoice_id": invoice.id, "name": "Hidden"}),
            (mine[1], {"so_line_user_id": self.manager.id}),
        ):
            with (
                self.subTest(values=values),
                self.assertRefused("Create the invoice from the order"),
            ):
                line.write(values)
        for name, value in (
            ("timesheet_invoice_id", invoice.id),
            ("so_line_user_id", self.manager.id),
        ):
            with self.assertRefused("Create the invoice from the order"):
                self._log(self.ticket, 1.0, **{name: value})
        self.assertBilled(invoice, self.line_1)
        self.assertBooks(self.item, 10.0, 4.0)

    def test_the_ticket_gives_the_customer(self):
        line = self.line_2.with_user(self.agent).sudo(False)
        with self.assertRefused("Change the customer on the ticket", ValidationError):
            line.partner_id = self.customer_b
        with self.assertRefused("Change the customer on the ticket", ValidationError):
            self._log(self.ticket, 1.0, partner_id=self.customer_b.id)
        line.partner_id = self.customer_a
        empty = self._log(self.ticket, 1.0, partner_id=False)
        self.assertEqual(empty.partner_id, self.ticket.partner_id)

    def test_one_unit_for_time(self):
        with self.assertRefused("recorded in Hours, not in Days", ValidationError):
            self._log(self.ticket, 1.0, product_uom_id=self.day.id)
        with self.assertRefused("recorded in Hours, not in Days", ValidationError):
            self.line_2.product_uom_id = self.day
        self.assertBooks(self.item, 10.0, 0.0)

    def test_text_and_cost_may_be_corrected(self):
        self._post(self._bill())
        self.line_1.with_user(self.agent).name = "Better words"
        self.line_1.amount = -500.0
        self.assertBooks(self.item, 10.0, 10.0)

    def test_moving_the_ticket_leaves_billed_time(self):
        """Item, customer and team change while a draft exists; only what is open
        follows."""
        late_item = self._new_item(self.customer_a, user_id=self.seller.id)
        invoice = self._bill(end=date(2026, 1, 31))
        self.ticket.with_user(self.agent).sale_line_id = late_item
        self.assertEqual(self.line_1.so_line, self.item)
        self.assertEqual(self.line_2.so_line, late_item)
        self.assertBooks(self.item, 4.0, 4.0)
        self.assertBooks(late_item, 6.0, 0.0)
        self.ticket.with_user(self.agent).partner_id = self.contact_b
        self.assertEqual(self.line_1.so_line, self.item)
        self.assertEqual(self.line_1.partner_id, self.contact_a)
        self.assertEqual(self.line_2.so_line, self.item_b)
        self.assertBilled(invoice, self.line_1)
        self.assertBooks(late_item, 0.0, 0.0)
        self.assertBooks(self.item_b, 6.0, 0.0)
        self.assertBooks(self.item, 4.0, 4.0)

    def test_free_again_after_cancel(self):
        invoice = self._bill()
        invoice.with_user(self.accountant).button_cancel()
        self.line_1.with_user(self.agent).unit_amount = 3.0
        self.line_2.with_user(self.agent).unlink()
        self.assertBooks(self.item, 3.0, 0.0)
        self.assertBilled(self._bill(), self.line_1)
        self.assertBooks(self.item, 3.0, 3.0)

    def test_switching_the_team_off_leaves_billed_time(self):
        invoice = self._bill(end=date(2026, 1, 31))
        self.team.use_helpdesk_sale_timesheet = False
        self.assertEqual(self.line_1.so_line, self.item)
        self.assertBilled(invoice, self.line_1)
        self.assertFalse(self.line_2.so_line)
        self.assertBooks(self.item, 4.0, 4.0)
        with self.assertRaises(UserError):
            self._bill()
