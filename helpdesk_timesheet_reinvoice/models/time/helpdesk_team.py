from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class HelpdeskTeam(models.Model):
    """Timesheet on Ticket: the team's time and its project."""

    _inherit = "helpdesk.team"

    use_helpdesk_timesheet = fields.Boolean(
        string="Timesheet on Ticket",
        help="Agents record the time they spend on the tickets of this team.",
    )

    project_id = fields.Many2one(
        comodel_name="project.project",
        domain="[('allow_timesheets', '=', True), ('is_template', '=', False),"
        " ('company_id', 'in', [False, company_id])]",
        check_company=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Project on which the time of new tickets is recorded by default. "
        "Leave it empty to get a project made for the team.",
    )

    portal_show_timesheets = fields.Boolean(
        string="Show Time to Customers",
        help="Customers see on the portal page of their ticket who worked on it when, "
        "for how long, and how much of their prepaid time is left. Costs and prices "
        "are never shown.",
    )

    require_time_to_close = fields.Boolean(
        string="Time before Closing",
        help="Agents close a ticket once time is recorded on it, or say why there is "
        "none. Customers close their tickets as before.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("use_helpdesk_timesheet", "project_id")
    def _check_project_allows_timesheets(self):
        for team in self.filtered("use_helpdesk_timesheet"):
            project = team.sudo().project_id
            if project and (not project.allow_timesheets or project.is_template):
                raise ValidationError(
                    self.env._(
                        "Time of team %(team)s cannot be recorded on %(project)s: its "
                        "timesheets are off. Turn on Timesheets in the settings of the "
                        "project, or choose another project.",
                        team=team.name,
                        project=project.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        teams._set_up_projects()
        return teams

    def write(self, vals):
        """Keep project and tickets in step with the settings of the team."""
        vals = self._clean_input(vals)
        if not self._get_time_settings() & vals.keys():
            return super().write(vals)
        defaults = {team: team.project_id for team in self}
        result = super().write(vals)
        self._set_up_projects()
        for team, former in defaults.items():
            if team.use_helpdesk_timesheet:
                team._give_project_to_tickets(former)
        self.env["helpdesk.ticket"]._settle_after_commit(teams=self)
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _get_time_settings(self):
        """Settings that tickets and their time follow, see :meth:`write`. Meant for
        override by what else time follows.

        :rtype: set[str]
        """
        return {"project_id", "use_helpdesk_timesheet"}

    def _set_up_projects(self):
        """Give teams that record time a project.

        Runs as superuser: a helpdesk administrator needs no project rights.
        """
        for team in self.filtered(
            lambda team: team.use_helpdesk_timesheet and not team.project_id
        ):
            project = self.env["project.project"].sudo()
            team.project_id = project.create(team._prepare_project_values())

    def _prepare_project_values(self):
        """Values of the project made for a team without one.

        Meant for override by addons that add project settings.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "name": self.name,
            "company_id": self.company_id.id,
            "allow_timesheets": True,
        }

    def _give_project_to_tickets(self, former):
        """Hand the default project to the tickets that follow it.

        Those are the tickets without project, and, when the default changes, the
        tickets that had the former default and hold no time yet. A ticket with time
        keeps its project: a setting of the team must not move hours.

        :param former: default project of the team before the change, may be empty
        """
        self.ensure_one()
        domain = Domain("team_id", "=", self.id)
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        followers = tickets.search(domain & Domain("project_id", "=", False))
        if former and former != self.project_id:
            followers |= tickets.search(
                domain
                & Domain("project_id", "=", former.id)
                & Domain("task_id", "=", False)
            )._filter_without_time()
        followers.write({"project_id": self.project_id.id})
