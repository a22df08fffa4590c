from odoo import api, models


class SaleOrderLine(models.Model):
    """Items come from shops, imports and scripts, too: what is malformed is refused with
    a sentence before any other extension looks at it.

    Imported last of the files on this model, so that its methods are called first.
    """

    _name = "sale.order.line"
    _inherit = ["sale.order.line", "helpdesk.input.mixin"]
    # The stock methods read these records anyway, so looking costs nothing.
    _input_linked_fields = ("order_id", "product_id")
    _input_required_types = ()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = self._clean_input_list(vals_list)
        self._check_order_given(vals_list)
        self._check_linked_input(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        vals = self._clean_input(vals)
        self._check_linked_input([vals])
        return super().write(vals)

    # === BUSINESS METHODS === #

    @api.model
    def _check_order_given(self, vals_list):
        """An item without order breaks the stock methods that name and price it."""
        if "default_order_id" in self.env.context:
            return
        if not all(vals.get("order_id") for vals in vals_list):
            raise self._required_error(self._fields["order_id"])
