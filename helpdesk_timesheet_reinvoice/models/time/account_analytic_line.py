from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.helpdesk_base.models.helpdesk_gate import CleanValues
from odoo.addons.helpdesk_base.tools import Private, add_columns, read_private

# A single line longer than the longest year is a typing error, not work.
MAX_HOURS_PER_LINE = 366 * 24

_COMPARISONS = {
    operator: SQL(operator)  # pylint: disable=sql-injection
    for operator in ("=", "!=", "<", ">", "<=", ">=")
}


class AccountAnalyticLine(models.Model):
    """Time on a ticket: the line, its ticket, its task and its project agree."""

    _name = "account.analytic.line"
    _inherit = ["account.analytic.line", "helpdesk.gate"]
    # What says whose time it is.
    _person_fields = frozenset({"employee_id", "user_id"})
    # What a ticket, or a person, gives to its time, never the context of a screen.
    _ticket_gives_fields = frozenset(
        {
            "company_id",
            "is_so_line_edited",
            "order_id",
            "partner_id",
            "product_uom_id",
            "so_line",
            "task_id",
            "timesheet_invoice_type",
        }
    )

    # Both indexes this addon adds to the busiest table hold ticket time only:
    # everything else about a ticket is read through the ticket.
    helpdesk_ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        string="Ticket",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('use_helpdesk_timesheet', '=', True)]",
        help="Ticket this time was spent on. It gives the line its project, its "
        "customer and the sales order item that bills it.",
    )

    helpdesk_commercial_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer Company",
        compute="_compute_helpdesk_commercial_partner_id",
        store=True,
        index="btree_not_null",
        help="Company this time was worked for: that of the ticket, until it is billed.",
    )

    internal_note = fields.Text(
        groups="base.group_user",
        copy=False,
        help="For colleagues only: it is on no invoice, no report and no portal page.",
    )

    def _auto_init(self):
        """No time of before is of a ticket: nothing is to be computed for it."""
        kinds = {"helpdesk_commercial_partner_id": "int4"}
        add_columns(self.env.cr, self._table, kinds)
        return super()._auto_init()

    # === COMPUTE METHODS === #

    @api.depends("helpdesk_ticket_id.commercial_partner_id")
    def _compute_helpdesk_commercial_partner_id(self):
        """Time that is billed stays with the company that it is billed to."""
        of_tickets = self.filtered("helpdesk_ticket_id")
        (self - of_tickets).helpdesk_commercial_partner_id = False
        for ticket, lines in of_tickets._filter_not_billed()._get_lines_by_ticket():
            company = ticket.sudo().commercial_partner_id
            lines.helpdesk_commercial_partner_id = company

    @api.depends("helpdesk_ticket_id")
    def _compute_project_id(self):
        """A ticket chosen in an open form brings its project along, as it does when a
        script creates the line; saved lines are moved by :meth:`write`."""
        super()._compute_project_id()
        for line in self:
            ticket = line.helpdesk_ticket_id
            if isinstance(line.id, int) or line.task_id or not ticket:
                continue
            if ticket != line._origin.helpdesk_ticket_id:
                line.project_id = ticket.sudo().project_id

    @api.depends("helpdesk_ticket_id.commercial_partner_id")
    def _compute_commercial_partner(self):
        super()._compute_commercial_partner()
        for line in self.filtered("helpdesk_ticket_id"):
            ticket = line.helpdesk_ticket_id.sudo()
            line.commercial_partner_id = ticket.commercial_partner_id

    @api.depends("helpdesk_ticket_id.partner_id")
    def _compute_partner_id(self):
        """The ticket gives its customer to unbilled lines; see the stock method for
        lines without ticket."""
        ticket_lines = self.filtered("helpdesk_ticket_id")
        super(AccountAnalyticLine, self - ticket_lines)._compute_partner_id()
        for ticket, lines in ticket_lines._filter_not_billed()._get_lines_by_ticket():
            lines.partner_id = ticket.sudo().partner_id

    # === CONSTRAINT METHODS === #

    @api.constrains("helpdesk_ticket_id", "project_id", "task_id")
    def _check_helpdesk_ticket_id(self):
        """A line names one piece of work: its ticket, task and project agree. A batch may
        hold thousands of lines of the same work."""
        lines = self.sudo()
        if not lines.helpdesk_ticket_id:
            return
        works = lines.grouped(
            lambda line: (line.helpdesk_ticket_id, line.task_id, line.project_id)
        )
        for (ticket, task, project), lines in works.items():
            if ticket and any(line._is_not_billed() for line in lines):
                self._check_same_work(ticket, task, project)

    def _filter_not_billed(self):
        """Those of these lines that are open; quick where none was ever on an invoice.

        :rtype: account.analytic.line
        """
        if not self.timesheet_invoice_id:
            return self
        return self.filtered(lambda line: line._is_not_billed())

    def _get_lines_by_ticket(self):
        """Pairs of a ticket and its lines; quick for thousands of lines of one ticket.

        :rtype: list[tuple]
        """
        tickets = self.helpdesk_ticket_id
        if len(tickets) == 1:
            return [(tickets, self)]
        return list(self.grouped("helpdesk_ticket_id").items())

    def _name_customer_of_ticket(self):
        """Time that was billed while its ticket changed customer has kept the former
        one. Once it is open again and gets an item of the new customer, it names this
        one."""
        for ticket, lines in self._get_lines_by_ticket():
            if (lines.partner_id, lines.helpdesk_commercial_partner_id) != (
                ticket.partner_id,
                ticket.commercial_partner_id,
            ):
                for name in ("partner_id", "helpdesk_commercial_partner_id"):
                    self.env.add_to_compute(self._fields[name], lines)

    @api.model
    def _check_same_work(self, ticket, task, project):
        """Refuse time of a ticket on somebody else's task or project.

        :raise ValidationError: with what does not agree
        """
        if task.helpdesk_ticket_id and task.helpdesk_ticket_id != ticket:
            raise ValidationError(
                self.env._(
                    "Task %(task)s serves ticket %(other)s. Record the time on that "
                    "ticket, or remove the task from the line of ticket %(ticket)s.",
                    task=task.display_name,
                    other=task.helpdesk_ticket_id.display_name,
                    ticket=ticket.display_name,
                )
            )
        self._check_same_customer(ticket, task)
        expected = task.project_id or ticket.project_id
        if not project or project != expected:
            raise ValidationError(
                self.env._(
                    "Time of ticket %(ticket)s is recorded on project %(project)s, not "
                    "on %(other)s. Remove the ticket from the line, or change the "
                    "project of the ticket.",
                    ticket=ticket.display_name,
                    project=expected.display_name or "-",
                    other=project.display_name or "-",
                )
            )

    @api.model
    def _check_same_customer(self, ticket, task):
        """Refuse a line whose ticket and task belong to different customers.

        :raise ValidationError: with both customers named
        """
        if task.partner_id == ticket.partner_id:
            return
        task_customer = task.partner_id.commercial_partner_id
        ticket_customer = ticket.commercial_partner_id
        if task_customer and ticket_customer and task_customer != ticket_customer:
            raise ValidationError(
                self.env._(
                    "Ticket %(ticket)s is of customer %(customer)s, task %(task)s of "
                    "%(other)s. Set the same customer on both, or remove the task from "
                    "the ticket.",
                    ticket=ticket.display_name,
                    customer=ticket_customer.display_name,
                    task=task.display_name,
                    other=task_customer.display_name,
                )
            )

    @api.constrains("unit_amount", "helpdesk_ticket_id")
    def _check_unit_amount(self):
        """More than 24 hours a day is only a warning on the screen: one line may sum
        up several days. More than a year is a typing error."""
        self.filtered("helpdesk_ticket_id")._check_no_typing_error("unit_amount")

    def _check_no_typing_error(self, name):
        """Refuse hours that nobody can have worked in one line.

        :param str name: field with hours
        :raise ValidationError: with the limit
        """
        for line in self:
            # what is no number is not below the limit either
            if not abs(line[name]) <= MAX_HOURS_PER_LINE:
                raise ValidationError(
                    self.env._(
                        "One line can hold %(limit)s hours at most. Check the time "
                        "spent, or split it over several lines.",
                        limit=MAX_HOURS_PER_LINE,
                    )
                )

    @api.constrains("product_uom_id")
    def _check_product_uom_id(self):
        """Hours of tickets are summed up as they are, so all are of the same unit."""
        for (company, other), lines in self.grouped(
            lambda line: (line.company_id, line.product_uom_id)
        ).items():
            if not lines.helpdesk_ticket_id:
                continue
            unit = company.sudo().project_time_mode_id
            if other != unit:
                raise ValidationError(
                    self.env._(
                        "Time of tickets is recorded in %(unit)s, not in %(other)s. "
                        "Leave the unit of measure out.",
                        unit=unit.name,
                        other=other.name or "-",
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Fill in the ticket of a task, and what a ticket gives to its lines."""
        self._complete_ticket_vals(vals_list)
        if not any(vals.get("helpdesk_ticket_id") for vals in vals_list):
            return super().create(vals_list)
        plain = self._without_screen_defaults(vals_list)
        lines = super(AccountAnalyticLine, plain).create(vals_list).with_env(self.env)
        # the calendar's days off have left the list
        for line, vals in zip(lines, vals_list, strict=True):
            line._check_customer_of_ticket(vals.get("partner_id"))
        lines._check_may_open_tasks()
        return lines

    def write(self, vals):
        """Keep ticket, task, project and text of a line in step."""
        vals = self._clean_input(vals)
        former = {}
        if "task_id" in vals and not self.env.su:
            former = {line: line.task_id.id for line in self.sudo()}
        result = True
        for lines, values in self._split_ticket_vals(vals):
            result = super(AccountAnalyticLine, lines).write(values) and result
        if "partner_id" in vals:
            self._check_customer_of_ticket(vals["partner_id"] or False)
        if former:
            self.browse(
                line.id for line, task in former.items() if line.task_id.id != task
            )._check_may_open_tasks()
        if self._person_fields & vals.keys():
            self._check_own_time()
        if {"helpdesk_ticket_id", "name", "task_id"} & vals.keys():
            self._without_joined(vals)._name_after_ticket()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        """What is locked is not deleted, see :meth:`_get_lock_reasons`; a piece that is
        joined with another one is still there."""
        if not self._is_same_work():
            self._check_not_locked()

    def onchange(self, values, field_names, fields_spec):
        """What follows from a ticket, such as its customer, is read with raised rights:
        an open form tells nothing of a ticket that its user may not see.

        :param dict values: values of the form
        :param list field_names: fields that changed, empty for a new form
        :param dict fields_spec: fields to return, see ``web_read``
        :return: the values that changed, and a warning if any
        :rtype: dict
        :raise AccessError: if the user may not read the ticket
        """
        # a dictionary stands for the form of the ticket around the line
        ticket = self._get_named_in_form("helpdesk_ticket_id", values)
        if ticket:
            ticket.check_access("read")
        return super().onchange(values, field_names, fields_spec)

    # === TICKET, TASK AND PROJECT OF A LINE === #

    @api.model
    def _complete_ticket_vals(self, vals_list):
        """Complete the values of new lines in place: the ticket of a task, the
        project and task of a ticket.

        :param list[dict] vals_list: values on their way to ``create``
        :raise ValidationError: if the ticket's team records no time
        :raise AccessError: if the user may not read the ticket
        """
        default_ticket = self._clean_value(
            "helpdesk_ticket_id", self.env.context.get("default_helpdesk_ticket_id")
        )
        for vals in vals_list:
            if default_ticket and "helpdesk_ticket_id" not in vals:
                vals["helpdesk_ticket_id"] = default_ticket
        self._clean_ticket_time(vals_list)
        named = {vals.get("helpdesk_ticket_id") for vals in vals_list} - {False, None}
        self._take_default_task(vals_list)
        # Whoever may log time on a task needs no helpdesk rights for its ticket.
        self._complete_ticket_of_task(vals_list)
        self._clean_ticket_time(vals_list)
        with_ticket = [vals for vals in vals_list if vals.get("helpdesk_ticket_id")]
        if not with_ticket:
            return
        is_cut = self._is_same_work()  # of tickets that were checked and are held
        if named and not is_cut:
            self.env["helpdesk.ticket"].browse(named)._check_timesheet_allowed()
        tickets = (
            self.env["helpdesk.ticket"]
            .sudo()
            .browse({vals["helpdesk_ticket_id"] for vals in with_ticket})
        )
        if not is_cut:
            tickets._hold_for_time()
        tickets_by_id = {ticket.id: ticket for ticket in tickets}
        for vals in with_ticket:
            self._complete_line_of_ticket(
                vals, tickets_by_id[vals["helpdesk_ticket_id"]]
            )
            if not vals.get("partner_id"):
                vals.pop("partner_id", None)  # the ticket gives it

    def _settle_on_ticket(self):
        """Bring these open lines to project, company and customer of their tickets, as
        far as they are elsewhere. Meant for override by what else a ticket gives."""
        elsewhere = self.filtered(
            lambda line: (
                not line.task_id
                and line.helpdesk_ticket_id.project_id
                and line.helpdesk_ticket_id.project_id != line.project_id
            )
        )
        elsewhere.helpdesk_ticket_id._move_time_to_project()
        self.filtered(
            lambda line: line.company_id != line.helpdesk_ticket_id.company_id
        ).helpdesk_ticket_id._move_time_to_company()
        self.filtered(
            lambda line: (
                line.helpdesk_commercial_partner_id
                != line.helpdesk_ticket_id.commercial_partner_id
            )
        ).modified(["helpdesk_ticket_id"])

    @api.model
    def _complete_ticket_of_task(self, vals_list):
        """Time on the task of a ticket is time of the ticket. One browse for the whole
        batch: the stock method reads the same tasks afterwards."""
        with_task = [
            vals
            for vals in vals_list
            if vals.get("task_id") and not vals.get("helpdesk_ticket_id")
        ]
        tasks = self.env["project.task"].sudo()
        tasks = tasks.browse({vals["task_id"] for vals in with_task})
        ticket_by_task = {task.id: task._get_ticket_of_time().id for task in tasks}
        for vals in with_task:
            ticket_id = ticket_by_task[vals["task_id"]]
            if ticket_id:
                vals["helpdesk_ticket_id"] = ticket_id

    @api.model
    def _complete_line_of_ticket(self, vals, ticket):
        """Give a new line the project and task of its ticket, unless it names others,
        and its company, which counts where the project is open to all companies."""
        vals["company_id"] = ticket.company_id.id
        if self._is_without_text(vals.get("name")):
            vals["name"] = ticket.name  # the customer reads it: never a mere slash
        if vals.get("task_id"):
            task = ticket.env["project.task"].browse(vals["task_id"])
            vals["project_id"] = (
                vals.get("project_id") or (task.project_id or ticket.project_id).id
            )
            return
        vals["project_id"] = vals.get("project_id") or ticket.project_id.id
        if vals["project_id"] == ticket.task_id.project_id.id:
            vals["task_id"] = ticket.task_id.id

    @api.model
    def _get_ticket_write_keys(self):
        """Fields whose writing concerns the ticket of a line, see
        :meth:`_split_ticket_vals`.

        :rtype: set[str]
        """
        return {"helpdesk_ticket_id", "task_id"}

    def _split_ticket_vals(self, vals):
        """Split a write by what it means for the ticket of each line.

        :param dict vals: values on their way to ``write``
        :return: pairs of lines and the values to write on them
        :rtype: list[tuple]
        """
        if not self._get_ticket_write_keys() & vals.keys():
            return [(self, vals)]
        if vals.get("helpdesk_ticket_id"):
            return [(self, self._get_new_ticket_vals(vals))]
        if "helpdesk_ticket_id" in vals:
            return self._split_removed_ticket_vals(vals)
        groups = defaultdict(list)
        for line in self.sudo():
            ticket = line.helpdesk_ticket_id
            moved = line._get_ticket_after(vals) if "task_id" in vals else ticket
            groups[bool(moved), moved if moved != ticket else None].append(line.id)
        return [
            (self.browse(ids), self._get_line_vals(vals, has_ticket, moved))
            for (has_ticket, moved), ids in groups.items()
        ]

    def _get_ticket_after(self, vals):
        """Ticket of a line once its task changed: that of the new task; none if the
        line leaves the task of its ticket; else unchanged."""
        ticket = self.helpdesk_ticket_id
        task = self.env["project.task"].sudo().browse(vals["task_id"] or [])
        if self.task_id == task or not self._is_not_billed():
            return ticket
        leaves = self.task_id and self.task_id == ticket.task_id
        return task._get_ticket_of_time() or (ticket.browse() if leaves else ticket)

    def _get_line_vals(self, vals, has_ticket, moved=None):
        """Values for lines with the same fate, see :meth:`_split_ticket_vals`. Meant for
        override by what else is noted on time of tickets.

        :param bool has_ticket: whether the lines are on a ticket after the write
        :param moved: ticket the lines move to, None if they stay
        """
        values = dict(vals)
        if moved is not None:
            values["helpdesk_ticket_id"] = moved.id
        return values

    def _get_new_ticket_vals(self, vals):
        """Values for lines that a person gives to a ticket: unless told otherwise,
        they follow to its project and task."""
        ticket = self.env["helpdesk.ticket"].browse(vals["helpdesk_ticket_id"] or [])
        ticket._hold_for_time()
        values = self._get_line_vals(vals, bool(ticket))
        if not ticket or self.env.su:
            return values
        ticket._check_timesheet_allowed()
        ticket = ticket.sudo()
        if not {"project_id", "task_id"} & values.keys():
            values.update(project_id=ticket.project_id.id, task_id=ticket.task_id.id)
        return values

    def _split_removed_ticket_vals(self, vals):
        """Lines taken off their ticket leave its task as well: time on that task is
        time of the ticket. See :meth:`_split_ticket_vals`."""
        if vals.get("task_id"):
            task = self.env["project.task"].sudo().browse(vals["task_id"])
            return [
                (self, {**vals, "helpdesk_ticket_id": task._get_ticket_of_time().id})
            ]
        on_task = self.sudo().filtered(
            lambda line: (
                line.task_id and line.task_id == line.helpdesk_ticket_id.task_id
            )
        )
        on_task = self.browse(on_task.ids)
        groups = [(self - on_task, dict(vals)), (on_task, {**vals, "task_id": False})]
        return [(lines, values) for lines, values in groups if lines]

    # === PIECES OF THE SAME WORK === #

    def _prepare_same_work(self, hours):
        """Values of another line that shows a part of the work of this one. Meant for
        override by addons that note more about work.

        :param float hours: worked hours of the part
        :return: values for ``create``
        :rtype: dict
        """
        return {
            "name": self.name,
            "date": self.date,
            "unit_amount": hours,
            "helpdesk_ticket_id": self.helpdesk_ticket_id.id,
            "helpdesk_commercial_partner_id": self.helpdesk_commercial_partner_id.id,
            "project_id": self.project_id.id,
            "task_id": self.task_id.id,
            "employee_id": self.employee_id.id,
            "user_id": self.user_id.id,
            "internal_note": self.internal_note,
        }

    def _get_word_on_work(self):
        """What people said about this work, such as an approval: pieces of which other
        things were said are not joined. Meant for override, as
        :meth:`_forget_word_on_work`.

        :rtype: tuple
        """
        return ()

    def _forget_word_on_work(self):
        """What was said about these pieces holds no more: their work has changed."""

    def _as_same_work(self):
        """These lines, with raised rights, for what cuts work into pieces or joins them:
        it changes the hours of lines, and none of what was done. What was said about
        the work, such as an approval, holds for each piece.

        :rtype: account.analytic.line
        """
        return self.sudo().with_context(helpdesk_same_work=Private(True))

    @api.model
    def _is_same_work(self):
        """Tell whether work is only cut or joined, see :meth:`_as_same_work`.

        :rtype: bool
        """
        return bool(read_private(self.env, "helpdesk_same_work"))

    def _without_joined(self, vals):
        """Those of these lines that are still there after they were written. Meant for
        override by addons that join pieces of the same work: what comes after ``super()``
        in ``write`` goes on with what is left, and the piece that is kept bears the rest.

        :param dict vals: what was written
        :rtype: account.analytic.line
        """
        return self

    # === TEXT === #

    @api.model
    def _is_without_text(self, name):
        """Tell whether a line says nothing of the work: stock stores a slash then.

        :param name: description of a line, or nothing
        :rtype: bool
        """
        return (name or "/").strip() in ("", "/")

    def _name_after_ticket(self):
        """Ticket time that says nothing of the work says at least what it was about:
        the customer reads it."""
        silent = self.sudo().filtered(
            lambda line: line.helpdesk_ticket_id and line._is_without_text(line.name)
        )
        for ticket, lines in silent.grouped("helpdesk_ticket_id").items():
            lines.write({"name": ticket.name})

    # === WHAT NOBODY WRITES === #

    def _clean_input(self, vals):
        """Only time of tickets passes the gate: all other time is as stock has it."""
        is_clean = self.env.su or isinstance(vals, CleanValues)
        if is_clean or not self._concerns_ticket(vals):
            return vals
        return super()._clean_input(vals)

    @api.model
    def _clean_ticket_time(self, vals_list):
        """Let the values of new time on tickets pass the gate; in place, as stock takes
        days off out of the list.

        :param list[dict] vals_list: values on their way to ``create``
        """
        own = [i for i, vals in enumerate(vals_list) if vals.get("helpdesk_ticket_id")]
        clean = self._clean_input_list([vals_list[index] for index in own])
        for index, vals in zip(own, clean, strict=True):
            vals_list[index] = vals

    def _check_may_be_empty(self, field):
        """Stock fills in what is left empty: the text, the company, the unit."""

    def _check_linked(self, vals_list):
        """The ticket is read first of all, with what its time needs."""
        super()._check_linked(
            [
                {name: vals[name] for name in vals.keys() - {"helpdesk_ticket_id"}}
                for vals in vals_list
            ]
        )

    def _concerns_ticket(self, vals):
        """Tell whether lines are of a ticket, or become so by these values.

        :rtype: bool
        """
        if self.sudo().helpdesk_ticket_id or vals.get("helpdesk_ticket_id"):
            return True
        task_id = vals.get("task_id")
        if not task_id or not isinstance(task_id, int):
            return False
        return bool(
            self.env["project.task"].sudo().browse(task_id)._get_ticket_of_time()
        )

    def _get_ruled_fields(self):
        """Whose time it is follows from the ticket, or from the invoice it is on."""
        return super()._get_ruled_fields() | {"helpdesk_commercial_partner_id"}

    def _get_ruled_reason(self, names):
        return self.env._(
            "Which invoice bills this time, whose time it is and who chose its sales order "
            "item cannot be written. Create the invoice from the order or the ticket, or "
            "remove the time from a draft invoice."
        )

    @api.model
    def _get_context_defaults(self):
        """What a ticket gives is not taken from a screen, see
        :meth:`_without_screen_defaults`."""
        defaults = super()._get_context_defaults()
        return {k: v for k, v in defaults.items() if k not in self._ticket_gives_fields}

    def _check_customer_of_ticket(self, partner_id):
        """Time of a ticket is that of its customer, whichever contact it names.

        :param partner_id: id of the customer that a person gave, False for none, None
            if nobody gave one
        :raise ValidationError: if it is another customer than that of the ticket
        """
        if self.env.su or partner_id is None:
            return
        partner = self.env["res.partner"].sudo().browse(partner_id or [])
        for ticket in self.sudo().helpdesk_ticket_id:
            if partner == ticket.partner_id:
                continue
            if partner.commercial_partner_id != ticket.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "The customer of this time is that of ticket %(ticket)s: "
                        "%(customer)s. Change the customer on the ticket.",
                        ticket=ticket.display_name,
                        customer=ticket.commercial_partner_id.display_name or "-",
                    )
                )

    def _check_may_open_tasks(self):
        """Time goes to a task of its own by who may read that task, as time without
        ticket does. The task of the ticket, and those on the project of its team, are
        open to all who work on the ticket.

        :raise AccessError: if a task is hidden from the user
        """
        if self.env.su or not self.sudo().task_id:
            return
        for line in self.sudo():
            ticket, task = line.helpdesk_ticket_id, line.task_id
            if not ticket or task == ticket.task_id:
                continue
            if task.project_id != ticket.team_id.project_id:
                task.with_env(self.env).check_access("read")

    def _check_own_time(self):
        """Ticket time is not handed to a colleague by who may only record own time; a
        new line is checked by the ORM.

        :raise AccessError: if the user may not write these lines any more
        """
        lines = self.filtered(lambda line: line.sudo().helpdesk_ticket_id)
        if not self.env.su and not lines.has_access("write"):
            raise AccessError(
                self.env._(
                    "You may only record your own time. Leave the employee as it is, or "
                    "ask a timesheet approver to change it."
                )
            )

    # === LOCKS === #

    def _get_lock_reasons(self, names=None):
        """Why this time may not be changed or deleted by people; asked before they do
        so, and by screens, which show such lines read-only.

        Meant for override by addons that lock time: add sentences that say what locks
        it, and what to do about it.

        :param set names: fields about to be written; None for all, as when lines are
            deleted
        :return: sentences; none if the lines may be changed
        :rtype: list[str]
        """
        return []

    def _check_not_locked(self, names=None):
        """Refuse to change locked time, see :meth:`_get_lock_reasons`.

        :raise UserError: with the reasons
        """
        reasons = self._get_lock_reasons(names)
        if reasons:
            raise UserError("\n".join(reasons))

    def _is_readonly(self):
        """Screens show locked time read-only."""
        return super()._is_readonly() or bool(self._get_lock_reasons())

    def _check_can_write(self, values):
        """People do not change locked time; what the product itself does for them, such
        as merging tickets, runs as superuser."""
        if not self.env.su:
            self._check_not_locked(self._get_changed_names(values))
        return super()._check_can_write(values)

    def _get_changed_names(self, values):
        """Names of what is written, without a mark that is sent along unchanged.

        :rtype: set[str]
        """
        names, mark = set(values), values.get("is_so_line_edited")
        if all(line.is_so_line_edited == mark for line in self):
            names.discard("is_so_line_edited")
        return names

    # === DEFAULTS OF SCREENS === #

    @api.model
    def _without_screen_defaults(self, vals_list):
        """What a screen proposes through its context is no person's choice: time of a
        ticket takes item, task and the mark "set by hand" from given values only. Lines
        without ticket in the same call get those defaults as values.

        :param list[dict] vals_list: completed values, changed in place
        :return: this model without those defaults
        :rtype: account.analytic.line
        """
        defaults = {
            name: self.env.context[f"default_{name}"]
            for name in self._ticket_gives_fields
            if f"default_{name}" in self.env.context
        }
        if not defaults:
            return self
        for vals in vals_list:
            if not vals.get("helpdesk_ticket_id"):
                vals.update({k: v for k, v in defaults.items() if k not in vals})
        unwanted = {f"default_{name}" for name in defaults}
        kept = {k: v for k, v in self.env.context.items() if k not in unwanted}
        return self.with_env(self.env(context=kept))

    @api.model
    def _take_default_task(self, vals_list):
        """The task of a ticket counts as given where a screen proposes it for a line
        that names no ticket: time on it is time of the ticket."""
        task_id = self._clean_value("task_id", self.env.context.get("default_task_id"))
        if not task_id:
            return
        if not self.env["project.task"].sudo().browse(task_id)._get_ticket_of_time():
            return
        for vals in vals_list:
            if not vals.get("helpdesk_ticket_id"):
                vals.setdefault("task_id", task_id)

    # === WHAT BECAME OF TIME === #

    @api.model
    def _domain_shown_to_customer(self):
        """Time that a customer may read of, in the portal and on invoices; all by
        default. Meant for override by addons that know of internal work.

        :rtype: Domain
        """
        return Domain.TRUE

    @api.model
    def _domain_time(self, fate):
        """Time by what became of it: the one definition that figures, searches, moves
        and invoices ask.

        ``billed``: on an invoice that counts, which is one that is not cancelled, a
        draft included. Such time stays where it is.

        :param str fate: one of those above
        :rtype: Domain
        """
        if fate != "billed":
            raise ValueError(f"Time has no fate {fate!r}.")
        return Domain("timesheet_invoice_id", "!=", False) & (
            Domain("timesheet_invoice_id.state", "!=", "cancel")
            | Domain("timesheet_invoice_id.payment_state", "=", "invoicing_legacy")
        )

    @api.model
    def _domain_billed_elsewhere(self):
        """Time without item that somebody else billed; it is ``covered``, not
        ``non_billable``. None by default; meant for override by addons that bring in
        such time.

        :rtype: Domain
        """
        return Domain.FALSE

    @api.model
    def _domain_of_tickets(self, tickets):
        """Time lines of some tickets.

        :rtype: Domain
        """
        return Domain("helpdesk_ticket_id", "in", tickets.ids) & Domain(
            "project_id", "!=", False
        )

    @api.model
    def _search_tickets(self, domain, hours=None, field="unit_amount"):
        """Tickets of the time lines in a domain, as a subquery.

        :param Domain domain: on ``account.analytic.line``
        :param str field: which hours are compared
        :param tuple hours: comparison (``=``, ``!=``, ``<``, ...) and a number that the
            hours of a ticket compare to, as they are shown
        :return: a query of ticket ids, to be used with ``in``
        :rtype: SQL
        """
        lines = self._search(domain & Domain("helpdesk_ticket_id", "!=", False))
        ticket = SQL.identifier(lines.table, "helpdesk_ticket_id")
        if not hours:
            return lines.subselect(ticket)
        lines.groupby = ticket
        lines.having = SQL(
            "ROUND(SUM(%s)::numeric, %s) %s ROUND(%s::numeric, %s)",
            self._field_to_sql(lines.table, field, lines),
            digits := self.env["decimal.precision"].precision_get("Product Unit"),
            _COMPARISONS[hours[0]],
            hours[1],
            digits,
        )
        return SQL("(%s)", lines.select(ticket))

    # === PORTAL === #

    def _timesheet_get_portal_domain(self):
        """A portal customer sees the time of the own company's tickets, and that of no
        other customer who shares the support project.

        Time on a posted invoice is shown with the order and the invoice it explains;
        all other time only where the team shows its time.
        """
        domain = super()._timesheet_get_portal_domain()
        if self.env.user._is_internal():
            return domain
        customer = self.env.user.partner_id.commercial_partner_id
        of_customer = Domain("helpdesk_commercial_partner_id", "=", customer.id)
        of_team = Domain(
            "helpdesk_ticket_id.team_id.portal_show_timesheets", "=", True
        ) | Domain("timesheet_invoice_id.state", "=", "posted")
        visible = Domain(
            "project_id.privacy_visibility", "in", ["invited_users", "portal"]
        )
        of_tickets = Domain("helpdesk_ticket_id", "!=", False) & of_customer
        others = Domain(domain) & Domain("helpdesk_ticket_id", "=", False)
        shown = self._domain_shown_to_customer()
        return (others | (of_tickets & of_team & visible)) & shown
