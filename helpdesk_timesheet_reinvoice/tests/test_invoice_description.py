import re

from odoo.tests import tagged

from .invoice_common import InvoiceCommon


@tagged("post_install", "-at_install")
class TestInvoiceDescription(InvoiceCommon):
    """What the customer reads: which tickets, how many hours."""

    def test_tickets_and_hours(self):
        self._log(self.ticket_a2, 2.5)
        name = self._product_lines(self._bill()).name
        self.assertIn("Support", name)
        for ticket, hours in ((self.ticket, "10.00 h"), (self.ticket_a2, "2.50 h")):
            self.assertIn(f"Ticket {ticket.display_name}: {hours}", name)

    def test_in_the_language_of_the_customer(self):
        """Words and numbers as the customer writes them, also for a team's split."""
        self.env["res.lang"]._activate_lang("de_DE")
        self.service.with_context(lang="de_DE").name = "Betreuung"
        self.customer_a.lang = "de_DE"
        item = self._new_item(self.customer_a, user_id=self.seller.id)
        self.ticket_a2.sale_line_id = item
        self._log(self.ticket_a2, 2.5)
        invoice = self._bill(item.order_id)
        name = self._product_lines(invoice).name
        self.assertIn("2,50 Std.", name)
        self.assertIn("Betreuung", name)
        self.assertEqual(invoice.env.lang or "en_US", self.env.lang or "en_US")
        invoice.unlink()
        self.team.split_invoice_by_ticket = True
        self.assertIn("2,50 Std.", self._product_lines(self._bill(item.order_id)).name)

    def test_text_follows_the_quantity_in_that_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.customer_a.lang = "de_DE"
        item = self._new_item(self.customer_a, user_id=self.seller.id)
        self.ticket_a2.sale_line_id = item
        self._log(self.ticket_a2, 2.5)
        self._log(self.ticket_a2, 1.0)
        invoice = self._bill(item.order_id)
        self.assertIn("3,50 Std.", self._product_lines(invoice).name)
        self._set_quantities(invoice, [2.5])
        self.assertIn("2,50 Std.", self._product_lines(invoice).name)

    def test_printed_hours_add_up_to_the_quantity(self):
        """Three times twenty minutes are one hour, also where each is rounded, and a
        line says the hours that it bills; taking time off changes the text."""
        item = self._new_item(self.customer_a, user_id=self.seller.id)
        tickets = self.ticket.browse()
        for number in range(3):
            tickets |= self.ticket.copy({"name": f"T{number}"})
        tickets.sale_line_id = item
        lines = [self._log(ticket, 20 / 60) for ticket in tickets]
        for split in (False, True):
            self.team.split_invoice_by_ticket = split
            invoice = self._bill(item.order_id)
            billed = self._product_lines(invoice)
            self.assertEqual(sum(billed.mapped("quantity")), 1.0)
            printed = 0.0
            for line in billed:
                found = re.findall(r": (\d+\.\d\d) h", line.name)
                own = sum(map(float, found))
                self.assertAlmostEqual(own, line.quantity, 4, line.name)
                printed += own
            self.assertAlmostEqual(printed, 1.0, 4)
            lines[0].with_user(self.seller).sudo().action_remove_from_invoice()
            left = self._product_lines(invoice).filtered("quantity")
            text = "".join(left.mapped("name"))
            found = re.findall(r": (\d+\.\d\d) h", text)
            self.assertAlmostEqual(
                sum(map(float, found)), sum(left.mapped("quantity")), 4, text
            )
            invoice.unlink()

    def test_many_tickets_are_summed_up(self):
        tickets = self.env["helpdesk.ticket"].create(
            [
                {
                    "name": f"Small {number}",
                    "team_id": self.team.id,
                    "partner_id": self.customer_a.id,
                    "sale_line_id": self.item.id,
                }
                for number in range(45)
            ]
        )
        for ticket in tickets:
            self._log(ticket, 0.5)
        name = self._product_lines(self._bill()).name
        self.assertIn("6 more tickets: 3.00 h", name)
        self.assertLess(name.count("\n"), 45)

    def test_no_tickets_no_text(self):
        order = self._new_order(
            self.customer_a, (self.prepaid, 3), user_id=self.seller.id
        )
        self.assertNotIn("Ticket", self._product_lines(self._bill(order)).name)

    def test_work_report_shows_the_ticket(self):
        """The timesheet report of the invoice names the ticket of each line."""
        self._log(self.ticket_a2, 2.0)
        invoice = self._bill()
        html, _format = (
            self.env["ir.actions.report"]
            .with_user(self.accountant)
            ._render_qweb_html(
                "sale_timesheet.report_timesheet_account_move", invoice.ids
            )
        )
        text = html.decode()
        self.assertIn(self.ticket.name, text)
        self.assertIn(self.ticket_a2.name, text)
