import dataclasses
from collections import defaultdict

from odoo import models
from odoo.fields import Domain
from odoo.tools import float_is_zero
from odoo.tools.misc import formatLang

from odoo.addons.helpdesk_base.tools import round_to_sum

from .time_run import TicketHours, get_period_domain, get_run, without_run

# More tickets than this are summed up in one closing line of the description: the
# work report lists them all.
MAX_TICKETS_IN_DESCRIPTION = 40

# What rounding a quantity of hours to two decimals may move.
ONE_CENT = 0.010001


class SaleOrderLine(models.Model):
    """How the ticket time of an item gets onto the invoice: hours, quantities, texts."""

    _inherit = "sale.order.line"

    # === HOURS AND QUANTITIES === #

    def _sum_quantity(self, invoice_lines):
        """Quantity of invoice lines in the unit of this item.

        :rtype: float
        """
        self.ensure_one()
        return sum(
            line.product_uom_id._compute_quantity(line.quantity, self.product_uom_id)
            for line in invoice_lines
        )

    def _get_time_unit(self):
        """Unit in which time is recorded.

        :rtype: uom.uom
        """
        return self.company_id.project_time_mode_id or self.env.ref(
            "uom.product_uom_hour"
        )

    def _get_hours(self, quantity):
        """Hours in a quantity of this item, not rounded."""
        return self.product_uom_id._compute_quantity(
            quantity, self._get_time_unit(), round=False
        )

    def _get_quantity(self, hours, rounding_method="HALF-UP"):
        """Quantity of this item for hours, rounded as it is delivered."""
        return self._get_time_unit()._compute_quantity(
            hours, self.product_uom_id, rounding_method=rounding_method
        )

    def _get_hours_tolerance(self):
        """Hours that rounding the quantity of this item can hide."""
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return self._get_hours(0.5 * 10**-digits) + 1e-6

    def _search_time_to_take(self, group, quantity):
        """Open time that fits into what an invoice bills beyond its hours.

        :param TimeGroup group: invoice lines of this item, with their time
        :param float quantity: what they bill, in the unit of this item
        :rtype: account.analytic.line
        """
        Line = self.env["account.analytic.line"].sudo()
        missing = self._get_hours(quantity) - sum(
            group.timesheets.mapped("billable_hours")
        )
        if missing <= self._get_hours_tolerance():
            return Line
        domain = self._domain_helpdesk_open() & Domain("billable_hours", ">", 0)
        if group.ticket:
            domain &= Domain("helpdesk_ticket_id", "=", group.ticket.id)
        elif group.others:
            domain &= Domain("helpdesk_ticket_id", "not in", group.others.ids)
        candidates = Line.search(domain, order="date desc, id desc")
        return candidates._pick_up_to(missing + self._get_hours_tolerance())

    def _search_corrections(self, hours):
        """Open time below zero on this item that takes back no more than some hours.

        :param float hours: recorded beyond what is billed
        :rtype: account.analytic.line
        """
        picked = self.env["account.analytic.line"].sudo()
        if hours <= self._get_hours_tolerance():
            return picked
        domain = without_run(self)._domain_helpdesk_open() & Domain(
            "billable_hours", "<", 0
        )
        for line in picked.search(domain, order="date desc, id desc"):
            if -line.billable_hours <= hours + self._get_hours_tolerance():
                picked |= line
                hours += line.billable_hours
        return picked

    # === QUANTITY TO INVOICE === #

    def _timesheet_compute_delivered_quantity_domain(self):
        """Count open time only, and that of the run, where the quantity to invoice is
        asked for, see :meth:`_recompute_qty_to_invoice`."""
        domain = super()._timesheet_compute_delivered_quantity_domain()
        if get_run(self.env).narrowed:
            domain = Domain(domain) & self._domain_helpdesk_open()
        return domain

    def _recompute_qty_to_invoice(self, start_date, end_date):
        """Never invoice more than delivered minus invoiced, and let the invoice that
        takes the last open hours take the rounding that is left, too.

        :param start_date: first day of the period, inclusive, or empty
        :param end_date: last day of the period, inclusive, or empty
        """
        # Delivered quantities must not be computed under the narrowed context.
        self._complete_qty_delivered()
        self.flush_model(["qty_delivered"])
        # Time stays on the items of a cancelled order, but nobody may bill it.
        items = self.filtered(lambda item: item.state == "sale")
        run = dataclasses.replace(get_run(self.env), narrowed=True)
        narrowed = run.put_into(items)
        result = super(SaleOrderLine, narrowed)._recompute_qty_to_invoice(
            start_date, end_date
        )
        items._cap_qty_to_invoice(start_date, end_date)
        return result

    def _cap_qty_to_invoice(self, start_date, end_date):
        items = self.filtered(
            lambda item: item.qty_to_invoice and item._is_helpdesk_delivered_timesheet()
        )
        if not items:
            return
        left_out = items._read_hours_left_out(start_date, end_date)
        held_back = items._get_quantity_held_back()
        for item in items:
            rest = item.qty_delivered - item.qty_invoiced - held_back.get(item.id, 0.0)
            item.qty_to_invoice = item._get_capped_quantity(
                item.qty_to_invoice, rest, left_out.get(item.id)
            )

    def _read_quantities_of_run(self, run):
        """What invoice lines a run would bill these items with, if it were made now.
        Nothing is written: the one forecast for rehearsals and lists of open amounts.

        :param TimeRun run: what it takes; gets what it read, see ``_read_hours_to_explain``
        :return: quantities of the invoice lines, in the unit of the item, by item id.
            None, or one that is zero, is not billed; below zero, it is left to a credit
            note
        :rtype: dict[int, list[float]]
        """
        items = run.put_into(
            self.filtered(
                lambda item: (
                    item.state == "sale" and item._is_helpdesk_delivered_timesheet()
                )
            )
        )
        items._complete_qty_delivered()
        narrowed = dataclasses.replace(run, narrowed=True).put_into(items)
        period = get_period_domain(run.date_from, run.date_to)
        domain = Domain(narrowed._timesheet_compute_delivered_quantity_domain())
        chosen = narrowed.sudo()._get_delivered_quantity_by_analytic(domain & period)
        items._read_hours_to_explain(run)
        left_out = items._read_hours_left_out(run.date_from, run.date_to)
        held_back = items._get_quantity_held_back()
        result = {}
        for item in items:
            quantity = chosen.get(item.id)
            if quantity:
                rest = item.qty_delivered - item.qty_invoiced
                quantity = item._get_capped_quantity(
                    quantity, rest - held_back.get(item.id, 0.0), left_out.get(item.id)
                )
                result[item.id] = item._split_quantity(quantity, run)
        return result

    def _split_quantity(self, quantity, run):
        """Quantities of the invoice lines that bill a quantity of this item.

        :rtype: list[float]
        """
        hours = run.hours.get(self.id) or []
        if quantity > 0 and self.id in run.split:
            split = self._get_split_quantities(quantity, hours)
            if split:
                return list(split.values())
        return [quantity]

    def _get_capped_quantity(self, chosen, rest, left_out):
        """Quantity of the chosen hours, in view of what was invoiced for other hours.

        Never more than is left to invoice: hours billed beforehand are not billed
        again, and hours that were corrected outside the period are billed as corrected.
        What was not billed goes to the invoice that takes the last open hours, like the
        difference that rounding leaves. What rounding billed too much is taken back at
        once: many small invoices would leave nothing for the hours of the last ones.

        :param float chosen: quantity of the chosen hours
        :param float rest: quantity delivered and not invoiced yet
        :param left_out: open hours that were not chosen, None if all are chosen
        :rtype: float
        """
        self.ensure_one()
        if left_out is None:
            return rest if chosen < 0 else max(rest, 0.0)
        drift = rest - chosen - self._get_quantity(left_out)
        precision = self.env["decimal.precision"].precision_get("Product Unit")
        is_rounding = abs(drift) <= 2 * 10**-precision
        if chosen > 0:
            if is_rounding and drift < 0:
                chosen += drift
            return min(chosen, max(rest, 0.0))
        return min(chosen + drift, 0.0) if drift > 0 and not is_rounding else chosen

    def _hold_back_credited_quantity(self):
        """Leave what draft credit notes are about to free to a later invoice."""
        held_back = self._get_quantity_held_back()
        for item in self.filtered(lambda item: item.id in held_back):
            if item.qty_to_invoice > 0:
                rest = item.qty_to_invoice - held_back[item.id]
                item.qty_to_invoice = max(rest, 0.0)

    def _get_quantity_held_back(self, without=None):
        """Quantity on draft credit notes of items with ticket time.

        The stock figures count it as credited, but its hours stay on the invoice until
        the credit note is posted: invoiced before, they would be billed without hours.
        What went on to another invoice already, as "Reverse and Create" does, is not
        held back.

        :param without: ``account.move`` records that are left out
        :return: quantity in the unit of the item, by item id
        :rtype: dict
        """
        held_back = defaultdict(float)
        credits = self._search_draft_credit_lines()
        if without:
            credits = credits.filtered(lambda line: line.move_id not in without)
        if not credits:
            return held_back
        invoices = credits.move_id.reversed_entry_id
        items = (credits.sale_line_ids & self.sudo())._filter_with_ticket_time()
        for item, invoice, hours in (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                [
                    ("so_line", "in", items.ids),
                    ("timesheet_invoice_id", "in", invoices.ids),
                ],
                ["so_line", "timesheet_invoice_id"],
                ["billable_hours:sum"],
            )
        ):
            credited = credits.filtered(
                lambda line, item=item, invoice=invoice: (
                    item in line.sale_line_ids
                    and line.move_id.reversed_entry_id == invoice
                )
            )
            held = min(item._sum_quantity(credited), item._get_quantity(hours))
            held_back[item.id] += max(held, 0.0)
        return held_back

    def _search_draft_credit_lines(self):
        """Lines of draft credit notes that will free time of these items.

        :rtype: account.move.line
        """
        items = self.filtered(
            lambda item: (
                item.qty_delivered_method == "timesheet"
                and (item.qty_invoiced or item.qty_invoiced_posted)
            )
        )
        if not items:  # what was never invoiced cannot be credited
            return self.env["account.move.line"].sudo()
        return (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("sale_line_ids", "in", items.ids),
                    ("parent_state", "=", "draft"),
                    ("move_id.move_type", "=", "out_refund"),
                    ("move_id.reversed_entry_id", "!=", False),
                ]
            )
            .filtered(lambda line: not line.move_id.timesheet_ids)
        )

    def _read_hours_left_out(self, start_date, end_date):
        """Open hours outside the period or what the run takes, in one query.

        :return: hours by item id; items without such time are missing
        :rtype: dict
        """
        chosen = get_run(self.env).get_chosen()
        groups = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                without_run(self)._domain_helpdesk_open()
                & ~(chosen & get_period_domain(start_date, end_date)),
                ["so_line"],
                ["billable_hours:sum"],
            )
        )
        return {item.id: hours for item, hours in groups}

    def _domain_helpdesk_open(self):
        """Time on these items that no invoice has taken yet, limited to what the run
        takes, whatever its period. What does not count as delivered, such as time that
        nobody approved, is not open: it would be linked without being billed."""
        items = without_run(self)
        return (
            Domain(items._timesheet_compute_delivered_quantity_domain())
            & Domain(items.invoice_lines._timesheet_domain_get_invoiced_lines(self))
            & get_run(self.env).get_chosen()
        )

    # === DESCRIPTIONS === #

    def _read_hours_to_explain(self, run):
        """Read the open hours by item and ticket that a run takes, in one query, and note
        them on it.

        :param TimeRun run: gets ``accounts``, ``hours`` and ``split``
        """
        items = self.filtered(lambda item: item._is_helpdesk_delivered_timesheet())
        tickets = self.env["helpdesk.ticket"].sudo()
        run.hours, run.split = defaultdict(list), set()
        run.accounts = defaultdict(set)
        if not items:
            return
        for item, is_split, account, ticket, group in items._read_ticket_hours(run):
            run.hours[item.id].append(group)
            run.accounts[item.id] |= set(account.ids)
            tickets |= ticket
            if is_split:
                run.split.add(item.id)
        # At once for the whole run: descriptions are made order by order.
        tickets.fetch(["display_name"])

    def _read_ticket_hours(self, run):
        """Open hours on these items that a run takes.

        :param TimeRun run: what the invoice takes
        :return: item, whether its tickets get a line each, analytic account, ticket, and
            the :class:`TicketHours`
        :rtype: iterator
        """
        timesheets = self.env["account.analytic.line"].sudo()
        taken = self._domain_helpdesk_open() & run.get_domain()
        details = timesheets._read_details(taken)
        by_ticket = "helpdesk_ticket_id.team_id.split_invoice_by_ticket"
        account_of_ticket = "helpdesk_ticket_id.project_id.account_id"
        figures = ("billable_hours:sum", "unit_amount:sum")
        for item, ticket, is_split, account, *hours, reasons in timesheets._read_group(
            taken,
            ["so_line", "helpdesk_ticket_id", by_ticket, account_of_ticket],
            [*figures, "billable_hours_reason:array_agg_distinct"],
        ):
            reasons = tuple(sorted(filter(None, reasons)))
            explained = details.get((item.id, ticket.id), ())
            group = TicketHours(ticket.id, *hours, reasons, explained)
            yield item, is_split, account, ticket, group

    def _prepare_invoice_lines_vals_list(self, **optional_values):
        """Name the tickets and their hours, or give each ticket a line of its own.

        :return: values of one or more invoice lines
        :rtype: list[dict]
        """
        vals_list = super()._prepare_invoice_lines_vals_list(**optional_values)
        run = get_run(self.env)
        hours = run.hours.get(self.id) or []
        if not any(group.ticket_id for group in hours):
            return vals_list
        if not self._is_helpdesk_delivered_timesheet() or len(vals_list) != 1:
            return vals_list
        self._add_analytic_of_tickets(vals_list[0], run)
        if self.id in run.split:
            split = self._split_invoice_vals(vals_list[0], hours)
            if split:
                return split
        vals_list[0]["name"] += self._get_tickets_description(
            hours, vals_list[0]["quantity"]
        )
        return vals_list

    def _add_analytic_of_tickets(self, vals, run):
        """Cost and revenue meet on one account: the stock method finds that of the
        tasks and projects an item is set on, and asks no ticket.

        :param dict vals: values of the invoice line, changed in place
        :param TimeRun run: the run that makes the invoice
        """
        if vals.get("analytic_distribution") or self.analytic_distribution:
            return
        accounts = run.accounts[self.id]
        if len(accounts) == 1:
            vals["analytic_distribution"] = dict.fromkeys(accounts, 100)

    def _get_printed_hours(self, hours, quantity=None):
        """Hours as they are printed: they add up to the quantity billed, where that is
        their sum in hours but for its rounding.

        :param list hours: :class:`TicketHours`
        :param float quantity: what the invoice line bills, in the unit of the item
        :return: the same with rounded hours, by ticket, the oldest first
        :rtype: list[TicketHours]
        """
        # the same hours are printed alike, in whatever order they were read
        hours = sorted(hours, key=lambda group: group.ticket_id or float("inf"))
        values = [group.hours for group in hours]
        total = sum(values)
        is_in_hours = float_is_zero(self._get_hours(1.0) - 1.0, precision_digits=6)
        if quantity is not None and is_in_hours and abs(quantity - total) <= ONE_CENT:
            total = quantity
        return [
            group._replace(
                hours=value,
                worked=value if group.is_as_worked() else round(group.worked, 2),
            )
            for group, value in zip(hours, round_to_sum(values, total), strict=True)
        ]

    def _get_tickets_description(self, hours, quantity=None):
        """Text below an invoice line that names its tickets.

        :param list hours: :class:`TicketHours`
        :param float quantity: see :meth:`_get_printed_hours`
        :rtype: str
        """
        groups = [g for g in self._get_printed_hours(hours, quantity) if g.ticket_id]
        shown = groups[:MAX_TICKETS_IN_DESCRIPTION]
        rest = groups[MAX_TICKETS_IN_DESCRIPTION:]
        text = "".join(f"\n{self._get_ticket_description(group)}" for group in shown)
        if rest:
            text += "\n" + self.env._(
                "%(count)s more tickets: %(hours)s h",
                count=len(rest),
                hours=self._format_hours(sum(group.hours for group in rest)),
            )
        return text

    def _get_ticket_description(self, group):
        """How one ticket is named on an invoice line, in the customer's language. Meant
        for override by addons that explain more.

        :param TicketHours group: its hours, rounded
        :rtype: str
        """
        names = {
            "ticket": self.env["helpdesk.ticket"]
            .sudo()
            .browse(group.ticket_id)
            .display_name,
            "hours": self._format_hours(group.hours),
            "worked": self._format_hours(group.worked),
        }
        if group.is_as_worked():
            return self.env._("Ticket %(ticket)s: %(hours)s h", **names)
        if group.is_free():
            text = self.env._(
                "Ticket %(ticket)s: %(worked)s h worked, free of charge", **names
            )
        else:
            text = self.env._(
                "Ticket %(ticket)s: %(worked)s h worked, %(hours)s h billed", **names
            )
        return f"{text} ({'; '.join(group.reasons)})" if group.reasons else text

    def _format_hours(self, hours):
        return formatLang(self.env, hours, digits=2)

    def _get_split_quantities(self, total, hours):
        """Quantity of each ticket's invoice line, and of one for time without ticket.

        They add up to the quantity of the item exactly: what rounding leaves goes to the
        largest line.

        :param float total: what is billed of this item
        :param list hours: :class:`TicketHours`
        :return: quantities by ticket id in the order of the tickets, empty if the hours
            do not explain the total
        :rtype: dict
        """
        groups = {group.ticket_id: group for group in hours}
        quantities = {
            ticket_id: self._get_quantity(group.hours)
            for ticket_id, group in groups.items()
        }
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        largest = max(quantities, key=quantities.get)
        quantities[largest] += total - sum(quantities.values())
        free = {ticket_id for ticket_id, group in groups.items() if group.is_free()}
        if any(quantities[ticket_id] <= 0 for ticket_id in groups.keys() - free):
            return {}
        return {
            ticket_id: round(quantities[ticket_id], digits)
            for ticket_id in sorted(quantities, key=lambda key: key or float("inf"))
            if ticket_id in free
            or not float_is_zero(quantities[ticket_id], precision_digits=digits)
        }

    def _split_invoice_vals(self, vals, hours):
        """One invoice line per ticket, and one for time without ticket.

        :param dict vals: values of the one line to split
        :param list hours: :class:`TicketHours`
        :return: list of values, empty if the hours do not explain the quantity
        """
        groups = {group.ticket_id: group for group in hours}
        result = []
        quantities = self._get_split_quantities(vals["quantity"], hours)
        for ticket_id, quantity in quantities.items():
            line = dict(vals, quantity=quantity, helpdesk_ticket_id=ticket_id)
            if ticket_id:
                printed = self._get_printed_hours([groups[ticket_id]], quantity)
                text = self._get_ticket_description(printed[0])
                line["name"] = f"{vals['name']}\n{text}"
            result.append(line)
        return result

    # === TEXTS OF DRAFTS === #

    def _get_renamed_lines(self, move, group, timesheets):
        """Texts of draft invoice lines once they bill other time.

        Only the sentences this addon wrote are replaced; a text that a person rewrote
        stays as it is.

        :param move: the draft ``account.move``
        :param TimeGroup group: its lines with the time they billed so far
        :param timesheets: the time they bill now
        :return: new text by invoice line
        :rtype: dict
        """
        if timesheets == group.timesheets:
            return {}
        item = self.with_context(lang=move.partner_id.lang or self.env.lang)
        total = sum(group.timesheets.mapped("billable_hours"))
        quantities = {None, self._get_quantity(total), self._get_quantity(total, "UP")}
        new = item._get_time_text(timesheets)
        names = {}
        for line in group.lines:
            for quantity in quantities | {line.quantity}:
                old = item._get_time_text(group.timesheets, quantity)
                if old and old in (line.name or ""):
                    names[line] = line.name.replace(old, new)
        return names

    def _get_time_text(self, timesheets, quantity=None):
        """What this addon writes below an invoice line, see
        :meth:`_get_tickets_description`."""
        hours = self._get_ticket_hours(timesheets)
        if quantity is None:
            quantity = self._get_quantity(sum(group.hours for group in hours))
        return self._get_tickets_description(hours, quantity)

    def _get_ticket_hours(self, timesheets):
        """Hours of some time on this item, by ticket.

        :rtype: list[TicketHours]
        """
        details = timesheets._read_details(Domain("id", "in", timesheets.ids))
        return [
            TicketHours(
                ticket.id,
                sum(lines.mapped("billable_hours")),
                sum(lines.mapped("unit_amount")),
                tuple(sorted(set(lines.mapped("billable_hours_reason")) - {False})),
                details.get((self.id, ticket.id), ()),
            )
            for ticket, lines in timesheets.grouped("helpdesk_ticket_id").items()
        ]
