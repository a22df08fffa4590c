from odoo import fields, models
from odoo.fields import Domain


class HelpdeskSla(models.Model):
    _inherit = "helpdesk.sla"

    product_ids = fields.Many2many(
        "product.product",
        string="Products",
        check_company=True,
        domain="[('type', '=', 'service'), ('sale_ok', '=', True)]",
        help="Tickets whose sales order item is of one of these products.",
    )

    # === BUSINESS METHODS === #

    def _get_rule_fields(self):
        return super()._get_rule_fields() | {"product_ids"}

    def _get_ticket_domain(self):
        domain = super()._get_ticket_domain()
        if self.product_ids:
            domain &= Domain("sale_line_id.product_id", "in", self.product_ids.ids)
        return domain
