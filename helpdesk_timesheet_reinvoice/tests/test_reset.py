from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .invoice_common import InvoiceCommon


@tagged("post_install", "-at_install")
class TestReset(InvoiceCommon):
    """Documents that are cancelled, reset, or change their type."""

    def _cancel(self, move):
        move.with_user(self.accountant).button_cancel()

    def _reset(self, moves):
        moves.with_user(self.accountant).button_draft()

    # === CANCELLED INVOICES === #

    def test_time_that_moved_stays_where_it_went(self):
        """A cancelled invoice set to draft bills no time of another item, even if there
        are enough other hours to bill."""
        invoice = self._bill()
        self._cancel(invoice)
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        self.ticket.with_user(self.agent).sale_line_id = other
        late = self._log(self.ticket_a2, 10.0)
        self._reset(invoice)
        self.assertBilled(invoice, late)
        self.assertBooks(self.item, 10.0, 10.0)
        self.assertHours(self.ticket, 10.0, 0.0)
        second = self._bill(other.order_id, start=date(2026, 1, 1))
        self.assertBilled(second, self.line_1, self.line_2)
        self.assertBooks(other, 10.0, 10.0)

    def test_two_invoices_of_the_same_hours(self):
        """Each alone would fit; both at once would bill the hours twice."""
        first = self._bill()
        self._cancel(first)
        second = self._bill()
        self._cancel(second)
        with self.assertRefused("but only 10.0 are left"):
            self._reset(first | second)
        self._reset(first)
        with self.assertRefused("but only 0.0 are left"):
            self._reset(second)
        self.assertBilled(first, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_credited_invoice_stays_with_its_credit_note(self):
        invoice = self._post(self._bill())
        note = self._credit(invoice, [6.0])
        self._reset(invoice)
        with self.assertRefused("Cancel the credit note first"):
            self._cancel(invoice)
        with self.assertRefused("Cancel the credit note first"):
            invoice.with_user(self.accountant).with_context(force_delete=True).unlink()
        self._reset(note)
        self._cancel(note)
        self._cancel(invoice)
        self.assertBooks(self.item, 10.0, 0.0)
        self.assertBilled(self._bill(), self.line_1, self.line_2)

    def test_replaced_invoice_stays_with_its_credit_note(self):
        """After Reverse and Create the hours are on the new draft."""
        invoice = self._post(self._bill())
        draft = self._credit(invoice, modify=True)
        self._reset(invoice)
        with self.assertRefused("Cancel the credit note first"):
            self._cancel(invoice)
        self.assertBilled(draft, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_invoice_waits_for_its_draft_credit_note(self):
        """Reset or cancelled, its hours could be billed while they are credited."""
        invoice = self._post(self._bill())
        note = self._credit(invoice, post=False)
        with self.assertRefused("Post or delete it first"):
            self._reset(invoice)
        with self.assertRefused("Post or delete it first"):
            self._cancel(invoice)
        self.assertBilled(invoice, self.line_1, self.line_2)
        note.with_user(self.accountant).unlink()
        self._reset(invoice)
        self._cancel(invoice)
        again = self._bill()
        self.assertEqual(again.amount_untaxed, 1000.0)
        self.assertBilled(again, self.line_1, self.line_2)
        with self.assertRaises(UserError):
            self._bill()
        self.assertBooks(self.item, 10.0, 10.0)

    def test_credited_quantity_stays_on_a_reset_invoice(self):
        """Taking off the hours that are left must not leave the credit note alone."""
        invoice = self._post(self._bill())
        self._credit(invoice, [6.0])
        self._reset(invoice)
        self.accountant.group_ids |= self.env.ref(
            "hr_timesheet.group_hr_timesheet_approver"
        )
        line = self.line_1.with_user(self.accountant).sudo(False)
        line.action_remove_from_invoice()
        self.assertBilled(invoice)
        self.assertEqual(self._product_lines(invoice).quantity, 6.0)
        self.assertBooks(self.item, 10.0, 0.0)
        self._post(invoice)
        again = self._bill()
        self.assertBilled(again, self.line_1, self.line_2)
        self.assertEqual(again.amount_untaxed, 1000.0)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_credit_note_stays_once_its_hours_shrank(self):
        """Without it, the invoice would bill more than was worked."""
        invoice = self._post(self._bill())
        note = self._credit(invoice, [6.0])
        self.line_2.with_user(self.agent).unit_amount = 5.0
        with self.assertRefused("only 5.0 are left"):
            self._cancel(note)
        self.assertBooks(self.item, 9.0, 4.0)
        self.line_2.with_user(self.agent).unit_amount = 6.0
        self._cancel(note)
        self.assertBilled(invoice, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_invoice_and_credit_note_go_together(self):
        invoice = self._post(self._bill())
        self._cancel(invoice | self._credit(invoice, [6.0]))
        self.assertBooks(self.item, 10.0, 0.0)
        self.assertBilled(self._bill(), self.line_1, self.line_2)

    # === CREDIT NOTES MADE BY AN ORDER === #

    def test_correction_is_credited_once(self):
        self._post(self._bill())
        fix = self._log(self.ticket, -3.0)
        note = self._bill()
        self.assertEqual(note.move_type, "out_refund")
        self._cancel(note)
        second = self._bill()
        self.assertBilled(second, fix)
        with self.assertRefused("but only 0.0 are left"):
            self._reset(note)
        self._cancel(second)
        self._reset(note)
        self.assertBooks(self.item, 7.0, 7.0, exact=False)

    def test_net_below_zero_in_a_period(self):
        """The credit note of a period takes no open time from outside of it."""
        self._post(self._bill())
        fix = self._log(self.ticket, -5.0, date=date(2026, 3, 2))
        late = self._log(self.ticket, 2.0, date=date(2026, 4, 2))
        note = self._bill(start=date(2026, 3, 1), end=date(2026, 3, 31))
        self.assertEqual(note.move_type, "out_refund")
        self.assertBilled(note, fix)
        self.assertFalse(late.timesheet_invoice_id)

    # === CHANGE OF TYPE === #

    def test_switched_to_credit_note_and_back(self):
        invoice = self._bill()
        invoice.with_user(self.accountant).action_switch_move_type()
        self.assertEqual(invoice.move_type, "out_refund")
        self.assertBilled(invoice)
        invoice.with_user(self.accountant).action_switch_move_type()
        self.assertEqual(invoice.move_type, "out_invoice")
        self.assertBilled(invoice, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)
        self.assertHours(self.ticket, 0.0, 10.0)

    def test_switched_back_with_corrections(self):
        """It bills the very hours again, those below zero as well, and no newer ones."""
        fix = self._log(self.ticket, -2.0)
        invoice = self._bill()
        invoice.with_user(self.accountant).action_switch_move_type()
        self.assertBilled(invoice)
        late = self._log(self.ticket, 1.0, date=date(2026, 4, 2))
        invoice.with_user(self.accountant).action_switch_move_type()
        self.assertBilled(invoice, self.line_1, self.line_2, fix)
        self.assertFalse(invoice.credited_timesheet_ids)
        self.assertBooks(self.item, 9.0, 8.0)
        self.assertHours(self.ticket, 1.0, 8.0)
        self.assertBilled(self._bill(), late)

    def test_draft_credit_note_stays_one_while_its_invoice_counts(self):
        invoice = self._post(self._bill())
        note = self._credit(invoice, post=False)
        self.assertEqual((note.move_type, note.state), ("out_refund", "draft"))
        with self.assertRefused("only 0.0 are left"):
            note.with_user(self.accountant).action_switch_move_type()
        self.assertEqual(note.move_type, "out_refund")
        self.assertBilled(invoice, self.line_1, self.line_2)
        self.assertHours(self.ticket, 0.0, 10.0)

    def test_one_of_two_draft_credit_notes_stays_one(self):
        """Drafts credit nothing yet: the other one leaves the hours on their invoice."""
        invoice = self._post(self._bill())
        note = self._credit(invoice, post=False)
        self._credit(invoice, post=False)
        with self.assertRefused("only 0.0 are left"):
            note.with_user(self.accountant).action_switch_move_type()
        self.assertBilled(invoice, self.line_1, self.line_2)
        note.with_user(self.accountant).unlink()
        self.assertBooks(self.item, 10.0, 0.0, exact=False)

    def test_switched_back_after_its_hours_were_billed_again(self):
        """Only once the other invoice is gone."""
        invoice = self._bill()
        invoice.with_user(self.accountant).action_switch_move_type()
        second = self._bill()
        self.assertBilled(second, self.line_1, self.line_2)
        with self.assertRefused("only 0.0 are left"):
            invoice.with_user(self.accountant).action_switch_move_type()
        self.assertBilled(second, self.line_1, self.line_2)
        second.with_user(self.accountant).unlink()
        invoice.with_user(self.accountant).action_switch_move_type()
        self.assertBilled(invoice, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_raised_quantity_comes_back_with_its_invoice(self):
        """Nobody else bills the hours: what a person wrote stays."""
        invoice = self._bill()
        self._set_quantities(invoice, [12.0])
        invoice.with_user(self.accountant).action_switch_move_type()
        invoice.with_user(self.accountant).action_switch_move_type()
        self.assertEqual(self._product_lines(invoice).quantity, 12.0)
        self.assertBilled(invoice, self.line_1, self.line_2)

    # === CREDIT NOTES OF A LATER DAY === #

    def test_reversed_and_created_for_a_later_day(self):
        """The hours are on the new draft at once: new time waits for nothing."""
        invoice = self._post(self._bill())
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create(
                {
                    "journal_id": invoice.journal_id.id,
                    "date": fields.Date.today() + timedelta(days=7),
                }
            )
        )
        wizard.modify_moves()
        self.assertEqual(invoice.reversal_move_ids.state, "draft")
        late = self._log(self.ticket, 2.0)
        second = self._bill()
        self.assertBilled(second, late)
        self.assertEqual(second.amount_untaxed, 200.0)

    # === ORDERS THAT COME BACK CHANGED === #

    def _set_to_quotation(self):
        order = self.order_a.with_user(self.seller)
        order._action_cancel()
        order.action_draft()
        return order

    def test_order_confirmed_for_another_customer(self):
        kept = self._log(self.ticket, 1.0, so_line=self.item.id, is_so_line_edited=True)
        order = self._set_to_quotation()
        order.partner_id = self.customer_b
        order.action_confirm()
        self.env.flush_all()
        self.assertFalse(self.ticket.sale_line_id)
        self.assertFalse((self.line_1 | self.line_2 | kept).so_line)
        self.assertDelivered(self.item, 0.0)
        with self.assertRaises(UserError):
            self._bill()
        self.ticket_b.sale_line_id = self.item
        line = self._log(self.ticket_b, 2.0)
        self.assertBilled(self._bill(), line)

    def test_order_confirmed_with_goods(self):
        order = self._set_to_quotation()
        order.order_line.write({"product_id": self.goods.id})
        order.action_confirm()
        self.env.flush_all()
        self.assertFalse(self.ticket.sale_line_id)
        self.assertFalse((self.line_1 | self.line_2).so_line)

    def test_order_confirmed_unchanged_keeps_its_tickets(self):
        self._set_to_quotation().action_confirm()
        self.env.flush_all()
        self.assertEqual(self.ticket.sale_line_id, self.item)
        self.assertBooks(self.item, 10.0, 0.0)

    def test_confirmed_order_handed_to_another_customer(self):
        """Only scripts can do that; what is billed stays."""
        invoice = self._bill(end=date(2026, 1, 31))
        self.order_a.write({"partner_id": self.customer_b.id})
        self.env.flush_all()
        self.assertBilled(invoice, self.line_1)
        self.assertEqual(self.line_1.so_line, self.item)
        self.assertFalse(self.line_2.so_line)
        self.assertFalse(self.ticket.sale_line_id)

    # === TICKETS THAT ARE BILLED APART === #

    def _split(self):
        self.team.split_invoice_by_ticket = True
        line_3 = self._log(self.ticket_a2, 3.0)
        return self._bill(), line_3

    def _merge(self):
        self.ticket.with_user(self.agent)._merge(self.ticket_a2.with_user(self.agent))

    def _credit_ticket(self, invoice, quantity):
        """Credit the invoice line with this quantity alone."""
        self._credit(
            invoice,
            [
                quantity if line.quantity == quantity else False
                for line in self._product_lines(invoice)
            ],
        )

    def test_credit_of_a_merged_ticket(self):
        invoice, line_3 = self._split()
        self._post(invoice)
        self._merge()
        self.assertEqual(self._product_lines(invoice).helpdesk_ticket_id, self.ticket)
        self._credit_ticket(invoice, 3.0)
        self.assertBilled(invoice, self.line_1, self.line_2)
        self.assertBooks(self.item, 13.0, 10.0)
        self.assertBilled(self._bill(), line_3)

    def test_credit_of_the_survivor_frees_no_more_than_it_credits(self):
        invoice, _line_3 = self._split()
        self._post(invoice)
        self._merge()
        self._credit_ticket(invoice, 10.0)
        self.assertEqual(self._timesheets_of(invoice), self.line_1)
        self.assertBooks(self.item, 13.0, 3.0, exact=False)
        self.assertHours(self.ticket, 9.0, 4.0)

    def test_draft_line_deleted_after_a_merge(self):
        invoice, line_3 = self._split()
        self._merge()
        line = self._product_lines(invoice).filtered(lambda line: line.quantity == 3.0)
        invoice.with_user(self.accountant).write(
            {"invoice_line_ids": [Command.delete(line.id)]}
        )
        self.assertBooks(self.item, 13.0, 10.0)
        self.assertBilled(self._bill(), line_3)
        self.assertBooks(self.item, 13.0, 13.0)
