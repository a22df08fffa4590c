from odoo import api, models


class HelpdeskTicket(models.Model):
    """What a ticket gets on arrival: team, assignee, stage and number."""

    _inherit = "helpdesk.ticket"

    # === BUSINESS METHODS === #

    @api.model
    def _fill_team(self, vals_list):
        missing = [vals for vals in vals_list if "team_id" not in vals]
        if missing:
            team_id = self.default_get(["team_id"]).get("team_id")
            team_id = self._clean_value("team_id", team_id)
            for vals in missing:
                vals["team_id"] = team_id

    @api.model
    def _fill_assignee(self, vals_list):
        """Assign new tickets as their team does, and put them in its first stage."""
        default_user = self.env.context.get("default_user_id")
        teams = self.env["helpdesk.team"].browse(
            {vals["team_id"] for vals in vals_list if vals.get("team_id")}
        )
        for team in teams:
            own = [vals for vals in vals_list if vals.get("team_id") == team.id]
            free = [vals for vals in own if not vals.get("user_id", default_user)]
            for vals, user in zip(free, team._pick_assignees(len(free)), strict=True):
                if user:
                    vals["user_id"] = user.id
            for vals in own:
                if (
                    not vals.get("stage_id")
                    and "default_stage_id" not in self.env.context
                ):
                    vals["stage_id"] = team._get_first_stage().id

    @api.model
    def _fill_ticket_ref(self, vals_list):
        """Number the tickets, passing over numbers that imports brought in."""
        missing = [vals for vals in vals_list if not vals.get("ticket_ref")]
        sequence = (
            self.env["ir.sequence"]
            .sudo()
            .browse(
                self.env["ir.model.data"]._xmlid_to_res_id(
                    "helpdesk_base.helpdesk_ticket_sequence", raise_if_not_found=True
                )
            )
        )
        while missing:
            refs = [sequence.next_by_id() for _vals in missing]
            taken = (
                self.sudo()
                .with_context(active_test=False)
                .search_fetch([("ticket_ref", "in", refs)], ["ticket_ref"])
            )
            free = [ref for ref in refs if ref not in set(taken.mapped("ticket_ref"))]
            for vals, ref in zip(missing, free, strict=False):
                vals["ticket_ref"] = ref
            missing = missing[len(free) :]

    def _assign_in_new_team(self):
        """Tickets that came from another team: keep the assignee if a member."""
        for ticket in self:
            members = ticket.team_id._get_assignable_members()
            if not members or ticket.user_id in members:
                continue
            ticket.user_id = ticket.team_id._pick_assignees(1)[0].id
