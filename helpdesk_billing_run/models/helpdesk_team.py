from odoo import fields, models


class HelpdeskTeam(models.Model):
    """How much of a team's work leaks, on its card."""

    _inherit = "helpdesk.team"

    leak_count = fields.Integer(
        compute="_compute_leak_count",
        groups="helpdesk_base.group_helpdesk_manager",
        export_string_translation=False,
    )

    # === COMPUTE METHODS === #

    def _compute_leak_count(self):
        groups = self.env["helpdesk.leak"]._read_group(
            [("team_id", "in", self.ids)], ["team_id"], ["__count"]
        )
        counts = {team.id: count for team, count in groups}
        for team in self:
            team.leak_count = counts.get(team.id, 0)

    # === ACTION METHODS === #

    def action_view_leaks(self):
        """Open the leaks of these teams.

        :return: a window action on ``helpdesk.leak``
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_billing_run.helpdesk_leak_action"
        )
        return {**action, "domain": [("team_id", "in", self.ids)], "context": {}}
