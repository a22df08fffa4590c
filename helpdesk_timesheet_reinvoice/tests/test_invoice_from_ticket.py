from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .invoice_common import InvoiceCommon


@tagged("post_install", "-at_install")
class TestInvoiceFromTicket(InvoiceCommon):
    """Billing tickets: their time and nothing else, as the salesperson of the order."""

    def _bill_tickets(self, tickets, *period, user=None):
        """Invoices that ``action_create_invoice`` shows."""
        tickets = tickets.with_user(user or self.seller).sudo(False)
        action = tickets.action_create_invoice(*period)
        self.assertNotIn(None, action.values())
        self.assertEqual(action["res_model"], "account.move")
        return self.env["account.move"].search(action["domain"])

    def test_one_ticket_of_two_on_an_item(self):
        other = self._log(self.ticket_a2, 3.0)
        invoice = self._bill_tickets(self.ticket)
        self.assertBilled(invoice, self.line_1, self.line_2)
        self.assertEqual(invoice.amount_untaxed, 1000.0)
        self.assertBooks(self.item, 13.0, 10.0)
        self.assertHours(self.ticket, 0.0, 10.0)
        self.assertHours(self.ticket_a2, 3.0, 0.0)
        self.assertIn("Oven is cold", self._product_lines(invoice).name)
        self.assertNotIn("Till is slow", self._product_lines(invoice).name)
        rest = self._bill()
        self.assertBilled(rest, other)
        self.assertBooks(self.item, 13.0, 13.0)

    def test_period(self):
        invoice = self._bill_tickets(self.ticket, "2026-02-01", "2026-02-28")
        self.assertBilled(invoice, self.line_2)
        self.assertEqual(invoice.amount_untaxed, 600.0)
        self.assertBooks(self.item, 10.0, 6.0)
        invoice = self._bill_tickets(self.ticket, False, date(2026, 1, 31))
        self.assertBilled(invoice, self.line_1)
        self.assertBooks(self.item, 10.0, 10.0)

    def test_bad_period(self):
        with self.assertRefused("is not a date"):
            self._bill_tickets(self.ticket, "soon")
        with self.assertRefused("Swap the dates"):
            self._bill_tickets(self.ticket, "2026-02-01", "2026-01-01")
        with self.assertRefused("no open time to bill"):
            self._bill_tickets(self.ticket, "2026-05-01", "2026-05-31")
        self.assertBooks(self.item, 10.0, 0.0)

    def test_nothing_twice(self):
        self._bill_tickets(self.ticket)
        with self.assertRefused("no open time to bill"):
            self._bill_tickets(self.ticket)
        with self.assertRaises(UserError):
            self._bill()
        self.assertBooks(self.item, 10.0, 10.0)

    def test_other_items_of_the_order_stay_as_they_are(self):
        """Goods to invoice, down payments, prepaid packs: not a ticket's business."""
        order = self._new_order(
            self.customer_a,
            (self.service, 1),
            (self.prepaid, 5),
            (self.service, 1),
            user_id=self.seller.id,
        )
        item, pack, second = order.order_line
        self.ticket.sale_line_id = item
        self.ticket_a2.sale_line_id = second
        line_3 = self._log(self.ticket_a2, 3.0)
        invoice = self._bill_tickets(self.ticket)
        self.assertEqual(self._product_lines(invoice).sale_line_ids, item)
        self.assertBooks(item, 10.0, 10.0)
        self.assertBooks(second, 3.0, 0.0)
        self.assertEqual(pack.qty_to_invoice, 5.0)
        rest = self._bill(order)
        self.assertBilled(rest, line_3)
        self.assertEqual(rest.amount_untaxed, 800.0)

    def test_time_on_a_pack_of_the_order(self):
        """A prepaid pack that is not invoiced yet is a matter of the order, though it
        covers time of the ticket."""
        order = self._new_order(
            self.customer_a,
            (self.service, 1),
            (self.prepaid, 5),
            user_id=self.seller.id,
        )
        item, pack = order.order_line
        self.ticket.sale_line_id = item
        self.line_2.with_user(self.agent).so_line = pack
        invoice = self._bill_tickets(self.ticket)
        self.assertEqual(self._product_lines(invoice).sale_line_ids, item)
        self.assertBilled(invoice, self.line_1)
        self.assertEqual(invoice.amount_untaxed, 400.0)
        self.assertEqual((pack.qty_invoiced, pack.qty_to_invoice), (0.0, 5.0))
        self.assertEqual(pack.qty_delivered, 6.0)

    def test_sections_and_notes(self):
        order = self._new_order(
            self.customer_a,
            {"display_type": "line_section", "name": "Goods"},
            {"product_id": self.prepaid.id, "product_uom_qty": 1},
            {"display_type": "line_section", "name": "Support"},
            {"product_id": self.service.id, "product_uom_qty": 1},
            {"display_type": "line_note", "name": "Thank you"},
            user_id=self.seller.id,
        )
        self.ticket.sale_line_id = order.order_line[3]
        invoice = self._bill_tickets(self.ticket)
        texts = [line.name.split("\n")[0] for line in invoice.invoice_line_ids]
        self.assertEqual(texts, ["Support", "Support", "Thank you"])
        self.assertEqual(invoice.amount_untaxed, 1000.0)

    def test_time_on_two_items(self):
        """A line set by hand on another item is the ticket's time as well."""
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        self.line_2.with_user(self.agent).so_line = other
        invoices = self._bill_tickets(self.ticket)
        self.assertEqual(len(invoices), 1, "consolidated as from the orders")
        self.assertBilled(invoices, self.line_1, self.line_2)
        self.assertBooks(self.item, 4.0, 4.0)
        self.assertBooks(other, 6.0, 6.0)

    def test_rest_of_a_lowered_draft_goes_to_the_last_invoice(self):
        """Hours that a person left out of a draft are not lost on the ticket run that
        takes the last open hours, and not billed by one that does not."""
        invoice = self._bill()
        self._set_quantities(invoice, [9.0])
        late = self._log(self.ticket, 2.0)
        other = self._log(self.ticket_a2, 3.0)
        second = self._bill_tickets(self.ticket)
        self.assertBilled(second, late)
        self.assertEqual(self._product_lines(second).quantity, 2.0)
        third = self._bill_tickets(self.ticket_a2)
        self.assertBilled(third, other)
        self.assertEqual(self._product_lines(third).quantity, 4.0)
        self.assertBooks(self.item, 15.0, 15.0)

    # === A SELECTION OF TICKETS === #

    def test_tickets_of_two_customers(self):
        line_3 = self._log(self.ticket_b, 2.0)
        invoices = self._bill_tickets(self.ticket | self.ticket_b)
        by_customer = {move.partner_id: move for move in invoices}
        self.assertEqual(len(by_customer), 2)
        self.assertBilled(by_customer[self.customer_a], self.line_1, self.line_2)
        self.assertBilled(by_customer[self.customer_b], line_3)
        self.assertBooks(self.item_b, 2.0, 2.0)

    def test_tickets_of_two_orders_of_a_customer(self):
        other = self._new_item(self.customer_a, user_id=self.seller.id)
        self.ticket_a2.sale_line_id = other
        line_3 = self._log(self.ticket_a2, 3.0)
        left_out = self._new_ticket(
            "Other", partner_id=self.customer_a.id, sale_line_id=other.id
        )
        line_4 = self._log(left_out, 1.0)
        invoice = self._bill_tickets(self.ticket | self.ticket_a2)
        self.assertEqual(len(invoice), 1)
        self.assertBilled(invoice, self.line_1, self.line_2, line_3)
        self.assertBooks(other, 4.0, 3.0)
        self.assertBilled(self._bill_tickets(left_out), line_4)

    def test_ticket_without_open_time_in_the_selection(self):
        invoice = self._bill_tickets(self.ticket | self.ticket_a2)
        self.assertBilled(invoice, self.line_1, self.line_2)

    def test_tickets_of_two_fiscal_positions(self):
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        other = self._new_item(
            self.customer_a, user_id=self.seller.id, fiscal_position_id=position.id
        )
        self.ticket_a2.sale_line_id = other
        self._log(self.ticket_a2, 3.0)
        invoices = self._bill_tickets(self.ticket | self.ticket_a2)
        self.assertEqual(len(invoices), 2)
        self.assertEqual(sum(invoices.mapped("amount_untaxed")), 1300.0)

    def test_selection_in_a_period(self):
        """One run for two customers and two currencies."""
        currency = self.env.ref("base.CHF")
        currency.active = True
        pricelist = self.env["product.pricelist"].create(
            {"name": "Swiss", "currency_id": currency.id}
        )
        swiss = self._new_item(
            self.customer_a, pricelist_id=pricelist.id, user_id=self.seller.id
        )
        self.ticket_a2.sale_line_id = swiss
        line_3 = self._log(self.ticket_a2, 1.0, date=date(2026, 1, 31))
        line_4 = self._log(self.ticket_b, 2.0, date=date(2026, 1, 1))
        self._log(self.ticket_b, 5.0, date=date(2026, 3, 1))
        tickets = self.ticket | self.ticket_a2 | self.ticket_b
        invoices = self._bill_tickets(tickets, "2026-01-01", "2026-01-31")
        held = {(move.partner_id, move.currency_id): move for move in invoices}
        self.assertEqual(len(held), 3)
        self.assertBilled(held[self.customer_a, self.order_a.currency_id], self.line_1)
        self.assertBilled(held[self.customer_a, currency], line_3)
        self.assertBilled(held[self.customer_b, self.order_b.currency_id], line_4)
        self.assertBooks(self.item, 10.0, 4.0)
        self.assertBooks(swiss, 1.0, 1.0)
        self.assertBooks(self.item_b, 7.0, 2.0)

    # === RIGHTS === #

    def test_agent_is_refused(self):
        with self.assertRefused("You may not invoice", AccessError):
            self._bill_tickets(self.ticket, user=self.agent)
        self.assertBooks(self.item, 10.0, 0.0)

    def test_ticket_of_another_salesperson_is_hidden(self):
        """Salespeople see the tickets of their own orders only."""
        with self.assertRaises(AccessError):
            self._bill_tickets(self.ticket | self.ticket_unknown)
        self.assertBooks(self.item, 10.0, 0.0)

    def test_salesperson_of_another_order_is_refused(self):
        stranger = self._new_user(
            "hd_other_sales", "sales_team.group_sale_salesman", name="Olga Other"
        )
        stranger.group_ids |= self.env.ref("helpdesk_base.group_helpdesk_manager")
        with self.assertRefused(self.order_a.name, AccessError):
            self._bill_tickets(self.ticket, user=stranger)
        self.assertBooks(self.item, 10.0, 0.0)

    def test_accountant_with_the_desk(self):
        self.accountant.group_ids |= self.env.ref(
            "helpdesk_base.group_helpdesk_manager"
        )
        invoice = self._bill_tickets(self.ticket, user=self.accountant)
        self.assertBilled(invoice, self.line_1, self.line_2)

    def test_invoices_of_the_ticket(self):
        first = self._bill_tickets(self.ticket, False, "2026-01-31")
        second = self._bill_tickets(self.ticket)
        ticket = self.ticket.with_user(self.seller)
        self.assertEqual(ticket.invoice_count, 2)
        self.assertEqual(ticket.invoice_ids, first | second)
        action = ticket.action_view_invoices()
        self.assertEqual(
            self.env["account.move"].search(action["domain"]), first | second
        )
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.agent).read(["invoice_ids"])

    def test_items_are_left_with_their_true_quantity(self):
        """The narrowing to some tickets lives in the run only."""
        with self.assertRefused("no open time"):
            self._bill_tickets(self.ticket_a2)
        self.assertBooks(self.item, 10.0, 0.0)
        self._log(self.ticket_a2, 3.0)
        self._bill_tickets(self.ticket_a2)
        self.assertBooks(self.item, 13.0, 3.0)
        self.assertEqual(self.item.invoice_status, "to invoice")
        self._log(self.ticket, 1.0)
        self.assertBooks(self.item, 14.0, 3.0)

    def test_correction_on_another_ticket(self):
        """Never more than what is left of all: the correction goes along, and the
        invoice says so."""
        fix = self._log(self.ticket_a2, -2.0)
        invoice = self._bill_tickets(self.ticket)
        self.assertBilled(invoice, self.line_1, self.line_2, fix)
        line = self._product_lines(invoice)
        self.assertEqual(line.quantity, 8.0)
        self.assertIn("10.00 h", line.name)
        self.assertIn("-2.00 h", line.name)
        self.assertBooks(self.item, 8.0, 8.0)

    def test_correction_that_other_time_covers(self):
        """It stays open with the time it corrects."""
        fix = self._log(self.ticket_a2, -2.0)
        other = self._log(self.ticket_a2, 5.0)
        invoice = self._bill_tickets(self.ticket)
        self.assertBilled(invoice, self.line_1, self.line_2)
        self.assertBooks(self.item, 13.0, 10.0)
        rest = self._bill()
        self.assertBilled(rest, fix, other)
        self.assertBooks(self.item, 13.0, 13.0)

    def test_several_people_on_a_ticket(self):
        line_3 = self._log(self.ticket, 1.0, user=self.agent_2)
        rate = self._new_item(self.customer_a, user_id=self.seller.id)
        self.project.sale_line_employee_ids = [
            Command.create({"employee_id": self.employee_2.id, "sale_line_id": rate.id})
        ]
        self.assertEqual(line_3.so_line, rate)
        invoice = self._bill_tickets(self.ticket)
        self.assertBilled(invoice, self.line_1, self.line_2, line_3)
        self.assertBooks(rate, 1.0, 1.0)

    # --- figures

    def test_figures_follow_within_a_request(self):
        """Who calls one method after the other reads what is true by now."""
        ticket = self.ticket.with_user(self.seller)
        order, hours = self.order_a.with_user(self.seller), 10.0
        self.assertEqual(ticket.invoice_status, "to invoice")
        self.assertEqual(order.ticket_hours_to_invoice, hours)
        project = self.project.with_user(self.agent)
        count = project.ticket_count
        invoice = self.env["account.move"].browse(
            ticket.action_create_invoice()["res_id"]
        )
        self.assertEqual(
            (ticket.hours_invoiced, ticket.invoice_status), (10.0, "invoiced")
        )
        self.assertEqual(order.ticket_hours_invoiced, hours)
        self.assertEqual(invoice.sudo().ticket_count, 1)
        invoice.sudo().button_cancel()
        self.assertEqual(
            (ticket.hours_invoiced, ticket.invoice_status), (0.0, "to invoice")
        )
        self.assertEqual(order.ticket_hours_to_invoice, hours)
        self.ticket.copy({"project_id": project.id})
        self.assertEqual(project.ticket_count, count + 1)
