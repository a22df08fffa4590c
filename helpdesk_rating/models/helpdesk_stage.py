from odoo import api, fields, models


class HelpdeskStage(models.Model):
    _inherit = "helpdesk.stage"

    rating_template_id = fields.Many2one(
        comodel_name="mail.template",
        string="Rating Email Template",
        domain="[('model', '=', 'helpdesk.ticket')]",
        help="E-mail that asks the customer to rate a ticket closed in this stage, in "
        "teams that ask for ratings.",
    )

    # === BUSINESS METHODS === #

    @api.model
    def _get_template_fields(self):
        return [*super()._get_template_fields(), "rating_template_id"]
