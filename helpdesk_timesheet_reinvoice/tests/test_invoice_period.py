from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import tagged

from .invoice_common import InvoiceCommon

JANUARY = date(2026, 1, 1), date(2026, 1, 31)
FEBRUARY = date(2026, 2, 1), date(2026, 2, 28)


@tagged("post_install", "-at_install")
class TestInvoicePeriod(InvoiceCommon):
    """Invoices of a period take the time of that period, and spoil no other."""

    def test_bounds_are_inclusive(self):
        for start, end in ((15, 15), (1, 15), (15, 31)):
            invoice = self._bill(start=date(2026, 1, start), end=date(2026, 1, end))
            self.assertBilled(invoice, self.line_1)
            invoice.unlink()
        for start, end in ((1, 14), (16, 31)):
            with self.assertRaises(UserError):
                self._bill(start=date(2026, 1, start), end=date(2026, 1, end))
        self.assertBooks(self.item, 10.0, 0.0)

    def test_one_bound(self):
        self.assertBilled(self._bill(end=JANUARY[1]), self.line_1)
        self.assertBooks(self.item, 10.0, 4.0)
        self.assertBilled(self._bill(start=FEBRUARY[0]), self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_what_was_left_out_stays_to_invoice(self):
        invoice = self._bill(None, *JANUARY)
        self.assertEqual(invoice.amount_untaxed, 400.0)
        self.assertBooks(self.item, 10.0, 4.0)
        self.assertEqual(self.item.invoice_status, "to invoice")
        self.assertEqual(self.order_a.invoice_status, "to invoice")
        self.assertHours(self.ticket, 6.0, 4.0)
        self.assertBilled(self._bill(), self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_period_without_time_spoils_nothing(self):
        with self.assertRaises(UserError):
            self._bill(start=date(2026, 5, 1), end=date(2026, 5, 31))
        self.assertBooks(self.item, 10.0, 0.0)
        self.assertEqual(self.item.invoice_status, "to invoice")

    def test_item_without_time_in_the_period_is_skipped(self):
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        self.ticket_a2.sale_line_id = other
        march = self._log(self.ticket_a2, 2.0, date=date(2026, 3, 2))
        invoice = self._bill(self.order_a | other.order_id, *JANUARY)
        self.assertBilled(invoice, self.line_1)
        self.assertBooks(self.item, 10.0, 4.0)
        self.assertBooks(other, 2.0, 0.0)
        self.assertEqual(other.invoice_status, "to invoice")
        self.assertBilled(self._bill(other.order_id), march)

    def test_period_of_a_batch_is_the_same_for_all(self):
        late = self._log(self.ticket_b, 2.0, date=date(2026, 2, 3))
        early = self._log(self.ticket_b, 1.0, date=date(2026, 1, 3))
        invoices = self._bill(self.order_a | self.order_b, *JANUARY)
        self.assertEqual(len(invoices), 2)
        self.assertBilled(invoices[0], self.line_1)
        self.assertBilled(invoices[1], early)
        self.assertBooks(self.item_b, 3.0, 1.0)
        self.assertBilled(self._bill(self.order_b), late)

    def test_dates_of_one_order_do_not_leak_to_the_next(self):
        """An addon may give each order its own period; here the order of A has one."""
        late = self._log(self.ticket_b, 2.0, date=date(2026, 2, 3))
        Move = self.env.registry["account.move"]
        order_a = self.order_a

        def _get_range_dates(self, order):
            return JANUARY if order == order_a else (None, None)

        self.patch(Move, "_get_range_dates", _get_range_dates)
        invoices = self._bill(self.order_a | self.order_b)
        by_customer = {move.partner_id: move for move in invoices}
        self.assertBilled(by_customer[self.customer_a], self.line_1)
        self.assertBilled(by_customer[self.customer_b], late)

    def test_period_in_days(self):
        """Hours are converted once: a period bills its own days, no multiple."""
        service = self._new_service("Days", "delivered_timesheet", self.day, 800.0)
        item = self._new_item(self.customer_a, service, user_id=self.seller.id)
        self.ticket.sale_line_id = item
        invoice = self._bill(item.order_id, *FEBRUARY)
        self.assertEqual(self._product_lines(invoice).quantity, 0.75)
        self.assertEqual(invoice.amount_untaxed, 600.0)
        self.assertBooks(item, 1.25, 0.75)
        self.assertEqual(
            self._product_lines(self._bill(item.order_id, *JANUARY)).quantity, 0.5
        )
        self.assertBooks(item, 1.25, 1.25)

    def test_correction_of_an_earlier_period(self):
        """Minus two hours in February, after January was billed in full."""
        january = self._bill(None, *JANUARY)
        self._log(self.ticket, -2.0, date=date(2026, 2, 20))
        february = self._bill(None, *FEBRUARY)
        self.assertEqual(self._product_lines(february).quantity, 4.0)
        self.assertBilled(january, self.line_1)
        self.assertBooks(self.item, 8.0, 8.0)

    def test_correction_after_the_period(self):
        """Four hours in January and six in February, minus eight in March, of which two
        can be taken back from January only."""
        six = self._log(self.ticket, -6.0, date=date(2026, 3, 2))
        two = self._log(self.ticket, -2.0, date=date(2026, 3, 3))
        january = self._bill(None, *JANUARY)
        self.assertEqual(self._product_lines(january).quantity, 2.0)
        self.assertBilled(january, self.line_1, two)
        self.assertBooks(self.item, 2.0, 2.0)
        five = self._log(self.ticket, 5.0, date=date(2026, 3, 4))
        rest = self._bill()
        self.assertEqual(self._product_lines(rest).quantity, 5.0)
        self.assertBilled(rest, self.line_2, six, five)
        self.assertBooks(self.item, 7.0, 7.0)

    def test_period_of_corrections_only_gives_a_credit_note(self):
        self._bill(None, *JANUARY)
        fix = self._log(self.ticket, -2.0, date=date(2026, 3, 2))
        note = self._bill(start=date(2026, 3, 1))
        self.assertEqual(note.move_type, "out_refund")
        self.assertEqual(self._product_lines(note).quantity, 2.0)
        self.assertBilled(note, fix)
        self.assertBooks(self.item, 8.0, 2.0)
        self.assertBilled(self._bill(), self.line_2)
        self.assertBooks(self.item, 8.0, 8.0)

    def test_cancelled_invoice_counts_as_open_in_its_period(self):
        january = self._bill(None, *JANUARY)
        january.with_user(self.accountant).button_cancel()
        again = self._bill(None, *JANUARY)
        self.assertBilled(again, self.line_1)
        self.assertBooks(self.item, 10.0, 4.0)

    def test_many_small_periods_in_days(self):
        """Eighteen minutes a day are billed as 0.04 days; nine hours are 1.13 days in
        all, and the last ones are billed like the first."""
        service = self._new_service("Days", "delivered_timesheet", self.day, 800.0)
        item = self._new_item(self.customer_a, service, user_id=self.seller.id)
        self.ticket_a2.sale_line_id = item
        days = [date(2026, 3, number) for number in range(1, 31)]
        lines = [self._log(self.ticket_a2, 0.3, date=day) for day in days]
        for day, line in zip(days, lines, strict=True):
            self.assertBilled(self._bill(item.order_id, day, day), line)
        self.assertBooks(item, 1.13, 1.13)
        self.assertHours(self.ticket_a2, 0.0, 9.0)

    def test_time_that_is_not_approved(self):
        """An addon that counts approved time only says so once, for quantities and for
        links alike."""
        Item = self.env.registry["sale.order.line"]
        stock = Item._timesheet_compute_delivered_quantity_domain

        def _timesheet_compute_delivered_quantity_domain(self):
            return Domain(stock(self)) & Domain("name", "!=", "Not approved")

        self.patch(
            Item,
            "_timesheet_compute_delivered_quantity_domain",
            _timesheet_compute_delivered_quantity_domain,
        )
        waiting = self._log(
            self.ticket, 2.0, name="Not approved", date=date(2026, 1, 20)
        )
        self.assertDelivered(self.item, 10.0)
        self.assertBilled(self._bill(None, *JANUARY), self.line_1)
        rest = self._bill()
        self.assertBilled(rest, self.line_2)
        self.assertEqual(rest.amount_untaxed, 600.0)
        waiting.with_user(self.agent).write({"name": "Work", "unit_amount": 3.0})
        self.assertBilled(self._bill(), waiting)
        self.assertBooks(self.item, 13.0, 13.0)
