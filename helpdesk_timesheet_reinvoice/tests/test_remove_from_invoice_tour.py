from odoo.tests import tagged

from odoo.addons.helpdesk_base.tests.common import TourCase

from .invoice_common import InvoiceCommon


@tagged("post_install", "-at_install")
class TestRemoveFromInvoiceTour(InvoiceCommon, TourCase):
    """The accountant takes hours off a draft in the list of its timesheets."""

    browser_size = "1366,900"

    def test_remove_from_invoice(self):
        self.accountant.group_ids |= self.env.ref(
            "hr_timesheet.group_hr_timesheet_approver"
        )
        self.line_1.name = "Phone call"
        invoice = self._bill()
        self.start_tour(
            f"/odoo/m-account.move/{invoice.id}",
            "helpdesk_remove_from_invoice_tour",
            login=self.accountant.login,
        )
        self.assertBilled(invoice, self.line_2)
        self.assertBooks(self.item, 10.0, 6.0)
