from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    module_helpdesk_timer = fields.Boolean(string="Timer")
    module_helpdesk_timesheet_statement = fields.Boolean(string="Time Statements")
