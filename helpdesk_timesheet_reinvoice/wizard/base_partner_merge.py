from odoo import models
from odoo.fields import Domain


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    # === BUSINESS METHODS === #

    def _update_foreign_keys(self, src_partners, dst_partner):
        """The rate of a person may be on an item of a customer that is merged: it counts
        for the open time of the customer that is left. What was kept stays kept."""
        result = super()._update_foreign_keys(src_partners, dst_partner)
        customer = dst_partner.commercial_partner_id
        Line = self.env["account.analytic.line"].sudo()
        Line.search(
            Domain("helpdesk_commercial_partner_id", "=", customer.id)
            & Domain("project_id.sale_line_employee_ids", "!=", False)
            & Domain("so_line_rule", "!=", "kept")
            & ~Line._domain_time("billed")
        )._recompute_so_line()
        return result
