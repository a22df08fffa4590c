from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .invoice_common import InvoiceCommon


@tagged("post_install", "-at_install")
class TestInvoicing(InvoiceCommon):
    """Which hours an invoice takes, and what it bills for them."""

    # === QUANTITIES === #

    def test_delivered_above_ordered_is_billed(self):
        self.item.product_uom_qty = 1.0
        invoice = self._bill()
        self.assertEqual(invoice.amount_untaxed, 1000.0)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_nothing_to_invoice_before_there_is_time(self):
        item = self._new_item(self.customer_a, user_id=self.seller.id)
        self.assertBooks(item, 0.0, 0.0)
        with self.assertRaises(UserError):
            self._bill(item.order_id)

    def test_days(self):
        """Ten hours on an item sold by the day are 1.25 days, billed as such."""
        service = self._new_service("Days", "delivered_timesheet", self.day, 800.0)
        item = self._new_item(self.customer_a, service, user_id=self.seller.id)
        self.ticket.sale_line_id = item
        january = self._bill(item.order_id, end=date(2026, 1, 31))
        self.assertEqual(self._product_lines(january).quantity, 0.5)
        self.assertEqual(january.amount_untaxed, 400.0)
        rest = self._bill(item.order_id)
        self.assertEqual(self._product_lines(rest).quantity, 0.75)
        self.assertBooks(item, 1.25, 1.25)

    def test_rounding_ends_at_zero(self):
        """Three invoices of 20 minutes bill one hour together: 0.33, 0.33, 0.34."""
        self._bill()
        for day in (2, 3, 4):
            self._log(self.ticket, 1 / 3, date=date(2026, 3, day))
        quantities = [
            self._product_lines(
                self._bill(start=date(2026, 3, day), end=date(2026, 3, day))
            ).quantity
            for day in (2, 3, 4)
        ]
        self.assertEqual(quantities, [0.33, 0.33, 0.34])
        self.assertBooks(self.item, 11.0, 11.0)
        with self.assertRaises(UserError):
            self._bill()

    def test_rounding_in_days_ends_at_zero(self):
        service = self._new_service("Days", "delivered_timesheet", self.day, 800.0)
        item = self._new_item(self.customer_a, service, user_id=self.seller.id)
        self.ticket_a2.sale_line_id = item
        for day in (2, 3, 4):
            self._log(self.ticket_a2, 1.0, date=date(2026, 3, day))
        billed = sum(
            self._product_lines(
                self._bill(
                    item.order_id, start=date(2026, 3, day), end=date(2026, 3, day)
                )
            ).quantity
            for day in (2, 3, 4)
        )
        self.assertAlmostEqual(billed, 0.38, 6)
        self.assertBooks(item, 0.38, 0.38)

    def test_hours_without_duration_stay_free(self):
        """A running timer bills nothing, and nothing locks it."""
        timer = self._log(self.ticket, 0.0)
        invoice = self._bill()
        self.assertBilled(invoice, self.line_1, self.line_2)
        timer.with_user(self.agent).unit_amount = 1.5
        self.assertBooks(self.item, 11.5, 10.0)
        self.assertBilled(self._bill(), timer)
        self.assertBooks(self.item, 11.5, 11.5)

    def test_correction_below_zero_on_the_same_invoice(self):
        fix = self._log(self.ticket, -2.0)
        invoice = self._bill()
        self.assertBilled(invoice, self.line_1, self.line_2, fix)
        self.assertEqual(invoice.amount_untaxed, 800.0)
        self.assertBooks(self.item, 8.0, 8.0)

    # === OTHER POLICIES === #

    def test_prepaid_time_gets_no_link_and_stays_editable(self):
        item = self._new_item(
            self.customer_a, self.prepaid, 20.0, user_id=self.seller.id
        )
        self.ticket.sale_line_id = item
        invoice = self._post(self._bill(item.order_id))
        self.assertEqual(self._product_lines(invoice).quantity, 20.0)
        self.assertBilled(invoice)
        self.line_1.with_user(self.agent).unit_amount = 5.0
        self.assertDelivered(item, 11.0)
        self.assertEqual(item.remaining_hours, 9.0)
        self.assertHours(self.ticket, 0.0, 0.0)
        self.assertEqual(self.ticket.hours_covered, 11.0)

    def test_milestones_and_manual_are_not_delivered_by_time(self):
        for product in (self.milestones, self.manual):
            item = self._new_item(self.customer_a, product, user_id=self.seller.id)
            self.ticket.sale_line_id = item
            self.assertDelivered(item, 0.0)
            with self.assertRaises(UserError):
                self._bill(item.order_id)
            self.assertEqual(self.ticket.hours_covered, 10.0)

    # === PRICES, TAXES, CURRENCIES === #

    def test_discount_taxes_and_fiscal_position_of_the_order(self):
        taxes = self.env["account.tax"].create(
            [
                {"name": f"{rate} %", "amount": rate, "type_tax_use": "sale"}
                for rate in (21.0, 0.0)
            ]
        )
        position = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "tax_ids": [Command.link(taxes[1].id)]}
        )
        taxes[1].original_tax_ids = taxes[0]
        self.service.taxes_id = taxes[0]
        order = self._new_order(
            self.customer_a,
            {"product_id": self.service.id, "discount": 10.0},
            user_id=self.seller.id,
            fiscal_position_id=position.id,
        )
        self.ticket.sale_line_id = order.order_line
        invoice = self._bill(order)
        self.assertEqual(invoice.fiscal_position_id, position)
        self.assertEqual(invoice.amount_untaxed, 900.0)
        self.assertEqual(invoice.amount_total, 900.0)
        self.assertEqual(self._product_lines(invoice).tax_ids, taxes[1])
        self.assertBooks(order.order_line, 10.0, 10.0)

    def test_order_in_another_currency(self):
        currency = self.env.ref("base.CHF")
        currency.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "rate": 2.0, "name": "2020-01-01"}
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Swiss", "currency_id": currency.id}
        )
        item = self._new_item(
            self.customer_a, pricelist_id=pricelist.id, user_id=self.seller.id
        )
        self.ticket.sale_line_id = item
        invoice = self._bill(item.order_id)
        self.assertEqual(invoice.currency_id, currency)
        self.assertEqual(invoice.amount_untaxed, 2000.0)
        self.assertBooks(item, 10.0, 10.0)
        with self.assertRaises(UserError):
            self._bill(item.order_id)

    def test_locked_order(self):
        self.order_a.action_lock()
        late = self._log(self.ticket, 1.0)
        invoice = self._bill()
        self.assertBilled(invoice, self.line_1, self.line_2, late)
        self.assertBooks(self.item, 11.0, 11.0)

    def test_item_with_time_cannot_be_deleted(self):
        with self.assertRaises(UserError):
            self.item.with_user(self.seller).unlink()
        self.assertBooks(self.item, 10.0, 0.0)

    # === DOWN PAYMENTS === #

    def test_down_payment_is_deducted_once(self):
        wizard = self.env["sale.advance.payment.inv"].with_user(self.seller)
        wizard = wizard.create(
            {
                "sale_order_ids": [Command.set(self.order_a.ids)],
                "advance_payment_method": "fixed",
                "fixed_amount": 300.0,
            }
        )
        down = wizard._create_invoices(self.order_a.with_user(self.seller)).sudo()
        self.assertBilled(down)
        self._post(down)
        final = self._bill()
        self.assertEqual(final.amount_untaxed, 700.0)
        self.assertBilled(final, self.line_1, self.line_2)
        self.assertBooks(self.item, 10.0, 10.0)
        self._post(final)
        late = self._log(self.ticket, 1.0)
        last = self._bill()
        self.assertEqual(last.amount_untaxed, 100.0)
        self.assertBilled(last, late)

    # === SEVERAL ORDERS === #

    def test_two_orders_on_one_invoice(self):
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        self.ticket_a2.sale_line_id = other
        line_3 = self._log(self.ticket_a2, 3.0)
        invoice = self._bill(self.order_a | other.order_id)
        self.assertEqual(len(invoice), 1)
        self.assertBilled(invoice, self.line_1, self.line_2, line_3)
        quantities = {
            line.sale_line_ids: line.quantity for line in self._product_lines(invoice)
        }
        self.assertEqual(quantities, {self.item: 10.0, other: 3.0})
        self.assertBooks(self.item, 10.0, 10.0)
        self.assertBooks(other, 3.0, 3.0)

    def test_two_orders_not_consolidated(self):
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        self.ticket_a2.sale_line_id = other
        line_3 = self._log(self.ticket_a2, 3.0)
        invoices = self._bill(self.order_a | other.order_id, consolidated_billing=False)
        self.assertEqual(len(invoices), 2)
        for invoice in invoices:
            if invoice.invoice_line_ids.sale_line_ids == other:
                self.assertBilled(invoice, line_3)
            else:
                self.assertBilled(invoice, self.line_1, self.line_2)

    def test_credit_of_parts_of_two_orders(self):
        """Two orders on one invoice, one in days: each credit concerns its own item."""
        service = self._new_service("Days", "delivered_timesheet", self.day, 800.0)
        other = self._new_item(self.customer_a, service, user_id=self.seller.id)
        self.ticket_a2.sale_line_id = other
        half, whole = (self._log(self.ticket_a2, hours) for hours in (4.0, 8.0))
        second = self._post(self._bill(self.order_a | other.order_id))
        self.assertEqual(len(second), 1)
        self._credit(
            second,
            [
                0.5 if line.sale_line_ids == other else False
                for line in self._product_lines(second)
            ],
        )
        self.assertBilled(second, self.line_1, self.line_2, whole)
        self.assertBooks(other, 1.5, 1.0)
        note = self._credit(
            second,
            [
                1.0 if line.sale_line_ids == other else False
                for line in self._product_lines(second)
            ],
        )
        self.assertBilled(second, self.line_1, self.line_2)
        note.with_user(self.accountant).button_draft()
        note.with_user(self.accountant).with_context(force_delete=True).unlink()
        self.assertBilled(second, self.line_1, self.line_2, whole)
        self.assertBilled(self._bill(other.order_id), half)
        self.assertBooks(other, 1.5, 1.5)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_two_customers(self):
        line_3 = self._log(self.ticket_b, 2.0)
        invoices = self._bill(self.order_a | self.order_b)
        by_customer = {move.partner_id: move for move in invoices}
        self.assertBilled(by_customer[self.customer_a], self.line_1, self.line_2)
        self.assertBilled(by_customer[self.customer_b], line_3)

    def test_invoicing_many_orders_is_done_at_once(self):
        """What one more order costs on top of stock's own cost per invoice: nothing
        of ours is read order by order."""
        orders = self.env["sale.order"]
        for _number in range(12):
            item = self._new_item(self.customer_a, user_id=self.seller.id)
            ticket = self._new_ticket(
                "Many", partner_id=self.customer_a.id, sale_line_id=item.id
            )
            self._log(ticket, 1.0)
            self._log(ticket, 2.0)
            orders |= item.order_id

        def bill(chosen):
            self._bill(chosen, consolidated_billing=False)

        bill(orders[:1])
        small = self._count_queries(bill, orders[1:4])
        large = self._count_queries(bill, orders[4:12])
        self.assertLessEqual((large - small) / 5, 21, "queries for each more order")

    # === RIGHTS === #

    def test_who_may_not_invoice(self):
        with self.assertRaises(AccessError):
            self._invoice(self.order_a, self.agent)
        stranger = self._new_user(
            "hd_other_sales", "sales_team.group_sale_salesman", name="Olga Other"
        )
        with self.assertRaises(AccessError):
            self._invoice(self.order_a, stranger)
        self.assertBooks(self.item, 10.0, 0.0)

    def test_accountant_invoices_and_posts(self):
        """Accountants have no wizard on orders; they bill the tickets they see."""
        self.accountant.group_ids |= self.env.ref(
            "helpdesk_base.group_helpdesk_manager"
        )
        ticket = self.ticket.with_user(self.accountant).sudo(False)
        action = ticket.action_create_invoice()
        invoice = self._post(self.env["account.move"].browse(action["res_id"]))
        self.assertEqual(invoice.state, "posted")
        self.assertBilled(invoice, self.line_1, self.line_2)

    def test_invoice_of_a_colleague_counts(self):
        """Sam does not see the invoice that belongs to Sally; it counts all the same,
        or its hours would be billed twice."""
        first = self._post(self._bill())
        first.invoice_user_id = self.salesman
        late = self._log(self.ticket, 2.0)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(first.with_user(self.seller).sudo(False).has_access("read"))
        second = self._bill()
        self.assertBilled(second, late)
        self.assertBooks(self.item, 12.0, 12.0)
        with self.assertRaises(UserError):
            self._bill()

    def test_tickets_of_an_invoice(self):
        self._log(self.ticket_a2, 3.0)
        invoice = self._bill()
        self.assertEqual(invoice.ticket_count, 2)
        action = invoice.with_user(self.seller).action_view_tickets()
        found = self.env["helpdesk.ticket"].search(action["domain"])
        self.assertEqual(found, self.ticket | self.ticket_a2)
