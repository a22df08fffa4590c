from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from odoo.addons.helpdesk_base.tools import format_clock, format_hours

from .work import Work


class HelpdeskTicket(models.Model):
    """The sales order item that bills a ticket, and what it has billed so far."""

    _inherit = "helpdesk.ticket"

    use_helpdesk_sale_timesheet = fields.Boolean(
        related="team_id.use_helpdesk_sale_timesheet"
    )

    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Sales Order Item",
        compute="_compute_sale_line_id",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
        domain=lambda self: self._domain_sale_line_id(),
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        falsy_value_label="Non-billable",
        groups="base.group_user",
        help="Item of the customer's order that the time of this ticket is billed on. "
        "Leave it empty for time that is not billed.",
    )

    sale_line_since = fields.Date(
        string="Only Time from",
        copy=False,
        tracking=True,
        groups="base.group_user",
        help="The sales order item bills time from this day on. Earlier time stays on the "
        "item that billed the ticket until then. Empty: the item bills all open time.",
    )
    sale_line_before_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Item Before",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="base.group_user",
        help="Item that bills time from before that day which is recorded late.",
    )
    sale_line_cleared = fields.Boolean(
        string="Item Removed by Hand",
        compute="_compute_sale_line_cleared",
        store=True,
        readonly=False,
        copy=False,
        export_string_translation=False,
        groups="base.group_user",
    )

    sale_order_id = fields.Many2one(
        related="sale_line_id.order_id",
        string="Sales Order",
        store=True,
        precompute=True,
        index="btree_not_null",
        groups="base.group_user",
    )

    sale_order_state = fields.Selection(
        related="sale_line_id.state", string="Order Status", groups="base.group_user"
    )

    sale_line_policy = fields.Selection(
        related="sale_line_id.product_id.service_policy",
        string="Invoicing Policy",
        groups="base.group_user",
    )

    remaining_hours_available = fields.Boolean(
        related="sale_line_id.remaining_hours_available", groups="base.group_user"
    )

    remaining_hours_so = fields.Float(
        string="Time Remaining on SO",
        compute="_compute_remaining_hours_so",
        search="_search_remaining_hours_so",
        compute_sudo=True,
        aggregator="sum",
        groups="base.group_user",
        help="Prepaid hours left on the sales order item; below zero the pack is "
        "overdrawn.",
    )

    hours_to_invoice = fields.Float(
        string="Hours to Bill",
        compute="_compute_hours",
        compute_sudo=True,
        aggregator="sum",
        groups="base.group_user",
        help="Hours that the next invoice will bill.",
    )

    hours_invoiced = fields.Float(
        string="Hours Billed",
        compute="_compute_hours",
        compute_sudo=True,
        aggregator="sum",
        groups="base.group_user",
        help="Hours on invoices that are not cancelled, drafts included.",
    )

    hours_covered = fields.Float(
        string="Hours Covered by Order",
        compute="_compute_hours",
        compute_sudo=True,
        aggregator="sum",
        groups="base.group_user",
        help="Hours on items billed by what was ordered: prepaid packs, fixed prices, "
        "milestones and manual quantities.",
    )

    hours_non_billable = fields.Float(
        string="Hours not Billable",
        compute="_compute_hours",
        compute_sudo=True,
        groups="base.group_user",
        help="Hours without sales order item, or on the item of a cancelled order.",
    )

    invoice_status = fields.Selection(
        selection=[
            ("no", "Nothing to Bill"),
            ("to invoice", "To Bill"),
            ("invoiced", "Billed"),
        ],
        compute="_compute_hours",
        search="_search_invoice_status",
        compute_sudo=True,
        groups="base.group_user",
    )

    # searched as superuser, by the number that is shown on the ticket: searching the
    # order itself needs rights to orders, which agents do not have
    sale_order_name = fields.Char(
        related="sale_order_id.name",
        string="Sales Order Number",
        groups="base.group_user",
    )

    time_move_notice = fields.Char(
        string="What Will Happen to Recorded Time",
        compute="_compute_time_move_notice",
        compute_sudo=True,
        export_string_translation=False,
        groups="base.group_user",
    )

    # === DOMAINS === #

    @api.model
    def _domain_sale_line_id(self):
        """Items the customer of the ticket can be billed on, for the drop-down."""
        static = self.env["sale.order.line"]._domain_helpdesk_sale_line()
        conditions = [repr(condition) for condition in list(static)]
        dynamic = (
            "('helpdesk_commercial_partner_id', '=', commercial_partner_id), "
            "('company_id', '=', company_id)"
        )
        return f"['&', '&', {dynamic}, {', '.join(conditions)}]"

    # === COMPUTE METHODS === #

    @api.depends("commercial_partner_id", "company_id", "task_id")
    def _compute_sale_line_id(self):
        """Drop the item of a former customer or company, then look for a preset.

        What a person chose or removed is kept as long as the customer is the same.
        """
        self.env.remove_to_compute(self._fields["sale_line_cleared"], self)
        for ticket in self:
            item = ticket.sale_line_id
            buyer = item.helpdesk_commercial_partner_id
            if item and (buyer, item.company_id) != (
                ticket.commercial_partner_id,
                ticket.company_id,
            ):
                item = False
            ticket.sale_line_id = item
        presets = self.filtered(
            lambda ticket: not ticket.sale_line_id and not ticket._has_removed_item()
        )._get_preset_sale_lines()
        for ticket, item in presets.items():
            ticket.sale_line_id = item
        self.filtered("id").sale_line_id._note_tickets()
        for ticket in self.filtered("sale_line_cleared"):
            if not isinstance(ticket.id, int):
                ticket.sale_line_cleared = ticket._has_removed_item()

    def _has_removed_item(self):
        """Tell whether a person removed the item, from this customer."""
        former = self._origin.commercial_partner_id
        same = not former or self.commercial_partner_id._origin == former
        return self.sale_line_cleared and not self.sale_line_id and same

    @api.depends("sale_line_id")
    def _compute_sale_line_cleared(self):
        """What is removed in an open form stays removed there; :meth:`write` says it of
        saved tickets."""
        item = self._fields["sale_line_id"]
        for ticket in self:
            if not isinstance(ticket.id, int):
                ticket.sale_line_cleared = (
                    not self.env.is_protected(item, ticket)
                    and not ticket.sale_line_id
                    and bool(ticket.sudo()._get_preset_sale_lines())
                )

    @api.depends("sale_line_id.remaining_hours", "timesheet_ids.billable_hours")
    def _compute_remaining_hours_so(self):
        for ticket in self:
            remaining = ticket.sale_line_id.remaining_hours
            if not isinstance(ticket.id, int):
                remaining -= ticket._get_unsaved_hours()
            ticket.remaining_hours_so = remaining

    def _get_unsaved_hours(self):
        """Hours typed into an open form that its item does not know of yet."""
        self.ensure_one()
        item = self.sale_line_id._origin
        return sum(
            line.billable_hours * (line.so_line._origin == item)
            - line._origin.billable_hours * (line._origin.so_line == item)
            for line in self.timesheet_ids
        )

    @api.model
    def _search_remaining_hours_so(self, operator, value):
        """Search the items as superuser: agents without sales rights filter by it, too."""
        prepaid = self.env["sale.order.line"]._domain_prepaid_time()
        left = prepaid & Domain("remaining_hours", operator, value)
        return Domain("sale_line_id", "any!", left)

    @api.depends(
        "timesheet_ids.so_line.state",
        "timesheet_ids.timesheet_invoice_id.payment_state",
        "timesheet_ids.timesheet_invoice_id.state",
        "timesheet_ids.billable_hours",
        "timesheet_ids.timesheet_invoice_type",
    )
    def _compute_hours(self):
        """What becomes of the time changes with its items and invoices, too."""
        super()._compute_hours()

    def _read_hours(self):
        """Hours by what becomes of them, still in one query."""
        Line = self.env["account.analytic.line"]
        return Line._read_billing_hours(
            Line._domain_of_tickets(self), "helpdesk_ticket_id"
        )

    def _set_hours(self, figures):
        super()._set_hours(figures)
        self.hours_to_invoice = figures["to_invoice"]
        self.hours_invoiced = figures["invoiced"]
        self.hours_covered = figures["covered"]
        self.hours_non_billable = figures["non_billable"]
        precision = self.env["decimal.precision"].precision_get("Product Unit")
        if round(figures["to_invoice"], precision):
            self.invoice_status = "to invoice"
        else:
            is_billed = round(figures["invoiced"], precision)
            self.invoice_status = "invoiced" if is_billed else "no"

    @api.model
    def _search_invoice_status(self, operator, value):
        """Search by billing status through the tickets' lines, in one subquery each."""
        if operator != "in":
            return NotImplemented
        Line = self.env["account.analytic.line"].sudo()
        to_bill, with_billed = (
            Domain(
                "id", "in", Line._search_tickets(time, ("!=", 0.0), "billable_hours")
            )
            for time in (Line._domain_time("open"), Line._domain_time("billed"))
        )
        domains = {
            "to invoice": to_bill,
            "invoiced": with_billed & ~to_bill,
            "no": ~with_billed & ~to_bill,
        }
        return Domain.OR(domains[status] for status in value if status in domains)

    # === REPORTING === #

    @api.model
    def _get_hours_measures(self):
        """What becomes of the hours; free time adds nothing to what is billed."""
        Line = self.env["account.analytic.line"]
        return {
            **super()._get_hours_measures(),
            "hours_covered": (Line._domain_time("covered"), "billable_hours"),
            "hours_invoiced": (Line._domain_time("billed"), "billable_hours"),
            "hours_to_invoice": (Line._domain_time("open"), "billable_hours"),
        }

    def _read_group_select(self, aggregate_spec, query):
        """Time left of packs: tickets that use up the same pack share it, so each item
        counts once."""
        if aggregate_spec != "remaining_hours_so:sum":
            return super()._read_group_select(aggregate_spec, query)
        self._check_field_access(self._fields["remaining_hours_so"], "read")
        alias = query.left_join(
            self._table, "sale_line_id", "sale_order_line", "id", "sale_line_id"
        )
        return SQL(
            """(SELECT SUM(SPLIT_PART(pack, ':', 2)::float8)
                  FROM UNNEST(ARRAY_AGG(DISTINCT %s || ':' || %s)) AS pack)""",
            SQL.identifier(alias, "id"),
            SQL.identifier(alias, "remaining_hours"),
        )

    # === CONSTRAINT METHODS === #

    @api.constrains("partner_id", "sale_line_id", "team_id")
    def _check_sale_line_customer(self):
        """Customer and item may be written together; they must still agree. An item
        whose order was cancelled stays, see :meth:`_check_chosen_item`."""
        for ticket in self.sudo().filtered("sale_line_id"):
            item = ticket.sale_line_id
            refusal = item._get_helpdesk_customer_refusal(
                ticket.commercial_partner_id, ticket.company_id
            )
            if refusal:
                raise ValidationError(refusal)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Keep what a person chose or removed."""
        vals_list = self._clean_input_list(vals_list)
        tickets = super().create(vals_list)
        chosen = zip(tickets, vals_list, strict=True)
        tickets.browse(
            ticket.id for ticket, vals in chosen if vals.get("sale_line_id")
        )._check_chosen_item()
        cleared = tickets.browse(
            ticket.id
            for ticket, vals in zip(tickets, vals_list, strict=True)
            if "sale_line_id" in vals and not vals["sale_line_id"]
        )
        cleared._note_removed_item()
        tickets.sudo().sale_line_id._note_tickets()
        return tickets

    def write(self, vals):
        """Remember what a person removed, and forget it for a new customer."""
        vals = self._clean_input(vals)
        if "sale_line_id" in vals and "partner_id" not in vals:
            vals = vals | {"sale_line_cleared": not vals["sale_line_id"]}
        elif "partner_id" in vals:
            partner = self.env["res.partner"].browse(vals["partner_id"] or [])
            customer = partner.sudo().commercial_partner_id
            self.filtered(
                lambda t: (
                    t.sale_line_cleared
                    and t.partner_id != partner
                    and t.commercial_partner_id != customer
                )
            ).sale_line_cleared = False
        former = {}
        if "sale_line_id" in vals:
            former = {ticket: ticket.sale_line_id for ticket in self}
        customers = {}
        if "partner_id" in vals and "sale_line_since" not in vals:
            dated = self.filtered("sale_line_since")
            customers = {ticket: ticket.commercial_partner_id for ticket in dated}
        result = super().write(vals)
        changed = self.browse(
            ticket.id for ticket, item in former.items() if ticket.sale_line_id != item
        )
        if vals.get("sale_line_id"):
            changed._check_chosen_item()
            changed.sudo().sale_line_id._note_tickets()
        for ticket in changed.filtered("sale_line_since"):
            ticket.sudo().sale_line_before_id = former[ticket]
        for ticket, customer in customers.items():
            if ticket.commercial_partner_id != customer:
                ticket.sudo().write(
                    {"sale_line_since": False, "sale_line_before_id": False}
                )
        if "partner_id" in vals and "sale_line_id" in vals and not vals["sale_line_id"]:
            self._note_removed_item()
        return result

    # === ACTION METHODS === #

    def action_view_sale_order(self):
        """Open the sales order that bills this ticket.

        :return: a window action on ``sale.order``
        :rtype: dict
        :raise UserError: if the ticket has no sales order item
        :raise AccessError: if the user may not read the order
        """
        self.ensure_one()
        order = self.sale_order_id
        if not order:
            raise UserError(
                self.env._("Choose a sales order item on the ticket to see its order.")
            )
        order.sudo(False).check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Sales Order"),
            "res_model": "sale.order",
            "res_id": order.id,
            "views": [[False, "form"]],
            "context": {"create": False},
        }

    def action_create_quotation(self):
        """Start a quotation for the customer of this ticket, linked back to it once it
        is confirmed.

        :return: a window action on ``sale.order``
        :rtype: dict
        :raise UserError: if the ticket has no customer
        :raise AccessError: if the user may not create quotations
        """
        self.ensure_one()
        self.env["sale.order"].check_access("create")
        if not self.partner_id:
            raise UserError(
                self.env._("Set the customer of the ticket before you quote it.")
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Quotation"),
            "res_model": "sale.order",
            "views": [[False, "form"]],
            "context": {
                "default_partner_id": self._get_present_customer().id,
                "default_company_id": self.company_id.id,
                "default_helpdesk_ticket_id": self.id,
                "default_origin": self.display_name,
            },
        }

    @api.readonly
    def get_sale_line_choices(self):
        """The sales order items that this ticket can be billed on, as its form offers
        them to the user.

        :return: of each item its ``id``, its ``name``, ``is_prepaid``: whether hours of
            it are sold in advance, and ``remaining_hours``: how many of these are left,
            0.0 where none are sold; nothing for a ticket without customer
        :rtype: list[dict]
        :raise AccessError: if the user may not read the ticket, or its item
        """
        self.ensure_one()
        self.check_access("read")
        self._check_field_access(self._fields["sale_line_id"], "read")
        customer = self.commercial_partner_id
        if not customer:
            return []
        Item = self.env["sale.order.line"]
        given = {"commercial_partner_id": customer.id, "company_id": self.company_id.id}
        domain = safe_eval(self._domain_sale_line_id(), given)
        names = dict(Item.name_search("", domain, limit=None))
        return [
            {
                "id": item.id,
                "name": names[item.id],
                "is_prepaid": item.remaining_hours_available,
                "remaining_hours": item.remaining_hours,
            }
            for item in Item.sudo().browse(names)
        ]

    # === TIME IN ONE ROW === #

    def _describe_time(self, line):
        """Say on which item time is billed and how much of it, or why it is not."""
        if not line.so_line:
            return self.env._(
                "%(hours)s. %(reason)s",
                hours=format_clock(line.unit_amount),
                reason=line._get_so_line_reason(),
            )
        item = line.so_line.sudo()
        said = {
            "hours": format_clock(line.unit_amount),
            "item": f"{item.order_id.name} {item.product_id.name or item.name}",
            "billed": format_clock(line.billable_hours),
            "why": line._explain_billable_hours(),
        }
        if said["billed"] == said["hours"]:
            return self.env._("%(hours)s on %(item)s", **said)
        if not said["why"]:
            return self.env._("%(hours)s on %(item)s, billed as %(billed)s", **said)
        return self.env._(
            "%(hours)s on %(item)s, billed as %(billed)s (%(why)s)", **said
        )

    # === THE ITEM OF A TICKET === #

    @api.model
    def _get_fields_for_time(self):
        """The item decides what becomes of the time."""
        item = ["sale_line_before_id", "sale_line_id", "sale_line_since"]
        return [*super()._get_fields_for_time(), *item]

    @api.model
    def _get_settling_fields(self):
        """Time follows the item of its ticket."""
        return super()._get_settling_fields() | {"sale_line_id", "sale_line_since"}

    def _check_chosen_item(self):
        """Refuse an item that may not bill these tickets when somebody chooses it; one
        that was chosen before must not stand in the way of other changes.

        :raise ValidationError: with a sentence that says what to do
        """
        for ticket in self.sudo().filtered("sale_line_id"):
            refusal = ticket.sale_line_id._get_helpdesk_refusal(
                ticket.commercial_partner_id, ticket.company_id
            )
            if refusal:
                raise ValidationError(refusal)

    def _note_removed_item(self):
        """An item left empty although there was one to preset was removed by hand."""
        if self:
            for ticket in self.sudo()._get_preset_sale_lines():
                ticket.sale_line_cleared = True

    def _recompute_sale_line(self):
        """Look for a preset of these tickets' item again."""
        self.env.add_to_compute(self._fields["sale_line_id"], self)
        self.modified(["sale_line_id"])

    def _get_preset_sale_lines(self):
        """Find the item to preset, of the ticket's customer only: the task's item, the
        project's item, the newest prepaid item with time left, or the only open item
        billed on timesheets.

        :return: item by ticket; tickets without preset are missing
        :rtype: dict
        """
        presets = {}
        missing = self.browse()
        for ticket in self:
            customer = ticket.commercial_partner_id
            if not customer or not ticket.use_helpdesk_sale_timesheet:
                continue
            for item in (ticket.task_id.sale_line_id, ticket.project_id.sale_line_id):
                if item and not item._get_helpdesk_refusal(customer, ticket.company_id):
                    presets[ticket] = item
                    break
            else:
                missing |= ticket
        found = missing._search_preset_items() if missing else {}
        for ticket in missing:
            key = (ticket.commercial_partner_id._origin, ticket.company_id._origin)
            if key in found:
                presets[ticket] = found[key]
        return presets

    def _search_preset_items(self):
        """Items to preset by commercial customer and company, in one query.

        :return: item by (commercial partner, company)
        :rtype: dict
        """
        SaleLine = self.env["sale.order.line"].sudo()
        domain = SaleLine._domain_helpdesk_sale_line() & Domain(
            "helpdesk_commercial_partner_id",
            "in",
            self.commercial_partner_id.ids,
        )
        postpaid = Domain("product_id.service_type", "=", "timesheet") & Domain(
            "product_id.invoice_policy", "=", "delivery"
        )
        with_time_left = self._domain_packs_to_preset()
        prepaid_ids, postpaid_ids = defaultdict(set), defaultdict(set)
        by = ["helpdesk_commercial_partner_id", "company_id", "remaining_hours"]
        for customer, company, time_left, newest, oldest in SaleLine._read_group(
            domain & (postpaid | with_time_left), by, ["id:max", "id:min"]
        ):
            key = (customer, company)
            ids = prepaid_ids if (time_left or 0.0) > 0 else postpaid_ids
            ids[key] |= {newest, oldest}
        found = {
            key: SaleLine.browse(ids)
            for key, ids in postpaid_ids.items()
            if len(ids) == 1
        }
        for key, ids in prepaid_ids.items():
            found[key] = SaleLine.browse(max(ids))
        return found

    @api.model
    def _domain_packs_to_preset(self):
        """Prepaid items that may be preset: those with time left. Meant for override by
        addons that limit their use.

        :return: a domain on ``sale.order.line``
        :rtype: Domain
        """
        return Domain("remaining_hours", ">", 0)

    # === WHAT WILL HAPPEN TO RECORDED TIME === #

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
        domain, billed = Line._domain_of_tickets(origin), Line._domain_time("billed")
        unbilled = (domain | self._domain_time_to_adopt(origin)) & ~billed
        if self.sale_line_since:
            unbilled &= Domain("date", ">=", self.sale_line_since)
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
            work = Work(self, target, employee, item, False, Line)
            after = target.allow_billable and Line._decide_item(work)[0]
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

    def _note_other_hours(self, lines):
        """Say in the chatter of these tickets how many hours of some of their lines are
        billed, and why.

        :param lines: time lines whose hours to bill somebody changed
        """
        of_tickets = lines.sudo().grouped("helpdesk_ticket_id")
        for ticket in self.sudo():
            changed = of_tickets[ticket]
            ticket._message_log(
                body=self.env._(
                    "%(billed)s of %(worked)s h are billed: %(reason)s",
                    billed=format_hours(
                        self.env, sum(changed.mapped("billable_hours"))
                    ),
                    worked=format_hours(self.env, sum(changed.mapped("unit_amount"))),
                    reason=changed[0].billable_hours_reason or "-",
                )
            )

    # === PORTAL === #

    def _get_portal_pack(self):
        """Prepaid item whose remaining time the customer of the ticket sees.

        :return: a ``sale.order.line`` with superuser rights, empty for none
        :rtype: sale.order.line
        """
        self.ensure_one()
        item = self.sudo().sale_line_id
        shown = (
            self._shows_time_in_portal()
            and self.use_helpdesk_sale_timesheet
            and item.remaining_hours_available
        )
        return item if shown else item.browse()
