from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    # === CRUD METHODS === #

    def write(self, vals):
        """Open tickets of somebody who leaves go back to the team."""
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            self._release_open_tickets()
        return result

    # === BUSINESS METHODS === #

    def _release_open_tickets(self):
        """Take these users off their open tickets, and let the rule of each team assign
        somebody who is there."""
        tickets = self.env["helpdesk.ticket"].sudo()
        tickets = tickets.search(
            [("user_id", "in", self.ids), ("stage_id.fold", "=", False)]
        )
        for team, own in tickets.grouped("team_id").items():
            picked = team._pick_assignees(len(own))
            for ticket, user in zip(own, picked, strict=True):
                ticket.user_id = user
