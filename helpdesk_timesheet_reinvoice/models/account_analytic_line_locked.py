from odoo import api, models
from odoo.exceptions import AccessError, UserError, ValidationError


class AccountAnalyticLine(models.Model):
    """What nobody writes on ticket time: what an invoice bills, and what follows from
    the ticket, the invoice or the person.

    Stock marks those fields read-only, which binds screens alone.
    """

    _inherit = "account.analytic.line"
    _guarded_fields = frozenset(
        {
            "helpdesk_commercial_partner_id",
            "partner_id",
            "so_line_user_id",
            "timesheet_invoice_id",
        }
    )
    # What the item of a line tells, kept in columns of their own to group by them.
    _item_fields = frozenset({"order_id", "timesheet_invoice_type"})
    # What says whose time it is.
    _person_fields = frozenset({"employee_id", "user_id"})
    # What stock locks on invoices, but not on those of the former invoicing app.
    _invoiced_fields = frozenset(
        {"date", "employee_id", "project_id", "so_line", "task_id", "unit_amount"}
    )

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

    # === CONSTRAINT METHODS === #

    @api.constrains("product_uom_id")
    def _check_product_uom_id(self):
        """Hours of tickets are summed up as they are, so all are of the same unit."""
        for line in self.filtered("helpdesk_ticket_id"):
            unit = line.company_id.sudo().project_time_mode_id
            if line.product_uom_id != unit:
                raise ValidationError(
                    self.env._(
                        "Time of tickets is recorded in %(unit)s, not in %(other)s. "
                        "Leave the unit of measure out.",
                        unit=unit.name,
                        other=line.product_uom_id.name or "-",
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # Values are completed on the way, and the calendar's days off are taken out of
        # the list: remember what the caller gave by the values it stood in.
        given = {id(vals): self._get_given_values(vals) for vals in vals_list}
        lines = super().create(vals_list)
        for line, vals in zip(lines, vals_list, strict=True):
            line._check_given_values(given[id(vals)])
        lines._check_may_open_tasks()
        return lines

    def write(self, vals):
        given = {name: vals[name] for name in self._guarded_fields & vals.keys()}
        former = {}
        if "task_id" in vals and not self.env.su:
            former = {line: line.task_id.id for line in self.sudo()}
        result = super().write(vals)
        self._check_given_values(given)
        self.browse(
            line.id for line, task_id in former.items() if line.task_id.id != task_id
        )._check_may_open_tasks()
        if self._item_fields & vals.keys():
            self._check_follows_item()
        if self._person_fields & vals.keys():
            self._check_own_time()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_on_draft_invoice(self):
        """A ticket's line cannot leave a draft invoice that still bills its hours."""
        drafts = self.sudo().filtered(
            lambda line: line.helpdesk_ticket_id and not line._is_not_billed()
        )
        if drafts:
            raise UserError(
                self.env._(
                    "Time of %(tickets)s is billed on %(invoices)s. Remove the line "
                    "from the invoice, or delete or cancel the invoice, before you "
                    "delete the time.",
                    tickets=", ".join(drafts.helpdesk_ticket_id.mapped("display_name")),
                    invoices=", ".join(
                        drafts.timesheet_invoice_id.mapped("display_name")
                    ),
                )
            )

    # === BUSINESS METHODS === #

    def _check_can_write(self, values):
        """Billed time cannot be handed to another ticket or customer by a person, nor
        counted in another unit; merging tickets, which runs as superuser, moves the
        reference only."""
        locked = {"helpdesk_ticket_id", "partner_id", "product_uom_id"} & values.keys()
        if "is_so_line_edited" in values and any(
            line.is_so_line_edited != values["is_so_line_edited"] for line in self
        ):
            locked.add("is_so_line_edited")  # who chose the item that was billed
        self._read_invoice_states()
        if (locked or self._invoiced_fields & values.keys()) and not self.env.su:
            billed = self.sudo().filtered(
                lambda line: (
                    (line.helpdesk_ticket_id or values.get("helpdesk_ticket_id"))
                    and not line._is_not_billed()
                    and (locked or line.timesheet_invoice_id.state == "cancel")
                )
            )
            if billed:
                raise UserError(
                    self.env._(
                        "This time is billed on %(invoices)s and stays with its ticket "
                        "and customer. Cancel or credit the invoice first.",
                        invoices=", ".join(
                            billed.timesheet_invoice_id.mapped("display_name")
                        ),
                    )
                )
        return super()._check_can_write(values)

    def _read_invoice_states(self):
        """Have the states of the invoices at hand. The stock checks look at them with
        the rights of the person: who may not read invoices would be told so, instead of
        that the time is invoiced, and could not correct time of a cancelled invoice."""
        invoices = self.sudo().timesheet_invoice_id
        if invoices:
            invoices.fetch(["state", "payment_state"])

    @api.model
    def _get_given_values(self, vals):
        """Guarded fields that a new line gets from its caller: as values, or as defaults
        of the context, which count alike. The customer that a screen proposes does not:
        the ticket gives it.

        :param dict vals: values on their way to ``create``
        :rtype: dict
        """
        given = {name: vals[name] for name in self._guarded_fields if vals.get(name)}
        for name in self._guarded_fields - vals.keys() - {"partner_id"}:
            if self.env.context.get(f"default_{name}"):
                given[name] = self.env.context[f"default_{name}"]
        return given

    def _check_given_values(self, values):
        """Check what a person wrote on these lines.

        :param dict values: guarded fields that were given, with their values
        :raise UserError: if they put ticket time onto an invoice or take it off
        :raise ValidationError: if they name another customer than the ticket
        """
        if not values or self.env.su:
            return
        ticket_lines = self.sudo().filtered("helpdesk_ticket_id")
        if ticket_lines and values.keys() != {"partner_id"}:
            raise UserError(
                self.env._(
                    "Which invoice bills this time, whose time it is and who chose its "
                    "sales order item cannot be written. Create the invoice from the order or the "
                    "ticket, or remove the time from a draft invoice."
                )
            )
        partner = self.env["res.partner"].sudo().browse(values.get("partner_id") or [])
        for ticket in ticket_lines.helpdesk_ticket_id:
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
        for line in self.sudo() if not self.env.su else ():
            ticket, task = line.helpdesk_ticket_id, line.task_id
            if not ticket or task == ticket.task_id:
                continue
            if task.project_id != ticket.team_id.project_id:
                task.with_env(self.env).check_access("read")

    def _check_follows_item(self):
        """The order of ticket time, and how it is billed, are those of its item.

        :raise UserError: if a person writes them
        """
        if not self.env.su and self.sudo().helpdesk_ticket_id:
            raise UserError(
                self.env._(
                    "The order of this time and how it is billed follow from its sales "
                    "order item. Choose another item instead."
                )
            )

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
