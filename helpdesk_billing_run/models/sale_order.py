from odoo import models


class SaleOrder(models.Model):
    """Which orders a run puts onto one invoice."""

    _inherit = "sale.order"

    def _get_invoice_key(self, run):
        """What orders have in common that a run bills together: as stock does it, where
        it may.

        :param TimeRun run: the run
        :rtype: tuple
        """
        if run.grouped:
            return (self.id,)
        return (
            self.partner_invoice_id.id,
            self.partner_shipping_id.id,
            self.currency_id.id,
            self.fiscal_position_id.id,
        )
