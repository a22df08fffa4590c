from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .common import SALES_ALL
from .invoice_common import ACCOUNTANT, InvoiceCommon


@tagged("post_install", "-at_install")
class TestTimeCredit(InvoiceCommon):
    """Chosen hours are credited, and billed on another item in the same step."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bookkeeper = cls._new_user(
            "hd_seller_books",
            f"{ACCOUNTANT},{SALES_ALL},hr_timesheet.group_hr_timesheet_approver",
            name="Bea Both",
        )
        cls.invoice = cls._post(cls._bill())

    def _wizard(self, timesheets, user=None, **values):
        return (
            self.env["helpdesk.time.credit"]
            .with_user(user or self.bookkeeper)
            .with_context(
                active_model="account.analytic.line", active_ids=timesheets.ids
            )
            .create(values)
        )

    def _run(self, timesheets, user=None, **values):
        action = self._wizard(timesheets, user, **values).action_credit()
        domain = action.get("domain") or [("id", "=", action["res_id"])]
        return self.env["account.move"].search(domain)

    # === CREDIT === #

    def test_chosen_hours_are_freed_when_posted(self):
        """The older line goes, though the newest would go first."""
        note = self._run(self.line_1, reason="Wrong")
        self.assertEqual((note.move_type, note.state), ("out_refund", "draft"))
        self.assertEqual(note.amount_untaxed, 400.0)
        self.assertIn("Wrong", note.ref)
        self.assertIn("4.00 h", self._product_lines(note).name)
        self.assertBilled(self.invoice, self.line_1, self.line_2)
        self._post(note)
        self.assertBilled(self.invoice, self.line_2)
        self.assertEqual(note.credited_timesheet_ids, self.line_1)
        self.assertBooks(self.item, 10.0, 6.0)
        self.assertHours(self.ticket, 4.0, 6.0)
        self.assertBilled(self._bill(), self.line_1)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_all_hours_of_an_invoice(self):
        note = self._post(self._run(self.line_1 | self.line_2))
        self.assertEqual(note.amount_untaxed, 1000.0)
        self.assertBilled(self.invoice)
        self.assertEqual(self.invoice.amount_residual, 1000.0 - note.amount_total)

    def test_undone(self):
        note = self._post(self._run(self.line_1))
        note.with_user(self.accountant).button_draft()
        self.assertBilled(self.invoice, self.line_1, self.line_2)
        self._post(note)
        self.assertBilled(self.invoice, self.line_2)
        self.assertBooks(self.item, 10.0, 6.0)
        note.with_user(self.accountant).button_draft()
        note.with_user(self.accountant).button_cancel()
        self.assertBilled(self.invoice, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_several_invoices_and_tickets(self):
        """A credit note for each invoice; invoice lines of one ticket stay apart."""
        self.team.split_invoice_by_ticket = True
        line_3 = self._log(self.ticket, 1.0)
        line_4 = self._log(self.ticket_a2, 2.0)
        second = self._post(self._bill())
        notes = self._run(self.line_2 | line_4)
        self.assertEqual(notes.reversed_entry_id, self.invoice | second)
        by_invoice = {note.reversed_entry_id: note for note in notes}
        lines = self._product_lines(by_invoice[second])
        self.assertEqual(lines.helpdesk_ticket_id, self.ticket_a2)
        self.assertEqual(lines.quantity, 2.0)
        self._post(notes)
        self.assertBilled(self.invoice, self.line_1)
        self.assertBilled(second, line_3)
        self.assertBooks(self.item, 13.0, 5.0)

    def test_item_sold_in_days(self):
        item = self._new_item(
            self.customer_a,
            self._new_service("Days", "delivered_timesheet", self.day, 800.0),
            user_id=self.seller.id,
        )
        self.ticket_a2.sale_line_id = item
        lines = [self._log(self.ticket_a2, hours) for hours in (4.0, 2.0, 10.0)]
        invoice = self._post(self._bill(item.order_id))
        note = self._post(self._run(lines[0]))
        self.assertEqual(self._product_lines(note).quantity, 0.5)
        self.assertBilled(invoice, lines[1], lines[2])
        self.assertBooks(item, 2.0, 1.5)

    # === BILL AGAIN === #

    def test_billed_on_another_item_in_one_step(self):
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        documents = self._run(self.line_1, sale_line_id=other.id)
        note = documents.filtered(lambda move: move.move_type == "out_refund")
        again = documents - note
        self.assertEqual((note.state, again.state), ("posted", "draft"))
        self.assertEqual((note.amount_untaxed, again.amount_untaxed), (400.0, 400.0))
        self.assertBilled(again, self.line_1)
        self.assertEqual(self.line_1.so_line, other)
        self.assertIn("Bea Both", self.line_1.so_line_user_id.name)
        self.assertBooks(self.item, 6.0, 6.0)
        self.assertBooks(other, 4.0, 4.0)

    def test_billed_on_the_ticket_s_new_item(self):
        """It is not marked as set by hand, so later changes move it as usual."""
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        self.ticket.with_user(self.agent).sale_line_id = other
        self._run(self.line_1 | self.line_2, sale_line_id=other.id)
        lines = self.line_1 | self.line_2
        self.assertEqual(lines.mapped("is_so_line_edited"), [False, False])
        self.assertBooks(self.item, 0.0, 0.0)
        self.assertBooks(other, 10.0, 10.0)

    def test_moved_to_a_prepaid_pack(self):
        """The pack pays for the hours: they are credited and moved, nothing is billed,
        whether the pack is invoiced already or not."""
        for is_billed in (False, True):
            pack = self._new_item(
                self.customer_a, self.prepaid, 20.0, user_id=self.seller.id
            )
            if is_billed:
                self._post(self._bill(pack.order_id))
            line = self.line_2 if is_billed else self.line_1
            note = self._run(line, sale_line_id=pack.id)
            self.assertEqual((note.move_type, note.state), ("out_refund", "posted"))
            self.assertEqual(line.so_line, pack)
            self.assertFalse(line.timesheet_invoice_id)
            self.assertEqual(pack.remaining_hours, 20.0 - line.unit_amount)
            self.assertEqual(pack.qty_invoiced, 20.0 * is_billed)
        self.assertBilled(self.invoice)
        self.assertBooks(self.item, 0.0, 0.0)

    def test_item_of_another_customer(self):
        with self.assertRefused("belongs to", ValidationError):
            self._run(self.line_1, sale_line_id=self.item_b.id)
        self.assertBilled(self.invoice, self.line_1, self.line_2)
        self.assertFalse(self.invoice.reversal_move_ids)

    def test_the_form(self):
        """What the dialog shows and sends."""
        wizard = Form(
            self.env["helpdesk.time.credit"]
            .with_user(self.bookkeeper)
            .with_context(
                active_model="account.analytic.line", active_ids=self.line_1.ids
            )
        )
        self.assertEqual(wizard.hours, 4.0)
        self.assertEqual(wizard.invoice_ids[:].ids, self.invoice.ids)
        wizard.reason = "Typo"
        wizard.save().action_credit()
        self.assertEqual(self.invoice.reversal_move_ids.amount_untaxed, 400.0)

    # === REFUSED === #

    def test_refused(self):
        late = self._log(self.ticket, 2.0)
        with self.assertRefused("on posted invoices"):
            self._run(self.line_1 | late)
        draft = self._bill()
        with self.assertRefused("Remove from Invoice"):
            self._run(late)
        self.assertBilled(draft, late)
        note = self._run(self.line_1)
        with self.assertRefused("has a credit note already"):
            self._run(self.line_2)
        self.assertEqual(self.invoice.reversal_move_ids, note)

    def test_only_accountants_who_may_see_the_time(self):
        for user in (self.agent, self.seller, self.accountant):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self._wizard(self.line_1, user)
        self.accountant.group_ids |= self.env.ref(
            "hr_timesheet.group_hr_timesheet_approver"
        )
        note = self._run(self.line_1, self.accountant)
        self.assertEqual(note.amount_untaxed, 400.0)
