from odoo import models


class ResGroups(models.Model):
    _inherit = "res.groups"

    # === CRUD METHODS === #

    def write(self, vals):
        """Who is taken out of the agents' group, or out of one that implies it, leaves
        open tickets to the team, as who is archived."""
        agents = self.env.ref("helpdesk_base.group_helpdesk_user", False)
        if not agents or not {"implied_ids", "user_ids"} & vals.keys():
            return super().write(vals)
        former = agents.sudo().all_user_ids
        result = super().write(vals)
        gone = former - agents.sudo().all_user_ids
        if gone:
            gone._release_open_tickets()
        return result
