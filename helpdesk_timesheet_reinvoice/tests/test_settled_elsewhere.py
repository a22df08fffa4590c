from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import SQL

from .invoice_common import InvoiceCommon


@tagged("post_install", "-at_install")
class TestFormerInvoicingApp(InvoiceCommon):
    """Invoices of the former invoicing app are cancelled entries that count as paid:
    their hours are billed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._post(cls._bill())
        # What the switch to accounting does; no method of ours may take part.
        cls.env.flush_all()
        cls.env.execute_query(
            SQL(
                "UPDATE account_move SET state = 'cancel',"
                " payment_state = 'invoicing_legacy' WHERE id = %s RETURNING id",
                cls.invoice.id,
            )
        )
        cls.env.execute_query(
            SQL(
                "UPDATE account_move_line SET parent_state = 'cancel'"
                " WHERE move_id = %s RETURNING id",
                cls.invoice.id,
            )
        )
        cls.env.invalidate_all()

    def test_hours_stay_billed(self):
        self.assertHours(self.ticket, 0.0, 10.0)
        with self.assertRaises(UserError):
            self._bill()
        late = self._log(self.ticket, 2.0)
        second = self._bill(start=date(2026, 1, 1))
        self.assertBilled(second, late)
        self.assertEqual(second.amount_untaxed, 200.0)
        self.assertBooks(self.item, 12.0, 12.0)

    def test_hours_stay_locked(self):
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        line = self.line_1.with_user(self.agent).sudo(False)
        for values in (
            {"unit_amount": 1.0},
            {"date": date(2026, 5, 1)},
            {"so_line": other.id},
            {"helpdesk_ticket_id": self.ticket_a2.id},
        ):
            with self.subTest(values=values), self.assertRefused("is billed on"):
                line.write(values)
        with self.assertRefused("is billed on"):
            line.unlink()
        line.name = "Better words"
        self.ticket.with_user(self.agent).sale_line_id = other
        self.assertBooks(self.item, 10.0, 10.0)
        self.assertBooks(other, 0.0, 0.0)


@tagged("post_install", "-at_install")
class TestInvoiceForm(InvoiceCommon):
    """What an accountant does in the form of a draft, saved at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line_3 = cls._log(cls.ticket_a2, 3.0)

    def _form(self, invoice):
        return Form(invoice.with_user(self.accountant))

    def test_lowered_then_removed(self):
        invoice = self._bill()
        with self._form(invoice) as form, form.invoice_line_ids.edit(0) as line:
            line.quantity = 10.0
        self.assertBilled(invoice, self.line_1, self.line_2)
        self.assertEqual(invoice.amount_total, 1000.0)
        self.assertNotIn("3.00 h", self._product_lines(invoice).name)
        self.assertBooks(self.item, 13.0, 10.0)
        with self._form(invoice) as form:
            form.invoice_line_ids.remove(0)
        self.assertBilled(invoice)
        self.assertBooks(self.item, 13.0, 0.0)

    def test_lines_of_tickets_lowered_and_removed_at_once(self):
        self.team.split_invoice_by_ticket = True
        invoice = self._bill()
        with self._form(invoice) as form:
            with form.invoice_line_ids.edit(0) as line:
                line.quantity = 4.0
            form.invoice_line_ids.remove(1)
        self.assertBilled(invoice, self.line_1)
        self.assertEqual(invoice.amount_total, 400.0)
        self.assertBooks(self.item, 13.0, 4.0)
        self.assertBilled(self._bill(), self.line_2, self.line_3)

    def test_line_added_beside_bills_no_hours(self):
        invoice = self._bill()
        with self._form(invoice) as form, form.invoice_line_ids.new() as line:
            line.product_id = self.service
            line.quantity = 5.0
        self.assertBilled(invoice, self.line_1, self.line_2, self.line_3)
        self.assertEqual(invoice.amount_total, 1800.0)
        self.assertBooks(self.item, 13.0, 13.0)

    def test_unit_changed(self):
        invoice = self._bill()
        line = self._product_lines(invoice)
        line.with_user(self.accountant).write(
            {"product_uom_id": self.day.id, "quantity": 0.5}
        )
        self.assertBilled(invoice, self.line_1)
        self.assertBooks(self.item, 13.0, 4.0)
