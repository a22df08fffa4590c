from odoo import fields, models


class HelpdeskTicket(models.Model):
    """What tickets are found by, beyond what the person may open."""

    _inherit = "helpdesk.ticket"

    # searched as superuser, by the number that is shown on the ticket: searching the
    # order itself needs rights to orders, which agents do not have
    sale_order_name = fields.Char(
        related="sale_order_id.name",
        string="Sales Order Number",
        groups="base.group_user",
    )
