from odoo import api, fields, models


class RatingRating(models.Model):
    _inherit = "rating.rating"

    # record rules look at it: who may see a ticket sees its ratings
    helpdesk_ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        string="Ticket",
        compute="_compute_helpdesk_ticket_id",
        store=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    helpdesk_team_id = fields.Many2one(
        related="helpdesk_ticket_id.team_id", string="Helpdesk Team"
    )

    # === COMPUTE METHODS === #

    @api.depends("res_model", "res_id")
    def _compute_helpdesk_ticket_id(self):
        for rating in self:
            of_ticket = rating.res_model == "helpdesk.ticket"
            rating.helpdesk_ticket_id = of_ticket and rating.res_id
