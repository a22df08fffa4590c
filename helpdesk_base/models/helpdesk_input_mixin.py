from odoo import api, models


class HelpdeskInputMixin(models.AbstractModel):
    """Own models: everything that people write passes the gate."""

    _name = "helpdesk.input.mixin"
    _inherit = ["helpdesk.gate"]
    _description = "Helpdesk Input Check"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self._clean_input_list(vals_list))

    def write(self, vals):
        vals = self._clean_input(vals)
        result = super().write(vals)
        self._check_follows(vals)
        return result
