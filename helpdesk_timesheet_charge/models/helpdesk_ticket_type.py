from odoo import fields, models


class HelpdeskTicketType(models.Model):
    _inherit = "helpdesk.ticket.type"

    default_work_type_id = fields.Many2one(
        comodel_name="helpdesk.work.type",
        string="Kind of Work",
        ondelete="restrict",
        index="btree_not_null",
        help="What time on tickets of this type is, instead of the team's default.",
    )
