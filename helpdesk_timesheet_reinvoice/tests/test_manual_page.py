from odoo.tests import Form, tagged

from .common import ReinvoiceCommon


@tagged("post_install", "-at_install")
class TestManualPage(ReinvoiceCommon):
    """The way from the team's settings to the invoice, step by step."""

    def test_from_settings_to_invoice(self):
        team = self.env["helpdesk.team"].with_user(self.manager)
        team = team.create({"name": "Postpaid"})
        with Form(team) as form:
            form.use_helpdesk_timesheet = True
            form.use_helpdesk_sale_timesheet = True
        self.assertTrue(team.project_id.allow_timesheets)
        self.assertTrue(team.project_id.allow_billable)

        Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        ticket = Ticket.create({"name": "Printer", "team_id": team.id})
        order = self._new_order(self.customer_a, (self.service, 1), confirm=False)
        order.with_user(self.salesman).action_confirm()
        item = order.order_line
        line = self._log(ticket, 3.5)
        self.assertFalse(line.so_line)

        with Form(ticket) as form:
            form.partner_id = self.contact_a
            form.sale_line_id = item
        self.assertEqual(line.so_line, item)
        self.assertEqual(line.partner_id, self.contact_a)
        self.assertDelivered(item, 3.5)
        self.assertEqual(ticket.with_user(self.agent).total_hours_spent, 3.5)

        action = ticket.with_user(self.salesman).action_view_sale_order()
        self.assertEqual(action["res_id"], order.id)
        invoice = self._invoice(order)
        self.assertEqual(invoice.invoice_line_ids.quantity, 3.5)
        self.assertEqual(invoice.amount_untaxed, 350.0)
        invoice.action_post()
        self.assertEqual(line.timesheet_invoice_id, invoice)
        self.assertEqual(ticket.sudo().hours_invoiced, 3.5)
        self.assertEqual(ticket.sudo().invoice_status, "invoiced")
        self.assertIn("Printer", invoice.invoice_line_ids.name)
