from odoo import models


class SaleAdvancePaymentInv(models.TransientModel):
    """The wizard is how scripts invoice, too: malformed periods and amounts are refused
    with a sentence."""

    _name = "sale.advance.payment.inv"
    _inherit = ["sale.advance.payment.inv", "helpdesk.input.mixin"]
