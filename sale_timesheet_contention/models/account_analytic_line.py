from odoo import api, models


class AccountAnalyticLine(models.Model):
    """Time takes its turn at the row of the sales order item that bills it."""

    _inherit = "account.analytic.line"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        Refresh = self.env["sale.delivered.refresh"]
        pending = Refresh._get_pending()
        lines = super().create(vals_list)
        Refresh._lock_or_defer(lines._get_contended_items(), pending)
        return lines

    def write(self, vals):
        if not self._get_quantity_fields() & vals.keys():
            return super().write(vals)
        Refresh = self.env["sale.delivered.refresh"]
        pending = Refresh._get_pending()
        items = self._get_contended_items()
        result = super().write(vals)
        Refresh._lock_or_defer(items | self._get_contended_items(), pending)
        return result

    def unlink(self):
        items = self._get_contended_items()
        if not items:
            return super().unlink()
        Refresh = self.env["sale.delivered.refresh"]
        pending = Refresh._get_pending()
        result = super().unlink()
        Refresh._lock_or_defer(items, pending)
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _get_quantity_fields(self):
        """Fields whose writing changes what is delivered on an order item. Meant for
        override by addons that let other fields decide.

        :rtype: set[str]
        """
        return {
            "employee_id",
            "is_so_line_edited",
            "product_uom_id",
            "project_id",
            "so_line",
            "task_id",
            "unit_amount",
        }

    def _get_contended_items(self):
        """Order items of these lines to lock ahead, so that they are deferred if a
        colleague is writing them. Meant for override by addons that know more items
        that many people write.

        Locking costs three queries. Who is alone on an item does not pay them: an item
        is locked ahead for a while after two were seen to collide on it.

        :rtype: sale.order.line
        """
        recent = self.env["sale.delivered.refresh"]._get_recent_collisions()
        items = self.env["sale.order.line"]
        return (self.sudo().so_line & items.sudo().browse(recent)) if recent else items
