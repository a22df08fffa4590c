import logging
import math
from collections import defaultdict

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from odoo.addons.helpdesk_base.tools import format_hours

_logger = logging.getLogger(__name__)

# How often time is looked for after a ticket moved while others hold it.
SETTLE_TRIES = 3


class HelpdeskTicket(models.Model):
    """Time on a ticket: its project, its task and its timesheets.

    When the ticket moves, unbilled time follows it; billed time (on an invoice that is
    not cancelled, a draft included) never moves.
    """

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "helpdesk.time.entry.mixin"]

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
        aggregator="sum",
        groups="base.group_user",
        help="Hours recorded on this ticket by everybody.",
    )

    require_time_to_close = fields.Boolean(related="team_id.require_time_to_close")

    close_without_time_reason = fields.Char(
        string="Why Closed without Time",
        copy=False,
        tracking=True,
        groups="base.group_user",
        help="Why nobody recorded time on this ticket, where its team asks for time "
        "before a ticket is closed.",
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

    @api.depends("timesheet_ids.unit_amount")
    def _compute_hours(self):
        """All figures of all tickets from the same query."""
        hours = self._origin._read_hours()
        for ticket in self:
            ticket._set_hours(hours[ticket._origin.id])

    def _read_hours(self):
        """Hours recorded on these tickets, in one query. Meant for override by what
        else is counted of the same time.

        :return: by ticket id, hours by name; ``spent`` are those that were worked
        :rtype: dict
        """
        Line = self.env["account.analytic.line"]
        hours = defaultdict(lambda: defaultdict(float))
        for ticket, spent in Line._read_group(
            Line._domain_of_tickets(self), ["helpdesk_ticket_id"], ["unit_amount:sum"]
        ):
            hours[ticket.id]["spent"] = spent
        return hours

    def _set_hours(self, figures):
        """Set what :meth:`_read_hours` counted on this ticket.

        :param dict figures: hours by name
        """
        self.total_hours_spent = figures["spent"]
        if not isinstance(self.id, int):
            # A form that is being edited shows the lines typed so far.
            self.total_hours_spent = sum(self.timesheet_ids.mapped("unit_amount"))

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

    # === REPORTING === #

    def _read_group_select(self, aggregate_spec, query):
        """Sums of figures that are not stored, as Tickets Analysis shows them: see
        :meth:`_get_hours_measures`."""
        name, _separator, function = aggregate_spec.partition(":")
        measure = function == "sum" and self._get_hours_measures().get(name)
        if not measure:
            return super()._read_group_select(aggregate_spec, query)
        self._check_field_access(self._fields[name], "read")
        time, field = measure
        Line = self.env["account.analytic.line"].sudo()
        lines = Line._search(
            time
            & Domain("helpdesk_ticket_id", "!=", False)
            & Domain("project_id", "!=", False)
        )
        ticket = SQL.identifier(lines.table, "helpdesk_ticket_id")
        hours = Line._field_to_sql(lines.table, field, lines)
        lines.groupby = ticket
        alias = query.make_alias(self._table, name)
        query.add_join(
            "LEFT JOIN",
            alias,
            SQL("(%s)", lines.select(ticket, SQL("SUM(%s) AS hours", hours))),
            SQL(
                "%s = %s",
                SQL.identifier(alias, "helpdesk_ticket_id"),
                SQL.identifier(self._table, "id"),
            ),
        )
        return SQL("SUM(%s)", SQL.identifier(alias, "hours"))

    @api.model
    def _get_hours_measures(self):
        """Figures of :meth:`_read_hours` that can be summed up over many tickets. Meant
        for override by what else is counted of the same time.

        :return: by field of the ticket: which lines, and the field that sums them up
        :rtype: dict[str, tuple[Domain, str]]
        """
        return {"total_hours_spent": (Domain.TRUE, "unit_amount")}

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
        """Let the time that comes with a ticket, and that of its task, be its time."""
        vals_list = self._clean_input_list(vals_list)
        self._check_may_take_tasks(vals_list)
        vals_list = [
            self._let_new_time_follow(self._without_empty_time(vals))
            for vals in vals_list
        ]
        tickets = super().create(vals_list)
        tickets._after_create()
        for ticket in tickets if not self.env.su else ():
            ticket._check_may_open_project(ticket.sudo().project_id)
        return tickets

    def write(self, vals):
        """Let unbilled time follow the ticket to its new project, task or customer."""
        vals = self._without_empty_time(self._clean_input(vals))
        if not self._get_settling_fields() & vals.keys():
            return super().write(vals)
        vals = self._let_new_time_follow(vals)
        before = self._read_before_move()
        if vals.get("task_id"):
            changed = [v for v in before.values() if v["task"].id != vals["task_id"]]
            self._check_may_take_tasks([vals] if changed else [])
        result = super().write(vals)
        if self._get_moving_fields() & vals.keys():
            self._move_time(before, vals)
        if vals.get("project_id") and not self.env.su:
            for ticket in self:
                former = before[ticket.sudo()]["project"]
                ticket._check_may_open_project(ticket.sudo().project_id - former)
        self._settle_after_commit()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_time(self):
        """A ticket with time can be archived, not deleted."""
        with_time = self - self._filter_without_time()
        if with_time:
            raise UserError(
                self.env._(
                    "You cannot delete %(tickets)s: time was recorded there. Archive "
                    "instead.",
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

    def onchange(self, values, field_names, fields_spec):
        """Where a task leads is read with raised rights."""
        task = self._get_named_in_form("task_id", values)
        self._check_may_take_tasks([{"task_id": task.id}] if task else [])
        return super().onchange(values, field_names, fields_spec)

    # === TIME ON A TICKET === #

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
        return vals | {"timesheet_ids": kept}

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
        return vals | {"timesheet_ids": result}

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
        self.sudo().fetch(self._get_fields_for_time())
        self.check_access("read")
        for ticket in self.sudo():
            refusal = ticket._get_time_refusal()
            if refusal:
                raise ValidationError(refusal)
        return self

    def _get_time_refusal(self):
        """Why no time can be recorded on this ticket, whoever asks.

        :return: a sentence that says what to do, empty if it can
        :rtype: str
        """
        ticket = self.sudo()
        if ticket.merged_into_id:
            return self.env._(
                "Ticket %(ticket)s was merged into %(survivor)s. Record the time "
                "there.",
                ticket=ticket.display_name,
                survivor=ticket.merged_into_id.display_name,
            )
        if not ticket.team_id.use_helpdesk_timesheet:
            return self.env._(
                "Team %(team)s records no time. Turn on Timesheet on Ticket in "
                "the settings of the team to log time on %(ticket)s.",
                team=ticket.team_id.name,
                ticket=ticket.display_name,
            )
        if not ticket.project_id:
            return self.env._(
                "Ticket %(ticket)s has no project to record time on. "
                "Choose its project first.",
                ticket=ticket.display_name,
            )
        return ""

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

    # === CLOSING === #

    def _get_close_refusal(self):
        """Where the team asks for it, a ticket is closed with time or with a reason."""
        refusal = super()._get_close_refusal()
        ticket = self.sudo()
        if refusal or not ticket.team_id.require_time_to_close:
            return refusal
        if not ticket.team_id.use_helpdesk_timesheet or ticket.total_hours_spent:
            return refusal
        if (ticket.close_without_time_reason or "").strip():
            return refusal
        return self.env._(
            "Nobody recorded time on %(ticket)s yet. Record the time before you close "
            "it, or fill in “%(field)s” in its Timesheets tab.",
            ticket=ticket.display_name,
            field=self._fields["close_without_time_reason"]._description_string(
                self.env
            ),
        )

    # === PROJECTS AND TASKS THAT MAY BE OPENED === #

    def _check_may_open_project(self, project):
        """Rights are asked for a project that a person names. Those of the ticket's own
        team and task are open to all who work on the ticket.

        :param project: ``project.project`` that was named, may be empty
        :raise AccessError: if the user may not read it
        """
        ticket = self.sudo()
        if project - ticket.team_id.project_id - ticket.task_id.project_id:
            project.with_env(self.env).check_access("read")

    @api.model
    def _check_may_take_tasks(self, vals_list):
        """The time of a task becomes time of its ticket: nobody takes that of a task
        that person may not see.

        :param list[dict] vals_list: checked values for ``create`` or ``write``
        :raise AccessError: if a task is hidden from the user
        """
        if self.env.su or not vals_list:
            return
        default = self.default_get(["task_id"]).get("task_id")
        to_id = self._fields["task_id"].convert_to_cache
        ids = {to_id(vals.get("task_id", default), self) for vals in vals_list}
        tasks = self.env["project.task"].browse(ids - {None})
        # those that do not exist are refused with the other bad values
        if not tasks.exists().has_access("read"):
            raise AccessError(
                self.env._(
                    "You may not see this task, so you cannot choose it for a ticket. "
                    "Ask somebody who works on its project to do it."
                )
            )

    # === WHAT FOLLOWS === #

    @api.model
    def _get_moving_fields(self):
        """Fields whose change may move time.

        :rtype: set[str]
        """
        return {"partner_id", "project_id", "task_id", "team_id"}

    @api.model
    def _get_settling_fields(self):
        """Fields after whose change time recorded meanwhile is looked for, see
        :meth:`_settle_after_commit`. Meant for override by what else time follows.

        :rtype: set[str]
        """
        return {"merged_into_id", *self._get_moving_fields()}

    def _read_before_move(self):
        """What :meth:`_move_time` must know of the tickets as they were.

        :rtype: dict
        """
        return {
            ticket: {
                "company": ticket.company_id,
                "project": ticket.project_id,
                "task": ticket.task_id,
                "team": ticket.team_id,
                "team_project": ticket.team_id.project_id,
            }
            for ticket in self.sudo()
        }

    def _move_time(self, before, vals):
        """Let unbilled time follow tickets that were just written.

        :param dict before: see :meth:`_read_before_move`
        :param dict vals: what was written
        :raise UserError: if billed time would change company
        """
        tickets = self.sudo()
        tickets._check_company_move(before)
        if "team_id" in vals and "project_id" not in vals:
            tickets._follow_team(before)
        if "task_id" in vals:
            former = self.env["project.task"].union(
                *(v["task"] for v in before.values())
            )
            (former.sudo() | tickets.task_id)._refresh_helpdesk_ticket()
            tickets.filtered("task_id")._adopt_task_time()
        moved = tickets.filtered(
            lambda t: (
                (t.project_id, t.task_id) != (before[t]["project"], before[t]["task"])
            )
        )
        moved._move_time_to_project()
        tickets.filtered(
            lambda t: t.company_id != before[t]["company"]
        )._move_time_to_company()

    def _check_company_move(self, before):
        """Billed time cannot follow a ticket to another company."""
        moved = self.filtered(lambda t: t.company_id != before[t]["company"])
        if not moved:
            return
        Line = self.env["account.analytic.line"]
        billed = Line.search(
            Line._domain_time("billed") & Line._domain_of_tickets(moved),
            limit=1,
        )
        if billed:
            raise UserError(
                self.env._(
                    "Time of %(ticket)s is already billed by %(company)s. Create a new "
                    "ticket in the other company instead of moving this one.",
                    ticket=billed.helpdesk_ticket_id.display_name,
                    company=before[billed.helpdesk_ticket_id]["company"].name,
                )
            )

    def _follow_team(self, before):
        """A ticket on the default project of its former team gets that of its new
        team, if the new team records time. Otherwise the ticket keeps its project, and
        with it the time recorded so far."""
        for team, tickets in self.grouped("team_id").items():
            if not team.use_helpdesk_timesheet or not team.project_id:
                continue
            tickets.filtered(
                lambda t: (
                    t.team_id != before[t]["team"]
                    and not t.task_id
                    and t.project_id
                    in (before[t]["team_project"], t.project_id.browse())
                    and t.project_id != t.team_id.project_id
                )
            ).write({"project_id": team.project_id.id})

    def _adopt_task_time(self):
        """Time on the task becomes time of its ticket, and the other way round.

        Lines of the task without ticket get the ticket, billed ones by reference only;
        unbilled lines of the ticket without task get the task. Teams that record no
        time leave the time of the task to the project.
        """
        lines = self.env["account.analytic.line"].sudo()
        tickets = self.filtered("team_id.use_helpdesk_timesheet")
        orphans = lines.search(
            [("task_id", "in", tickets.task_id.ids), ("helpdesk_ticket_id", "=", False)]
        )
        for ticket, time in tickets._filter_to_adopt(orphans).items():
            time.write({"helpdesk_ticket_id": ticket.id})

    def _filter_to_adopt(self, orphans):
        """Time of the tasks of these tickets that becomes time of the ticket. Meant for
        override by what keeps time apart.

        :param orphans: ``account.analytic.line`` of their tasks without ticket
        :return: lines by ticket
        :rtype: dict
        """
        by_task = orphans.grouped("task_id")
        return {t: by_task[t.task_id] for t in self if t.task_id in by_task}

    def _move_time_to_project(self):
        """Write project and task of each ticket on its unbilled lines without task.

        A line with a task stays on that task: it was worked there.
        """
        Line = self.env["account.analytic.line"].sudo()
        lines = Line.search(
            Line._domain_of_tickets(self)
            & ~Line._domain_time("billed")
            & Domain("task_id", "=", False)
        )
        targets = lines.grouped(
            lambda line: (
                line.helpdesk_ticket_id.project_id,
                line.helpdesk_ticket_id.task_id,
            )
        )
        for (project, task), own in targets.items():
            if project:
                own.write({"project_id": project.id, "task_id": task.id})

    def _move_time_to_company(self):
        """Unbilled time on projects that are open to all companies is of the company of
        its ticket; all other time is of the company of its project."""
        Line = self.env["account.analytic.line"].sudo()
        lines = Line.search(
            Line._domain_of_tickets(self)
            & ~Line._domain_time("billed")
            & Domain("project_id.company_id", "=", False)
        )
        for company, own in lines.grouped(
            lambda line: line.helpdesk_ticket_id.company_id
        ).items():
            own.write({"company_id": company.id})

    # === MERGE === #

    def _merge_check(self, sources):
        """Refuse to merge time of one customer into the ticket of another.

        :param sources: tickets to be merged into this one
        :raise UserError: naming the tickets that must stay apart
        """
        result = super()._merge_check(sources)
        with_time = sources - sources._filter_without_time()
        foreign = with_time.sudo().filtered(
            lambda t: (
                (t.commercial_partner_id, t.company_id)
                != (self.sudo().commercial_partner_id, self.company_id)
            )
        )
        if foreign:
            raise UserError(
                self.env._(
                    "%(tickets)s hold time of another customer or company than "
                    "%(survivor)s and cannot be merged into it. Move or correct their "
                    "time first.",
                    tickets=", ".join(foreign.mapped("display_name")),
                    survivor=self.display_name,
                )
            )
        return result

    def _merge_move(self, sources):
        """Bring the time of the merged tickets to the survivor.

        Billed lines move by reference only. Unbilled lines keep their item: the
        customer is the same, and only a later change of the survivor moves them.
        """
        result = super()._merge_move(sources)
        survivor, sources = self.sudo(), sources.sudo()
        Line = self.env["account.analytic.line"].sudo()
        lines = Line.search(Line._domain_of_tickets(sources))
        tasks = sources.task_id
        sources.write({"task_id": False})
        if lines:
            survivor._merge_lines(lines)
        if len(tasks) == 1 and not survivor.task_id:
            if tasks.project_id == survivor.project_id:
                survivor.task_id = tasks
        return result

    def _merge_lines(self, lines):
        """Point lines of merged tickets to this one, and say so in the chatter."""
        billed = lines.filtered(lambda line: not line._is_not_billed())
        loose = (lines - billed).filtered(lambda line: not line.task_id)
        hours = sum(lines.mapped("unit_amount"))
        with self.env.protecting([lines._fields["so_line"]], lines):
            (lines - loose).write({"helpdesk_ticket_id": self.id})
            if loose:
                loose.write(
                    {
                        "helpdesk_ticket_id": self.id,
                        "project_id": (self.project_id or loose[0].project_id).id,
                    }
                )
        self._message_log(
            body=self.env._(
                "%(hours)s hours on %(count)s timesheet lines were moved here from "
                "merged tickets.",
                hours=format_hours(self.env, hours),
                count=len(lines),
            )
        )

    # === TIME RECORDED WHILE A TICKET MOVES === #
    #
    # Two transactions that do not see each other: one records time on a ticket, the
    # other gives the ticket another customer, item or team, merges it, or switches
    # billing off. Whoever records time holds the ticket and its team, shared with
    # everybody else who does: if they changed since, PostgreSQL refuses, and Odoo
    # carries the call out again on what is true now. Whoever moves a ticket waits for
    # them, and looks again right after the commit for time that it could not see. So
    # both orders end alike.

    def _hold_for_time(self):
        """Hold these tickets and their teams until the end of the transaction, together
        with all others who record time on them. The ORM knows exclusive locks only,
        with which colleagues would wait for each other.

        :raise psycopg2.errors.SerializationFailure: if one of them changed since this
            transaction began; Odoo tries the call again
        """
        if self.ids:
            self.env.execute_query(
                SQL(
                    "SELECT t.id FROM helpdesk_ticket t"
                    " JOIN helpdesk_team g ON g.id = t.team_id"
                    " WHERE t.id IN %s ORDER BY t.id FOR SHARE OF t, g",
                    tuple(self.ids),
                )
            )

    def _settle_after_commit(self, teams=(), step="_settle_time"):
        """Look for time recorded meanwhile once this transaction is committed.

        :param teams: ``helpdesk.team`` whose tickets are concerned, too
        :param str step: method that looks, see :meth:`_settle_time`; for addons that
            have another look at time of tickets
        """
        registry, postcommit = self.env.registry, self.env.cr.postcommit
        if not registry.ready:
            return  # nobody records time while modules are installed
        key = f"helpdesk_settle.{step}"
        moved = postcommit.data.get(key)
        if moved is None:
            moved = postcommit.data[key] = (set(), set())
            postcommit.add(lambda: self._settle(registry, step, *moved))
        moved[0].update(self.ids)
        moved[1].update(team.id for team in teams)

    @staticmethod
    def _settle(registry, step, ticket_ids, team_ids):
        """Settle in a transaction that reads what is committed, again if others are in
        the way; what goes wrong here must not reach the user, whose change is saved."""
        for left in reversed(range(SETTLE_TRIES)):
            try:
                with registry.cursor() as cr:
                    cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                    cr.execute("SET LOCAL lock_timeout = '10s'")
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    tickets = env["helpdesk.ticket"].browse(sorted(ticket_ids)).exists()
                    getattr(tickets, step)(sorted(team_ids))
                return
            except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
                if left and isinstance(error, OperationalError):
                    continue
                _logger.warning(
                    "Time recorded while tickets %s of teams %s moved was not looked at.",
                    sorted(ticket_ids),
                    sorted(team_ids),
                    exc_info=True,
                )
                return

    def _settle_time(self, team_ids=()):
        """Bring open time to where these tickets are: survivor, project, company,
        customer and item. What is there already stays untouched.

        :param team_ids: ids of ``helpdesk.team`` whose tickets are concerned, too
        """
        Line = self.env["account.analytic.line"].sudo()
        merged = self.sudo().filtered("merged_into_id")
        stray = Line.search(Line._domain_of_tickets(merged)) if merged else Line
        for survivor, lines in stray.grouped(
            lambda line: line.helpdesk_ticket_id.merged_into_id
        ).items():
            survivor._merge_lines(lines)
        lines = Line.search(
            (
                Line._domain_of_tickets(self - merged)
                | Domain("helpdesk_ticket_id.team_id", "in", list(team_ids))
            )
            & ~Line._domain_time("billed")
        )
        lines._settle_on_ticket()

    # === PORTAL === #

    def _shows_time_in_portal(self):
        """Tell whether the customer of the ticket sees its time.

        Meant for override by addons that let customers choose.

        :rtype: bool
        """
        self.ensure_one()
        team = self.sudo().team_id
        return team.use_helpdesk_timesheet and team.portal_show_timesheets

    def _domain_portal_time(self):
        """Time of these tickets that belongs to the customer they have today.

        Time billed to a former customer stays on the ticket, and is nobody else's
        business. Nor does the customer see what is not shown to customers at all.

        :rtype: Domain
        """
        shown = self.env["account.analytic.line"]._domain_shown_to_customer()
        domain = Domain.FALSE
        for customer, tickets in self.sudo().grouped("commercial_partner_id").items():
            own = Domain("helpdesk_commercial_partner_id", "=", customer.id)
            domain |= Domain("helpdesk_ticket_id", "in", tickets.ids) & own
        return domain & Domain("project_id", "!=", False) & shown

    def _get_portal_timesheets(self):
        """Time to list on the portal page of the ticket, the newest first.

        :return: time lines with superuser rights; show date, person, description and
            hours of them, nothing else
        :rtype: account.analytic.line
        """
        self.ensure_one()
        Line = self.env["account.analytic.line"].sudo()
        if not self._shows_time_in_portal():
            return Line
        return Line.search(self._domain_portal_time(), order="date desc, id desc")

    def _read_portal_hours(self):
        """Hours to show in the portal's list of tickets, in one query.

        :return: hours by ticket id; tickets without time are missing
        :rtype: dict
        """
        if not self:
            return {}
        groups = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                self._domain_portal_time(), ["helpdesk_ticket_id"], ["unit_amount:sum"]
            )
        )
        return {ticket.id: hours for ticket, hours in groups}
