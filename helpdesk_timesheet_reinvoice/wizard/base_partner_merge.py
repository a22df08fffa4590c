from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        """Orders of a contact that is merged into one of another company bill no
        tickets of the former company any more."""
        result = super()._update_values(src_partners, dst_partner)
        self.env["sale.order.line"].invalidate_model(["order_partner_id"])
        dst_partner._release_foreign_tickets()
        return result
