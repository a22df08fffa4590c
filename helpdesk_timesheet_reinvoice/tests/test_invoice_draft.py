from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .invoice_common import ACCOUNTANT, InvoiceCommon


@tagged("post_install", "-at_install")
class TestInvoiceDraft(InvoiceCommon):
    """A draft counts as billed; deleting, cancelling or changing it loses no hour."""

    def test_delete_draft_frees_its_hours(self):
        invoice = self._bill()
        self.assertBooks(self.item, 10.0, 10.0)
        invoice.with_user(self.accountant).unlink()
        self.assertFalse((self.line_1 | self.line_2).timesheet_invoice_id)
        self.assertEqual((self.line_1 | self.line_2).so_line, self.item)
        self.assertBooks(self.item, 10.0, 0.0)
        again = self._bill()
        self.assertBilled(again, self.line_1, self.line_2)
        self.assertEqual(again.amount_untaxed, 1000.0)

    def test_delete_draft_chooses_no_new_item(self):
        """The hours keep what they were billed on, though the ticket moved on."""
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        invoice = self._bill()
        self.ticket.sale_line_id = other
        invoice.with_user(self.accountant).unlink()
        self.assertEqual((self.line_1 | self.line_2).so_line, self.item)
        self.assertBooks(self.item, 10.0, 0.0)
        self.assertBooks(other, 0.0, 0.0)

    def test_delete_the_only_line(self):
        invoice = self._bill()
        self._set_quantities(invoice, [False])
        self.assertBooks(self.item, 10.0, 0.0)
        self.assertHours(self.ticket, 10.0, 0.0)
        again = self._bill()
        self.assertBilled(again, self.line_1, self.line_2)
        self.assertEqual(again.amount_untaxed, 1000.0)

    def test_delete_line_of_one_item_of_two(self):
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        self.ticket_a2.sale_line_id = other
        line_3 = self._log(self.ticket_a2, 3.0)
        invoice = self._bill(self.order_a | other.order_id)
        self.assertEqual(len(invoice), 1)
        line = self._product_lines(invoice).filtered(
            lambda line: line.sale_line_ids == other
        )
        invoice.with_user(self.accountant).write(
            {"invoice_line_ids": [Command.delete(line.id)]}
        )
        self.assertBilled(invoice, self.line_1, self.line_2)
        self.assertBooks(other, 3.0, 0.0)
        self.assertBooks(self.item, 10.0, 10.0)
        self.assertBilled(self._bill(other.order_id), line_3)

    def test_time_logged_after_the_draft_is_for_the_next_invoice(self):
        first = self._bill()
        late = self._log(self.ticket, 2.0)
        self._post(first)
        self.assertBilled(first, self.line_1, self.line_2)
        self.assertHours(self.ticket, 2.0, 10.0)
        second = self._bill()
        self.assertBilled(second, late)
        self.assertEqual(second.amount_untaxed, 200.0)
        self.assertBooks(self.item, 12.0, 12.0)

    # === CANCEL AND RESET === #

    def test_cancel_and_bill_again(self):
        first = self._bill()
        first.with_user(self.accountant).button_cancel()
        self.assertHours(self.ticket, 10.0, 0.0)
        self.assertBooks(self.item, 10.0, 0.0)
        second = self._bill()
        self.assertBilled(second, self.line_1, self.line_2)
        with self.assertRefused("only 0.0 are left"):
            first.with_user(self.accountant).button_draft()
        self.assertEqual(first.state, "cancel")
        self.assertBooks(self.item, 10.0, 10.0)

    def test_reset_of_cancelled_refused_when_a_part_was_billed_again(self):
        first = self._bill()
        first.with_user(self.accountant).button_cancel()
        second = self._bill(end=date(2026, 1, 31))
        self.assertBilled(second, self.line_1)
        with self.assertRefused("only 6.0 are left"):
            first.with_user(self.accountant).button_draft()
        third = self._bill()
        self.assertBilled(third, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_reset_of_cancelled_bills_its_hours_again(self):
        first = self._bill()
        first.with_user(self.accountant).button_cancel()
        first.with_user(self.accountant).button_draft()
        self.assertBilled(first, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)
        self.assertHours(self.ticket, 0.0, 10.0)
        with self.assertRaises(UserError):
            self._bill()

    def test_cancel_then_ticket_changes_item(self):
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        first = self._bill()
        first.with_user(self.accountant).button_cancel()
        self.assertEqual((self.line_1 | self.line_2).so_line, self.item)
        self.ticket.with_user(self.agent).sale_line_id = other
        self.assertBooks(self.item, 0.0, 0.0)
        self.assertBooks(other, 10.0, 0.0)
        second = self._bill(other.order_id)
        self.assertBilled(second, self.line_1, self.line_2)
        with self.assertRaises(UserError):
            first.with_user(self.accountant).button_draft()
        self.assertBooks(other, 10.0, 10.0)

    def test_reset_of_cancelled_refused_when_hours_shrank(self):
        first = self._bill()
        first.with_user(self.accountant).button_cancel()
        self.line_2.with_user(self.agent).unit_amount = 5.0
        with self.assertRefused("only 9.0 are left"):
            first.with_user(self.accountant).button_draft()
        self.assertBooks(self.item, 9.0, 0.0)

    def test_delete_cancelled_invoice(self):
        first = self._bill()
        first.with_user(self.accountant).button_cancel()
        second = self._bill(end=date(2026, 1, 31))
        first.with_user(self.accountant).unlink()
        self.assertBilled(second, self.line_1)
        self.assertEqual(self.line_2.so_line, self.item)
        self.assertBilled(self._bill(), self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_posted_reset_to_draft_keeps_its_hours(self):
        invoice = self._post(self._bill())
        invoice.with_user(self.accountant).button_draft()
        self.assertBilled(invoice, self.line_1, self.line_2)
        with self.assertRaises(UserError):
            self.line_1.with_user(self.agent).unit_amount = 1.0
        self._set_quantities(invoice, [4.0])
        self.assertBilled(invoice, self.line_1)
        self._post(invoice)
        self.assertBooks(self.item, 10.0, 4.0)
        self.assertBilled(self._bill(), self.line_2)

    def test_order_cancelled_with_draft(self):
        invoice = self._bill()
        self.seller.group_ids |= self.env.ref(ACCOUNTANT)
        self.order_a.with_user(self.seller)._action_cancel()
        self.assertEqual(invoice.state, "cancel")
        # The hours stay on their item, but nobody bills a cancelled order.
        self.assertHours(self.ticket, 0.0, 0.0)
        self.assertEqual(self.ticket.hours_non_billable, 10.0)
        self.assertEqual((self.line_1 | self.line_2).so_line, self.item)
        self.order_a.with_user(self.seller).action_draft()
        self.order_a.with_user(self.seller).action_confirm()
        self.assertHours(self.ticket, 10.0, 0.0)

    # === QUANTITY CHANGED BY HAND === #

    def test_quantity_lowered_to_whole_lines(self):
        invoice = self._bill()
        self._set_quantities(invoice, [4.0])
        self.assertBilled(invoice, self.line_1)
        self.assertBooks(self.item, 10.0, 4.0)
        self.assertHours(self.ticket, 6.0, 4.0)
        self.assertIn("4.00 h", self._product_lines(invoice).name)
        self.assertIn("6.0 h of", invoice.message_ids[0].body)
        rest = self._bill(start=date(2026, 2, 1), end=date(2026, 2, 28))
        self.assertBilled(rest, self.line_2)
        self.assertEqual(rest.amount_untaxed, 600.0)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_quantity_lowered_within_a_line(self):
        """A line is on one invoice or the other; the rest of its hours stays billable
        without period, and with the next period."""
        invoice = self._bill()
        self._set_quantities(invoice, [9.0])
        self.assertBilled(invoice, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 9.0, exact=False)
        march = self._log(self.ticket, 2.0, date=date(2026, 3, 2))
        rest = self._bill(start=date(2026, 3, 1))
        self.assertBilled(rest, march)
        self.assertEqual(self._product_lines(rest).quantity, 3.0)
        self.assertBooks(self.item, 12.0, 12.0)

    def test_quantity_lowered_rest_billed_without_period(self):
        invoice = self._bill()
        self._set_quantities(invoice, [9.0])
        rest = self._bill()
        self.assertEqual(self._product_lines(rest).quantity, 1.0)
        self.assertBilled(rest)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_quantity_lowered_and_raised_back(self):
        invoice = self._bill()
        self._set_quantities(invoice, [4.0])
        self._set_quantities(invoice, [10.0])
        self.assertBilled(invoice, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)
        self.assertIn("10.00 h", self._product_lines(invoice).name)

    def test_quantity_zero_frees_all(self):
        invoice = self._bill()
        self._set_quantities(invoice, [0.0])
        self.assertBilled(invoice)
        self.assertBooks(self.item, 10.0, 0.0)

    def test_quantity_raised_later_periods_stay_billable(self):
        january = self._bill(end=date(2026, 1, 31))
        self._set_quantities(january, [5.0])
        self.assertBilled(january, self.line_1)
        february = self._bill(start=date(2026, 2, 1), end=date(2026, 2, 28))
        self.assertBilled(february, self.line_2)
        self.assertEqual(self._product_lines(february).quantity, 5.0)
        self._log(self.ticket, 3.0, date=date(2026, 3, 2))
        march = self._bill(start=date(2026, 3, 1))
        self.assertEqual(self._product_lines(march).quantity, 3.0)
        self.assertBooks(self.item, 13.0, 13.0)

    def test_quantity_raised_takes_open_hours(self):
        """Who bills more hours than planned bills the open ones."""
        january = self._bill(end=date(2026, 1, 31))
        self._set_quantities(january, [10.0])
        self.assertBilled(january, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)
        self.assertHours(self.ticket, 0.0, 10.0)

    def test_text_a_person_wrote_is_kept(self):
        invoice = self._bill()
        line = self._product_lines(invoice)
        invoice.with_user(self.accountant).write(
            {"invoice_line_ids": [Command.update(line.id, {"name": "As agreed"})]}
        )
        self._set_quantities(invoice, [4.0])
        self.assertEqual(line.name, "As agreed")

    # === DUPLICATE, SWITCH === #

    def test_duplicate_bills_nothing(self):
        invoice = self._bill()
        copy = invoice.with_user(self.accountant).copy()
        self.assertFalse(copy.invoice_line_ids.sale_line_ids)
        self.assertFalse(copy.invoice_line_ids.helpdesk_ticket_id)
        self.assertBilled(invoice, self.line_1, self.line_2)
        self.assertBilled(copy)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_draft_switched_to_credit_note_frees_its_hours(self):
        invoice = self._bill()
        invoice.with_user(self.accountant).action_switch_move_type()
        self.assertEqual(invoice.move_type, "out_refund")
        self.assertBilled(invoice)
        self.assertHours(self.ticket, 10.0, 0.0)
        self.assertEqual(self.item.qty_invoiced, -10.0)
        invoice.with_user(self.accountant).unlink()
        self.assertBooks(self.item, 10.0, 0.0)
        self.assertBilled(self._bill(), self.line_1, self.line_2)

    def test_hours_given_back_are_never_billed(self):
        """A correction below zero makes a credit note, and stays one."""
        self._post(self._bill())
        correction = self._log(self.ticket, -2.0)
        credit = self._bill()
        self.assertEqual(credit.move_type, "out_refund")
        self.assertBilled(credit, correction)
        with self.assertRaisesRegex(UserError, "Leave it a credit note"):
            credit.with_user(self.accountant).action_switch_move_type()
        self.assertBooks(self.item, 8.0, 8.0)


@tagged("post_install", "-at_install")
class TestRemoveFromInvoice(InvoiceCommon):
    """The user chooses exactly which hours a draft bills."""

    def test_remove_one_line(self):
        invoice = self._bill()
        self.assertTrue(self._remove(self.line_1, self.accountant))
        self.assertBilled(invoice, self.line_2)
        self.assertEqual(self._product_lines(invoice).quantity, 6.0)
        self.assertEqual(invoice.amount_untaxed, 600.0)
        self.assertEqual(invoice.amount_total, invoice.amount_residual)
        self.assertIn("6.00 h", self._product_lines(invoice).name)
        self.assertBooks(self.item, 10.0, 6.0)
        self.assertHours(self.ticket, 4.0, 6.0)
        self._post(invoice)
        self.assertBilled(self._bill(), self.line_1)
        self.assertBooks(self.item, 10.0, 10.0)

    def _remove(self, lines, user):
        user.group_ids |= self.env.ref("hr_timesheet.group_hr_timesheet_approver")
        return lines.with_user(user).sudo(False).action_remove_from_invoice()

    def test_remove_as_salesperson_of_the_order(self):
        invoice = self._bill()
        self._remove(self.line_2, self.seller)
        self.assertBilled(invoice, self.line_1)
        self.assertBooks(self.item, 10.0, 4.0)

    def test_remove_last_line_removes_the_invoice_line(self):
        invoice = self._bill()
        self._remove(self.line_1 | self.line_2, self.accountant)
        self.assertFalse(self._product_lines(invoice))
        self.assertEqual(invoice.amount_total, 0.0)
        self.assertBooks(self.item, 10.0, 0.0)

    def test_remove_keeps_a_change_by_hand(self):
        invoice = self._bill()
        self._set_quantities(invoice, [9.5])
        self._remove(self.line_1, self.accountant)
        self.assertEqual(self._product_lines(invoice).quantity, 5.5)
        self.assertBooks(self.item, 10.0, 5.5, exact=False)

    def test_remove_a_correction_below_zero(self):
        fix = self._log(self.ticket, -1.0)
        invoice = self._bill()
        self.assertEqual(self._product_lines(invoice).quantity, 9.0)
        self._remove(fix, self.accountant)
        self.assertEqual(self._product_lines(invoice).quantity, 10.0)
        self.assertBooks(self.item, 9.0, 10.0)

    def test_no_correction_below_zero_is_left_alone(self):
        """It comes off with the work that it corrects, and counts with it again."""
        (self.line_1 | self.line_2).unlink()
        work, fix = self._log(self.ticket, 1.5), self._log(self.ticket, -1.0)
        invoice = self._bill()
        self.assertEqual(self._product_lines(invoice).quantity, 0.5)
        self._remove(work, self.accountant)
        self.assertFalse(self._product_lines(invoice))
        self.assertBooks(self.item, 0.5, 0.0)
        again = self._bill()
        self.assertBilled(again, work | fix)
        self.assertEqual(self._product_lines(again).quantity, 0.5)

    def test_remove_from_split_invoice(self):
        self.team.split_invoice_by_ticket = True
        line_3 = self._log(self.ticket_a2, 2.0)
        invoice = self._bill()
        self.assertEqual(len(self._product_lines(invoice)), 2)
        self._remove(self.line_1 | line_3, self.accountant)
        line = self._product_lines(invoice)
        self.assertEqual(line.helpdesk_ticket_id, self.ticket)
        self.assertEqual(line.quantity, 6.0)
        self.assertBilled(invoice, self.line_2)
        self.assertBooks(self.item, 12.0, 6.0)

    def test_remove_in_days(self):
        service = self._new_service(
            "Support days", "delivered_timesheet", self.day, 800.0
        )
        item = self._new_item(self.customer_a, service, user_id=self.seller.id)
        self.ticket.sale_line_id = item
        invoice = self._bill(item.order_id)
        self.assertEqual(self._product_lines(invoice).quantity, 1.25)
        self._remove(self.line_2, self.accountant)
        self.assertEqual(self._product_lines(invoice).quantity, 0.5)
        self.assertBooks(item, 1.25, 0.5)

    def test_refused(self):
        with self.assertRefused("not on a draft invoice"):
            self._remove(self.line_1, self.accountant)
        invoice = self._bill()
        with self.assertRefused("You may not change these invoices"):
            self.line_1.with_user(self.agent).sudo(False).action_remove_from_invoice()
        self._post(invoice)
        with self.assertRefused("not on a draft invoice"):
            self._remove(self.line_1, self.accountant)
        self.assertBilled(invoice, self.line_1, self.line_2)
