from odoo import fields, models


class HelpdeskTicketType(models.Model):
    _name = "helpdesk.ticket.type"
    _description = "Helpdesk Ticket Type"
    _inherit = ["helpdesk.input.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer()
    sequence = fields.Integer(default=10)

    _name_uniq = models.Constraint(
        "UNIQUE (name)", "A ticket type with this name already exists. Use that one."
    )
