from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from .invoice_common import InvoiceCommon


class DownPaymentCommon(InvoiceCommon):
    """Orders with a down payment beside their ticket time."""

    def _pay_down(self, method, **values):
        """Posted invoice of a down payment, made by the salesperson."""
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_user(self.seller)
            .create(
                {
                    "sale_order_ids": [Command.set(self.order_a.ids)],
                    "advance_payment_method": method,
                    **values,
                }
            )
        )
        down = wizard._create_invoices(self.order_a.with_user(self.seller)).sudo()
        self.assertBilled(down)
        return self._post(down)

    def _lines_of_item(self, move):
        return move.invoice_line_ids.filtered(
            lambda line: line.sale_line_ids == self.item
        )

    def _change(self, move, line, quantity):
        command = Command.update(line.id, {"quantity": quantity})
        if quantity is False:
            command = Command.delete(line.id)
        move.with_user(self.accountant).write({"invoice_line_ids": [command]})


@tagged("post_install", "-at_install")
class TestPercentage(DownPaymentCommon):
    """A part of the order is paid beforehand."""

    def test_deducted_once_in_periods(self):
        down = self._pay_down("percentage", amount=30.0)
        self.assertEqual(down.amount_untaxed, 300.0)
        january = self._post(self._bill(end=date(2026, 1, 31)))
        self.assertBilled(january, self.line_1)
        self.assertEqual(january.amount_untaxed, 100.0)
        rest = self._bill()
        self.assertBilled(rest, self.line_2)
        self.assertEqual(rest.amount_untaxed, 600.0)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_not_deducted(self):
        self._pay_down("percentage", amount=30.0)
        invoice = self._bill(deduct_down_payments=False)
        self.assertBilled(invoice, self.line_1, self.line_2)
        self.assertEqual(invoice.amount_untaxed, 1000.0)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_ticket_is_billed_without_it(self):
        """The down payment of the order is no business of one ticket."""
        self._pay_down("percentage", amount=30.0)
        ticket = self.ticket.with_user(self.seller).sudo(False)
        action = ticket.action_create_invoice()
        invoice = self.env["account.move"].browse(action["res_id"])
        self.assertBilled(invoice, self.line_1, self.line_2)
        self.assertEqual(invoice.amount_untaxed, 1000.0)


@tagged("post_install", "-at_install")
class TestLargerThanTheTime(DownPaymentCommon):
    """More was paid than is delivered: the order makes a credit note, which bills the
    hours all the same, with a quantity below zero."""

    def setUp(self):
        super().setUp()
        self._pay_down("fixed", fixed_amount=1500.0)

    def test_hours_are_billed_once(self):
        note = self._bill()
        self.assertEqual((note.move_type, note.amount_untaxed), ("out_refund", 500.0))
        self.assertBilled(note, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)
        self._post(note)
        self.assertBilled(note, self.line_1, self.line_2)
        self.assertHours(self.ticket, 0.0, 10.0)
        late = self._log(self.ticket, 1.0)
        invoice = self._bill()
        self.assertBilled(invoice, late)
        self.assertEqual(invoice.amount_untaxed, 100.0)
        self.assertBooks(self.item, 11.0, 11.0)

    def test_quantity_changed_by_hand(self):
        note = self._bill()
        line = self._lines_of_item(note)
        self.assertEqual(line.quantity, -10.0)
        self._change(note, line, -9.0)
        self.assertBilled(note, self.line_1, self.line_2)
        self._change(note, line, -4.0)
        self.assertBilled(note, self.line_1)
        self.assertIn("4.00 h", line.name)
        self.assertBooks(self.item, 10.0, 4.0)
        self.assertBilled(self._bill(), self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_one_line_per_ticket(self):
        self.team.split_invoice_by_ticket = True
        line_3 = self._log(self.ticket_a2, 3.0)
        note = self._bill()
        self.assertEqual((note.move_type, note.amount_untaxed), ("out_refund", 200.0))
        lines = self._lines_of_item(note)
        line = lines.filtered(lambda line: line.helpdesk_ticket_id == self.ticket)
        self._change(note, line, False)
        self.assertBilled(note, line_3)
        self.assertBooks(self.item, 13.0, 3.0)
        self.assertBilled(self._bill(), self.line_1, self.line_2)

    def test_correction_outside_of_the_period_stays_open(self):
        fix = self._log(self.ticket, -3.0, date=date(2026, 3, 2))
        note = self._bill(end=date(2026, 1, 31))
        self.assertEqual((note.move_type, note.amount_untaxed), ("out_refund", 1100.0))
        self.assertBilled(note, self.line_1)
        self.assertBooks(self.item, 7.0, 4.0)
        self.assertBilled(self._bill(), self.line_2, fix)
        self.assertBooks(self.item, 7.0, 7.0)

    def test_deleted_and_cancelled(self):
        note = self._bill()
        note.with_user(self.accountant).unlink()
        self.assertBooks(self.item, 10.0, 0.0)
        note = self._bill()
        note.with_user(self.accountant).button_cancel()
        self.assertHours(self.ticket, 10.0, 0.0)
        again = self._bill()
        self.assertBilled(again, self.line_1, self.line_2)
        with self.assertRefused("only 0.0 are left"):
            note.with_user(self.accountant).button_draft()
        again.with_user(self.accountant).button_cancel()
        again.with_user(self.accountant).button_draft()
        self.assertBilled(again, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)
