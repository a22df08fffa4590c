from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Count what waits to be counted first: an invoice links all open time, and
        must bill it. A period counts its time itself."""
        context = self.env.context
        if not (
            context.get("timesheet_start_date") or context.get("timesheet_end_date")
        ):
            self.order_line._complete_qty_delivered()
        return super()._create_invoices(grouped=grouped, final=final, date=date)
