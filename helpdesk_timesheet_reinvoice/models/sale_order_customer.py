from odoo import fields, models


class SaleOrder(models.Model):
    """The company that bought, kept from when the customer of the order was chosen."""

    _name = "sale.order"
    _inherit = ["sale.order", "helpdesk.customer.mixin"]
    _customer_company_field = "helpdesk_commercial_partner_id"

    helpdesk_commercial_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer Company",
        compute="_compute_customer_company",
        store=True,
        precompute=True,
        index=True,
        help="Company whose tickets this order bills, whatever becomes of its contact.",
    )

    # === BUSINESS METHODS === #

    def _prepare_invoice(self):
        """The company that bought pays, also once its contact has left it."""
        values = super()._prepare_invoice()
        company = self.helpdesk_commercial_partner_id
        if self._is_left_by_contact() and self.order_line._filter_with_ticket_time():
            values["partner_id"] = company.address_get(["invoice"])["invoice"]
        return values

    def _is_left_by_contact(self):
        """Tell whether the invoice would go to the company to which the contact of this
        order has changed. An address that somebody chose to pay for it stays.

        :rtype: bool
        """
        self.ensure_one()
        payer = self.partner_invoice_id.commercial_partner_id
        is_address_of_contact = payer == self.partner_id.commercial_partner_id
        return is_address_of_contact and self._has_contact_left()


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    helpdesk_commercial_partner_id = fields.Many2one(
        related="order_id.helpdesk_commercial_partner_id",
    )
