from odoo import api, models


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # === BUSINESS METHODS === #

    @api.model
    def _get_sla_triggers(self):
        return super()._get_sla_triggers() | {"sale_line_id"}
