from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    helpdesk_lock_date = fields.Date(
        related="company_id.helpdesk_lock_date", readonly=False
    )
    helpdesk_lock_grace_days = fields.Integer(
        related="company_id.helpdesk_lock_grace_days", readonly=False
    )
    helpdesk_lock_all_time = fields.Boolean(
        related="company_id.helpdesk_lock_all_time", readonly=False
    )
    helpdesk_approve_others = fields.Boolean(
        related="company_id.helpdesk_approve_others", readonly=False
    )
