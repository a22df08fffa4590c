from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import float_compare

from odoo.addons.helpdesk_base.tools import (
    Private,
    format_hours,
    read_private,
    round_to_sum,
)

from .time_run import TimeRun


class AccountAnalyticLine(models.Model):
    """Time on invoices: what holds it there, which of it is freed or taken off."""

    _inherit = "account.analytic.line"
    # What an invoice takes over as it is; its draft, or its end, changes none of it.
    _billed_values = ("so_line", "project_id", "task_id", "partner_id")
    # What no person changes on billed time.
    _billed_fields = frozenset(
        {
            "billable_hours",
            "billable_hours_reason",
            "date",
            "employee_id",
            "helpdesk_ticket_id",
            "is_so_line_edited",
            "partner_id",
            "product_uom_id",
            "project_id",
            "so_line",
            "task_id",
            "unit_amount",
        }
    )

    # === CRUD METHODS === #

    def write(self, vals):
        """Time that gets onto an invoice or leaves it keeps what it is billed on.

        Ticket time leaves a credited invoice hour by hour, see ``_post`` of the
        invoice; the stock method would let the whole item go when it is posted.
        """
        vals = self._clean_input(vals)
        if "timesheet_invoice_id" not in vals:
            return super().write(vals)
        if read_private(self.env, "helpdesk_keep_ticket_time") and vals == {
            "timesheet_invoice_id": False
        }:
            items = self.so_line._filter_with_ticket_time()
            self = self.filtered(lambda line: line.so_line not in items)
        if not vals["timesheet_invoice_id"]:
            with self._protect_billed_values():
                return super().write(vals)
        if vals.keys() != {"timesheet_invoice_id"} or not self._counts_on(vals):
            return super().write(vals)
        with self._keep_billed_values():
            return super().write(vals)

    def unlink(self):
        """See :meth:`_read_invoice_states`; billed time is refused for the reasons of
        :meth:`_get_lock_reasons`."""
        self._read_invoice_states()
        return super().unlink()

    # === ACTION METHODS === #

    def action_remove_from_invoice(self):
        """Take these time lines off their draft invoices. The quantity billed follows,
        and the hours can be billed by another invoice.

        :return: True
        :rtype: bool
        :raise UserError: if a line is not on a draft invoice
        :raise AccessError: if the user may neither write the invoice nor its order
        """
        self.check_access("read")
        lines = self.sudo()
        fixed = lines.filtered(
            lambda line: (
                line.timesheet_invoice_id.state != "draft"
                or line.timesheet_invoice_id.move_type != "out_invoice"
            )
        )
        if fixed:
            raise UserError(
                self.env._(
                    "%(count)s of the chosen lines are not on a draft invoice. Choose "
                    "lines of draft invoices only; what is posted needs a credit note.",
                    count=len(fixed),
                )
            )
        self._check_may_remove_from_invoice()
        for invoice, timesheets in lines.grouped("timesheet_invoice_id").items():
            timesheets._remove_from_invoice(invoice)
        return True

    def action_invoice_lines(self):
        """Bill these time lines, and no others.

        :return: a window action on the draft invoices (``account.move``)
        :rtype: dict
        :raise UserError: if some of them are not open
        :raise AccessError: if the user may not invoice their orders
        """
        lines = self.sudo()
        lines.order_id.sudo(False)._check_may_invoice_time()
        open_time = lines._domain_time("open") | lines._domain_time("free")
        closed = lines - lines.search(Domain("id", "in", lines.ids) & open_time)
        if closed or not lines:
            raise UserError(
                self.env._(
                    "%(count)s of the chosen lines cannot be invoiced: they are on an "
                    "invoice, wait, are covered by their order or have no sales order "
                    "item. Choose open time only.",
                    count=len(closed),
                )
            )
        run = TimeRun(line_ids=tuple(lines.ids))
        invoices = lines.order_id.sudo(False)._invoice_time(run)
        return invoices._get_helpdesk_action()

    # === WHAT NOBODY WRITES === #

    def _get_ruled_fields(self):
        """Which invoice bills time follows from how the invoice is made."""
        return super()._get_ruled_fields() | {"timesheet_invoice_id"}

    def _get_lock_reasons(self, names=None):
        """Billed time stays: it is neither deleted, nor handed to another ticket or
        customer by a person, nor counted in another unit. Merging tickets, which runs
        as superuser, moves the reference only."""
        reasons = super()._get_lock_reasons(names)
        if names is not None and not names & self._billed_fields:
            return reasons
        is_given = names and "helpdesk_ticket_id" in names
        billed = self.sudo().filtered(
            lambda line: (
                (line.helpdesk_ticket_id or is_given) and not line._is_not_billed()
            )
        )
        if billed:
            reasons.append(billed._get_billed_reason())
        return reasons

    def _get_billed_reason(self):
        """Sentence about the invoices that hold this time, and what to do.

        :rtype: str
        """
        return self.env._(
            "Time of %(tickets)s is billed on %(invoices)s. What is already invoiced "
            "stays as it is: remove the line from the invoice, or cancel or credit the "
            "invoice first.",
            tickets=", ".join(self.helpdesk_ticket_id.mapped("display_name")) or "-",
            invoices=", ".join(self.timesheet_invoice_id.mapped("display_name")),
        )

    def _check_can_write(self, values):
        """See :meth:`_read_invoice_states`."""
        if not self.env.su:
            self._read_invoice_states()
        return super()._check_can_write(values)

    def _read_invoice_states(self):
        """Have the states of the invoices at hand. The stock checks look at them with
        the rights of the person: who may not read invoices would be told so, instead of
        that the time is invoiced, and could not correct time of a cancelled invoice."""
        invoices = self.sudo().timesheet_invoice_id
        if invoices:
            invoices.fetch(["state", "payment_state"])

    # === TIME ON INVOICES OF OTHERS === #

    @api.model
    def _domain_time(self, fate):
        """See :meth:`_domain_billed_elsewhere`."""
        domain = super()._domain_time(fate)
        if fate == "covered":
            return domain | self._domain_billed_elsewhere()
        if fate == "non_billable":
            return domain & ~self._domain_billed_elsewhere()
        return domain

    @api.model
    def _read_billing_hours(self, domain, groupby):
        """Time that was billed elsewhere takes a query of its own, where some time has
        no item."""
        result = super()._read_billing_hours(domain, groupby)
        elsewhere = domain & self._domain_billed_elsewhere()
        is_any = any("non_billable" in figures for figures in result.values())
        if not is_any or elsewhere.is_false():
            return result
        sums = ["unit_amount:sum", "billable_hours:sum", "hours_written_off:sum"]
        for record, spent, hours, off in self.sudo()._read_group(
            elsewhere, [groupby], sums
        ):
            result[record.id]["non_billable"] += (off or 0.0) - spent
            result[record.id]["covered"] += hours
        return result

    # === TIME ON INVOICES === #

    def _protect_billed_values(self):
        """Context manager: ticket lines that leave an invoice keep their item, project,
        task and customer. Only a later change of the ticket moves them."""
        names = self._billed_values
        ticket_lines = self.sudo().filtered("helpdesk_ticket_id")
        return self.env.protecting([self._fields[name] for name in names], ticket_lines)

    @contextmanager
    def _keep_billed_values(self):
        """Context manager: these lines get onto an invoice, and that is all.

        Stock leaves billed lines alone and a link changes no delivered quantity, but
        the ORM cannot know: it would compute everything of every line and item again,
        which is most of the work of a large invoice.
        """
        lines = self.sudo()
        # What waits to be computed is computed while the time is still open.
        names = [*self._billed_values, "so_line_rule", "billable_hours"]
        lines._recompute_recordset(names)
        untouched = [
            ([f for f in records._fields.values() if f.compute and f.store], records)
            for records in (lines, lines.so_line, lines.so_line.order_id)
        ]
        with self.env.protecting(untouched):
            yield

    def _counts_on(self, vals):
        """Tell whether values link lines to an invoice that bills them."""
        invoice = self.env["account.move"].sudo().browse(vals["timesheet_invoice_id"])
        return bool(invoice) and invoice.state in ("draft", "posted")

    def _check_may_remove_from_invoice(self):
        """Who may create an invoice of an order may also take hours off its draft."""
        invoices = self.sudo().timesheet_invoice_id.sudo(False)
        orders = self.sudo().order_id.sudo(False)
        if not (invoices.has_access("write") or orders.has_access("write")):
            raise AccessError(
                self.env._(
                    "You may not change these invoices. Ask a salesperson of the order "
                    "or an accountant to remove the hours."
                )
            )

    def _remove_from_invoice(self, invoice):
        """Free these lines, all on one draft, and lower what it bills. Corrections that
        would be left below zero come off with them: no invoice could bill them alone.

        :param invoice: their draft ``account.move``, with raised rights
        """
        commands, names, freed = [], {}, self
        for group in invoice._get_time_groups(self.so_line):
            removed = group.timesheets & self
            if not removed:
                continue
            rest = group.timesheets - removed
            if float_compare(sum(rest.mapped("billable_hours")), 0.0, 2) < 0:
                freed, rest = freed | rest, rest.browse()
            names.update(group.item._get_renamed_lines(invoice, group, rest))
            commands += self._prepare_lower_quantity(invoice, group, rest)
        invoice._change_time(freed, self.browse(), names)
        invoice.with_context(helpdesk_quantity_follows_time=Private(True)).write(
            {"invoice_line_ids": commands}
        )

    def _prepare_lower_quantity(self, invoice, group, rest):
        """Commands that let the invoice lines of a group bill the rest of their time.

        A quantity that a person changed before keeps its distance from the hours. What
        credit notes have credited stays: they must not credit what nobody billed.

        :param invoice: the draft ``account.move``
        :param TimeGroup group: invoice lines with the time they bill so far
        :param rest: the time that stays
        :rtype: list
        """
        item, total = group.item, group.item._sum_quantity(group.lines)
        left = total - invoice._get_net_quantity(group)
        if not rest and item.product_uom_id.is_zero(left):
            return [Command.delete(line.id) for line in group.lines]
        if rest:
            before = item._get_quantity(sum(group.timesheets.mapped("billable_hours")))
            after = item._get_quantity(sum(rest.mapped("billable_hours")))
            left = max(total - before + after, 0.0)
        commands = []
        for line in group.lines:
            own = item._sum_quantity(line)
            quantity = own if line != group.lines[-1] and own <= left else left
            left -= quantity
            quantity = item.product_uom_id._compute_quantity(
                quantity, line.product_uom_id
            )
            commands.append(Command.update(line.id, {"quantity": quantity}))
        return commands

    def _create_credit_notes(self, reason=""):
        """Create draft credit notes for this time, one for each invoice.

        :param str reason: why, for the reference of the credit notes
        :rtype: account.move
        :raise UserError: if some of it is not billed on a posted invoice
        :raise AccessError: if the user may not create credit notes
        """
        lines = self.sudo()
        fit = lines.filtered(
            lambda line: (
                line.helpdesk_ticket_id
                and line.billable_hours > 0
                and line.timesheet_invoice_id.state == "posted"
                and line.timesheet_invoice_id.move_type == "out_invoice"
                and line.so_line._is_helpdesk_delivered_timesheet()
            )
        )
        if fit != lines or not fit:
            raise UserError(
                self.env._(
                    "%(count)s of the chosen lines cannot be credited. Choose time of "
                    "tickets, above zero, on posted invoices; use Remove from Invoice "
                    "for time on drafts.",
                    count=len(lines - fit),
                )
            )
        notes = self.env["account.move"]
        for invoice, timesheets in lines.grouped("timesheet_invoice_id").items():
            notes |= invoice.sudo(False)._create_time_credit(timesheets, reason)
        return notes

    def _set_item_by_hand(self, item):
        """Let a person choose an item for these lines, whoever may write them. It is
        only marked as set by hand where the rules would choose another.

        :param item: ``sale.order.line``
        :raise ValidationError: if it may not bill the time of their tickets
        """
        by_rule = self._group_by_item_of_rule().get(item, self.browse())
        for lines, edited in ((by_rule, False), (self - by_rule, True)):
            if lines:
                lines.write({"so_line": item.id, "is_so_line_edited": edited})

    @api.model
    def _read_details(self, domain):
        """What explains billed hours beyond figures and reasons. Nothing by default;
        meant for override by addons that also extend ``_get_ticket_description`` of the
        item, which turns the details into words of the customer's language.

        :param Domain domain: time that an invoice takes, all of it at once
        :return: a tuple by item id and ticket id
        :rtype: dict
        """
        return {}

    def _filter_of_ticket(self, ticket, others):
        """Lines of a ticket, or those of no ticket among ``others``.

        :param ticket: a ticket, or empty
        :param others: tickets that are counted on their own
        """
        if ticket:
            return self.filtered(lambda line: line.helpdesk_ticket_id == ticket)
        return self.filtered(lambda line: line.helpdesk_ticket_id not in others)

    def _pick_up_to(self, hours):
        """The first lines that fit into some hours as a whole; corrections below zero
        are left where they are.

        :param float hours: hours to fill
        :rtype: account.analytic.line
        """
        picked = self.browse()
        for line in self:
            if 0 < line.billable_hours <= hours:
                hours -= line.billable_hours
                picked |= line
        return picked

    def _pick_beyond(self, item, quantity):
        """The lines, newest first, that a lowered quantity does not bill any more.

        :param item: the ``sale.order.line`` they are billed on
        :param float quantity: what is still billed, in the unit of the item
        :return: lines that leave the invoice as a whole; all if nothing is billed, or if
            an invoice holds less than none
        :rtype: account.analytic.line
        """
        if item.product_uom_id.is_zero(quantity):
            return self
        billed = sum(self.mapped("billable_hours"))
        if billed <= 0:  # on a credit note; an invoice bills nothing of it
            return self if quantity > 0 else self.browse()
        surplus, slack = billed - item._get_hours(quantity), item._get_hours_tolerance()
        return self._pick_up_to(surplus + slack) if surplus > slack else self.browse()

    def _get_hours_and_tickets(self):
        """What a sentence says of these lines: their hours, and names of their tickets.

        :rtype: dict
        """
        tickets = self.helpdesk_ticket_id.mapped("display_name")
        return {
            "hours": format_hours(self.env, sum(self.mapped("billable_hours"))),
            "tickets": ", ".join(tickets) or "-",
        }

    # === PRINTED ON INVOICES === #

    def _is_printed_by_team(self):
        """Tell whether a team wants lines of work on invoices, of some of these."""
        teams = self.helpdesk_ticket_id.team_id
        return any(team.time_on_invoice != "none" for team in teams)

    def _get_printed_rows(self, hours, worked):
        """These lines as they are printed: their hours add up to given sums.

        :param float hours: hours billed, rounded
        :param float worked: hours worked, rounded
        :return: ``line``, ``worked`` and ``hours`` of each
        :rtype: list[dict]
        """
        billed = round_to_sum(self.mapped("billable_hours"), hours)
        spent = round_to_sum(self.mapped("unit_amount"), worked)
        return [
            {"line": line, "worked": own_worked, "hours": own}
            for line, own_worked, own in zip(self, spent, billed, strict=True)
        ]

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
