from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .invoice_common import InvoiceCommon


@tagged("post_install", "-at_install")
class TestCreditNotes(InvoiceCommon):
    """Credited hours can be billed again, and only those, whatever happens to the
    credit note afterwards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._post(cls._bill())

    # === IN FULL === #

    def test_credit_in_full(self):
        self._credit(self.invoice)
        self.assertBilled(self.invoice)
        self.assertBooks(self.item, 10.0, 0.0)
        self.assertHours(self.ticket, 10.0, 0.0)
        self.line_1.with_user(self.agent).unit_amount = 5.0
        again = self._bill()
        self.assertBilled(again, self.line_1, self.line_2)
        self.assertEqual(again.amount_untaxed, 1100.0)
        self.assertBooks(self.item, 11.0, 11.0)

    def test_credit_posted_by_the_scheduled_action(self):
        """A credit note of tomorrow frees its hours when it is posted, not before."""
        note = self._credit(self.invoice, post=False)
        note.date = fields.Date.today() + timedelta(days=1)
        note.auto_post = "at_date"
        self.assertBilled(self.invoice, self.line_1, self.line_2)
        note.date = fields.Date.today()
        with self.enter_registry_test_mode():
            self.env.ref(
                "account.ir_cron_auto_post_draft_entry"
            ).method_direct_trigger()
        self.assertEqual(note.state, "posted")
        self.assertBilled(self.invoice)
        self.assertBooks(self.item, 10.0, 0.0)

    def test_draft_credit_note_frees_nothing_yet(self):
        self._credit(self.invoice, post=False)
        self.assertBilled(self.invoice, self.line_1, self.line_2)
        self.assertHours(self.ticket, 0.0, 10.0)
        with self.assertRefused("Post or delete the credit note"):
            self._bill()
        with self.assertRaises(UserError):
            self._bill(start=date(2026, 1, 1))
        late = self._log(self.ticket, 2.0)
        second = self._bill()
        self.assertBilled(second, late)
        self.assertEqual(self._product_lines(second).quantity, 2.0)

    # === IN PART === #

    def test_credit_by_quantity(self):
        self._credit(self.invoice, [6.0])
        self.assertBilled(self.invoice, self.line_1)
        self.assertBooks(self.item, 10.0, 4.0)
        self.assertHours(self.ticket, 6.0, 4.0)
        with self.assertRaises(UserError):
            self.line_1.with_user(self.agent).unit_amount = 1.0
        again = self._bill()
        self.assertBilled(again, self.line_2)
        self.assertEqual(again.amount_untaxed, 600.0)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_credit_by_quantity_takes_no_open_time(self):
        late = self._log(self.ticket, 2.0)
        note = self._credit(self.invoice, [6.0])
        self.assertFalse(note.timesheet_ids)
        self.assertFalse(late.timesheet_invoice_id)
        self.assertBilled(self.invoice, self.line_1)
        self.assertBooks(self.item, 12.0, 4.0)
        again = self._bill()
        self.assertBilled(again, self.line_2, late)
        self.assertEqual(again.amount_untaxed, 800.0)
        self.assertBooks(self.item, 12.0, 12.0)

    def test_credited_invoice_does_not_reappear_in_a_period(self):
        """Hours that were not credited are not open, in no period."""
        self._credit(self.invoice, [6.0])
        with self.assertRaises(UserError):
            self._bill(end=date(2026, 1, 31))
        self.assertBooks(self.item, 10.0, 4.0)
        again = self._bill(start=date(2026, 2, 1))
        self.assertBilled(again, self.line_2)
        self.assertEqual(self._product_lines(again).quantity, 6.0)

    def test_credit_within_a_line(self):
        """No line fits: it stays on the invoice, the credited hours stay billable."""
        self._credit(self.invoice, [3.0])
        self.assertBilled(self.invoice, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 7.0, exact=False)
        again = self._bill()
        self.assertEqual(self._product_lines(again).quantity, 3.0)
        self.assertBilled(again)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_partial_credits_that_sum_to_full(self):
        for quantity in (3.0, 3.0, 4.0):
            self._credit(self.invoice, [quantity])
        self.assertBilled(self.invoice)
        self.assertBooks(self.item, 10.0, 0.0)
        again = self._bill()
        self.assertBilled(again, self.line_1, self.line_2)
        self.assertEqual(again.amount_untaxed, 1000.0)

    def test_credit_with_quantity_zero(self):
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        self.ticket_a2.sale_line_id = other
        line_3 = self._log(self.ticket_a2, 3.0)
        late = self._log(self.ticket, 1.0)
        second = self._post(self._bill(self.order_a | other.order_id))
        quantities = [
            0.0 if line.sale_line_ids == self.item else 3.0
            for line in self._product_lines(second)
        ]
        self._credit(second, quantities)
        self.assertBilled(second, late)
        self.assertBooks(self.item, 11.0, 11.0)
        self.assertBooks(other, 3.0, 0.0)
        self.assertBilled(self._bill(other.order_id), line_3)

    def test_credit_by_line(self):
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        self.ticket_a2.sale_line_id = other
        line_3 = self._log(self.ticket_a2, 3.0)
        late = self._log(self.ticket, 1.0)
        second = self._post(self._bill(self.order_a | other.order_id))
        quantities = [
            False if line.sale_line_ids == self.item else 3.0
            for line in self._product_lines(second)
        ]
        self._credit(second, quantities)
        self.assertBilled(second, late)
        with self.assertRaises(UserError):
            self._bill()
        self.assertBilled(self._bill(other.order_id), line_3)
        self.assertBooks(self.item, 11.0, 11.0)
        self.assertBooks(other, 3.0, 3.0)

    def test_credit_of_one_ticket_of_a_split_invoice(self):
        self.team.split_invoice_by_ticket = True
        line_3 = self._log(self.ticket_a2, 3.0)
        late = self._log(self.ticket, 1.0)
        second = self._post(self._bill())
        quantities = [
            False if line.helpdesk_ticket_id == self.ticket else 3.0
            for line in self._product_lines(second)
        ]
        note = self._credit(second, quantities)
        self.assertEqual(self._product_lines(note).helpdesk_ticket_id, self.ticket_a2)
        self.assertBilled(second, late)
        self.assertBooks(self.item, 14.0, 11.0)
        self.assertBilled(self._bill(), line_3)

    def test_credit_of_a_raised_quantity_frees_nothing(self):
        self._credit(self.invoice)
        again = self._bill()
        self._set_quantities(again, [12.0])
        self._post(again)
        self._credit(again, [2.0])
        self.assertBilled(again, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_correction_below_zero_stays_with_its_invoice(self):
        fix = self._log(self.ticket, -1.0)
        late = self._log(self.ticket, 3.0)
        second = self._post(self._bill())
        self.assertEqual(self._product_lines(second).quantity, 2.0)
        self._credit(second, [1.0])
        self.assertBilled(second, fix, late)
        self._credit(second, [1.0])
        self.assertBilled(second)
        self.assertBilled(self._bill(), fix, late)
        self.assertBooks(self.item, 12.0, 12.0)

    # === THE CREDIT NOTE IS UNDONE === #

    def test_credit_note_reset_after_its_hours_shrank_below_zero(self):
        """The invoice takes nothing back that is below what it bills."""
        fix = self._log(self.ticket, -1.0)
        late = self._log(self.ticket, 3.0)
        second = self._post(self._bill())
        self.assertBilled(second, fix, late)
        note = self._credit(second)
        late.with_user(self.agent).unit_amount = 0.0
        note.with_user(self.accountant).button_draft()
        self.assertBilled(second)
        self.assertFalse(fix.timesheet_invoice_id)
        self.assertBooks(self.item, 9.0, 10.0)

    def test_credit_note_cancelled(self):
        note = self._credit(self.invoice, [6.0])
        note.with_user(self.accountant).button_cancel()
        self.assertBilled(self.invoice, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)
        self.assertHours(self.ticket, 0.0, 10.0)
        with self.assertRaises(UserError):
            self._bill()

    def test_credit_note_reset_changed_and_posted(self):
        note = self._credit(self.invoice, [6.0])
        note.with_user(self.accountant).button_draft()
        self.assertBilled(self.invoice, self.line_1, self.line_2)
        with self.assertRaises(UserError):
            self._bill()
        self._set_quantities(note, [10.0])
        self._post(note)
        self.assertBilled(self.invoice)
        self.assertBooks(self.item, 10.0, 0.0)
        self.assertBilled(self._bill(), self.line_1, self.line_2)

    def test_credit_note_reset_and_deleted(self):
        note = self._credit(self.invoice)
        note.with_user(self.accountant).button_draft()
        note.with_user(self.accountant).with_context(force_delete=True).unlink()
        self.assertBilled(self.invoice, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_draft_credit_note_deleted(self):
        note = self._credit(self.invoice, post=False)
        late = self._log(self.ticket, 2.0)
        self._bill()
        note.with_user(self.accountant).unlink()
        self.assertBilled(self.invoice, self.line_1, self.line_2)
        self.assertTrue(late.timesheet_invoice_id)
        self.assertBooks(self.item, 12.0, 12.0)

    def test_credit_note_stays_once_its_hours_are_billed_again(self):
        note = self._credit(self.invoice, [6.0])
        again = self._bill()
        books = note.with_user(self.accountant)
        for undo in (books.button_draft, books.button_cancel):
            with self.assertRefused("billed again"):
                undo()
        self.assertEqual(note.state, "posted")
        self.assertBooks(self.item, 10.0, 10.0)
        again.with_user(self.accountant).unlink()
        books.button_cancel()
        self.assertBilled(self.invoice, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_credit_note_stays_once_its_hours_moved(self):
        """Undoing it would bill the hours on both items."""
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        note = self._credit(self.invoice)
        self.ticket.with_user(self.agent).sale_line_id = other
        with self.assertRefused(other.order_id.name):
            note.with_user(self.accountant).button_cancel()
        self.assertBilled(self._bill(other.order_id), self.line_1, self.line_2)
        self.assertBooks(self.item, 0.0, 0.0)
        self.assertBooks(other, 10.0, 10.0)

    def test_credit_within_a_line_stays_once_billed_again(self):
        note = self._credit(self.invoice, [3.0])
        self._bill()
        with self.assertRefused("billed again"):
            note.with_user(self.accountant).button_cancel()
        note.with_user(self.accountant).button_draft()
        with self.assertRefused("billed again"):
            note.with_user(self.accountant).with_context(force_delete=True).unlink()
        self.assertBooks(self.item, 10.0, 10.0)

    # === WRONG CUSTOMER OR ITEM FOUND AFTER BILLING === #

    def test_credit_move_and_bill_on_another_item(self):
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        draft = self._credit(self.invoice, modify=True)
        self.assertBilled(draft, self.line_1, self.line_2)
        draft.with_user(self.accountant).unlink()
        self.ticket.with_user(self.agent).sale_line_id = other
        self.ticket.with_user(self.agent).sale_line_id = self.item
        self.ticket.with_user(self.agent).sale_line_id = other
        self.assertBooks(self.item, 0.0, 0.0)
        self.assertBilled(self._bill(other.order_id), self.line_1, self.line_2)
        self.assertBooks(other, 10.0, 10.0)

    # === REVERSE AND CREATE === #

    def test_reverse_and_create(self):
        draft = self._credit(self.invoice, modify=True)
        self.assertEqual((draft.move_type, draft.state), ("out_invoice", "draft"))
        self.assertEqual(self.invoice.payment_state, "reversed")
        self.assertBilled(draft, self.line_1, self.line_2)
        self.assertBilled(self.invoice)
        self.assertBooks(self.item, 10.0, 10.0)
        with self.assertRaises(UserError):
            self._bill()
        self._set_quantities(draft, [4.0])
        self._post(draft)
        self.assertBilled(draft, self.line_1)
        self.assertBilled(self._bill(), self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_reverse_and_create_then_undo_the_credit_note(self):
        draft = self._credit(self.invoice, modify=True)
        note = self.invoice.reversal_move_ids
        with self.assertRefused("billed again"):
            note.with_user(self.accountant).button_cancel()
        draft.with_user(self.accountant).unlink()
        self.assertBooks(self.item, 10.0, 0.0)
        note.with_user(self.accountant).button_cancel()
        self.assertBilled(self.invoice, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_reverse_and_create_several(self):
        """Each new draft gets the hours of the invoice it replaces, equal amounts or
        not."""
        line_3 = self._log(self.ticket, 10.0)
        second = self._post(self._bill())
        drafts = self._credit(self.invoice | second, modify=True).sorted("id")
        self.assertEqual(len(drafts), 2)
        held = {draft: self._timesheets_of(draft) for draft in drafts}
        self.assertIn(line_3, held.values())
        self.assertIn(self.line_1 | self.line_2, held.values())
        self.assertBooks(self.item, 20.0, 20.0)

    def test_reverse_and_create_split(self):
        self.team.split_invoice_by_ticket = True
        line_3 = self._log(self.ticket_a2, 3.0)
        late = self._log(self.ticket, 1.0)
        second = self._post(self._bill())
        draft = self._credit(second, modify=True)
        lines = self._product_lines(draft)
        self.assertEqual(lines.helpdesk_ticket_id, self.ticket | self.ticket_a2)
        line = lines.filtered(lambda line: line.helpdesk_ticket_id == self.ticket)
        draft.with_user(self.accountant).write(
            {"invoice_line_ids": [Command.delete(line.id)]}
        )
        self.assertBilled(draft, line_3)
        self.assertFalse(late.timesheet_invoice_id)
        self.assertBooks(self.item, 14.0, 13.0)

    # === PAID BY A CREDIT NOTE THAT HAS NOTHING TO DO WITH IT === #

    def test_settled_by_a_free_credit_note(self):
        note = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.invoice.partner_id.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goodwill", "price_unit": 1000.0, "tax_ids": []}
                    )
                ],
            }
        )
        self._post(note)
        receivable = (note | self.invoice).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        receivable.reconcile()
        self.assertEqual(self.invoice.payment_state, "reversed")
        late = self._log(self.ticket, 2.0)
        second = self._bill()
        self.assertBilled(second, late)
        self.assertBilled(self.invoice, self.line_1, self.line_2)
        self.assertBooks(self.item, 12.0, 12.0)

    # === CREDIT MADE BY THE ORDER === #

    def test_net_below_zero_gives_a_credit_note(self):
        fix = self._log(self.ticket, -3.0, date=date(2026, 3, 2))
        self.assertBooks(self.item, 7.0, 10.0)
        note = self._bill()
        self.assertEqual(note.move_type, "out_refund")
        self.assertEqual(note.amount_untaxed, 300.0)
        self.assertBilled(note, fix)
        self.assertBilled(self.invoice, self.line_1, self.line_2)
        self._post(note)
        self.assertBooks(self.item, 7.0, 7.0)
        self.assertHours(self.ticket, 0.0, 7.0)
        late = self._log(self.ticket, 1.0)
        self.assertBilled(self._bill(start=date(2026, 3, 1)), late)
        self.assertBooks(self.item, 8.0, 8.0)

    def test_net_below_zero_credit_note_deleted(self):
        fix = self._log(self.ticket, -3.0)
        note = self._bill()
        with self.assertRaises(UserError):
            fix.with_user(self.agent).unlink()
        note.with_user(self.accountant).unlink()
        self.assertFalse(fix.timesheet_invoice_id)
        self.assertBooks(self.item, 7.0, 10.0)
        self.assertBilled(self._bill(), fix)
        self.assertBooks(self.item, 7.0, 7.0)

    def test_net_below_zero_needs_the_final_run(self):
        self._log(self.ticket, -3.0)
        with self.assertRaises(UserError):
            self._bill(deduct_down_payments=False)
        self.assertBooks(self.item, 7.0, 10.0)
