from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.sql import column_exists, create_column

# A single line longer than the longest year is a typing error, not work.
MAX_HOURS_PER_LINE = 366 * 24


class AccountAnalyticLine(models.Model):
    _name = "account.analytic.line"
    _inherit = ["account.analytic.line", "helpdesk.input.mixin"]
    # Only what clients give and the stock method reads anyway: no query is added.
    _input_linked_fields = (
        "employee_id",
        "helpdesk_ticket_id",
        "project_id",
        "so_line",
        "task_id",
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
        precompute=True,
        index="btree_not_null",
        help="Company this time was worked for: that of the ticket, until it is billed.",
    )

    def _auto_init(self):
        """No time of before is of a ticket: nothing is to be computed for it."""
        name = "helpdesk_commercial_partner_id"
        if not column_exists(self.env.cr, self._table, name):
            create_column(self.env.cr, self._table, name, "int4")
        return super()._auto_init()

    # === COMPUTE METHODS === #

    @api.depends("helpdesk_ticket_id.commercial_partner_id")
    def _compute_helpdesk_commercial_partner_id(self):
        """Time that is billed stays with the company that it is billed to."""
        for line in self:
            ticket = line.helpdesk_ticket_id.sudo()
            if not ticket or line._is_not_billed():
                line.helpdesk_commercial_partner_id = ticket.commercial_partner_id

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
        for line in ticket_lines:
            if line._is_not_billed():
                line.partner_id = line.helpdesk_ticket_id.sudo().partner_id

    # === CONSTRAINT METHODS === #

    @api.constrains("helpdesk_ticket_id", "project_id", "task_id")
    def _check_helpdesk_ticket_id(self):
        """A line names one piece of work: its ticket, task and project agree."""
        ticket_lines = self.sudo().filtered("helpdesk_ticket_id")
        for ticket, lines in ticket_lines._get_lines_by_ticket():
            if lines._agree_with_ticket(ticket):
                continue
            for line in lines:
                if line._is_not_billed():
                    line._check_same_work(ticket)

    def _get_lines_by_ticket(self):
        """Pairs of a ticket and its lines; quick for thousands of lines of one ticket.

        :rtype: list[tuple]
        """
        tickets = self.helpdesk_ticket_id
        if len(tickets) == 1:
            return [(tickets, self)]
        return list(self.grouped("helpdesk_ticket_id").items())

    def _agree_with_ticket(self, ticket):
        """Tell whether these lines of a ticket are all on its own project, and on tasks
        of nobody else. One look at all of them: a batch may hold thousands."""
        tasks = self.task_id
        customers = (tasks.partner_id - ticket.partner_id).commercial_partner_id
        return (
            all(line.project_id for line in self)
            and self.project_id <= ticket.project_id
            and tasks.project_id <= ticket.project_id
            and tasks.helpdesk_ticket_id <= ticket
            and customers <= ticket.commercial_partner_id
        )

    def _check_same_work(self, ticket):
        """Refuse a line on somebody else's task or project.

        :raise ValidationError: with what does not agree
        """
        self.ensure_one()
        task = self.task_id
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
        project = task.project_id or ticket.project_id
        if not self.project_id or self.project_id != project:
            raise ValidationError(
                self.env._(
                    "Time of ticket %(ticket)s is recorded on project %(project)s, not "
                    "on %(other)s. Remove the ticket from the line, or change the "
                    "project of the ticket.",
                    ticket=ticket.display_name,
                    project=project.display_name or "-",
                    other=self.project_id.display_name or "-",
                )
            )

    def _check_same_customer(self, ticket, task):
        """Refuse a line whose ticket and task belong to different customers.

        :raise ValidationError: with both customers named
        """
        task_customer = task.partner_id.commercial_partner_id
        ticket_customer = ticket.commercial_partner_id
        if task.partner_id == ticket.partner_id:
            return
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
        for line in self.filtered("helpdesk_ticket_id"):
            if abs(line.unit_amount) > MAX_HOURS_PER_LINE:
                raise ValidationError(
                    self.env._(
                        "One line can hold %(limit)s hours at most. Check the time "
                        "spent, or split it over several lines.",
                        limit=MAX_HOURS_PER_LINE,
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
        return super(AccountAnalyticLine, plain).create(vals_list).with_env(self.env)

    def write(self, vals):
        """Keep ticket, task and project of a line in step, and note who sets an item by
        hand."""
        if not self._get_quantity_fields() & vals.keys():
            return super().write(vals)
        result = True
        for lines, values in self._split_ticket_vals(vals):
            result = super(AccountAnalyticLine, lines).write(values) and result
            if values.get("is_so_line_edited") is False and "so_line" not in values:
                lines._recompute_so_line()
        return result

    def unlink(self):
        """The stock checks look at the invoices with the rights of the person."""
        self._read_invoice_states()
        return super().unlink()

    # === TICKET, TASK AND PROJECT OF A LINE === #

    @api.model
    def _get_quantity_fields(self):
        """The ticket decides on the item, too."""
        return super()._get_quantity_fields() | self._ticket_write_keys()

    def _get_contended_items(self):
        """Many agents record time on the tickets of one item: it is locked ahead."""
        ticket_lines = self.sudo().filtered("helpdesk_ticket_id")
        return super()._get_contended_items() | ticket_lines.so_line

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
        named = {vals.get("helpdesk_ticket_id") for vals in vals_list} - {False, None}
        self._take_default_task(vals_list)
        # Whoever may log time on a task needs no helpdesk rights for its ticket.
        self._complete_ticket_of_task(vals_list)
        with_ticket = [vals for vals in vals_list if vals.get("helpdesk_ticket_id")]
        if not with_ticket:
            return
        if named:
            self.env["helpdesk.ticket"].browse(named)._check_timesheet_allowed()
        tickets = (
            self.env["helpdesk.ticket"]
            .sudo()
            .browse({vals["helpdesk_ticket_id"] for vals in with_ticket})
        )
        tickets._hold_for_time()
        tickets_by_id = {ticket.id: ticket for ticket in tickets}
        for vals in with_ticket:
            self._complete_line_of_ticket(
                vals, tickets_by_id[vals["helpdesk_ticket_id"]]
            )
            self._mark_set_by_hand(vals)
            if not vals.get("partner_id"):
                vals.pop("partner_id", None)  # the ticket gives it

    def _settle_on_ticket(self):
        """Bring these open lines to project, company, customer and item of their
        tickets, as far as they are elsewhere."""
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
        self._recompute_so_line()

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
    def _ticket_write_keys(self):
        """Fields whose writing concerns the ticket of a line."""
        return {"helpdesk_ticket_id", "is_so_line_edited", "so_line", "task_id"}

    def _split_ticket_vals(self, vals):
        """Split a write by what it means for the ticket of each line.

        :param dict vals: values on their way to ``write``
        :return: pairs of lines and the values to write on them
        :rtype: list[tuple]
        """
        if not self._ticket_write_keys() & vals.keys():
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
        """Values for lines with the same fate, see :meth:`_split_ticket_vals`.

        :param bool has_ticket: whether the lines are on a ticket after the write
        :param moved: ticket the lines move to, None if they stay
        """
        values = dict(vals)
        if moved is not None:
            values["helpdesk_ticket_id"] = moved.id
        if has_ticket:
            self._mark_set_by_hand(values)
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
