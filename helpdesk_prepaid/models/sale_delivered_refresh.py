from odoo import api, models


class SaleDeliveredRefresh(models.Model):
    """Who was deferred while a colleague recorded time on the same pack did not see the
    colleague's hours: the pack is dealt again, in turn and with both."""

    _inherit = "sale.delivered.refresh"

    @api.model
    def _recompute(self, items):
        super()._recompute(items)
        items._deal_packs()
