from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """What can be added to the desk. An addon lists those that depend on it: an option
    has to be there before its addon is."""

    _inherit = "res.config.settings"

    module_helpdesk_timesheet_reinvoice = fields.Boolean(string="Time Reinvoicing")
    module_helpdesk_sla = fields.Boolean(string="SLA Policies")
    module_helpdesk_rating = fields.Boolean(string="Customer Ratings")
    module_helpdesk_website = fields.Boolean(string="Website Form")
