from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.helpdesk_base.tools import format_hours


class HelpdeskTicket(models.Model):
    """What happens to recorded time when the ticket moves.

    Unbilled time follows the ticket; billed time (on an invoice that is not cancelled,
    a draft included) never moves.
    """

    _inherit = "helpdesk.ticket"

    time_move_notice = fields.Char(
        string="What Will Happen to Recorded Time",
        compute="_compute_time_move_notice",
        compute_sudo=True,
        export_string_translation=False,
        groups="base.group_user",
    )

    # === COMPUTE METHODS === #

    @api.depends("sale_line_id", "partner_id", "team_id", "project_id", "task_id")
    def _compute_time_move_notice(self):
        """Tell, before saving, where recorded hours will go."""
        self.time_move_notice = False
        for ticket in self:
            origin = ticket._origin
            if ticket == origin or not origin.id:
                continue
            ticket.time_move_notice = ticket._get_time_move_notice(origin)

    def _get_time_move_notice(self, origin):
        """Sentences for :meth:`_compute_time_move_notice`, False if nothing moves.

        :param origin: the ticket as it is saved
        """
        item, former = self._get_effective_item(), origin._get_effective_item()
        project = self.project_id._origin
        moved, to_project, billed = self._read_hours_that_follow(origin)
        notices = [
            self._get_move_notice(order, format_hours(self.env, hours))
            for order, hours in moved.items()
            if round(hours, 2)
        ]
        if to_project:
            notices.append(
                self.env._(
                    "%(hours)s h unbilled move to project %(project)s.",
                    hours=format_hours(self.env, to_project),
                    project=project.name or "-",
                )
            )
        if billed and (item, project) != (former, origin.project_id):
            notices.append(
                self.env._(
                    "%(hours)s h already billed stay.",
                    hours=format_hours(self.env, billed),
                )
            )
        return " ".join(notices) or False

    def _get_move_notice(self, order, hours):
        """What happens to hours that leave the item that bills them so far.

        :param order: ``sale.order`` they move to, may be empty
        :rtype: str
        """
        if not order:
            return self.env._("%(hours)s h unbilled become non-billable.", hours=hours)
        return self.env._(
            "%(hours)s h unbilled move to %(order)s.", hours=hours, order=order.name
        )

    def _get_effective_item(self):
        """Item that bills new time of this ticket: none if the team does not bill."""
        item = self.sale_line_id._origin
        return item if self.team_id.use_helpdesk_sale_timesheet else item.browse()

    def _read_hours_that_follow(self, origin):
        """Recorded hours by what a change of this form does to them.

        :param origin: the ticket as it is saved
        :return: hours by the order they move to (an empty one for those that become
            non-billable), hours that follow to the project, and billed hours, which stay
        :rtype: tuple
        """
        Line = self.env["account.analytic.line"].sudo()
        domain, billed = Line._domain_of_tickets(origin), Line._domain_helpdesk_billed()
        unbilled = (domain | self._domain_time_to_adopt(origin)) & ~billed
        moved, to_project = defaultdict(float), 0.0
        project = self.project_id._origin
        by = ["so_line", "project_id", "task_id", "employee_id", "is_so_line_edited"]
        for item, former, task, employee, by_hand, hours in Line._read_group(
            unbilled, by, ["unit_amount:sum"]
        ):
            target = former if task or project == origin.project_id else project
            to_project += hours if target != former else 0.0
            if by_hand and not self._ends_with_customer(item):
                continue
            if target == former and self._is_billed_as(origin):
                continue
            after = target.allow_billable and Line._choose_ticket_item(
                self, target, employee, item
            )
            if (after or item.browse()) != item:
                moved[after.order_id if after else item.order_id.browse()] += hours
        total = Line._read_group(domain & billed, [], ["unit_amount:sum"])[0][0]
        return moved, to_project, total

    def _domain_time_to_adopt(self, origin):
        """Time of a task that becomes time of this ticket, see :meth:`_adopt_task_time`.

        :param origin: the ticket as it is saved
        :rtype: Domain
        """
        task = self.task_id._origin
        if task == origin.task_id or not self.team_id.use_helpdesk_timesheet:
            return Domain.FALSE
        return Domain("task_id", "in", task.ids) & Domain(
            "helpdesk_ticket_id", "=", False
        )

    def _ends_with_customer(self, item):
        """Tell whether an item set by hand is given up: it is of another customer."""
        buyer = item.helpdesk_commercial_partner_id
        return bool(item) and buyer != self.commercial_partner_id._origin

    def _is_billed_as(self, origin):
        """Tell whether nothing changed that an item is chosen by."""
        names = ("sale_line_id", "partner_id", "team_id", "task_id")
        return all(self[name]._origin == origin[name] for name in names)

    # === WHAT FOLLOWS === #

    @api.model
    def _get_moving_fields(self):
        """Fields whose change may move time.

        :rtype: set[str]
        """
        return {"partner_id", "project_id", "task_id", "team_id"}

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
            Line._domain_helpdesk_billed() & Line._domain_of_tickets(moved),
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
        # An invoice with a line for a ticket alone billed other time without it.
        billed = self.env["account.move.line"].sudo()
        billed = billed.search([("helpdesk_ticket_id", "in", tickets.ids)])
        apart = {(line.helpdesk_ticket_id, line.move_id) for line in billed}
        for task, lines_of_task in orphans.grouped("task_id").items():
            ticket = tickets.filtered(lambda t, task=task: t.task_id == task)
            lines_of_task.filtered(
                lambda line, ticket=ticket: (
                    (ticket, line.timesheet_invoice_id) not in apart
                )
            ).write({"helpdesk_ticket_id": ticket.id})

    def _move_time_to_project(self):
        """Write project and task of each ticket on its unbilled lines without task.

        A line with a task stays on that task: it was worked there.
        """
        Line = self.env["account.analytic.line"].sudo()
        lines = Line.search(
            Line._domain_of_tickets(self)
            & ~Line._domain_helpdesk_billed()
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
            & ~Line._domain_helpdesk_billed()
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
        # Invoice lines of one ticket hold its time: they stay together.
        invoice_lines = self.env["account.move.line"].sudo()
        invoice_lines.search([("helpdesk_ticket_id", "in", sources.ids)]).write(
            {"helpdesk_ticket_id": survivor.id}
        )
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
