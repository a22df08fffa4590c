from odoo import api, fields, models
from odoo.fields import Domain


class SaleOrder(models.Model):
    _inherit = "sale.order"

    keep_price_of_work = fields.Boolean(
        string="Price at the Day of Work",
        help="When the price of an item is changed, open work of before keeps the price "
        "that was valid when it was done: it goes to an item of its own.",
    )
    pack_count = fields.Integer(string="Packs of Hours", compute="_compute_pack_count")

    # === COMPUTE METHODS === #

    @api.depends("order_line.product_id", "order_line.product_uom_id", "state")
    def _compute_pack_count(self):
        for order in self:
            packs = order.order_line.filtered("product_id")._filter_packs()
            order.pack_count = len(packs) if order.state == "sale" else 0

    # === ACTION METHODS === #

    def action_view_packs(self):
        """Open the packs of hours of these orders: what is left, when they are valid,
        what comes after them.

        :return: a window action on ``sale.order.line``
        :rtype: dict
        """
        packs = self.order_line._filter_packs()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_prepaid.sale_order_line_action_pack"
        )
        action.update(domain=[("id", "in", packs.ids)], context={"create": False})
        if len(packs) == 1:
            form = self.env.ref("helpdesk_prepaid.sale_order_line_view_form_pack")
            action.update(views=[(form.id, "form")], res_id=packs.id)
        return action

    # === BUSINESS METHODS === #

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
