from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class ProjectProject(models.Model):
    _inherit = "project.project"

    helpdesk_team_ids = fields.One2many(
        comodel_name="helpdesk.team",
        inverse_name="project_id",
        string="Helpdesk Teams",
        groups="base.group_user",
        export_string_translation=False,
    )

    ticket_ids = fields.One2many(
        comodel_name="helpdesk.ticket",
        inverse_name="project_id",
        string="Tickets",
        groups="helpdesk_base.group_helpdesk_user",
    )

    ticket_count = fields.Integer(
        compute="_compute_ticket_count",
        groups="helpdesk_base.group_helpdesk_user",
        export_string_translation=False,
    )

    # === COMPUTE METHODS === #

    @api.depends("ticket_ids.active")
    def _compute_ticket_count(self):
        counts = dict(
            self.env["helpdesk.ticket"]._read_group(
                [("project_id", "in", self.ids)], ["project_id"], ["__count"]
            )
        )
        for project in self:
            project.ticket_count = counts.get(project._origin, 0)

    # === CONSTRAINT METHODS === #

    @api.constrains("allow_timesheets")
    def _check_helpdesk_timesheets(self):
        """A team that records time needs a project that takes it."""
        for project in self.filtered(lambda project: not project.allow_timesheets):
            team = project.sudo().helpdesk_team_ids.filtered("use_helpdesk_timesheet")
            if team:
                raise ValidationError(
                    self.env._(
                        "Team %(team)s records its time on %(project)s. Choose another "
                        "project for the team before you turn Timesheets off here.",
                        team=team[0].name,
                        project=project.name,
                    )
                )

    @api.constrains("company_id")
    def _check_helpdesk_company(self):
        """Tickets record their time on projects of their own company, or on projects
        that are open to all companies."""
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        for project in self.filtered("company_id"):
            foreign = Domain("project_id", "=", project.id) & Domain(
                "company_id", "!=", project.company_id.id
            )
            teams = tickets.env["helpdesk.team"]
            user = teams.search(foreign, limit=1) or tickets.search(foreign, limit=1)
            if user:
                raise ValidationError(
                    self.env._(
                        "%(user)s of %(company)s records time on %(project)s. Choose "
                        "another project there before you give this one to "
                        "%(other)s, or leave its company empty.",
                        user=user.display_name,
                        company=user.company_id.name,
                        project=project.name,
                        other=project.company_id.name,
                    )
                )

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_helpdesk(self):
        projects = self.sudo().with_context(active_test=False)
        names = projects.helpdesk_team_ids.mapped("name")
        if names or self._search_tickets(limit=1):
            raise UserError(
                self.env._(
                    "Helpdesk teams or tickets record time on this project (%(teams)s). "
                    "Archive the project instead, or choose another one for them.",
                    teams=", ".join(names) or self.env._("tickets"),
                )
            )

    # === ACTION METHODS === #

    def action_view_tickets(self):
        """Open the tickets whose time is recorded on this project.

        :return: a window action on ``helpdesk.ticket``
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_base.helpdesk_ticket_action"
        )
        if len(self) == 1:
            action["display_name"] = self.env._("Tickets of %(name)s", name=self.name)
        action["domain"] = [("project_id", "in", self.ids)]
        action["context"] = {}
        teams = self.sudo().helpdesk_team_ids
        if len(self) == 1 and teams:
            action["context"] = {
                "default_team_id": teams[0].id,
                "default_project_id": self.id,
            }
        return action

    # === BUSINESS METHODS === #

    def _search_tickets(self, limit=None):
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        return tickets.search([("project_id", "in", self.ids)], limit=limit)
