from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class HelpdeskTeam(models.Model):
    _inherit = "helpdesk.team"

    use_helpdesk_timesheet = fields.Boolean(
        string="Timesheet on Ticket",
        help="Agents record the time they spend on the tickets of this team.",
    )
    use_helpdesk_sale_timesheet = fields.Boolean(
        string="Time Reinvoicing",
        compute="_compute_use_helpdesk_sale_timesheet",
        store=True,
        precompute=True,
        readonly=False,
        help="Bill the time spent on tickets through a sales order item of the "
        "customer. Needs Timesheet on Ticket.",
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
    split_invoice_by_ticket = fields.Boolean(
        string="One Invoice Line per Ticket",
        help="Invoice each ticket on a line of its own instead of one line per sales "
        "order item that names its tickets.",
    )
    portal_show_timesheets = fields.Boolean(
        string="Show Time to Customers",
        help="Customers see on the portal page of their ticket who worked on it when, "
        "for how long, and how much of their prepaid time is left. Costs and prices "
        "are never shown.",
    )

    # === COMPUTE METHODS === #

    @api.depends("use_helpdesk_timesheet")
    def _compute_use_helpdesk_sale_timesheet(self):
        """Without time there is nothing to reinvoice."""
        for team in self:
            team.use_helpdesk_sale_timesheet = (
                team.use_helpdesk_timesheet and team.use_helpdesk_sale_timesheet
            )

    # === CONSTRAINT METHODS === #

    @api.constrains("use_helpdesk_timesheet", "use_helpdesk_sale_timesheet")
    def _check_use_helpdesk_sale_timesheet(self):
        for team in self:
            if team.use_helpdesk_sale_timesheet and not team.use_helpdesk_timesheet:
                raise ValidationError(
                    self.env._(
                        "Time Reinvoicing of team %(team)s needs Timesheet on Ticket. "
                        "Turn on Timesheet on Ticket, too.",
                        team=team.name,
                    )
                )

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
        """Keep project and tickets in step with the two switches."""
        vals = self._clean_input(vals)
        keys = {"project_id", "use_helpdesk_timesheet", "use_helpdesk_sale_timesheet"}
        if not keys & vals.keys():
            return super().write(vals)
        defaults = {team: team.project_id for team in self}
        was_billing = self.filtered("use_helpdesk_sale_timesheet")
        result = super().write(vals)
        self._set_up_projects()
        for team, former in defaults.items():
            if team.use_helpdesk_timesheet:
                team._give_project_to_tickets(former)
        (
            self.filtered("use_helpdesk_sale_timesheet") - was_billing
        )._preset_sale_lines()
        self.env["helpdesk.ticket"]._settle_after_commit(teams=self)
        return result

    # === BUSINESS METHODS === #

    def _set_up_projects(self):
        """Give teams that record time a project, and let it be billed if they bill.

        Runs as superuser: a helpdesk administrator needs no project rights.
        """
        for team in self.filtered(
            lambda team: team.use_helpdesk_timesheet and not team.project_id
        ):
            project = self.env["project.project"].sudo()
            team.project_id = project.create(team._prepare_project_values())
        self.filtered("use_helpdesk_sale_timesheet").sudo().project_id.filtered(
            lambda project: not project.allow_billable
        ).write({"allow_billable": True})

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
            "allow_billable": self.use_helpdesk_sale_timesheet,
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

    def _preset_sale_lines(self):
        """Preset the item of open tickets without time once their team bills.

        Time recorded before the team billed stays as it was until a person chooses an
        item: a switch must not turn old hours into an invoice.
        """
        if not self:
            return
        tickets = (
            self.env["helpdesk.ticket"]
            .sudo()
            .search(
                Domain("team_id", "in", self.ids)
                & Domain("is_closed", "=", False)
                & Domain("sale_line_id", "=", False)
            )
        )
        tickets._filter_without_time()._recompute_sale_line()
