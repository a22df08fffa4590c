from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    keep_price_of_work = fields.Boolean(
        string="Price at the Day of Work",
        help="When the price of an item is changed, open work of before keeps the price "
        "that was valid when it was done: it goes to an item of its own.",
    )
    pack_line_ids = fields.One2many(
        comodel_name="sale.order.line",
        inverse_name="order_id",
        string="Packs",
        domain=lambda self: self.env["sale.order.line"]._domain_packs(),
        export_string_translation=False,
    )
