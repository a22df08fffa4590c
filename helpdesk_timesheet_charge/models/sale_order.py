from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    add_work_types = fields.Boolean(
        string="Add Kinds of Work",
        copy=False,
        help="Time of a kind of work that is not on this order adds an item for it, at the "
        "price of the pricelist, unless the order is locked. Otherwise it is billed on "
        "the ticket's item.",
    )

    # === BUSINESS METHODS === #

    def _add_item_of_kind(self, product, kinds):
        """Sell a kind of work on this order, unless a colleague did so meanwhile.

        :param product: ``product.product`` that the kind is sold as
        :param kinds: the ``helpdesk.work.type`` records it is sold for
        """
        self.ensure_one()
        order = self.sudo()
        # whoever else does so at this moment has to begin again, and finds the item
        order.write({"add_work_types": True})
        order.flush_recordset()
        if product in order.order_line.product_id:
            self.env["helpdesk.ticket"]._forget_items_of_kinds()
            return
        item = (
            self.env["sale.order.line"]
            .sudo()
            .create(
                {"order_id": order.id, "product_id": product.id, "product_uom_qty": 0.0}
            )
        )
        order._message_log(
            body=self.env._(
                "%(item)s was added: time of kind %(kinds)s was recorded.",
                item=item.name,
                kinds=", ".join(kinds.mapped("display_name")),
            )
        )
