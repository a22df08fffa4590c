import math

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain


class HelpdeskTicket(models.Model):
    """Time on a ticket: its project, its task and its timesheets."""

    _inherit = "helpdesk.ticket"

    use_helpdesk_timesheet = fields.Boolean(related="team_id.use_helpdesk_timesheet")
    project_id = fields.Many2one(
        comodel_name="project.project",
        compute="_compute_project_id",
        store=True,
        precompute=True,
        readonly=False,
        domain="[('allow_timesheets', '=', True), ('is_template', '=', False),"
        " ('company_id', 'in', [False, company_id])]",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        groups="base.group_user",
        help="Project on which the time of this ticket is recorded. "
        "The team gives the default.",
    )
    task_id = fields.Many2one(
        comodel_name="project.task",
        domain="[('project_id', '=?', project_id), ('allow_timesheets', '=', True),"
        " ('has_template_ancestor', '=', False), ('helpdesk_ticket_id', 'in', [False, id])]",
        check_company=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        tracking=True,
        groups="base.group_user",
        help="Project task behind this ticket. Record the time on either of them: "
        "it is the same time. A task serves one ticket.",
    )
    timesheet_ids = fields.One2many(
        comodel_name="account.analytic.line",
        inverse_name="helpdesk_ticket_id",
        domain=[("project_id", "!=", False)],
        string="Timesheets",
        groups="hr_timesheet.group_hr_timesheet_user",
    )
    total_hours_spent = fields.Float(
        string="Time Spent",
        compute="_compute_hours",
        search="_search_total_hours_spent",
        compute_sudo=True,
        groups="base.group_user",
        help="Hours recorded on this ticket by everybody.",
    )

    _task_id_uniq = models.UniqueIndex(
        "(task_id) WHERE task_id IS NOT NULL",
        "This task already serves another ticket. Choose another task, or remove it "
        "from the other ticket first.",
    )

    # === COMPUTE METHODS === #

    @api.depends("team_id", "task_id.project_id")
    def _compute_project_id(self):
        """The task gives the project, else the team does as long as the ticket has the
        default of its team. Saved tickets that change team are handled by ``write``,
        which still knows the former team."""
        for ticket in self:
            origin = ticket._origin.sudo()
            default = ticket.team_id.sudo().project_id
            task_project = ticket.task_id.sudo().project_id
            if task_project:
                ticket.project_id = task_project
            elif not ticket.project_id or (
                origin.team_id != ticket.team_id
                and default
                and ticket.project_id == origin.team_id.project_id
            ):
                ticket.project_id = default
            elif ticket._has_project_of_team_in_passing():
                ticket.project_id = default or origin.project_id

    def _has_project_of_team_in_passing(self):
        """Tell whether the project in an open form is the default of a team that was
        chosen there before the present one.

        :rtype: bool
        """
        if isinstance(self.id, int):
            return False
        project = self.project_id._origin.sudo().with_context(active_test=False)
        teams, team = project.helpdesk_team_ids, self.team_id._origin.sudo()
        return bool(
            teams and team not in teams and project != self._origin.sudo().project_id
        )

    @api.model
    def _search_total_hours_spent(self, operator, value):
        """Search tickets by their hours; tickets without time count as zero hours.

        :raise AccessError: for customers: what they may not read they do not find out
            by searching
        """
        if not self.env.su and not self.env.user._is_internal():
            raise AccessError(self.env._("You may not search tickets by their hours."))
        if operator not in ("<", ">", "<=", ">=", "in", "not in"):
            return NotImplemented
        if operator == "in":
            return Domain.OR(self._search_hours("=", hours) for hours in value)
        if operator == "not in":
            return ~Domain.OR(self._search_hours("=", hours) for hours in value)
        return self._search_hours(operator, value)

    @api.model
    def _search_hours(self, operator, value):
        hours = self._parse_hours(value)
        Line = self.env["account.analytic.line"].sudo()
        on_project = Domain("project_id", "!=", False)
        found = Line._search_tickets(on_project, (operator, hours))
        domain = Domain("id", "in", found)
        matches_zero = {
            "=": hours == 0,
            "<": 0 < hours,
            ">": 0 > hours,
            "<=": 0 <= hours,
            ">=": 0 >= hours,
        }[operator]
        if matches_zero:
            # not by the field of the lines: not everybody here may read them
            domain |= Domain("id", "not in", Line._search_tickets(on_project))
        return domain

    @api.model
    def _parse_hours(self, value):
        """Hours that somebody searches for.

        :rtype: float
        :raise UserError: when it is no number
        """
        try:
            hours = float(value or 0.0)
        except (TypeError, ValueError):
            hours = math.nan
        if not math.isfinite(hours):
            raise UserError(
                self.env._(
                    "Time Spent is searched by a number of hours, such as 1.5; "
                    "“%(value)s” is none.",
                    value=value,
                )
            )
        return hours

    # === CONSTRAINT METHODS === #

    @api.constrains("project_id", "team_id")
    def _check_project_allows_timesheets(self):
        for ticket in self.filtered("use_helpdesk_timesheet"):
            project = ticket.sudo().project_id
            if project and not project.allow_timesheets:
                raise ValidationError(
                    self.env._(
                        "Timesheets of project %(project)s are off. Turn them on in "
                        "its settings, or choose another project for ticket "
                        "%(ticket)s.",
                        project=project.name,
                        ticket=ticket.display_name,
                    )
                )

    @api.constrains("task_id", "project_id", "partner_id")
    def _check_task_id(self):
        """A ticket and its task are one piece of work for one customer."""
        for ticket in self.sudo().filtered("task_id"):
            task = ticket.task_id
            if not task.project_id or task.project_id != ticket.project_id:
                raise ValidationError(
                    self.env._(
                        "Task %(task)s is not part of project %(project)s. Choose a "
                        "task of that project, or change the project of the ticket.",
                        task=task.display_name,
                        project=ticket.project_id.display_name or "-",
                    )
                )
            self.env["account.analytic.line"]._check_same_customer(ticket, task)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_may_take_tasks(vals_list)
        vals_list = [
            self._let_new_time_follow(self._without_empty_time(vals))
            for vals in vals_list
        ]
        tickets = super().create(vals_list)
        tickets._after_create()
        return tickets

    def write(self, vals):
        """Let unbilled time follow the ticket to its new project, task or customer."""
        vals = self._without_empty_time(vals)
        if not self._get_moving_fields() & vals.keys():
            return super().write(vals)
        vals = self._let_new_time_follow(vals)
        before = self._read_before_move()
        if vals.get("task_id"):
            changed = [v for v in before.values() if v["task"].id != vals["task_id"]]
            self._check_may_take_tasks([vals] if changed else [])
        result = super().write(vals)
        self._move_time(before, vals)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_time(self):
        """A ticket with time can be archived, not deleted."""
        with_time = self - self._filter_without_time()
        if with_time:
            raise UserError(
                self.env._(
                    "%(tickets)s hold recorded time and cannot be deleted. "
                    "Archive them instead.",
                    tickets=", ".join(with_time.mapped("display_name")),
                )
            )

    def unlink(self):
        tasks = self.sudo().task_id
        result = super().unlink()
        tasks._refresh_helpdesk_ticket()
        return result

    def _after_create(self):
        """Let the tasks of new tickets know whom they serve."""
        with_task = self.sudo().filtered("task_id")
        with_task.task_id._refresh_helpdesk_ticket()
        with_task._adopt_task_time()

    # === BUSINESS METHODS === #

    @api.model
    def _without_empty_time(self, vals):
        """Leave out rows that were added to the form and never filled in: neither text
        nor hours.

        :param dict vals: values on their way to ``create`` or ``write``
        :rtype: dict
        """
        commands = vals.get("timesheet_ids")
        if not isinstance(commands, list | tuple):
            return vals
        is_empty = self.env["account.analytic.line"]._is_without_text
        kept = [
            command
            for command in commands
            if not isinstance(command, list | tuple)
            or len(command) != 3
            or command[0] != Command.CREATE
            or not isinstance(command[2], dict)
            or command[2].get("unit_amount")
            or not is_empty(command[2].get("name"))
        ]
        return {**vals, "timesheet_ids": kept}

    def _let_new_time_follow(self, vals):
        """Time that comes with other values of a ticket is on the project and task the
        ticket gets, not on those it had when the time was typed; the item chosen for
        the former project is chosen again.

        :param dict vals: values on their way to ``create`` or ``write``
        :return: values with lines that name neither, where the ticket gives both
        :rtype: dict
        """
        commands = vals.get("timesheet_ids")
        if not commands:
            return vals
        former = [False, None, *self.sudo().task_id.ids]
        result = []
        for command in commands:
            # a command may also be the id of a line
            is_new = not isinstance(command, int) and command[0] == Command.CREATE
            if is_new and command[2].get("task_id") in former:
                values = dict(command[2])
                project = values.pop("project_id", False)
                values.pop("task_id", None)
                if project and not values.get("is_so_line_edited"):
                    if project != self._get_project_after(vals):
                        values.pop("so_line", None)
                command = Command.create(values)
            result.append(command)
        return {**vals, "timesheet_ids": result}

    def _get_project_after(self, vals):
        """Id of the project a ticket gets by these values, as far as they tell."""
        if "project_id" in vals:
            return vals["project_id"]
        task = self.env["project.task"].sudo().browse(vals.get("task_id") or [])
        team = self.env["helpdesk.team"].sudo().browse(vals.get("team_id") or [])
        return (task.project_id or team.project_id or self.sudo().project_id[:1]).id

    def _check_timesheet_allowed(self):
        """Check that time can be recorded on these tickets.

        :return: the tickets, with what their time needs already read
        :raise AccessError: if the user may not read a ticket
        :raise ValidationError: if the team records no time, or has no project for it
        """
        # One query instead of evaluating the record rules on each ticket.
        readable = self.with_context(active_test=False).search_fetch(
            [("id", "in", self.ids)], self._get_fields_for_time()
        )
        (self - readable).check_access("read")
        for ticket in self.sudo():
            if ticket.merged_into_id:
                raise ValidationError(
                    self.env._(
                        "Ticket %(ticket)s was merged into %(survivor)s. Record the time "
                        "there.",
                        ticket=ticket.display_name,
                        survivor=ticket.merged_into_id.display_name,
                    )
                )
            if not ticket.team_id.use_helpdesk_timesheet:
                raise ValidationError(
                    self.env._(
                        "Team %(team)s records no time. Turn on Timesheet on Ticket in "
                        "the settings of the team to log time on %(ticket)s.",
                        team=ticket.team_id.name,
                        ticket=ticket.display_name,
                    )
                )
            if not ticket.project_id:
                raise ValidationError(
                    self.env._(
                        "Ticket %(ticket)s has no project to record time on. "
                        "Choose its project first.",
                        ticket=ticket.display_name,
                    )
                )
        return self

    @api.model
    def _get_fields_for_time(self):
        """Fields of the ticket that recording time reads, to be fetched at once.

        :rtype: list[str]
        """
        return [
            "commercial_partner_id",
            "company_id",
            "merged_into_id",
            "partner_id",
            "project_id",
            "sale_line_id",
            "task_id",
            "team_id",
            "write_date",
        ]

    def _filter_without_time(self):
        """Those of the tickets on which nobody recorded time.

        :rtype: helpdesk.ticket
        """
        groups = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                [("helpdesk_ticket_id", "in", self.ids)], ["helpdesk_ticket_id"]
            )
        )
        return self - self.browse(ticket.id for (ticket,) in groups)
