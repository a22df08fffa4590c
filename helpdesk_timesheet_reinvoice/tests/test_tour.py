from odoo.tests import tagged

from odoo.addons.helpdesk_base.tests.common import TourCase

from .common import ReinvoiceCommon


@tagged("post_install", "-at_install")
class TestTour(ReinvoiceCommon, TourCase):
    """The page of the documentation, clicked by the people who do each part of it;
    console errors fail the tour."""

    browser_size = "1366,900"

    def test_configuration(self):
        """A helpdesk administrator needs no project rights to set a team up."""
        team = self._new_team("Postpaid", self.stage_new | self.stage_done, self.agent)
        self.start_tour(
            "/odoo/helpdesk",
            "helpdesk_reinvoice_manager_tour",
            login=self.manager.login,
        )
        self.assertTrue(team.use_helpdesk_sale_timesheet)
        self.assertTrue(team.project_id.allow_billable)

    def test_agent_records_and_links(self):
        self.ticket.sale_line_id = False
        self.start_tour(
            "/odoo", "helpdesk_reinvoice_agent_tour", login=self.agent.login
        )
        line = self.ticket.timesheet_ids
        self.assertEqual(line.unit_amount, 2.5)
        self.assertEqual(line.so_line, self.item_a)
        self.assertDelivered(self.item_a, 2.5)

    def test_salesperson_sells(self):
        self._new_service("Support on call", "delivered_timesheet")
        self.start_tour(
            "/odoo", "helpdesk_reinvoice_sell_tour", login=self.salesman.login
        )
        order = self.env["sale.order"].search(
            [("partner_id", "=", self.customer_b.id)], limit=1
        )
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.order_line.product_id.name, "Support on call")

    def test_salesperson_invoices(self):
        self.ticket.sale_line_id = self.item_a
        line = self._log(self.ticket, 2.5)
        self.start_tour(
            f"/odoo/all-tickets/{self.ticket.id}",
            "helpdesk_reinvoice_invoice_tour",
            login=self.salesman.login,
        )
        invoice = line.timesheet_invoice_id
        self.assertEqual(invoice.invoice_line_ids.quantity, 2.5)
        self.assertEqual(invoice.amount_untaxed, 250.0)


@tagged("post_install", "-at_install")
class TestTourPhone(ReinvoiceCommon, TourCase):
    """What an agent does on the road."""

    browser_size = "390,844"
    touch_enabled = True

    def test_agent_records(self):
        self.ticket.sale_line_id = self.item_a
        self.start_tour(
            f"/odoo/all-tickets/{self.ticket.id}",
            "helpdesk_reinvoice_agent_phone_tour",
            login=self.agent.login,
        )
        line = self.ticket.timesheet_ids
        self.assertEqual(line.unit_amount, 0.75)
        self.assertEqual(line.so_line, self.item_a)
