from odoo import models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    # === CRUD METHODS === #

    def _write_multi(self, vals_list):
        """Remember who collided with a colleague: the server starts the call again, and
        then it takes turns, see ``account.analytic.line``."""
        try:
            return super()._write_multi(vals_list)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env["sale.delivered.refresh"]._note_collision(self)
            raise

    # === BUSINESS METHODS === #

    def _complete_qty_delivered(self):
        """Count time on these items that waits to be counted, for whoever is about to
        bill it. At one query if nothing waits, and none the second time in a
        transaction."""
        self.env["sale.delivered.refresh"].sudo()._complete(self)

    def _read_for_delivered(self):
        """Read what the figures of these items are computed from, time and invoices
        apart: product, units, taxes and currency."""
        self.product_id.mapped("service_policy")
        (self.product_uom_id | self.company_id.project_time_mode_id).mapped("factor")
        self.tax_ids.mapped("price_include")
        self.currency_id.mapped("rounding")
