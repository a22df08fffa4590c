from odoo import fields
from odoo.tests import Form, tagged

from .rule_common import RuleCommon


@tagged("post_install", "-at_install")
class TestUnits(RuleCommon):
    """Hours of tickets in the unit of the item, for every invoicing policy."""

    def _use(self, product=None, quantity=10.0, unit=None, **values):
        """Bill the ticket on a new item of its customer."""
        line = {
            "product_id": (product or self.service).id,
            "product_uom_qty": quantity,
            "product_uom_id": (unit or self.hour).id,
            **values,
        }
        item = self._new_order(self.customer_a, line).order_line
        self.ticket.with_user(self.agent).sale_line_id = item
        return item

    # --- units

    def test_hours_stay_hours_when_people_encode_days(self):
        self.company.timesheet_encode_uom_id = self.day
        line = self._log(self.ticket, 8.0)
        self.assertEqual(line.unit_amount, 8.0)
        self.assertEqual(line.product_uom_id, self.hour)
        self.assertDelivered(self.item_a, 8.0)
        self.assertEqual(self.ticket.total_hours_spent, 8.0)

    def test_sixteen_hours_are_two_days(self):
        item = self._use(unit=self.day)
        self._log(self.ticket, 9.0)
        self._log(self.ticket, 7.0, user=self.agent_2)
        self.assertDelivered(item, 2.0)

    def test_a_day_is_as_long_as_its_unit_says(self):
        self.day.relative_factor = 7.5
        item = self._use(unit=self.day)
        self._log(self.ticket, 15.0)
        self.assertDelivered(item, 2.0)
        self._log(self.ticket, -18.75)
        self.assertDelivered(item, -0.5)

    def test_hours_are_added_up_before_they_are_converted(self):
        """Three times twenty minutes are one hour, not 0.99."""
        item = self._use()
        for _index in range(3):
            self._log(self.ticket, 1 / 3)
        self.assertDelivered(item, 1.0)
        days = self._use(unit=self.day)
        self.assertDelivered(days, 0.13)

    def test_many_small_lines_do_not_drift(self):
        item = self._use(unit=self.day)
        self.env["account.analytic.line"].with_user(self.agent).create(
            [
                {
                    "helpdesk_ticket_id": self.ticket.id,
                    "unit_amount": 0.1,
                    "name": "Call",
                }
                for _index in range(80)
            ]
        )
        self.assertDelivered(item, 1.0)
        invoice = self._invoice(item.order_id)
        self.assertEqual(invoice.invoice_line_ids.quantity, 1.0)
        self.assertEqual(item.qty_to_invoice, 0.0)

    def test_plain_units_count_one_for_one_with_hours(self):
        item = self._use(unit=self.unit)
        self._log(self.ticket, 2.5)
        self.assertDelivered(item, 2.5)

    def test_pack_in_units_shows_no_remaining_time(self):
        product = self._new_service("Card", "ordered_prepaid", uom=self.unit)
        self._use(product, unit=self.unit)
        ticket = self.ticket.with_user(self.agent)
        self.assertFalse(ticket.remaining_hours_available)
        self.assertEqual(ticket.sale_line_policy, "ordered_prepaid")

    # --- units that change

    def test_item_that_gets_another_unit_is_counted_in_it(self):
        """An order that goes back to quotation may be confirmed in days."""
        self._log(self.ticket, 16.0)
        self.assertDelivered(self.item_a, 16.0)
        order = self.order_a.with_user(self.salesman)
        order._action_cancel()
        order.action_draft()
        order.order_line.product_uom_id = self.day
        order.order_line.price_unit = 800.0
        order.action_confirm()
        self.assertDelivered(self.item_a, 2.0)
        self.assertEqual(self._invoice(self.order_a).amount_untaxed, 1600.0)

    def test_invoiced_quantity_is_counted_in_the_new_unit(self):
        self._bill(self._log(self.ticket, 8.0))
        self._log(self.ticket, 8.0)
        self.assertDelivered(self.item_a, 16.0)
        item = self.item_a.with_user(self.salesman)
        item.product_uom_id = self.day
        self.assertDelivered(self.item_a, 2.0)
        self.assertEqual(self.item_a.qty_invoiced, 1.0)
        self.assertEqual(self.item_a.qty_to_invoice, 1.0)

    def test_unit_that_is_no_time_is_refused_once_tickets_use_the_item(self):
        kilo = self.env.ref("uom.product_uom_kgm")
        item = self.item_a.with_user(self.salesman)
        (self.ticket | self.ticket_a2).active = False
        with self._refused("hours, days or units"):
            item.product_uom_id = kilo
        self._log(self.ticket, 2.0, so_line=self.item_a.id, is_so_line_edited=True)
        (self.ticket | self.ticket_a2).sale_line_id = False
        with self._refused("hours, days or units"):
            item.product_uom_id = kilo
        self.assertDelivered(self.item_a, 2.0)
        free = self._new_item(self.customer_a).with_user(self.salesman)
        free.product_uom_id = kilo
        self.assertEqual(free.product_uom_id, kilo)

    # --- prepaid

    def test_overdrawn_pack_shows_minus_two_hours(self):
        item = self._use(self.prepaid, quantity=20.0)
        self._log(self.ticket, 22.0)
        self.assertDelivered(item, 22.0)
        ticket = self.ticket.with_user(self.agent)
        self.assertTrue(ticket.remaining_hours_available)
        self.assertEqual(ticket.remaining_hours_so, -2.0)
        found = ticket.search([("remaining_hours_so", "<", 0)])
        self.assertEqual(found, ticket)

    def test_pack_in_days_shows_remaining_hours_unrounded(self):
        item = self._use(self.prepaid, quantity=2.0, unit=self.day)
        self._log(self.ticket, 4.0)
        self.assertDelivered(item, 0.5)
        self.assertEqual(self.ticket.remaining_hours_so, 12.0)

    def test_form_shows_remaining_time_before_saving(self):
        self._use(self.prepaid, quantity=10.0)
        self._log(self.ticket, 2.0)
        form = Form(self.ticket.with_user(self.agent))
        self.assertEqual(form.remaining_hours_so, 8.0)
        with form.timesheet_ids.new() as line:
            line.unit_amount = 3.0
        self.assertEqual(form.remaining_hours_so, 5.0)
        form.save()
        self.assertEqual(self.ticket.remaining_hours_so, 5.0)

    def test_prepaid_is_invoiced_as_ordered_and_time_stays_editable(self):
        item = self._use(self.prepaid, quantity=20.0)
        line = self._log(self.ticket, 5.0)
        invoice = self._invoice(item.order_id)
        invoice.action_post()
        self.assertEqual(invoice.invoice_line_ids.quantity, 20.0)
        self.assertFalse(line.timesheet_invoice_id)
        line.with_user(self.agent).unit_amount = 6.0
        self.assertDelivered(item, 6.0)
        self.assertEqual(self.ticket.hours_covered, 6.0)
        self.assertEqual(self.ticket.hours_to_invoice, 0.0)
        self.assertEqual(self.ticket.invoice_status, "no")

    # --- post-paid

    def test_post_paid_has_nothing_to_invoice_until_time_exists(self):
        item = self._use(quantity=10.0)
        self.assertEqual(item.qty_to_invoice, 0.0)
        with self._refused("nothing to invoice|Cannot create an invoice"):
            self._invoice(item.order_id)

    def test_time_beyond_the_ordered_quantity_is_billed(self):
        item = self._use(quantity=2.0)
        self._log(self.ticket, 5.0)
        invoice = self._invoice(item.order_id)
        self.assertEqual(invoice.amount_untaxed, 500.0)

    # --- milestones and manual quantities

    def test_milestones_and_manual_items_are_not_delivered_by_hours(self):
        for product, policy in (
            (self.milestones, "delivered_milestones"),
            (self.manual, "delivered_manual"),
        ):
            item = self._use(product)
            line = self._log(self.ticket, 3.0)
            self.assertEqual(line.so_line, item)
            self.assertDelivered(item, 0.0)
            ticket = self.ticket.with_user(self.agent)
            self.assertEqual(ticket.sale_line_policy, policy)
            self.assertEqual(ticket.hours_covered, ticket.total_hours_spent)
            self.assertEqual(ticket.invoice_status, "no")

    # --- negative time

    def test_negative_correction_is_billable_time(self):
        self._log(self.ticket, 5.0)
        line = self._log(self.ticket, -2.0)
        self.assertEqual(line.timesheet_invoice_type, "billable_time")
        self.assertDelivered(self.item_a, 3.0)
        invoice = self._invoice(self.order_a)
        self.assertEqual(invoice.amount_untaxed, 300.0)
        self.assertEqual(line.timesheet_invoice_id, invoice)

    def test_correction_after_the_invoice_lowers_the_next_one(self):
        self._bill(self._log(self.ticket, 5.0))
        self._log(self.ticket, -2.0)
        self.assertDelivered(self.item_a, 3.0)
        self.assertEqual(self.ticket.hours_to_invoice, -2.0)
        self._log(self.ticket, 6.0)
        invoice = self._invoice(self.order_a)
        self.assertEqual(invoice.invoice_line_ids.quantity, 4.0)
        self.assertEqual(self.ticket.hours_to_invoice, 0.0)

    # --- durations

    def test_durations_that_are_no_duration_are_refused(self):
        for value in (float("nan"), float("inf"), float("-inf"), 1e12, "much", [1]):
            with self._refused("hours|number"):
                self._log(self.ticket, value)
        line = self._log(self.ticket, 1.0)
        for value in (float("nan"), float("inf"), 1e12):
            with self._refused("hours|number"):
                line.with_user(self.agent).write({"unit_amount": value})
        self.assertDelivered(self.item_a, 1.0)

    def test_malformed_ticket_in_the_context(self):
        Line = self.env["account.analytic.line"].with_user(self.agent)
        for value in ("abc", [1], 1.5, 2**40):
            with self._refused("Ticket|ticket"):
                Line.with_context(default_helpdesk_ticket_id=value).create(
                    {"name": "Work", "unit_amount": 1.0}
                )

    def test_more_than_a_day_on_one_line_is_accepted(self):
        """It may sum up several days; the screen shows it in red."""
        self._log(self.ticket, 30.0)
        self.assertDelivered(self.item_a, 30.0)

    def test_sums_of_order_and_ticket_agree(self):
        self._log(self.ticket, 1.25)
        self._log(self.ticket, 2.5, so_line=False)
        self._bill(self._log(self.ticket_a2, 4.0, date=fields.Date.today()))
        self._log(self.ticket, 0.75)
        self.assertEqual(self.ticket.hours_non_billable, 2.5)
        self.assertEqual(self.ticket.hours_to_invoice, 0.75)
        self.assertEqual(self.order_a.ticket_hours_invoiced, 5.25)
        self.assertEqual(self.order_a.ticket_hours_to_invoice, 0.75)
        self.assertEqual(self.order_a.ticket_hours_non_billable, 2.5)
        self.assertDelivered(self.item_a, 6.0)
