from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Tickets that get another contact belong to the company of that contact: the
        stock method hands them over behind the back of what is computed from it."""
        result = super()._update_foreign_keys(src_partners, dst_partner)
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        tickets = tickets.search([("partner_id", "=", dst_partner.id)])
        tickets.invalidate_recordset(["partner_id"])
        self.env.add_to_compute(tickets._fields["commercial_partner_id"], tickets)
        tickets.modified(["commercial_partner_id"])
        return result
