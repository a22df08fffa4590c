from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.helpdesk_base.tools import forget_use


class HelpdeskTeam(models.Model):
    """Time Reinvoicing: the time of the team's tickets is billed, see ``_decide_by_team``
    of the time. Switched off, open time leaves its item."""

    _inherit = "helpdesk.team"

    use_helpdesk_sale_timesheet = fields.Boolean(
        string="Time Reinvoicing",
        compute="_compute_use_helpdesk_sale_timesheet",
        store=True,
        precompute=True,
        readonly=False,
        help="Bill the time spent on tickets through a sales order item of the "
        "customer. Needs Timesheet on Ticket.",
    )

    hours_to_invoice = fields.Float(
        string="Hours to Bill",
        compute="_compute_hours_to_invoice",
        compute_sudo=True,
        groups="base.group_user",
        help="Hours that the next invoice will bill.",
    )

    # === COMPUTE METHODS === #

    def _compute_hours_to_invoice(self):
        """For all teams at once."""
        Line = self.env["account.analytic.line"].sudo()
        hours = dict(
            Line._read_group(
                Domain("helpdesk_ticket_id.team_id", "in", self.ids)
                & Line._domain_time("open"),
                ["helpdesk_ticket_id.team_id"],
                ["billable_hours:sum"],
            )
        )
        for team in self:
            team.hours_to_invoice = hours.get(team._origin, 0.0)

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

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        for vals in vals_list:
            self._note_rare_options(vals)
        return teams

    def write(self, vals):
        """Open tickets get their item once their team bills."""
        vals = self._clean_input(vals)
        was_billing = self.filtered("use_helpdesk_sale_timesheet")
        for name in self._get_rare_options() & vals.keys():
            self._is_ticked_anywhere(name)  # known until the commit, see forget_use
        result = super().write(vals)
        self._note_rare_options(vals)
        if self._get_time_settings() & vals.keys():
            billing = self.filtered("use_helpdesk_sale_timesheet")
            (billing - was_billing)._preset_sale_lines()
        return result

    # === ACTION METHODS === #

    def action_view_tickets(self):
        """Open the pipeline of these teams; the hours to bill open their tickets.

        :return: a window action on ``helpdesk.ticket``
        :rtype: dict
        """
        action = super().action_view_tickets()
        if self.env.context.get("search_default_to_bill"):
            action["context"] = {**action["context"], "search_default_to_bill": 1}
        return action

    # === BUSINESS METHODS === #

    @api.model
    def _get_rare_options(self):
        """Options that cost a query only where a team has ticked one, see
        :meth:`_is_ticked_anywhere`. Meant for override by addons that add some.

        :rtype: set[str]
        """
        return set()

    @api.model
    @tools.ormcache("name")
    def _is_ticked_anywhere(self, name):
        """Whether any team, archived or not, has ticked an option.

        :param str name: one of :meth:`_get_rare_options`
        :rtype: bool
        """
        teams = self.sudo().with_context(active_test=False)
        return bool(teams.search_count([(name, "=", True)], limit=1))

    @api.model
    def _note_rare_options(self, vals):
        """Forget which options are ticked, as that changes.

        :param dict vals: values that were written
        """
        changed = self._get_rare_options() & vals.keys()
        if changed:
            forget_use(self.env, begins=any(vals[name] for name in changed))

    @api.model
    def _get_time_settings(self):
        """Time is billed, or is not, as the team says."""
        return super()._get_time_settings() | {"use_helpdesk_sale_timesheet"}

    def _set_up_projects(self):
        """Let the project of a team that bills be billed."""
        super()._set_up_projects()
        self.filtered("use_helpdesk_sale_timesheet").sudo().project_id.filtered(
            lambda project: not project.allow_billable
        ).write({"allow_billable": True})

    def _prepare_project_values(self):
        """The project made for a team that bills is billable."""
        billable = self.use_helpdesk_sale_timesheet
        return {**super()._prepare_project_values(), "allow_billable": billable}

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
