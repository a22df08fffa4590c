from random import randint

from odoo import fields, models


class HelpdeskTag(models.Model):
    _name = "helpdesk.tag"
    _description = "Helpdesk Tag"
    _inherit = ["helpdesk.input.mixin"]
    _order = "sequence, name, id"

    def _default_color(self):
        return randint(1, 11)

    name = fields.Char(required=True, translate=True)
    color = fields.Integer(default=lambda self: self._default_color())
    sequence = fields.Integer(default=10)

    _name_uniq = models.Constraint(
        "UNIQUE (name)", "A tag with this name already exists. Use that one."
    )
