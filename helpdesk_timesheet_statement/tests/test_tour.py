from odoo.tests import tagged

from odoo.addons.helpdesk_base.tests.common import TourCase
from odoo.addons.helpdesk_timesheet_reinvoice.tests.common import ReinvoiceCommon


@tagged("post_install", "-at_install")
class TestStatementTour(ReinvoiceCommon, TourCase):
    def test_salesperson_checks(self):
        self.ticket.sale_line_id = self.item_a
        self._log(self.ticket, 2.5)
        self.start_tour(
            f"/odoo/sale.order/{self.order_a.id}",
            "helpdesk_time_statement_tour",
            login=self.salesman.login,
        )
