from odoo.tests import tagged

from odoo.addons.helpdesk_base.tests.common import TourCase

from .common import SALES_ALL
from .invoice_common import InvoiceCommon


@tagged("post_install", "-at_install", "deep")
class TestRemoveFromInvoiceTour(InvoiceCommon, TourCase):
    """The accountant takes hours off invoices in the list of their timesheets."""

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

    def test_credit_and_bill_again(self):
        groups = ("hr_timesheet.group_hr_timesheet_approver", SALES_ALL)
        for group in groups:
            self.accountant.group_ids |= self.env.ref(group)
        self.line_1.name = "Phone call"
        invoice = self._post(self._bill())
        other = self._new_item(self.customer_a)
        other.name = "Right order"
        self.start_tour(
            f"/odoo/m-account.move/{invoice.id}",
            "helpdesk_time_credit_tour",
            login=self.accountant.login,
        )
        self.assertBilled(invoice, self.line_2)
        self.assertBooks(self.item, 6.0, 6.0)
        self.assertBooks(other, 4.0, 4.0)
