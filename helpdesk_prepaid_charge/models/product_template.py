from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    pack_work_type_ids = fields.Many2many(
        comodel_name="helpdesk.work.type",
        relation="product_template_helpdesk_work_type_rel",
        column1="product_id",
        column2="work_type_id",
        string="Serves Kinds of Work",
        help="Kinds of work that a pack serves besides tickets it was chosen on; all if "
        "empty.",
    )

    def _serves(self, ticket, line):
        """Nor work of other kinds."""
        kinds = self.sudo().pack_work_type_ids
        return super()._serves(ticket, line) and (
            not kinds or not line or line.work_type_id._origin in kinds
        )
