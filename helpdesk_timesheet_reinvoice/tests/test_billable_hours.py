from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .invoice_common import InvoiceCommon


@tagged("post_install", "-at_install")
class TestBillableHours(InvoiceCommon):
    """Hours to bill are those that were worked, until a person says otherwise: 4 and 6
    hours in January and February."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.group_ids |= cls.env.ref("hr_timesheet.group_hr_timesheet_approver")

    def _write_off(self, line, hours, reason="Goodwill", user=None):
        line.with_user(user or self.manager).action_write_off(hours, reason)

    # === FIGURES === #

    def test_time_below_zero_bills_no_hours(self):
        """Else what a person said would be lost as soon as the rules are asked again."""
        line = self._log(self.ticket, -1.0)
        with self.assertRaisesRegex(ValidationError, "below zero"):
            line.with_user(self.manager).write(
                {"billable_hours": 1.5, "billable_hours_reason": "Agreed"}
            )

    def test_hours_are_billed_as_they_were_worked(self):
        self.assertEqual(self.line_1.billable_hours, 4.0)
        self.line_1.unit_amount = 5.0
        self.assertEqual(self.line_1.billable_hours, 5.0)

    def test_written_off_hours_are_not_delivered(self):
        self._write_off(self.line_1, 1.5)
        self.assertBooks(self.item, 8.5, 0.0)
        self.assertHours(self.ticket, 8.5, 0.0)
        self.assertEqual(self.ticket.total_hours_spent, 10.0)
        self.assertEqual(self.ticket.hours_non_billable, 1.5)
        self.assertEqual(self.customer_a.ticket_hours_to_invoice, 8.5)
        self.assertEqual(self.order_a.ticket_hours_to_invoice, 8.5)

    def test_later_correction_keeps_what_was_written_off(self):
        self._write_off(self.line_1, 1.0)
        self.line_1.unit_amount = 6.0
        self.assertEqual(self.line_1.billable_hours, 5.0)
        self.line_1.unit_amount = 0.5
        self.assertEqual(self.line_1.billable_hours, 0.0, "never below none")

    def test_more_hours_may_be_billed(self):
        line = self.line_1.with_user(self.manager)
        line.write({"billable_hours": 5.0, "billable_hours_reason": "Agreed minimum"})
        self.assertBooks(self.item, 11.0, 0.0)

    def test_hours_may_be_billed_without_work(self):
        """A flat visit: nothing worked, an hour billed, whatever is computed again."""
        line = self._log(self.ticket, 0.0).with_user(self.manager)
        line.write({"billable_hours": 1.0, "billable_hours_reason": "Flat visit"})
        self.env.add_to_compute(line._fields["billable_hours"], line)
        self.assertEqual(line.billable_hours, 1.0)
        self.assertBooks(self.item, 11.0, 0.0)

    def test_no_hours_are_taken_back_by_no_work(self):
        line = self._log(self.ticket, 0.0)
        values = {"billable_hours": -0.5, "billable_hours_reason": "Agreed"}
        with self.assertRefused("never negative", ValidationError):
            line.sudo().write(values)

    def test_pack_is_used_up_by_hours_to_bill(self):
        pack = self._new_item(self.customer_a, self.prepaid)
        self.ticket.sale_line_id = pack
        self._write_off(self.line_1, 4.0)
        self.assertDelivered(pack, 6.0)
        self.assertEqual(self.ticket.remaining_hours_so, 4.0)

    # === INVOICE === #

    def test_invoice_explains_what_is_billed(self):
        self._write_off(self.line_1, 1.5)
        invoice = self._bill()
        self.assertEqual(invoice.amount_untaxed, 850.0)
        self.assertIn("10.00 h worked, 8.50 h billed (Goodwill)", self._text(invoice))
        self.assertBooks(self.item, 8.5, 8.5)

    def test_free_time_is_listed_not_hidden(self):
        free = self._log(self.ticket_a2, 2.0)
        self._write_off(free, 2.0, "Our mistake")
        invoice = self._bill()
        self.assertIn(
            "2.00 h worked, free of charge (Our mistake)", self._text(invoice)
        )
        self.assertBilled(invoice, self.line_1, self.line_2, free)
        self.assertEqual(invoice.amount_untaxed, 1000.0)

    def test_free_ticket_has_its_line_at_zero(self):
        self.team.split_invoice_by_ticket = True
        free = self._log(self.ticket_a2, 2.0)
        self._write_off(free, 2.0)
        lines = self._product_lines(self._bill())
        self.assertEqual(lines.mapped("quantity"), [10.0, 0.0])
        self.assertEqual(lines[1].helpdesk_ticket_id, self.ticket_a2)

    def test_free_time_alone_makes_no_invoice(self):
        self._write_off(self.line_1 | self.line_2, 4.0)
        self._write_off(self.line_2, 2.0)
        self.assertEqual(self.ticket.invoice_status, "no")
        with self.assertRefused("no open time to bill"):
            self.ticket.with_user(self.salesman).action_create_invoice()

    def _text(self, invoice):
        return " ".join(self._product_lines(invoice).mapped("name"))

    # === WHO, AND WHY === #

    def test_reason_is_needed_and_noted_on_the_ticket(self):
        with self.assertRefused("Say why", ValidationError):
            self._write_off(self.line_1, 1.0, " ")
        self._write_off(self.line_1, 1.0, "Trainee")
        body = self.ticket.message_ids.sorted("id")[-1].body
        self.assertIn("3.0 of 4.0 h are billed: Trainee", body)

    def test_agent_may_not_change_hours_to_bill(self):
        with self.assertRefused("may not change the hours to bill", AccessError):
            self._write_off(self.line_1, 1.0, user=self.agent)
        line = self.line_1.with_user(self.agent)
        with self.assertRefused("may not change the hours to bill", AccessError):
            line.write({"billable_hours": 0, "billable_hours_reason": "Mine"})
        with self.assertRefused("may not change the hours to bill", AccessError):
            self._log(self.ticket, 1.0, billable_hours=0, billable_hours_reason="x")

    def test_screen_sends_along_what_nobody_changed(self):
        """An agent with sales rights, who may not write the order, corrects own time."""
        self.agent.group_ids |= self.env.ref("sales_team.group_sale_salesman")
        line = self.line_1.with_user(self.agent)
        line.write({"unit_amount": 5.0, "billable_hours": 5.0})
        self.assertEqual((line.billable_hours, line.hours_written_off), (5.0, 0.0))

    def test_absurd_hours_to_bill_are_refused(self):
        for hours in (1e300, float("nan"), float("inf")):
            values = {"billable_hours": hours, "billable_hours_reason": "x"}
            with self.subTest(hours=hours), self.assertRefused("", UserError):
                self.line_1.with_user(self.manager).write(values)

    def test_accountant_and_salesperson_of_the_order_may(self):
        self._write_off(self.line_1, 1.0, user=self.accountant)
        self.seller.group_ids |= self.env.ref(
            "hr_timesheet.group_hr_timesheet_approver"
        )
        self._write_off(self.line_1, 1.0, user=self.seller)
        self.assertEqual(self.line_1.billable_hours, 2.0)

    def test_nonsense_is_refused(self):
        for hours in (0, -1.0, 4.5, float("nan"), float("inf"), "many", None, False):
            with self.subTest(hours=hours), self.assertRefused("", UserError):
                self._write_off(self.line_1, hours)
        self.assertEqual(self.line_1.billable_hours, 4.0)

    def test_billed_time_stays(self):
        self._bill()
        with self.assertRefused("is billed on"):
            self._write_off(self.line_1, 1.0)
        with self.assertRefused("is billed on"):
            self.line_1.with_user(self.manager).billable_hours_reason = "Later"

    # === CHOSEN LINES === #

    def test_chosen_lines_are_billed_and_no_others(self):
        action = self.line_2.with_user(self.salesman).action_invoice_lines()
        invoice = self.env["account.move"].browse(action["res_id"])
        self.assertBilled(invoice, self.line_2)
        self.assertBooks(self.item, 10.0, 6.0)
        with self.assertRefused("1 of the chosen lines cannot be invoiced"):
            (self.line_1 | self.line_2).with_user(self.salesman).action_invoice_lines()

    def test_agent_may_not_invoice_chosen_lines(self):
        with self.assertRefused("may not invoice", AccessError):
            self.line_1.with_user(self.agent).action_invoice_lines()


@tagged("post_install", "-at_install")
class TestOnlyTimeFrom(InvoiceCommon):
    """Changing the item with a day leaves earlier lines where they are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new_item = cls._new_item(cls.customer_a)

    def _change(self, day="2026-02-01", item=None):
        self.ticket.with_user(self.agent).write(
            {"sale_line_id": (item or self.new_item).id, "sale_line_since": day}
        )

    def test_earlier_time_stays(self):
        self._change()
        self.assertDelivered(self.item, 4.0)
        self.assertDelivered(self.new_item, 6.0)
        self.assertIn("Item before", self.line_1.so_line_reason)

    def test_time_recorded_late_goes_to_the_item_before(self):
        self._change()
        late = self._log(self.ticket, 1.0, date=date(2026, 1, 31))
        on_day = self._log(self.ticket, 2.0, date=date(2026, 2, 1))
        self.assertEqual((late.so_line, on_day.so_line), (self.item, self.new_item))

    def test_line_that_changes_its_day_follows(self):
        self._change()
        self.line_2.with_user(self.agent).date = date(2026, 1, 20)
        self.assertEqual(self.line_2.so_line, self.item)
        self.line_1.with_user(self.agent).date = date(2026, 2, 20)
        self.assertEqual(self.line_1.so_line, self.new_item)
        self.assertDelivered(self.item, 6.0)
        self.assertDelivered(self.new_item, 4.0)

    def test_day_set_later_moves_what_is_after_it(self):
        self._change(day="2026-03-01")
        self.assertDelivered(self.new_item, 0.0)
        self.ticket.sale_line_since = "2026-02-01"
        self.assertDelivered(self.new_item, 6.0)

    def test_without_day_all_open_time_moves(self):
        self._change(day=False)
        self.assertDelivered(self.item, 0.0)
        self.assertDelivered(self.new_item, 10.0)

    def test_item_taken_off_from_a_day_on(self):
        self.ticket.write({"sale_line_id": False, "sale_line_since": "2026-02-01"})
        self.assertEqual(
            (self.line_1.so_line, bool(self.line_2.so_line)), (self.item, 0)
        )

    def test_another_customer_ends_it(self):
        self._change()
        self.ticket.partner_id = self.customer_b
        self.assertFalse(self.ticket.sale_line_since)
        self.assertDelivered(self.item, 0.0)
        self.assertDelivered(self.new_item, 0.0)
        self.assertNotEqual(self.line_1.so_line, self.item)

    def test_form_tells_what_moves(self):
        ticket = self.ticket.new(
            {"sale_line_id": self.new_item.id, "sale_line_since": date(2026, 2, 1)},
            origin=self.ticket,
        )
        self.assertIn("6.0 h unbilled move", ticket.time_move_notice)
