from odoo import models


class SaleOrderLine(models.Model):
    """A pack that a customer renews."""

    _inherit = "sale.order.line"

    # === BUSINESS METHODS === #

    def _get_renewal(self):
        """A quotation that renews this pack: the open one, or a new one that the customer
        can sign online.

        :rtype: sale.order
        """
        self.ensure_one()
        pack = self.sudo()
        renewal = self.search(
            [("pack_renews_id", "=", pack.id), ("state", "in", ("draft", "sent"))],
            limit=1,
        )
        if renewal:
            return renewal.order_id
        order = pack.order_id
        quotation = (
            self.env["sale.order"]
            .sudo()
            .create(
                {
                    "partner_id": order.partner_id.id,
                    "partner_invoice_id": order.partner_invoice_id.id,
                    "company_id": order.company_id.id,
                    "user_id": order.user_id.id,
                    "team_id": order.team_id.id,
                    "pricelist_id": order.pricelist_id.id,
                    "origin": order.name,
                    "require_signature": True,
                }
            )
        )
        pack.create(
            {
                "order_id": quotation.id,
                "product_id": pack.product_id.id,
                "product_uom_id": pack.product_uom_id.id,
                "product_uom_qty": pack.product_uom_qty,
                "pack_at_end": pack.pack_at_end,
                "pack_renews_id": pack.id,
            }
        )
        quotation.action_quotation_sent()
        return quotation
