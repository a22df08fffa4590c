from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    module_helpdesk_billing_run = fields.Boolean(string="Billing Runs")
    module_helpdesk_import = fields.Boolean(string="Moving In")
    module_helpdesk_prepaid = fields.Boolean(string="Packs of Hours")
    module_helpdesk_timesheet_approval = fields.Boolean(string="Time Approval")
    module_helpdesk_timesheet_charge = fields.Boolean(string="Kinds of Work")
    module_helpdesk_timer = fields.Boolean(string="Timer")
    module_helpdesk_timesheet_statement = fields.Boolean(string="Time Statements")
