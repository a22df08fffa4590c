from odoo import fields, models
from odoo.fields import Domain


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

    def _action_cancel(self):
        """What these orders were to bill in place of a used up pack is dealt anew."""
        result = super()._action_cancel()
        Line = self.env["account.analytic.line"].sudo()
        left = Line.search(
            Domain("pack_origin_id", "!=", False)
            & Domain("so_line", "in", self.order_line.ids)
            & ~Line._domain_time("billed")
        )
        left.pack_origin_id._deal_packs()
        return result
