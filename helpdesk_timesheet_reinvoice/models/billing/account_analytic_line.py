from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import float_compare, format_date

from odoo.addons.helpdesk_base.tools import add_columns, format_hours, read_private

from .work import Work


class AccountAnalyticLine(models.Model):
    """Which sales order item bills the time of a ticket, and why.

    Screens send along items that the rules chose while the form was open. Such an item
    is no choice of a person: it is set by hand if it differs from what the rules choose
    for the line as it was saved, or if the client says so (``is_so_line_edited``).
    """

    _inherit = "account.analytic.line"
    # What the item of a line tells, kept in columns of their own to group by them.
    _item_fields = frozenset({"order_id", "timesheet_invoice_type"})
    # Who may bill other hours than were worked, beside who may write the order.
    _write_off_groups = (
        "helpdesk_base.group_helpdesk_manager",
        "account.group_account_invoice",
    )

    so_line_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Item Set By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Person who chose the sales order item of this line by hand.",
    )

    so_line_rule = fields.Char(
        string="Rule of the Item",
        compute="_compute_so_line_rule",
        store=True,
        export_string_translation=False,
        help="Name of the rule that chose the sales order item, kept once it is billed.",
    )
    so_line_reason = fields.Char(
        string="Why Billed Here",
        compute="_compute_so_line_reason",
        compute_sudo=True,
        help="Why this line is billed on its sales order item, or why it is not billed.",
    )
    billable_hours = fields.Float(
        string="Hours to Bill",
        compute="_compute_billable_hours",
        inverse="_inverse_billable_hours",
        store=True,
        readonly=False,
        copy=False,
        help="Hours that are delivered and billed: those that were worked, until somebody "
        "who may invoice or manages the helpdesk says otherwise, with a reason.",
    )
    billable_hours_reason = fields.Char(
        string="Why Other Hours",
        copy=False,
        help="Why other hours are billed than were worked. The customer reads it.",
    )
    hours_written_off = fields.Float(
        compute="_compute_billable_hours",
        store=True,
        copy=False,
        export_string_translation=False,
        help="Hours that a person took off the hours to bill.",
    )

    def _auto_init(self):
        """Time of before is billed as it was worked: one statement instead of computing
        each line. No rule is known for it."""
        kinds = {"billable_hours": "float8", "hours_written_off": "float8"}
        kinds["so_line_rule"] = "varchar"
        cr = self.env.cr
        if "billable_hours" in add_columns(cr, self._table, kinds):
            cr.execute("UPDATE account_analytic_line SET billable_hours = unit_amount")
        return super()._auto_init()

    # === COMPUTE METHODS === #

    @api.depends(
        "helpdesk_ticket_id.sale_line_id",
        "helpdesk_ticket_id.sale_line_since",
        "helpdesk_ticket_id.team_id.use_helpdesk_sale_timesheet",
    )
    def _compute_so_line(self):
        """Choose as the stock method does, but once for lines that are alike."""
        of_tickets = self.filtered("helpdesk_ticket_id")
        saved = of_tickets.filtered("id")
        former = saved.grouped("so_line")
        by_hand = of_tickets.filtered("is_so_line_edited")
        by_hand._forget_foreign_choices()
        by_hand = by_hand.filtered("is_so_line_edited")
        result = super(AccountAnalyticLine, self - of_tickets)._compute_so_line()
        open_lines = (of_tickets - by_hand)._filter_not_billed()
        for item, lines in open_lines._group_by_item_of_rule().items():
            lines.so_line = item
        saved.sudo()._name_customer_of_ticket()
        saved.sudo().so_line._note_tickets()
        self._count_on_items(former)
        return result

    @api.depends(
        "employee_id",
        "helpdesk_ticket_id.sale_line_id",
        "helpdesk_ticket_id.sale_line_since",
        "helpdesk_ticket_id.team_id.use_helpdesk_sale_timesheet",
        "is_so_line_edited",
        "project_id.allow_billable",
        "so_line",
        "timesheet_invoice_id.state",
    )
    def _compute_so_line_rule(self):
        """Note why open time is billed where it is; billed time keeps the reason of the
        day on which it was billed, until its invoice lets it go."""
        of_tickets = self.filtered("helpdesk_ticket_id")
        (self - of_tickets).so_line_rule = False
        by_hand = of_tickets.filtered("is_so_line_edited")
        by_hand.so_line_rule = "hand"
        by_rule = (of_tickets - by_hand)._filter_not_billed()
        alike = by_rule.grouped(lambda line: (line._get_choice_key(), line.so_line))
        for lines in alike.values():
            lines.so_line_rule = next(iter(lines))._get_rule()

    def _get_rule(self):
        """Name of the rule by which this line has its item: that of the choice, unless
        the line kept another item from before.

        :rtype: str
        """
        item, rule = self.env["sale.order.line"], "project"
        if self.project_id.allow_billable:
            item, rule = self._decide_item(self._get_work())
        return rule if item == self.so_line else "kept"

    @api.depends("unit_amount")
    def _compute_billable_hours(self):
        """What the rules say, less what a person took off: no more than there is."""
        hours_by_rule = self._get_hours_due()
        said = self.filtered("hours_written_off")
        as_ruled = self - said
        as_ruled.hours_written_off = 0.0
        for hours, lines in as_ruled.grouped(hours_by_rule.get).items():
            lines.billable_hours = hours
        for line in said:
            hours, taken_off = hours_by_rule[line], line.hours_written_off
            if taken_off > 0 and hours >= 0:
                taken_off = min(taken_off, hours)
            elif taken_off < 0 and hours < 0:
                taken_off = max(taken_off, hours)
            line.hours_written_off = taken_off
            # what a person said is kept to the digit, however often it is computed
            line.billable_hours = round(hours - taken_off, 10) if taken_off else hours

    def _inverse_billable_hours(self):
        """A person says how many hours are billed: the difference to the rules is kept
        when hours are corrected later."""
        hours_by_rule = self.sudo()._get_hours_due()
        for line in self.sudo():
            line.hours_written_off = hours_by_rule[line] - line.billable_hours

    @api.depends("so_line_rule", "so_line_user_id", "timesheet_invoice_id.state")
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

    @api.constrains("billable_hours", "billable_hours_reason", "unit_amount")
    def _check_billable_hours(self):
        """Other hours than the rules say are billed for a reason, and never less than
        none: what a customer gets back is a credit note, or a correction of the time."""
        said = self.filtered("hours_written_off")
        said._check_no_typing_error("billable_hours")
        for line in said:
            if not (line.billable_hours_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "Say why other hours are billed than were worked: the customer "
                        "reads it. Fill in “%(field)s”.",
                        field=self._fields["billable_hours_reason"]._description_string(
                            self.env
                        ),
                    )
                )
            if line.billable_hours < 0 <= line.unit_amount:
                raise ValidationError(
                    self.env._(
                        "Bill no hours or more: hours to bill are never negative."
                    )
                )
            if line.unit_amount < 0 < line.billable_hours:
                raise ValidationError(
                    self.env._(
                        "Time below zero takes hours back. Bill no hours or fewer for "
                        "it, and record other work on a line of its own."
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Keep items and hours that a person gave to new lines."""
        lines = super().create(vals_list)
        given = zip(lines, vals_list, strict=True)
        chosen = lines.browse(line.id for line, vals in given if vals.get("so_line"))
        chosen._check_chosen_item()
        chosen.sudo().filtered("helpdesk_ticket_id").so_line._note_tickets()
        if any(self._gives_item(vals) for vals in vals_list):
            lines._mark_chosen_by_hand()
        if any(vals.get("billable_hours_reason") for vals in vals_list):
            lines.filtered("hours_written_off")._check_may_write_off()
        return lines

    def write(self, vals):
        """Keep items that a person gives to lines, and choose again what they let go."""
        former, said = {}, {}
        if "so_line" in vals:
            former = {line: line.so_line for line in self.sudo()}
        if {"billable_hours", "billable_hours_reason"} & vals.keys():
            said = {line: line._get_said_hours() for line in self}
        dates = self._read_dates_around(vals)
        result = super().write(vals)
        if vals.get("so_line"):
            changed = self.browse(
                line.id for line, item in former.items() if line.so_line != item
            )
            changed._check_chosen_item()
            of_tickets = changed.sudo().filtered("helpdesk_ticket_id")
            of_tickets._name_customer_of_ticket()
            of_tickets.so_line._note_tickets()
        elif vals.get("is_so_line_edited") is False and "so_line" not in vals:
            self._recompute_so_line()
        if self._gives_item(vals):
            self._mark_chosen_by_hand()
        changed = [line.id for line in said if line._get_said_hours() != said[line]]
        if changed:
            changed = self.browse(changed)
            changed._check_may_write_off()
            changed.sudo().helpdesk_ticket_id._note_other_hours(changed)
        if dates:
            self._follow_dates(dates)
        return result

    # === ACTION METHODS === #

    def action_write_off(self, hours, reason):
        """Take hours off the hours to bill of each of these lines.

        :param float hours: how many; what is left is billed, never less than none
        :param str reason: why; the customer reads it
        :return: True
        :rtype: bool
        :raise ValidationError: if hours are no number above zero, more than are billed,
            or the reason is missing
        :raise AccessError: for who neither manages the helpdesk nor may invoice
        :raise UserError: if the time is billed already
        """
        self._check_may_write_off()
        self._check_not_locked({"billable_hours"})
        hours = self._clean_value("billable_hours", hours)
        for line in self.sudo():
            if not hours or not 0 < hours <= line.billable_hours + 1e-6:
                raise ValidationError(
                    self.env._(
                        "Write off more than none, and at most the %(hours)s hours that "
                        "are to be billed.",
                        hours=format_hours(self.env, line.billable_hours),
                    )
                )
            line.write(
                {
                    "billable_hours": max(line.billable_hours - hours, 0.0),
                    "billable_hours_reason": reason,
                }
            )
        return True

    # === WHAT NOBODY WRITES === #

    def _get_ruled_fields(self):
        """Who chose an item is noted, not told; the order and how it is billed follow
        from the item."""
        noted = {"hours_written_off", "so_line_rule", "so_line_user_id"}
        noted |= set(self._get_waiting_fields())
        return super()._get_ruled_fields() | noted | self._item_fields

    def _get_ruled_reason(self, names):
        if not names & self._item_fields:
            return super()._get_ruled_reason(names)
        return self.env._(
            "The order of this time and how it is billed follow from its sales order "
            "item. Choose another item instead."
        )

    # === THE SALES ORDER ITEM OF A LINE === #

    def _timesheet_determine_sale_line(self):
        """Choose the item that bills a ticket's line, see :meth:`_decide_item`. An item
        of the project or the task only presets the ticket, so that the ticket always
        shows what will be billed. Lines set by hand or billed do not come here.

        :return: a ``sale.order.line``, or an empty value for non-billable time
        """
        if not self.helpdesk_ticket_id:
            return super()._timesheet_determine_sale_line()
        item, _rule = self._decide_item(self._get_work())
        return item

    def _filter_by_rule(self):
        """Lines whose item the rules choose: it is not set by hand, and not billed."""
        by_hand = self.filtered("is_so_line_edited")
        return (self - by_hand)._filter_not_billed()

    def _get_choice_key(self):
        """What the choice looks at on this line of a ticket: the item is chosen once for
        all lines that are alike in it. Meant for override by addons whose rule looks at
        more of a line, which would go by the first one otherwise.

        :rtype: tuple
        """
        ticket, saved = self.helpdesk_ticket_id, self if self.id else self._origin
        since = ticket.sale_line_since
        return (
            ticket.id,
            self.project_id.id,
            self.employee_id.id,
            saved.so_line.id,
            bool(since and self.date and self.date < since),
        )

    def _group_by_item_of_rule(self):
        """Choose the item by the rules, once for lines that are alike.

        :return: the lines by the item that would bill them, which may be empty
        :rtype: dict
        """
        alike = self.grouped(
            lambda line: line._get_choice_key() if line.helpdesk_ticket_id else line
        )
        result = {}
        for lines in alike.values():
            line = next(iter(lines))  # [0] would read it alone
            billable = line.project_id.allow_billable
            item = billable and line._timesheet_determine_sale_line()
            item = item or self.env["sale.order.line"]
            result[item] = result.get(item, self.browse()) | lines
        return result

    def _get_work(self):
        """What the choice of the item of this line looks at.

        :rtype: Work
        """
        return Work(
            ticket=self.helpdesk_ticket_id.sudo(),
            project=self.project_id,
            employee=self.employee_id,
            former=self._origin.so_line,
            date=self.date,
            line=self,
        )

    @api.model
    def _decide_item(self, work):
        """Choose the item that bills work on a ticket, and say by which rule: the one
        decision that lines, forms and reasons ask.

        :param Work work: who worked on which ticket and project, when
        :return: the ``sale.order.line`` (empty for time that is not billed), and the name
            of the rule, for which :meth:`_get_rule_reason` has a sentence
        :rtype: tuple
        """
        for decider in self._get_item_deciders():
            decision = getattr(self, decider)(work)
            if decision:
                return decision
        return self.env["sale.order.line"], "none"

    @api.model
    def _get_item_deciders(self):
        """Names of the methods that choose the item, in the order in which they are
        asked. Each gets a :class:`Work` and returns an item with the name of its rule,
        or nothing to leave the choice to the next.

        Meant for override by addons that insert a rule, such as before
        ``"_decide_by_rate"``; see also :meth:`_get_rule_reason`.

        :rtype: list[str]
        """
        return [
            "_decide_by_team",
            "_decide_by_date",
            "_decide_without_item",
            "_decide_by_rate",
            "_decide_by_order",
            "_decide_by_ticket",
        ]

    @api.model
    def _decide_by_team(self, work):
        """A team that does not reinvoice bills nothing."""
        if not work.ticket.team_id.use_helpdesk_sale_timesheet:
            return self.env["sale.order.line"], "team"
        return None

    @api.model
    def _decide_by_date(self, work):
        """Work before the day from which the ticket's item counts keeps its item, and
        what is recorded late gets the item of then, as long as that is the customer's."""
        since = work.ticket.sale_line_since
        if not since or not work.date or work.date >= since:
            return None
        item = work.former or work.ticket.sale_line_before_id
        buyer = item.helpdesk_commercial_partner_id
        if item and buyer != work.ticket.commercial_partner_id:
            item = item.browse()
        return item, "date"

    @api.model
    def _decide_without_item(self, work):
        """A person's rate never makes a ticket billable that has no item."""
        return None if work.ticket.sale_line_id else (work.ticket.sale_line_id, "item")

    @api.model
    def _decide_by_rate(self, work):
        """The rate of the person on the project, if its item is the customer's."""
        rate = self._get_ticket_employee_rate(work.ticket, work.project, work.employee)
        return (rate.sale_line_id, "rate") if rate else None

    @api.model
    def _decide_by_order(self, work):
        """Nobody would ever bill new time on a cancelled order."""
        item = work.ticket.sale_line_id
        if item.state != "sale" and work.former != item:
            return item.browse(), "order"
        return None

    @api.model
    def _decide_by_ticket(self, work):
        """The item that the ticket shows."""
        return work.ticket.sale_line_id, "ticket"

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

    # === WHAT AN HOUR COUNTS, AND WHAT BECAME OF IT === #

    def _get_hours_by_rule(self):
        """Hours to bill of these lines, before a person says otherwise. Worked hours;
        meant for override by addons that bill a kind of work by a factor, in steps or
        with a minimum. What they look at is to be a dependency of ``billable_hours``.

        :return: hours by line
        :rtype: dict
        """
        return {line: line.unit_amount for line in self}

    def _get_hours_due(self):
        """What :meth:`_get_hours_by_rule` says, by line. Meant for override by addons
        that cut work into pieces: each bears its share of what it says of the whole."""
        return self._get_hours_by_rule()

    def _may_be_cut(self):
        """Whether this work may be billed in two parts (a bool). Meant for override."""
        return not any(self.mapped("hours_written_off"))

    def _explain_billable_hours(self):
        """Words on the rule behind :meth:`_get_hours_by_rule`, such as "steps of 15, at
        least 30". Meant for override together with it.

        :rtype: str
        """
        return ""

    @api.model
    def _domain_counts(self):
        """Time that counts as delivered and may be billed: all that no field lets wait,
        see :meth:`_get_waiting_fields`. What does not count is ``waiting`` on every
        figure, see :meth:`_domain_time`. Meant for override only where time waits for
        what is no field of its own.

        :rtype: Domain
        """
        return Domain.AND(
            Domain(name, "!=", True)
            for name, is_used in self._get_waiting_fields().items()
            if is_used()
        )

    @api.model
    def _get_waiting_fields(self):
        """Stored booleans that let time wait, such as until somebody approved it: nobody
        writes them, delivered follows. Meant for override by addons.

        :return: by field a function that tells whether any time may wait for it: figures
            ask for it only then
        :rtype: dict
        """
        return {}

    @api.model
    def _let_all_count(self, name):
        """Nothing waits any more for a field whose addon is being uninstalled, see
        :meth:`_get_waiting_fields`: delivered follows."""
        waiting = self.search([(name, "=", True)])
        waiting._as_same_work().write({name: False})
        self.env.flush_all()

    def _get_worker_task(self):
        """What the person who recorded this open time has to do before it counts, in a
        few words or empty. Meant for override with :meth:`_get_waiting_fields`."""
        return ""

    @api.model
    def _domain_time(self, fate):
        """Beside what is ``billed``, time of an order that is not cancelled is

        * ``open``: the next invoice of its order bills it,
        * ``free``: the next invoice lists it, at no charge,
        * ``covered``: paid by what was ordered: packs, fixed prices, milestones,
        * ``waiting``: it would be one of those, but does not count yet;

        and ``non_billable`` is time without item, or on the item of a cancelled order.
        """
        if fate == "billed":
            return super()._domain_time(fate)
        on_order = Domain("so_line.state", "=", "sale")
        if fate == "non_billable":
            return ~self._domain_time("billed") & ~on_order
        by_time = Domain("so_line.product_id.invoice_policy", "=", "delivery") & Domain(
            "so_line.product_id.service_type", "=", "timesheet"
        )
        on_order &= ~self._domain_time("billed")
        counts = self.env["sale.order.line"]._domain_time_that_counts()
        if fate == "waiting":
            return on_order & ~counts
        if fate == "covered":
            return on_order & counts & ~by_time
        domain = on_order & by_time
        if fate == "open":
            return domain & counts & Domain("billable_hours", "!=", 0)
        if fate == "free":
            worked = Domain("unit_amount", "!=", 0)
            return domain & counts & worked & Domain("billable_hours", "=", 0)
        raise ValueError(f"Time has no fate {fate!r}.")

    @api.model
    def _read_billing_hours(self, domain, groupby):
        """Hours of time lines by what becomes of them, in one query; in two if some of
        the time may wait.

        :param Domain domain: the lines; as superuser, whatever the user may read
        :param str groupby: many2one field of the line
        :return: for each record id the hours ``spent``, which were worked; hours to bill
            by fate: ``to_invoice``, ``invoiced``, ``covered``, ``waiting``; and
            ``non_billable``: worked without item or on a cancelled order, or written off
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
            ["unit_amount:sum", "billable_hours:sum", "hours_written_off:sum"],
        )
        for record, kind, order, move, payment, spent, hours, off in groups:
            counts = move not in (False, "cancel") or payment == "invoicing_legacy"
            figures, fate = result[record.id], self._get_fate(kind, counts, order)
            figures["spent"] += spent
            if fate == "non_billable":
                figures[fate] += spent
            else:
                figures[fate] += hours
                if off:
                    figures["non_billable"] += off
        self._move_waiting_hours(result, domain, groupby)
        return result

    @api.model
    def _move_waiting_hours(self, result, domain, groupby):
        """Take hours that do not count yet out of those to invoice and of those that an
        order covers, in place, see :meth:`_read_billing_hours`."""
        counts = self.env["sale.order.line"]._domain_time_that_counts()
        if counts.is_true():
            return
        waiting = domain & self._domain_time("waiting")
        for record, kind, hours in self.sudo()._read_group(
            waiting, [groupby, "timesheet_invoice_type"], ["billable_hours:sum"]
        ):
            result[record.id][self._get_fate(kind, False, "sale")] -= hours
            result[record.id]["waiting"] += hours

    @api.model
    def _get_fate(self, invoice_type, is_billed, order_state):
        """Tell what becomes of a group of hours: :meth:`_domain_time` in Python, for the
        columns that figures are grouped by, so that one query without products reads
        them all. ``tests/test_fates.py`` holds both to the same answers.

        :param str invoice_type: ``timesheet_invoice_type`` of the lines
        :param bool is_billed: whether they are on an invoice that counts
        :param str order_state: state of the order of their item
        :rtype: str
        """
        if is_billed:
            return "invoiced"
        if invoice_type == "non_billable" or order_state != "sale":
            return "non_billable"
        by_time = invoice_type in ("billable_time", "timesheet_revenues")
        return "to_invoice" if by_time else "covered"

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Delivered quantities sum up the hours to bill. Stock names the worked hours in
        the middle of its method; see ``_get_delivered_quantity_by_analytic`` of the item,
        which nobody but Python can ask to count so."""
        if aggregate_spec == "unit_amount:sum" and read_private(
            self.env, "helpdesk_count_billable"
        ):
            aggregate_spec = "billable_hours:sum"
        return super()._read_group_select(aggregate_spec, query)

    def _is_billed_otherwise(self):
        """Tell whether other hours of an item are billed than were worked.

        :rtype: bool
        """
        self.ensure_one()
        off = float_compare(self.billable_hours, self.unit_amount, precision_digits=2)
        return bool(self.so_line and off)

    def _check_may_write_off(self):
        """Who manages the helpdesk, keeps the books or may write the order may bill
        other hours than were worked, also of time that person could not write.

        :raise AccessError: for everybody else
        """
        if self.env.su:
            return
        lines, orders = self.sudo(), self.sudo().order_id.sudo(False)
        of_company = lines.company_id <= self.env.companies
        by_group = any(map(self.env.user.has_group, self._write_off_groups))
        by_order = all(line.order_id for line in lines) and orders.has_access("write")
        if not (of_company and (by_group or by_order)):
            raise AccessError(
                self.env._(
                    "You may not change the hours to bill. Ask an administrator of the "
                    "helpdesk, the salesperson of the order or an accountant to do it."
                )
            )

    def _get_said_hours(self):
        """What a person said about the hours to bill of this line. Screens send along
        hours that nobody changed.

        :rtype: tuple
        """
        return round(self.hours_written_off, 6), self.billable_hours_reason

    def _get_so_line_reason(self):
        """One sentence: why is this line billed on its item, or why is it not?

        :rtype: str
        """
        self.ensure_one()
        if self._is_not_billed():
            return self._get_rule_reason(self.so_line_rule or self._get_rule())
        invoice = self.timesheet_invoice_id.display_name
        if not self.so_line_rule:  # billed before rules were noted
            return self.env._("Invoiced on %(invoice)s", invoice=invoice)
        return self.env._(
            "%(reason)s. Invoiced on %(invoice)s",
            reason=self._get_rule_reason(self.so_line_rule),
            invoice=invoice,
        )

    def _get_rule_reason(self, rule):
        """Sentence for the rule that chose the item of this line.

        Meant for override by addons that add a rule, see :meth:`_get_item_deciders`.

        :param str rule: name of the rule
        :rtype: str
        """
        if rule == "hand":
            return self._get_set_by_hand_reason()
        if rule == "rate":
            return self.env._(
                "Rate of %(employee)s on %(project)s",
                employee=self.employee_id.name,
                project=self.project_id.name,
            )
        if rule == "date":
            return self._get_by_date_reason()
        if rule == "order":
            return self.env._(
                "Not billable: order %(order)s is not confirmed",
                order=self.helpdesk_ticket_id.sale_line_id.order_id.name or "-",
            )
        sentences = {
            "item": self.env._("Not billable: ticket has no sales order item"),
            "none": self.env._("Not billable"),
            "project": self.env._("Not billable: project is not billable"),
            "team": self.env._("Not billable: team does not reinvoice"),
            "ticket": self.env._("Ticket's item"),
        }
        if rule not in sentences and self.so_line:
            return self.env._("Kept from an earlier invoice or a merged ticket")
        return sentences.get(rule, sentences["none"])

    def _get_by_date_reason(self):
        """Reason for time before the day from which the item of its ticket counts."""
        since = format_date(self.env, self.helpdesk_ticket_id.sale_line_since)
        if self.so_line:
            return self.env._("Item before %(day)s", day=since)
        return self.env._("Not billable: worked before %(day)s", day=since)

    def _get_set_by_hand_reason(self):
        """Reason for an item that a person chose, see :meth:`_get_so_line_reason`."""
        user = self.so_line_user_id.name
        if self.so_line and user:
            return self.env._("Set by hand by %(user)s", user=user)
        if self.so_line:
            return self.env._("Set by hand")
        if user:
            return self.env._("Not billable: removed by hand by %(user)s", user=user)
        return self.env._("Not billable: removed by hand")

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
        own = self.sudo().filtered("helpdesk_ticket_id")._filter_by_rule()
        chosen = own.browse()
        for item, lines in own._group_by_item_of_rule().items():
            chosen |= lines.filtered(lambda line, item=item: line.so_line != item)
        if chosen:
            chosen.write({"is_so_line_edited": True})

    def _read_dates_around(self, vals):
        """Days of those of the lines whose ticket's item counts from a day on, before a
        write that may move them across it.

        :param dict vals: what is about to be written
        :rtype: dict
        """
        if "date" not in vals:
            return {}
        lines = self.sudo().filtered("helpdesk_ticket_id.sale_line_since")
        return {line: line.date for line in lines}

    def _follow_dates(self, former):
        """Choose again for lines that moved across the day from which the item of their
        ticket counts.

        :param dict former: their days before, see :meth:`_read_dates_around`
        """
        crossed = self.sudo().browse()
        for line, day in former.items():
            since = line.helpdesk_ticket_id.sale_line_since
            if (line.date < since) != (day < since) and not line.is_so_line_edited:
                crossed |= line
        early = defaultdict(crossed.browse)
        for line in crossed._filter_not_billed():
            ticket = line.helpdesk_ticket_id
            if line.date < ticket.sale_line_since:
                early[ticket.sale_line_before_id] |= line
        self._write_items(early)
        crossed._without_joined({"so_line": False})._recompute_so_line()

    @api.model
    def _write_items(self, lines_by_item):
        """Write on lines the item that they are a value of, as far as they are not on it.
        What was joined with others for the sake of a group before is gone."""
        is_written = False
        for item, lines in lines_by_item.items():
            vals = {"so_line": item.id}
            left = lines._without_joined(vals) if is_written else lines
            changed = left.filtered(lambda line, item=item: line.so_line != item)
            if changed:
                changed.write(vals)
                is_written = True

    def _recompute_so_line(self):
        """Choose the item again for these lines, as far as they may change. Written in
        groups, so that the items before and after are both computed again."""
        field = self._fields["so_line"]
        pending = self.sudo() & self.env.records_to_compute(field).sudo()
        self._write_items(self.sudo()._filter_by_rule()._group_by_item_of_rule())
        # Deleting a record (a rate) lets the ORM mark the former items only.
        pending.modified([field.name])
        left = self.sudo()._without_joined({"so_line": False})
        of_tickets = left.filtered("helpdesk_ticket_id")
        self.env.add_to_compute(self._fields["so_line_rule"], of_tickets)
