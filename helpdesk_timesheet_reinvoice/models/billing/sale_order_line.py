from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import column_exists

from odoo.addons.helpdesk_base.tools import Private, add_columns, format_hours


class SaleOrderLine(models.Model):
    """Items that bill tickets: which may, who may choose them, and what happens to
    tickets when their item comes and goes."""

    _name = "sale.order.line"
    _inherit = ["sale.order.line", "helpdesk.gate"]
    # What follows from the time on an item, and who pays for it.
    _figures_of_time = frozenset(
        {
            "invoice_lines",
            "order_id",
            "order_partner_id",
            "qty_delivered",
            "qty_delivered_method",
            "qty_invoiced",
            "used_by_tickets",
        }
    )

    # A copy of what the order says: items are chosen and compared by it, and their
    # order is read for nothing else then.
    helpdesk_commercial_partner_id = fields.Many2one(
        related="order_id.helpdesk_commercial_partner_id",
        store=True,
        precompute=True,
        index=True,
    )

    helpdesk_ticket_ids = fields.One2many(
        comodel_name="helpdesk.ticket",
        inverse_name="sale_line_id",
        string="Tickets",
        groups="helpdesk_base.group_helpdesk_user,sales_team.group_sale_salesman",
        help="Tickets whose time is billed on this sales order item.",
    )

    # Known with the row of the item: who sells without tickets asks nothing about them.
    used_by_tickets = fields.Boolean(
        string="Used by Tickets",
        readonly=True,
        copy=False,
        help="Whether tickets or their time are billed on this item, or have been.",
    )

    # for the domains of screens, see _domain_helpdesk_sale_line
    bills_ticket_time = fields.Boolean(
        compute="_compute_bills_ticket_time",
        search="_search_bills_ticket_time",
        compute_sudo=True,
        export_string_translation=False,
    )

    def _auto_init(self):
        """The items of all orders at once, instead of one by one."""
        self._init_used_by_tickets()
        name = "helpdesk_commercial_partner_id"
        cr = self.env.cr
        is_new = add_columns(cr, self._table, {name: "int4"})
        result = super()._auto_init()
        if is_new:
            kept = column_exists(cr, "sale_order", name)
            cr.execute(
                SQL(
                    """
                    UPDATE sale_order_line item
                       SET helpdesk_commercial_partner_id = %s
                      FROM sale_order o
                      JOIN res_partner customer ON customer.id = o.partner_id
                     WHERE o.id = item.order_id
                    """,
                    SQL(
                        "COALESCE(o.helpdesk_commercial_partner_id,"
                        " customer.commercial_partner_id)"
                    )
                    if kept
                    else SQL("customer.commercial_partner_id"),
                )
            )
        return result

    def _init_used_by_tickets(self):
        """Items that are in use when the column comes."""
        cr = self.env.cr
        if not add_columns(cr, self._table, {"used_by_tickets": "bool"}):
            return
        if not column_exists(cr, "account_analytic_line", "helpdesk_ticket_id"):
            return
        cr.execute(
            """
            UPDATE sale_order_line SET used_by_tickets = TRUE
             WHERE id IN (SELECT sale_line_id FROM helpdesk_ticket
                           UNION
                          SELECT so_line FROM account_analytic_line
                           WHERE helpdesk_ticket_id IS NOT NULL)
            """
        )

    # === COMPUTE METHODS === #

    @api.depends("product_uom_id")
    def _compute_remaining_hours_available(self):
        """Only prepaid items have time that can remain; asking the stock method about
        the others costs a query for each of them, and one even about none."""
        prepaid = self.filtered(
            lambda item: item.product_id.service_policy == "ordered_prepaid"
        )
        (self - prepaid).remaining_hours_available = False
        if prepaid:
            super(SaleOrderLine, prepaid)._compute_remaining_hours_available()

    @api.depends("product_uom_id")
    def _compute_remaining_hours(self):
        """See :meth:`_compute_remaining_hours_available`."""
        prepaid = self.filtered("remaining_hours_available")
        (self - prepaid).remaining_hours = 0.0
        if prepaid:
            super(SaleOrderLine, prepaid)._compute_remaining_hours()

    @api.depends(
        lambda self: [
            f"analytic_line_ids.{name}"
            for name in (
                "billable_hours",
                *self.env["account.analytic.line"]._get_waiting_fields(),
            )
        ]
    )
    def _compute_qty_delivered(self):
        """Delivered are the hours to bill, which a person may change, of time that does
        not wait."""
        super()._compute_qty_delivered()

    def _get_delivered_quantity_by_analytic(self, additional_domain):
        """Time is delivered as it is billed: by ``billable_hours``, in the same query."""
        if any(item.qty_delivered_method == "timesheet" for item in self):
            self = self.with_context(helpdesk_count_billable=Private(True))
        return super()._get_delivered_quantity_by_analytic(additional_domain)

    def _timesheet_compute_delivered_quantity_domain(self):
        """What does not count yet is not delivered, see ``_domain_counts`` of the time."""
        domain = Domain(super()._timesheet_compute_delivered_quantity_domain())
        return domain & self.env["account.analytic.line"]._domain_counts()

    @api.model
    def _domain_time_that_counts(self):
        """Time that counts as delivered by all that says so: our hook, and the stock one
        that other addons extend. True if all time does.

        :rtype: Domain
        """
        on_project = Domain("project_id", "!=", False)
        domain = Domain(self._timesheet_compute_delivered_quantity_domain())
        return Domain.TRUE if domain == on_project else domain

    # === CRUD METHODS === #

    def write(self, vals):
        """Time on these items is counted in their unit, whatever it becomes, and in
        nothing else."""
        if self._get_ruled_names(vals):
            used = self.sudo()._filter_with_ticket_time().with_env(self.env)
            used._check_ruled(used._get_ruled_names(vals) if used else set())
        former = {}
        if "product_uom_id" in vals:
            former = {item: item.product_uom_id for item in self}
        result = super().write(vals)
        self._check_follows(vals.keys() & {"helpdesk_commercial_partner_id"})
        changed = self.browse(
            item.id for item, unit in former.items() if item.product_uom_id != unit
        )
        if changed:
            changed._count_in_new_unit()
        return result

    def unlink(self):
        """Tickets without time let go of an item that is deleted."""
        if self:  # before a sentence names tickets
            self.check_access("unlink")
        self._unlink_except_with_ticket_time()
        self._release_tickets()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_ticket_time(self):
        """Ticket time must not become non-billable behind everybody's back."""
        groups = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                [("so_line", "in", self.ids), ("helpdesk_ticket_id", "!=", False)],
                ["so_line"],
                ["helpdesk_ticket_id:recordset", "unit_amount:sum"],
                limit=1,
            )
        )
        for item, tickets, hours in groups:
            raise UserError(
                self.env._(
                    "%(hours)s hours of %(tickets)s are recorded on %(item)s. Choose "
                    "another sales order item for them before you delete this one.",
                    hours=format_hours(self.env, hours),
                    tickets=", ".join(tickets.mapped("display_name")),
                    item=item.display_name,
                )
            )

    # === WHICH ITEMS A TICKET MAY USE === #

    @api.model
    def _get_helpdesk_units(self):
        """Hours and plain Units; unlike ``env.ref``, this costs no query.

        :rtype: tuple
        """
        get_id = self.env["ir.model.data"]._xmlid_to_res_id
        return tuple(
            self.env["uom.uom"].browse(get_id(xmlid, raise_if_not_found=True))
            for xmlid in ("uom.product_uom_hour", "uom.product_uom_unit")
        )

    @api.model
    def _domain_helpdesk_unit(self):
        """Units in which hours can be billed without surprise.

        Since version 19 hours convert into any unit by its factor, so a "Pack of 6"
        would divide the hours by six. Only units of working time, and plain Units
        (one for one with hours), are safe.

        :rtype: Domain
        """
        unit = self._get_helpdesk_units()[1]
        return self._domain_working_time() | Domain("product_uom_id", "=", unit.id)

    @api.model
    def _domain_working_time(self):
        """Items in a unit of working time: hours, days and packs of them.

        :rtype: Domain
        """
        hour = self._get_helpdesk_units()[0]
        root_id = int((hour.parent_path or str(hour.id)).split("/")[0])
        return Domain("product_uom_id", "child_of", root_id)

    @api.model
    def _domain_prepaid_time(self):
        """Items that sell hours in advance, of which some can remain.

        :rtype: Domain
        """
        return self._domain_prepaid() & self._domain_working_time()

    @api.model
    def _domain_prepaid(self):
        """Items of products that are sold in advance and used up by time, whatever their
        unit.

        :rtype: Domain
        """
        return Domain("product_id.invoice_policy", "=", "order") & Domain(
            "product_id.service_type", "=", "timesheet"
        )

    def _compute_bills_ticket_time(self):
        for item in self:
            item.bills_ticket_time = bool(item.product_id) and not (
                item._get_helpdesk_order_refusal()
                or item._get_helpdesk_product_refusal()
            )

    @api.model
    def _search_bills_ticket_time(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self._domain_helpdesk_sale_line()

    @api.model
    def _domain_helpdesk_sale_line(self):
        """Items that can bill ticket time, whoever the customer is.

        A confirmed order, a service, no expense, no down payment, no global
        discount, a unit of working time or plain Units. The caller adds the customer
        and the company. Meant for override by addons that bill other items.

        :rtype: Domain
        """
        return Domain.AND(
            [
                self._sellable_lines_domain(),
                self._domain_sale_line_service(),
                self._domain_helpdesk_unit(),
            ]
        )

    def _is_helpdesk_unit(self):
        """Tell whether hours can be billed in the unit of this item.

        :rtype: bool
        """
        self.ensure_one()
        hour, unit = self._get_helpdesk_units()
        return self.product_uom_id == unit or bool(
            self.product_uom_id and self.product_uom_id._has_common_reference(hour)
        )

    def _get_helpdesk_refusal(self, commercial_partner, company):
        """Say why this item cannot bill the time of a customer's ticket.

        Meant for override by addons that add a condition; keep it in step with
        :meth:`_domain_helpdesk_sale_line`, which feeds the drop-down.

        :param commercial_partner: commercial customer of the ticket, may be empty
        :param company: company of the ticket
        :return: a translated sentence that says what to do, or False if allowed
        :rtype: str | bool
        """
        self.ensure_one()
        refusal = (
            self._get_helpdesk_order_refusal()
            or self._get_helpdesk_product_refusal()
            or self._get_helpdesk_customer_refusal(commercial_partner, company)
        )
        if refusal and self._is_hidden_from_user():
            return self._get_hidden_refusal()
        return refusal

    def _is_hidden_from_user(self):
        """Tell whether the user could neither read this item nor be offered it for a
        ticket: then no sentence may tell what it is.

        :rtype: bool
        """
        if self.env.uid == SUPERUSER_ID or self.company_id in self.env.user.company_ids:
            return False  # agents pick from all items of the companies they work for
        return not self.sudo(False).has_access("read")

    def _get_hidden_refusal(self):
        """Sentence about an item of which the user may know nothing."""
        return self.env._(
            "This sales order item cannot bill time of the ticket. Choose one of the "
            "offered items."
        )

    def _get_helpdesk_names(self):
        """Names for the sentences below, read only when there is one to say."""
        return {"item": self.display_name, "order": self.order_id.display_name}

    def _get_helpdesk_order_refusal(self):
        """Refusal that comes from the state of the order, see
        :meth:`_get_helpdesk_refusal`."""
        if self.state == "cancel":
            return self.env._(
                "%(item)s cannot bill time: order %(order)s is cancelled. "
                "Choose an item of a confirmed order.",
                **self._get_helpdesk_names(),
            )
        if self.state != "sale":
            return self.env._(
                "%(item)s cannot bill time yet: %(order)s is still a quotation. "
                "Confirm it first, or choose an item of a confirmed order.",
                **self._get_helpdesk_names(),
            )
        return False

    def _get_helpdesk_product_refusal(self):
        """Refusal that comes from what is sold, see :meth:`_get_helpdesk_refusal`."""
        if self.display_type or self.is_downpayment or self.is_expense:
            return self.env._(
                "%(item)s is a note, a down payment or an expense and cannot bill "
                "time. Choose an item that sells a service.",
                **self._get_helpdesk_names(),
            )
        if self.product_id == self.company_id.sale_discount_product_id:
            return self.env._(
                "%(item)s is a discount and cannot bill time. "
                "Choose an item that sells a service.",
                **self._get_helpdesk_names(),
            )
        if not self.is_service:
            return self.env._(
                "%(item)s sells goods and cannot bill time. "
                "Choose an item that sells a service.",
                **self._get_helpdesk_names(),
            )
        if not self._is_helpdesk_unit():
            return self.env._(
                "%(item)s is sold in %(unit)s, into which hours cannot be converted. "
                "Choose an item sold in hours, days or units.",
                unit=self.product_uom_id.display_name,
                **self._get_helpdesk_names(),
            )
        return False

    def _get_helpdesk_customer_refusal(self, commercial_partner, company):
        """Refusal that comes from customer or company, see
        :meth:`_get_helpdesk_refusal`."""
        if not commercial_partner:
            return self.env._(
                "Set the customer of the ticket before you choose %(item)s.",
                **self._get_helpdesk_names(),
            )
        buyer = self.helpdesk_commercial_partner_id
        foreign = buyer != commercial_partner or (
            company and self.company_id != company
        )
        if foreign and self._is_hidden_from_user():
            return self._get_hidden_refusal()
        if buyer != commercial_partner:
            return self.env._(
                "%(item)s belongs to %(buyer)s and cannot bill time of %(customer)s. "
                "Choose an item of the ticket's customer.",
                buyer=buyer.display_name,
                customer=commercial_partner.display_name,
                **self._get_helpdesk_names(),
            )
        if company and self.company_id != company:
            return self.env._(
                "%(item)s was sold by %(seller)s, the ticket belongs to %(company)s. "
                "Choose an item sold by the company of the ticket.",
                seller=self.company_id.display_name,
                company=company.display_name,
                **self._get_helpdesk_names(),
            )
        return False

    def _is_helpdesk_delivered_timesheet(self):
        """Tell whether the hours of this item are billed as they are delivered
        (post-paid), in contrast to prepaid, fixed price, milestones and manual.

        :rtype: bool
        """
        self.ensure_one()
        return bool(self.product_id) and self.product_id._is_delivered_timesheet()

    # === CHOOSING AN ITEM WITHOUT SALES RIGHTS === #

    @api.model
    def _helpdesk_search_as_agent(self):
        """True if the current user may pick items for tickets but not read orders."""
        return (
            not self.env.su
            and not self.has_access("read")
            and self.env.user.has_group("helpdesk_base.group_helpdesk_user")
        )

    @api.model
    def _get_helpdesk_agent_search_fields(self):
        """Fields an agent without sales rights may filter items by.

        Nothing here tells a price, so a search cannot be used to guess one.

        :rtype: set[str]
        """
        return {
            "bills_ticket_time",
            "company_id",
            "display_type",
            "helpdesk_commercial_partner_id",
            "id",
            "is_downpayment",
            "is_expense",
            "is_service",
            "order_partner_id",
            "order_partner_id.commercial_partner_id",
            "product_id",
            "product_uom_id",
            "reward_id",
            "state",
        }

    @api.model
    def _get_helpdesk_agent_domain(self, domain):
        """Domain of the items an agent without sales rights can pick from.

        :param domain: what the client asked for
        :rtype: list
        :raise AccessError: if the client filters by a field that is not open to it
        """
        asked = Domain(domain or [])
        allowed = self._get_helpdesk_agent_search_fields()
        plain_operators = {"=", "!=", "=?", "in", "not in", "child_of", "parent_of"}
        if any(
            leaf.field_expr not in allowed or leaf.operator not in plain_operators
            for leaf in asked.iter_conditions()
        ):
            raise AccessError(
                self.env._(
                    "You can only look up sales order items by customer, company and "
                    "name. Ask a salesperson for anything else."
                )
            )
        return list(
            asked
            & self._domain_helpdesk_sale_line()
            & Domain("company_id", "in", self.env.companies.ids)
        )

    @api.model
    @api.readonly
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Let agents without sales rights pick an item for a ticket, by name only."""
        if not self._helpdesk_search_as_agent():
            return super().name_search(name, domain, operator, limit)
        self.env.companies  # noqa: B018 asked as the user: sudo takes any company
        items = self.sudo().with_context(with_price_unit=False)
        return super(SaleOrderLine, items).name_search(
            name, items._get_helpdesk_agent_domain(domain), operator, limit
        )

    @api.model
    @api.readonly
    def web_name_search(
        self, name, specification, domain=None, operator="ilike", limit=100
    ):
        """Web client's twin of :meth:`name_search`."""
        if not self._helpdesk_search_as_agent():
            return super().web_name_search(name, specification, domain, operator, limit)
        return [
            {
                "id": item_id,
                "display_name": item_name,
                "__formatted_display_name": item_name,
            }
            for item_id, item_name in self.name_search(name, domain, operator, limit)
        ]

    def _additional_name_per_id(self):
        """Agents without sales rights see no price in the names of items."""
        if self.env.context.get("with_price_unit") and (
            self.sudo(False)._helpdesk_search_as_agent()
        ):
            self = self.with_context(with_price_unit=False)
        return super()._additional_name_per_id()

    # === TICKETS OF AN ITEM === #

    def _note_tickets(self):
        """Note that tickets, or time of tickets, are billed on these items. It is never
        taken back: an item that they have left is asked about them, and finds none."""
        field = self._fields["used_by_tickets"]
        unused = self.sudo().filtered(lambda item: not item.used_by_tickets)
        with self.env.protecting([field], unused):  # no rule of items is about this
            unused.used_by_tickets = True
        unused.modified([field.name])

    def _filter_with_ticket_time(self):
        """Items billed by delivered time that have time of tickets. Others are left
        to the stock methods.

        :rtype: sale.order.line
        """
        items = self.filtered(
            lambda item: (
                item.used_by_tickets and item._is_helpdesk_delivered_timesheet()
            )
        )
        if not items:
            return items
        groups = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                [("so_line", "in", items.ids), ("helpdesk_ticket_id", "!=", False)],
                ["so_line"],
            )
        )
        with_time = {item.id for (item,) in groups}
        return items.filtered(lambda item: item.id in with_time)

    def _get_ruled_fields(self):
        """An item with ticket time stays with its customer and its invoices, and its
        figures are those of the time."""
        return super()._get_ruled_fields() | self._figures_of_time

    def _get_ruled_reason(self, names):
        return self.env._(
            "Time of tickets is recorded on %(items)s: its order, customer, invoices and "
            "delivered hours follow from that time. Correct the time, or choose another "
            "sales order item on the ticket.",
            items=", ".join(self.sudo().mapped("display_name")),
        )

    def _count_in_new_unit(self):
        """Count what was delivered and invoiced on these items in their new unit."""
        self._check_unit_of_ticket_time()
        items = self.filtered(lambda item: item.qty_delivered_method == "timesheet")
        items.invalidate_recordset(["invoice_lines"])
        for name in ("qty_delivered", "qty_invoiced"):
            self.env.add_to_compute(items._fields[name], items)
            items.modified([name])

    def _check_unit_of_ticket_time(self):
        """Refuse a unit into which the hours of tickets cannot be converted. What
        happens to a quotation is settled when it is confirmed.

        :raise ValidationError: if tickets or their time use one of these items
        """
        refused = self.filtered(
            lambda item: item.state == "sale" and not item._is_helpdesk_unit()
        )
        if not refused:
            return
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        lines = self.env["account.analytic.line"].sudo()
        used = tickets.search([("sale_line_id", "in", refused.ids)], limit=1)
        used = used.sale_line_id or (
            lines.search(
                [("so_line", "in", refused.ids), ("helpdesk_ticket_id", "!=", False)],
                limit=1,
            ).so_line
        )
        if used:
            raise ValidationError(used._get_helpdesk_product_refusal())

    def _release_tickets(self):
        """Take these items off the tickets that have no time on them."""
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        tickets = tickets.search([("sale_line_id", "in", self.ids)])
        if tickets:
            tickets.write({"sale_line_id": False})
            tickets.write({"sale_line_cleared": False})

    def _release_foreign_tickets(self, customer_only=False):
        """Take these items off the tickets and the open time they may not bill any more.

        An order that was set to quotation may come back with another customer, product
        or unit.

        :param bool customer_only: whether only a foreign customer or company counts
        """

        def is_refused(item, ticket):
            if customer_only:
                refusal = item._get_helpdesk_customer_refusal
            else:
                refusal = item._get_helpdesk_refusal
            return refusal(ticket.commercial_partner_id, ticket.company_id)

        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        tickets = tickets.search([("sale_line_id", "in", self.ids)])
        tickets = tickets.filtered(lambda t: is_refused(t.sale_line_id, t))
        if tickets:
            tickets.write({"sale_line_id": False})
            tickets.write({"sale_line_cleared": False})
        lines = self.env["account.analytic.line"].sudo()
        lines = lines.search(
            Domain("so_line", "in", self.ids)
            & Domain("helpdesk_ticket_id", "!=", False)
            & ~lines._domain_time("billed")
        ).filtered(lambda line: is_refused(line.so_line, line.helpdesk_ticket_id))
        if lines:
            lines.filtered("is_so_line_edited").write({"is_so_line_edited": False})
            lines._without_joined({"so_line": False})._recompute_so_line()

    def _follow_rates(self):
        """Choose again for the open time of people whose rate is on these items: they may
        bill other tickets now."""
        rates = self.env["project.sale.line.employee.map"].sudo()
        rates = rates.search([("sale_line_id", "in", self.ids)])
        rates.project_id._recompute_ticket_sale_lines(rates.employee_id)

    def _bill_waiting_ticket_time(self):
        """Put time on these items that their tickets could not give them so far: it was
        recorded while the order was cancelled."""
        lines = self.env["account.analytic.line"].sudo()
        lines.search(
            [
                ("helpdesk_ticket_id.sale_line_id", "in", self.ids),
                ("so_line", "=", False),
                ("is_so_line_edited", "=", False),
            ]
        )._recompute_so_line()
