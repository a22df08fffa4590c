from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    helpdesk_time_detail = fields.Selection(
        [
            ("lines", "Each entry"),
            ("tickets", "Hours by ticket"),
            ("none", "Nothing: never asked"),
        ],
        string="Time to Agree on",
        default="lines",
        required=True,
        help="What this customer is shown of time on tickets to agree on, where the team "
        "asks for it.",
    )
    helpdesk_agreement_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Agrees to Time",
        domain="[('commercial_partner_id', '=', id)]",
        help="Contact who is asked to agree; the contact of each ticket if empty.",
    )
