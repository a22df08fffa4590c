from odoo import fields, models


class HelpdeskTeam(models.Model):
    _inherit = "helpdesk.team"

    open_order = fields.Selection(
        [
            ("no", "Only who sells"),
            ("quotation", "Everybody, as a quotation"),
            ("order", "Everybody, confirmed at once"),
        ],
        string="Open Orders on Tickets",
        default="no",
        required=True,
        help="Who opens an order, from the template, for a ticket whose time no order "
        "bills: agents need no sales rights for it.",
    )
    order_template_id = fields.Many2one(
        comodel_name="sale.order.template",
        check_company=True,
        ondelete="set null",
        help="What an order opened on a ticket sells, such as time and material.",
    )
