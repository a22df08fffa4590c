from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    helpdesk_leak_idle_days = fields.Integer(
        related="company_id.helpdesk_leak_idle_days", readonly=False
    )
    helpdesk_leak_waiting_days = fields.Integer(
        related="company_id.helpdesk_leak_waiting_days", readonly=False
    )
    helpdesk_leak_draft_days = fields.Integer(
        related="company_id.helpdesk_leak_draft_days", readonly=False
    )
    helpdesk_leak_credited_days = fields.Integer(
        related="company_id.helpdesk_leak_credited_days", readonly=False
    )
    helpdesk_remind_of_time = fields.Boolean(
        related="company_id.helpdesk_remind_of_time", readonly=False
    )
    helpdesk_remind_share = fields.Integer(
        related="company_id.helpdesk_remind_share", readonly=False
    )
    helpdesk_digest_to_leads = fields.Boolean(
        related="company_id.helpdesk_digest_to_leads", readonly=False
    )
