from odoo import fields, models

#: Where the lines of work are printed on an invoice.
TIME_ON_INVOICE = [
    ("none", "Not printed"),
    ("below", "Under the invoice line"),
    ("annex", "As an annex"),
]


class HelpdeskTeam(models.Model):
    """How the team's time is shown on invoices."""

    _inherit = "helpdesk.team"

    split_invoice_by_ticket = fields.Boolean(
        string="One Invoice Line per Ticket",
        help="Invoice each ticket on a line of its own instead of one line per sales "
        "order item that names its tickets.",
    )
    time_on_invoice = fields.Selection(
        TIME_ON_INVOICE,
        string="Lines of Work on Invoices",
        default="none",
        required=True,
        help="Print date, person, text and hours of each line of work on the invoice. "
        "Customers may have another wish, on their contact.",
    )
