from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    helpdesk_remind_of_time = fields.Boolean(
        related="company_id.helpdesk_remind_of_time", readonly=False
    )
    helpdesk_remind_share = fields.Integer(
        related="company_id.helpdesk_remind_share", readonly=False
    )
    helpdesk_digest_to_leads = fields.Boolean(
        related="company_id.helpdesk_digest_to_leads", readonly=False
    )
