from odoo import fields, models

from .helpdesk_team import TIME_ON_INVOICE


class ResPartner(models.Model):
    """What a customer wants to read on invoices."""

    _inherit = "res.partner"

    helpdesk_time_on_invoice = fields.Selection(
        TIME_ON_INVOICE,
        string="Lines of Work on Invoices",
        help="Where the lines of work on tickets are printed on the invoices of this "
        "company. Empty: as the team does it.",
    )
