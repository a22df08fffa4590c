from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    helpdesk_team_ids = fields.Many2many(
        comodel_name="helpdesk.team",
        relation="helpdesk_team_res_users_rel",
        column1="res_users_id",
        column2="helpdesk_team_id",
        string="Helpdesk Teams",
        copy=False,
        readonly=True,
        groups="helpdesk_base.group_helpdesk_user",
        help="Teams that this user is a member of.",
    )

    # === CRUD METHODS === #

    def write(self, vals):
        """Open tickets of somebody who leaves, or works on tickets no more, go back to
        the team."""
        agents = self.browse()
        if "group_ids" in vals:
            agents = self.filtered(lambda user: user._works_on_tickets())
        result = super().write(vals)
        gone = agents.filtered(lambda user: not user._works_on_tickets())
        if "active" in vals and not vals["active"]:
            gone = self
        if gone:
            gone._release_open_tickets()
        return result

    # === BUSINESS METHODS === #

    def _works_on_tickets(self):
        return self.has_group("helpdesk_base.group_helpdesk_user")

    def _manages_helpdesk(self):
        return self.has_group("helpdesk_base.group_helpdesk_manager")

    def _release_open_tickets(self):
        """Take these users off their open tickets, and let the rule of each team assign
        somebody who is there."""
        tickets = self.env["helpdesk.ticket"].sudo()
        tickets = tickets.search(
            [("user_id", "in", self.ids), ("stage_id.fold", "=", False)]
        )
        for team, own in tickets.grouped("team_id").items():
            picked = own._pick_assignees_again(team)
            for ticket, user in zip(own, picked, strict=True):
                ticket.user_id = user
            own._call_for_assignee()
