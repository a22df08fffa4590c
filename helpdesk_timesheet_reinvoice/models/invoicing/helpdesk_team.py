from odoo import fields, models


class HelpdeskTeam(models.Model):
    """How the team's time is shown on invoices."""

    _inherit = "helpdesk.team"

    split_invoice_by_ticket = fields.Boolean(
        string="One Invoice Line per Ticket",
        help="Invoice each ticket on a line of its own instead of one line per sales "
        "order item that names its tickets.",
    )
