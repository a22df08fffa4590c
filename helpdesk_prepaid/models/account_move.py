from odoo import models


class AccountMove(models.Model):
    """Time that an invoice lets go comes back to the pack that it left, as far as that
    has hours again."""

    _inherit = "account.move"

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "cancel":
            self.sudo().timesheet_ids._return_to_packs()
        return result

    def unlink(self):
        lines = self.sudo().timesheet_ids
        result = super().unlink()
        lines._return_to_packs()
        return result
