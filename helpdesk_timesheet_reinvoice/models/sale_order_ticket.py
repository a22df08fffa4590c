from odoo import api, models


class SaleOrder(models.Model):
    """What happens to tickets when their order comes and goes."""

    _inherit = "sale.order"

    # === CRUD METHODS === #

    def write(self, vals):
        """No ticket is billed to a customer, or by a company, to which its order was
        handed."""
        result = super().write(vals)
        if {"company_id", "partner_id"} & vals.keys():
            self.order_line._release_foreign_tickets(customer_only=True)
        return result

    def unlink(self):
        """Tickets without time let go of an order that is deleted."""
        if self:  # before a sentence names tickets
            self.check_access("unlink")
        self._unlink_except_with_ticket_time()
        self.order_line._release_tickets()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_ticket_time(self):
        """The database deletes the items of an order without asking them."""
        self.order_line._unlink_except_with_ticket_time()

    # === ACTION METHODS === #

    def action_confirm(self):
        """Bill the time that was recorded while the order was cancelled, on items that
        may still bill it."""
        result = super().action_confirm()
        confirmed = self.filtered(lambda order: order.state == "sale")
        confirmed.order_line._release_foreign_tickets()
        confirmed.order_line._bill_waiting_ticket_time()
        return result
