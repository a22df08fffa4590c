from odoo import api, models


class AccountAnalyticLine(models.Model):
    """Malformed values are refused before any other extension looks at them.

    Imported last of the files on this model, so that its methods are called first.
    """

    _inherit = "account.analytic.line"
    # Stock fills in the company and the unit where a caller leaves them empty.
    _input_required_types = ("selection",)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self._clean_input_list(vals_list))

    def write(self, vals):
        return super().write(self._clean_input(vals))

    # === BUSINESS METHODS === #

    def _clean_value(self, name, value):
        """Time may be recorded without a description; it gets a slash, as stock does."""
        if name == "name" and not value:
            return value
        return super()._clean_value(name, value)
