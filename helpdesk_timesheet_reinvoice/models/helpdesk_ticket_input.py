from odoo import api, models


class HelpdeskTicket(models.Model):
    """Malformed values are refused before any other extension looks at them.

    Imported last of the files on this model, so that its methods are called first.
    """

    _inherit = "helpdesk.ticket"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self._clean_input_list(vals_list))

    def write(self, vals):
        return super().write(self._clean_input(vals))
