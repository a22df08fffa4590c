from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class AccountAnalyticLine(models.Model):
    """Which sales order item bills the time of a ticket, and why.

    Screens send along items that the rules chose while the form was open. Such an item
    is no choice of a person: it is set by hand if it differs from what the rules choose
    for the line as it was saved, or if the client says so (``is_so_line_edited``).
    """

    _inherit = "account.analytic.line"
    # What the item of a line tells, kept in columns of their own to group by them.
    _item_fields = frozenset({"order_id", "timesheet_invoice_type"})

    so_line_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Item Set By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Person who chose the sales order item of this line by hand.",
    )

    so_line_reason = fields.Char(
        string="Why Billed Here",
        compute="_compute_so_line_reason",
        compute_sudo=True,
        help="Why this line is billed on its sales order item, or why it is not billed.",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "helpdesk_ticket_id.sale_line_id",
        "helpdesk_ticket_id.team_id.use_helpdesk_sale_timesheet",
    )
    def _compute_so_line(self):
        """Billed and hand-set lines are left alone by the stock method, so adding the
        ticket's triggers is all it takes; the choice itself is made in
        :meth:`_timesheet_determine_sale_line`.
        """
        former = self.filtered(lambda line: line.id and line.helpdesk_ticket_id)
        former = former.grouped("so_line")
        self._forget_foreign_choices()
        result = super()._compute_so_line()
        saved = self.sudo().filtered(lambda line: line.id and line.helpdesk_ticket_id)
        saved._name_customer_of_ticket()
        self._count_on_items(former)
        return result

    @api.depends(
        "so_line",
        "is_so_line_edited",
        "so_line_user_id",
        "timesheet_invoice_id.state",
        "project_id.allow_billable",
        "employee_id",
        "helpdesk_ticket_id.sale_line_id",
        "helpdesk_ticket_id.team_id.use_helpdesk_sale_timesheet",
    )
    def _compute_so_line_reason(self):
        for line in self:
            line.so_line_reason = (
                line._get_so_line_reason() if line.helpdesk_ticket_id else False
            )

    # === CONSTRAINT METHODS === #

    @api.constrains("so_line", "helpdesk_ticket_id")
    def _check_so_line(self):
        """An item set by hand is of the customer of the ticket, as its own item is. An
        item whose order was cancelled stays, see :meth:`_check_chosen_item`."""
        ticket_lines = self.sudo().filtered("helpdesk_ticket_id")
        for ticket, lines in ticket_lines._get_lines_by_ticket():
            for item in lines.so_line - ticket.sale_line_id:
                refusal = item._get_helpdesk_customer_refusal(
                    ticket.commercial_partner_id, ticket.company_id
                )
                if refusal and any(
                    line.so_line == item and line._is_not_billed() for line in lines
                ):
                    raise ValidationError(refusal)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Keep items that a person gave to new lines."""
        lines = super().create(vals_list)
        given = zip(lines, vals_list, strict=True)
        lines.browse(
            line.id for line, vals in given if vals.get("so_line")
        )._check_chosen_item()
        if any(self._gives_item(vals) for vals in vals_list):
            lines._mark_chosen_by_hand()
        return lines

    def write(self, vals):
        """Keep items that a person gives to lines, and choose again what they let go."""
        former = {}
        if "so_line" in vals:
            former = {line: line.so_line for line in self.sudo()}
        result = super().write(vals)
        if vals.get("so_line"):
            changed = self.browse(
                line.id for line, item in former.items() if line.so_line != item
            )
            changed._check_chosen_item()
            changed.sudo().filtered("helpdesk_ticket_id")._name_customer_of_ticket()
        elif vals.get("is_so_line_edited") is False and "so_line" not in vals:
            self._recompute_so_line()
        if self._gives_item(vals):
            self._mark_chosen_by_hand()
        return result

    # === WHAT NOBODY WRITES === #

    def _get_ruled_fields(self):
        """Who chose an item is noted, not told; the order and how it is billed follow
        from the item."""
        return super()._get_ruled_fields() | {"so_line_user_id"} | self._item_fields

    def _get_ruled_reason(self, names):
        if not names & self._item_fields:
            return super()._get_ruled_reason(names)
        return self.env._(
            "The order of this time and how it is billed follow from its sales order "
            "item. Choose another item instead."
        )

    # === THE SALES ORDER ITEM OF A LINE === #

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

    def _timesheet_determine_sale_line(self):
        """Choose the item that bills a ticket's line.

        The person's rate on the project if that item is of the ticket's customer,
        else the item of the ticket, else none. An item of the project or the task only
        presets the ticket, so that the ticket always shows what will be billed. Lines
        set by hand or billed do not come here.

        :return: a ``sale.order.line``, or an empty value for non-billable time
        """
        if not self.helpdesk_ticket_id:
            return super()._timesheet_determine_sale_line()
        ticket = self.helpdesk_ticket_id.sudo()
        return self._choose_ticket_item(
            ticket, self.project_id, self.employee_id, self._origin.so_line
        )

    @api.model
    def _choose_ticket_item(self, ticket, project, employee, former):
        """Choose the item that bills a person's time on a ticket, see
        :meth:`_timesheet_determine_sale_line`. Meant for override by addons that add a
        rule; the form of the ticket asks it, too, to tell what will happen.

        :param ticket: ``helpdesk.ticket``, as superuser; may be an unsaved form
        :param project: project the time is recorded on
        :param employee: person who worked, may be empty
        :param former: item that bills the time so far, may be empty
        :rtype: sale.order.line
        """
        item = ticket.sale_line_id
        if not item or not ticket.team_id.use_helpdesk_sale_timesheet:
            return self.env["sale.order.line"]
        rate = self._get_ticket_employee_rate(ticket, project, employee)
        if rate:
            return rate.sale_line_id
        if item.state != "sale" and former != item:
            # Nobody would ever bill new time on a cancelled order.
            return self.env["sale.order.line"]
        return item

    @api.model
    def _get_ticket_employee_rate(self, ticket, project, employee):
        """Rate of the person on the project, if its item may bill the ticket: above
        all, if it is of the ticket's customer.

        :rtype: project.sale.line.employee.map
        """
        rates = project.sudo().sale_line_employee_ids
        if not rates:
            return rates
        employee = employee or self.env.user.employee_id
        return rates.filtered(
            lambda rate: (
                rate.employee_id == employee
                and rate.sale_line_id
                and not rate.sale_line_id._get_helpdesk_refusal(
                    ticket.commercial_partner_id, ticket.company_id
                )
            )
        )[:1]

    def _check_timesheet_can_be_billed(self):
        if self.helpdesk_ticket_id and self.so_line:
            item = self.helpdesk_ticket_id.sudo().sale_line_id
            return self.so_line == item or super()._check_timesheet_can_be_billed()
        return super()._check_timesheet_can_be_billed()

    def _is_updatable_timesheet(self):
        """Rates of the project do not simply replace the item of ticket time: it is
        chosen again, see ``_recompute_ticket_sale_lines`` of the project."""
        return not self.helpdesk_ticket_id and super()._is_updatable_timesheet()

    @api.model
    def _domain_helpdesk_to_invoice(self):
        """Lines that the next invoice of their order may bill.

        :rtype: Domain
        """
        return (
            Domain("so_line.state", "=", "sale")
            & Domain("so_line.product_id.invoice_policy", "=", "delivery")
            & Domain("so_line.product_id.service_type", "=", "timesheet")
            & ~self._domain_time("billed")
        )

    @api.model
    def _read_billing_hours(self, domain, groupby):
        """Hours of time lines by what becomes of them, in one query.

        :param Domain domain: the lines; as superuser, whatever the user may read
        :param str groupby: many2one field of the line
        :return: for each record id the hours ``spent``, and of these ``to_invoice``, ``invoiced``, ``covered``
            (prepaid, fixed price, milestones, manual) and ``non_billable`` (without
            item, or on the item of a cancelled order)
        :rtype: dict
        """
        result = defaultdict(lambda: defaultdict(float))
        groups = self.sudo()._read_group(
            domain,
            [
                groupby,
                "timesheet_invoice_type",
                "so_line.state",
                "timesheet_invoice_id.state",
                "timesheet_invoice_id.payment_state",
            ],
            ["unit_amount:sum"],
        )
        for record, kind, order_state, move_state, payment_state, hours in groups:
            counts = move_state not in (False, "cancel")
            if payment_state == "invoicing_legacy":
                counts = True
            figures = result[record.id]
            figures[self._get_billing_kind(kind, counts, order_state)] += hours
            figures["spent"] += hours
        return result

    @api.model
    def _get_billing_kind(self, invoice_type, is_billed, order_state):
        """Tell what becomes of hours, see :meth:`_read_billing_hours`.

        :param str invoice_type: ``timesheet_invoice_type`` of the lines
        :param bool is_billed: whether they are on an invoice that counts
        :param str order_state: state of the order of their item
        :rtype: str
        """
        by_time = invoice_type in ("billable_time", "timesheet_revenues")
        if by_time and is_billed:
            return "invoiced"
        if invoice_type == "non_billable" or order_state != "sale":
            return "non_billable"
        return "to_invoice" if by_time else "covered"

    @api.model
    def _domain_of_orders(self, orders):
        """Ticket time on the items of some orders.

        :rtype: Domain
        """
        return Domain("order_id", "in", orders.ids) & Domain(
            "helpdesk_ticket_id", "!=", False
        )

    def _get_so_line_reason(self):
        """One sentence: why is this line billed on its item, or why is it not?

        Meant for override by addons that add a rule to the choice.

        :rtype: str
        """
        self.ensure_one()
        ticket = self.helpdesk_ticket_id
        if not self._is_not_billed():
            return self.env._(
                "Invoiced on %(invoice)s",
                invoice=self.timesheet_invoice_id.display_name,
            )
        if self.is_so_line_edited:
            return self._get_set_by_hand_reason()
        if not self.so_line:
            return self._get_not_billable_reason(ticket)
        if self.so_line == ticket.sale_line_id:
            return self.env._("Ticket's item")
        rate = self._get_ticket_employee_rate(ticket, self.project_id, self.employee_id)
        if rate and rate.sale_line_id == self.so_line:
            return self.env._(
                "Rate of %(employee)s on %(project)s",
                employee=self.employee_id.name,
                project=self.project_id.name,
            )
        return self.env._("Kept from an earlier invoice or a merged ticket")

    def _get_set_by_hand_reason(self):
        """Reason for an item that a person chose, see :meth:`_get_so_line_reason`."""
        user = self.so_line_user_id.name
        if self.so_line:
            return (
                self.env._("Set by hand by %(user)s", user=user)
                if user
                else self.env._("Set by hand")
            )
        return (
            self.env._("Not billable: removed by hand by %(user)s", user=user)
            if user
            else self.env._("Not billable: removed by hand")
        )

    def _get_not_billable_reason(self, ticket):
        """Reason for a line without item, see :meth:`_get_so_line_reason`."""
        if not ticket.team_id.use_helpdesk_sale_timesheet:
            return self.env._("Not billable: team does not reinvoice")
        if not self.project_id.allow_billable:
            return self.env._("Not billable: project is not billable")
        if not ticket.sale_line_id:
            return self.env._("Not billable: ticket has no sales order item")
        if ticket.sale_line_id.state != "sale":
            return self.env._(
                "Not billable: order %(order)s is not confirmed",
                order=ticket.sale_line_id.order_id.name,
            )
        return self.env._("Not billable")

    @api.model
    def _get_ticket_write_keys(self):
        """Who chooses an item is noted on time of tickets."""
        return super()._get_ticket_write_keys() | {"is_so_line_edited", "so_line"}

    def _get_line_vals(self, vals, has_ticket, moved=None):
        """Note who says that an item is set by hand."""
        values = super()._get_line_vals(vals, has_ticket, moved)
        if has_ticket:
            self._mark_set_by_hand(values)
        return values

    @api.model
    def _complete_line_of_ticket(self, vals, ticket):
        """Note who says that an item is set by hand."""
        super()._complete_line_of_ticket(vals, ticket)
        self._mark_set_by_hand(vals)

    def _settle_on_ticket(self):
        """Time recorded while its ticket moved gets the item of today, too."""
        super()._settle_on_ticket()
        self._recompute_so_line()

    @api.model
    def _get_quantity_fields(self):
        """The ticket decides on the item, too."""
        return super()._get_quantity_fields() | self._get_ticket_write_keys()

    def _get_contended_items(self):
        """Many agents record time on the tickets of one item: it is locked ahead."""
        ticket_lines = self.sudo().filtered("helpdesk_ticket_id")
        return super()._get_contended_items() | ticket_lines.so_line

    def _forget_foreign_choices(self):
        """An item set by hand ends with the customer it was chosen for: its mark is
        taken off. That a person chose not to bill a line stays."""
        foreign = self.sudo().filtered(
            lambda line: (
                line.is_so_line_edited
                and line.helpdesk_ticket_id
                and line.so_line
                and line.so_line.helpdesk_commercial_partner_id
                != line.helpdesk_ticket_id.commercial_partner_id
                and line._is_not_billed()
            )
        )
        if foreign:
            foreign.is_so_line_edited = False

    @api.model
    def _count_on_items(self, former):
        """Bring the items up to date that ticket time left or came to.

        The ORM looks for the items to compute again through the lines. In a chain of
        computed fields, such as a rate that gives the project an item, it finds the
        lines with their new item already, and would leave the hours on the old one.
        Where contacts are merged, which bypasses the ORM, it may miss the new one.

        :param dict former: lines by the item they were on
        """
        changed = self.env["sale.order.line"]
        for item, lines in former.items():
            if lines.so_line != item:
                changed |= item | lines.so_line
        if changed:
            self.env.add_to_compute(changed._fields["qty_delivered"], changed)
            changed.modified(["qty_delivered"])

    @api.model
    def _mark_set_by_hand(self, vals):
        """Note who says that an item is set by hand."""
        if "is_so_line_edited" in vals:
            edited = vals["is_so_line_edited"]
            vals["so_line_user_id"] = self.env.uid if edited else False

    # === PORTAL === #

    @api.model
    def _shows_portal_time_of(self, orders=None, invoices=None):
        """Whether the list of timesheets shows the user any time of a document: a button
        that leads to an empty list is no help.

        :param orders: ``sale.order`` records, or
        :param invoices: ``account.move`` records
        :rtype: bool
        """
        domain = Domain(self._timesheet_get_portal_domain())
        if orders:
            domain &= Domain("order_id", "in", orders.ids)
        else:
            domain &= Domain("timesheet_invoice_id", "in", invoices.ids) | Domain(
                "so_line", "in", invoices.invoice_line_ids.sale_line_ids.ids
            )
        return bool(self.sudo().search_count(domain, limit=1))

    # === ITEMS CHOSEN BY HAND === #

    def _check_chosen_item(self):
        """Refuse an item that may not bill these lines when it is given to them; one
        that they had before must not stand in the way of other changes.

        :raise ValidationError: with a sentence that says what to do
        """
        ticket_lines = self.sudo().filtered("helpdesk_ticket_id")
        for ticket, lines in ticket_lines._get_lines_by_ticket():
            for item in lines.so_line:
                refusal = item._get_helpdesk_refusal(
                    ticket.commercial_partner_id, ticket.company_id
                )
                if refusal:
                    raise ValidationError(refusal)

    @api.model
    def _gives_item(self, vals):
        """Tell whether a person gives an item without saying if it is by hand.

        :rtype: bool
        """
        return "so_line" in vals and "is_so_line_edited" not in vals and not self.env.su

    def _mark_chosen_by_hand(self):
        """Mark those of the lines whose item is not what the rules choose."""
        chosen = self.sudo().filtered(
            lambda line: (
                line.helpdesk_ticket_id
                and not line.is_so_line_edited
                and line._is_not_billed()
                and line.so_line != line._get_item_by_rule()
            )
        )
        if chosen:
            chosen.write({"is_so_line_edited": True})

    def _get_item_by_rule(self):
        """Item that the rules choose for this line.

        :rtype: sale.order.line
        """
        self.ensure_one()
        item = self.project_id.allow_billable and self._timesheet_determine_sale_line()
        return item or self.env["sale.order.line"]

    def _recompute_so_line(self):
        """Choose the item again for these lines, as far as they may change. Written in
        groups, so that the items before and after are both computed again."""
        field = self._fields["so_line"]
        pending = self.sudo() & self.env.records_to_compute(field).sudo()
        lines_by_item = {}
        for line in self.sudo():
            if line.is_so_line_edited or not line._is_not_billed():
                continue
            item = line._get_item_by_rule()
            if item != line.so_line:
                lines_by_item[item] = lines_by_item.get(item, line.browse()) | line
        for item, lines in lines_by_item.items():
            lines.write({"so_line": item.id})
        # Deleting a record (a rate) lets the ORM mark the former items only.
        pending.modified([field.name])
