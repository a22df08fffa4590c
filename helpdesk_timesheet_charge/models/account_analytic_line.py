from collections import defaultdict
from datetime import timedelta, timezone
from functools import partial
from typing import NamedTuple

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.helpdesk_base.tools import add_columns, format_hours

from .office_hours import OfficeHours

#: Longer work is a sum of several days, whatever start it names.
MAX_HOURS_AT_ONCE = 24.0
#: Years in which work can have begun.
YEARS = range(1970, 2200)


class KindHours(NamedTuple):
    """Hours of a kind of work on a ticket: what was worked, and what is billed."""

    kind_id: int
    worked: float
    hours: float


class AccountAnalyticLine(models.Model):
    """The kind of work of an hour: which item bills it, and how much of it.

    Worked hours are never changed. Hours that are rounded together, those of one kind on
    one item of a ticket, or of its day, cost the customer no more than one long entry:
    each open line bills its own, and what the rule adds or takes sits on the newest.
    """

    _inherit = "account.analytic.line"
    # What a change of leaves a trace on the ticket.
    _traced_fields = ("date", "employee_id", "name", "unit_amount", "work_type_id")
    # What decides how much lines bill that are rounded together.
    _rounded_fields = frozenset(
        {
            "date",
            "helpdesk_ticket_id",
            "so_line",
            "start_datetime",
            "timesheet_invoice_id",
            "unit_amount",
            "work_type_id",
        }
    )
    # What is looked at when it is written.
    _watched_fields = _rounded_fields.union(_traced_fields, {"task_id"})

    work_type_id = fields.Many2one(
        comodel_name="helpdesk.work.type",
        string="Kind of Work",
        compute="_compute_work_type_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('id', 'in', offered_work_type_ids)]",
        help="What this time is sold as.",
    )
    is_work_type_chosen = fields.Boolean(
        export_string_translation=False,
        readonly=True,
        copy=False,
        help="A person chose another kind of work than the rules.",
    )
    offered_work_type_ids = fields.Many2many(
        comodel_name="helpdesk.work.type",
        compute="_compute_offered_work_type_ids",
        export_string_translation=False,
        help="Kinds of work that the team of the ticket uses.",
    )
    start_datetime = fields.Datetime(
        string="Started At",
        copy=False,
        help="When this work began. Work outside of working hours is then recorded as "
        "such.",
    )
    rounded_ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        compute="_compute_rounded_ticket_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        export_string_translation=False,
        help="Ticket over which the hours of this line are rounded together with others: "
        "what changes one of them is looked for among these only.",
    )
    waits_for_text = fields.Boolean(
        compute="_compute_waits_for_text",
        store=True,
        export_string_translation=False,
        help="The team bills no time without a text of its own, and this has none.",
    )

    def _auto_init(self):
        """Time of before has no kind: nothing is to be computed for it."""
        kinds = {"work_type_id": "int4", "rounded_ticket_id": "int4"}
        add_columns(self.env.cr, self._table, {**kinds, "waits_for_text": "bool"})
        return super()._auto_init()

    # === COMPUTE METHODS === #

    @api.depends("helpdesk_ticket_id.team_id", "start_datetime")
    def _compute_work_type_id(self):
        """New time gets the kind that the rules propose. Recorded time keeps its own,
        until it starts at another time or comes to a team that does not use it."""
        kinds = self._get_kinds_by_rule()
        for line in self:
            kind = line.work_type_id
            if not line.helpdesk_ticket_id:
                kind = False
            elif line._is_not_billed() and not line._keeps_kind():
                if kind or line.start_datetime or not line._origin:
                    kind = kinds[line]
            line.work_type_id = kind

    @api.depends("helpdesk_ticket_id.team_id")
    def _compute_offered_work_type_ids(self):
        nothing = self.env["helpdesk.work.type"]
        for team, lines in self.grouped(
            lambda line: line.helpdesk_ticket_id.sudo().team_id
        ).items():
            lines.offered_work_type_ids = team._get_work_types() if team else nothing

    @api.depends("helpdesk_ticket_id", "work_type_id.charge", "work_type_id.scope")
    def _compute_rounded_ticket_id(self):
        for line in self:
            is_rounded = line.work_type_id.sudo()._rounds_together()
            line.rounded_ticket_id = is_rounded and line.helpdesk_ticket_id

    @api.depends(
        "helpdesk_ticket_id.team_id.require_customer_text",
        "name",
        "timesheet_invoice_id.state",
    )
    def _compute_waits_for_text(self):
        """What is billed already waits for nothing: it stays delivered."""
        if not self.env["helpdesk.team"]._is_ticked_anywhere("require_customer_text"):
            self.filtered("waits_for_text").waits_for_text = False
            return
        for line in self:
            ticket = line.helpdesk_ticket_id.sudo()
            line.waits_for_text = (
                ticket.team_id.require_customer_text
                and (line._is_without_text(line.name) or line.name == ticket.name)
                and line._is_not_billed()
            )

    @api.depends("work_type_id", "work_type_id.charge", "work_type_id.product_id")
    def _compute_so_line(self):
        return super()._compute_so_line()

    @api.depends("work_type_id.charge")
    def _compute_so_line_reason(self):
        return super()._compute_so_line_reason()

    @api.depends("work_type_id", "work_type_id.charge", "work_type_id.product_id")
    def _compute_so_line_rule(self):
        return super()._compute_so_line_rule()

    @api.depends(
        "date",
        "rounded_ticket_id.rounded_line_ids.date",
        "rounded_ticket_id.rounded_line_ids.so_line",
        "rounded_ticket_id.rounded_line_ids.timesheet_invoice_id.state",
        "rounded_ticket_id.rounded_line_ids.unit_amount",
        "rounded_ticket_id.rounded_line_ids.work_type_id",
        "so_line",
        "timesheet_invoice_id.state",
        "work_type_id",
        "work_type_id.charge",
        "work_type_id.factor",
        "work_type_id.minimum_minutes",
        "work_type_id.rounding",
        "work_type_id.scope",
        "work_type_id.step_minutes",
    )
    def _compute_billable_hours(self):
        return super()._compute_billable_hours()

    # === CONSTRAINT METHODS === #

    @api.constrains("helpdesk_ticket_id", "work_type_id")
    def _check_work_type_id(self):
        """Only ticket time has a kind, and one that its team uses."""
        for line in self.sudo().filtered("work_type_id")._filter_not_billed():
            kind, team = line.work_type_id, line.helpdesk_ticket_id.team_id
            if not team:
                raise ValidationError(
                    self.env._(
                        "Kinds of work are for time on tickets. Choose a ticket, or leave "
                        "the kind empty."
                    )
                )
            # the default is one of its kinds, see the check of the team
            if kind != team.default_work_type_id and not team._allows_work_type(kind):
                offered = team._get_work_types().mapped("display_name")
                raise ValidationError(
                    self.env._(
                        "%(kind)s is none of the kinds of work of %(team)s. Choose one of "
                        "these: %(kinds)s.",
                        kind=kind.display_name,
                        team=team.display_name,
                        kinds=", ".join(offered) or "-",
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Keep the kind that a person chose; cut work at the borders of working hours."""
        lines = super().create(vals_list)
        given = zip(lines, vals_list, strict=True)
        chosen = lines.browse(line.id for line, vals in given if "work_type_id" in vals)
        chosen._mark_chosen_kind()
        lines.filtered("start_datetime")._split_at_borders()
        lines._add_missing_items()
        lines._round_again_after_commit()
        return lines

    def _add_precomputed_values(self, vals_list):
        """The kind of new time without a start follows from its ticket: the ORM needs no
        line in memory to tell. See its ``create``, which asks with all defaults."""
        Ticket = self.env["helpdesk.ticket"]
        Kind = self.env["helpdesk.work.type"].sudo()
        kinds = {}
        for vals in vals_list:
            if vals.get("start_datetime") or vals.get("timesheet_invoice_id"):
                continue
            ticket_id = vals.get("helpdesk_ticket_id") or False
            if "work_type_id" not in vals:
                if ticket_id not in kinds:
                    ticket = Ticket.browse(ticket_id or [])
                    kinds[ticket_id] = ticket._get_default_work_type().id
                vals["work_type_id"] = kinds[ticket_id]
            kind = Kind.browse(vals["work_type_id"] or [])
            vals["rounded_ticket_id"] = kind._rounds_together() and ticket_id
        return super()._add_precomputed_values(vals_list)

    def write(self, vals):
        """Note on the ticket what changes on open time; choose and cut again."""
        vals = self._clean_input(vals)
        if self._watched_fields.isdisjoint(vals):
            return super().write(vals)
        is_traced = vals.keys() & set(self._traced_fields) and not self._is_same_work()
        before = self._read_trace() if is_traced else {}
        moves_rounding = bool(vals.keys() & self._rounded_fields)
        if moves_rounding:
            self._round_again_after_commit()
        result = super().write(vals)
        lines = self._without_joined(vals)
        if "work_type_id" in vals:
            lines._mark_chosen_kind()
        if {"start_datetime", "unit_amount", "work_type_id"} & vals.keys():
            if not self._is_same_work():
                lines.filtered("start_datetime")._split_at_borders()
        if {"helpdesk_ticket_id", "so_line", "task_id", "work_type_id"} & vals.keys():
            lines._add_missing_items()
        if moves_rounding:
            lines._round_again_after_commit()
        lines._log_trace(before)
        return result

    def unlink(self):
        self._round_again_after_commit()
        return super().unlink()

    # === ACTION METHODS === #

    def action_open_write_off(self):
        """Open the form that bills other hours of these lines than were worked.

        :return: a window action
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_timesheet_charge.helpdesk_write_off_action"
        )
        return {**action, "context": {"default_line_ids": self.ids}}

    # === WHAT NOBODY WRITES === #

    def _get_ruled_fields(self):
        """Whether somebody chose a kind is noted, not told."""
        noted = {"is_work_type_chosen", "rounded_ticket_id"}
        return super()._get_ruled_fields() | noted

    def _get_lock_reasons(self, names=None):
        """Kind and start decide on what is billed, as hours do."""
        if names and names & {"start_datetime", "work_type_id"}:
            names = names | {"unit_amount"}
        return super()._get_lock_reasons(names)

    def _clean_value(self, name, value):
        """Work began in a year in which there are working hours."""
        value = super()._clean_value(name, value)
        if name == "start_datetime" and value and value.year not in YEARS:
            raise self._get_input_error(self._fields[name])
        return value

    # === THE KIND OF WORK === #

    @api.model
    def _complete_line_of_ticket(self, vals, ticket):
        """Work is recorded on the day on which it began, where the person works."""
        start = vals.get("start_datetime")
        if start and not vals.get("date"):
            employee = self.env["hr.employee"].sudo().browse(vals.get("employee_id"))
            zone = pytz.timezone(employee.tz or self.env.user.tz or "UTC")
            start = fields.Datetime.to_datetime(start).replace(tzinfo=timezone.utc)
            vals["date"] = start.astimezone(zone).date()
        return super()._complete_line_of_ticket(vals, ticket)

    def _keeps_kind(self):
        """Tell whether the kind that a person chose may stay on this line.

        :rtype: bool
        """
        kind, team = self.work_type_id, self.helpdesk_ticket_id.sudo().team_id
        if not kind or not team._allows_work_type(kind):
            return False
        return self.is_work_type_chosen or not (
            self.start_datetime or kind.resource_calendar_id or not self._origin
        )

    def _get_kinds_by_rule(self):
        """Kinds that the rules propose for these lines: work outside of working hours,
        else what its ticket proposes, see ``_get_default_work_type`` there. New time
        without a start asks that one alone, see :meth:`_add_precomputed_values`.

        :return: ``helpdesk.work.type`` by line
        :rtype: dict
        """
        spans = self._get_spans()
        return {
            line: spans[line][0][2]
            if line in spans
            else line.helpdesk_ticket_id._get_default_work_type()
            for line in self
        }

    def _get_spans(self):
        """Cut the work of those of these lines that have a start time at the borders of
        working hours.

        :return: ``(start, end, kind)`` in order of time, by line; times in UTC
        :rtype: dict
        """
        timed, spans = defaultdict(list), {}
        for line in self:
            team = line.helpdesk_ticket_id.sudo().team_id
            if line.start_datetime and team:
                timed[team, line._get_zone_of_work()].append(line)
        for (team, zone), lines in timed.items():
            kinds = team._get_work_types()
            times = [line._get_times() for line in lines]
            office = OfficeHours(
                min(start for start, _end in times),
                max(end for _start, end in times),
                zone,
                team.company_id,
            )
            for line, (start, end) in zip(lines, times, strict=True):
                default = line.helpdesk_ticket_id._get_default_work_type()
                pieces = kinds._split_span(
                    start, end, office, team.resource_calendar_id
                )
                spans[line] = [
                    (begin, stop, kind or default) for begin, stop, kind in pieces
                ]
        return spans

    def _get_times(self):
        """When this work began and ended, at most a day later, in UTC, with its zone.

        :rtype: tuple
        """
        start = self.start_datetime.replace(tzinfo=timezone.utc)
        # a line that says no hours yet starts somewhere all the same
        hours = min(max(self.unit_amount, 1 / 60), MAX_HOURS_AT_ONCE)
        return start, start + timedelta(hours=hours)

    def _get_zone_of_work(self):
        """Time zone in which working hours of this line are read.

        :rtype: tzinfo
        """
        ticket = self.helpdesk_ticket_id.sudo()
        person = self.employee_id.sudo().tz or self.user_id.sudo().tz
        names = [person, ticket.partner_id.tz, ticket.company_id.partner_id.tz]
        if ticket.team_id.work_type_tz == "customer":
            names = [ticket.partner_id.tz, ticket.commercial_partner_id.tz, person]
        return pytz.timezone(next(filter(None, names), "UTC"))

    def _mark_chosen_kind(self):
        """Note on which of these lines a person chose another kind than the rules."""
        of_tickets = self.sudo().filtered("helpdesk_ticket_id")
        kinds = of_tickets._get_kinds_by_rule()
        by_choice = defaultdict(self.sudo().browse)
        for line in of_tickets:
            is_chosen = line.work_type_id != kinds[line]
            if is_chosen != line.is_work_type_chosen:
                by_choice[is_chosen] |= line
        for is_chosen, lines in by_choice.items():
            lines.is_work_type_chosen = is_chosen

    def _split_at_borders(self):
        """Cut open lines whose work lies on both sides of a border of working hours, so
        that each piece has its kind. The pieces add up to what was worked. What sums up
        several days is not cut: nobody knows when it went on."""
        lines = self.sudo().filtered(
            lambda line: (
                line.helpdesk_ticket_id
                and not line.is_work_type_chosen
                and not line.hours_written_off
                and 0 < line.unit_amount <= MAX_HOURS_AT_ONCE
                and line._is_not_billed()
            )
        )
        spans, vals_list = lines._get_spans(), []
        for line in lines:
            first, *others = self._get_pieces(spans[line])
            if not others:
                continue
            worked = line.unit_amount
            lengths = [
                (end - start).total_seconds() / 3600 for start, end, _k in others
            ]
            line.write(
                {"unit_amount": worked - sum(lengths), "work_type_id": first[2].id}
            )
            for (start, _end, kind), hours in zip(others, lengths, strict=True):
                vals_list.append(line._prepare_piece(start, hours, kind))
        if vals_list:
            self.sudo().create(vals_list)

    @api.model
    def _get_pieces(self, spans):
        """Join neighbours of one kind.

        :param list spans: see :meth:`_get_spans`
        :rtype: list[tuple]
        """
        pieces = []
        for start, end, kind in spans:
            if pieces and pieces[-1][2] == kind:
                start = pieces.pop()[0]
            pieces.append((start, end, kind))
        return pieces

    def _prepare_piece(self, start, hours, kind):
        """Values of a line for a piece of this one.

        :param datetime start: when the piece began, in UTC, with its zone
        :param float hours: hours worked in it
        :param kind: its ``helpdesk.work.type``, may be empty
        :rtype: dict
        """
        person = self.employee_id.tz or self.user_id.tz or "UTC"
        return {
            **self._prepare_same_work(hours),
            "date": start.astimezone(pytz.timezone(person)).date(),
            "start_datetime": start.astimezone(timezone.utc).replace(tzinfo=None),
            "work_type_id": kind.id,
        }

    def _prepare_same_work(self, hours):
        return {
            **super()._prepare_same_work(hours),
            "work_type_id": self.work_type_id.id,
        }

    # === THE ITEM THAT BILLS A KIND === #

    def _get_choice_key(self):
        return (*super()._get_choice_key(), self.work_type_id.id)

    @api.model
    def _get_item_deciders(self):
        """A kind comes before a person's rate, and after the day from which the item of
        the ticket counts."""
        deciders = super()._get_item_deciders()
        deciders.insert(deciders.index("_decide_by_rate"), "_decide_by_kind")
        deciders.insert(deciders.index("_decide_by_date"), "_decide_internal")
        return deciders

    @api.model
    def _decide_internal(self, work):
        """Internal work is on nobody's order."""
        if work.line.work_type_id.sudo().charge == "hidden":
            return self.env["sale.order.line"], "internal"
        return None

    @api.model
    def _decide_by_kind(self, work):
        """The customer's item of the product that the kind is sold as, that on the order
        of the ticket first; one that was chosen before stays."""
        product = work.line.work_type_id.sudo().product_id
        if not product:
            return None
        items = work.ticket._get_items_of_product(product)
        former = items & work.former
        if items:
            return (former or items[0]), "kind"
        if work.ticket.sale_line_id.product_id == product:
            return None
        item, rule = self._decide_by_rate(work) or (
            self._decide_by_order(work) or self._decide_by_ticket(work)
        )
        return (item, "kind_missing") if item else (item, rule)

    def _get_so_line_reason(self):
        """Free work says so, wherever it is listed."""
        reason, kind = super()._get_so_line_reason(), self.work_type_id.sudo()
        if kind.charge != "free" or not self.so_line:
            return reason
        return self.env._("Free of charge. %(reason)s", reason=reason)

    def _get_rule_reason(self, rule):
        names = {"kind": self.work_type_id.sudo().display_name}
        if rule == "internal":
            return self.env._("Not billable: %(kind)s is internal", **names)
        if rule == "kind":
            return self.env._("Kind of work: %(kind)s", **names)
        if rule == "kind_missing":
            return self.env._("Ticket's item: %(kind)s is not sold to them", **names)
        return super()._get_rule_reason(rule)

    def _forget_foreign_choices(self):
        """An item set by hand ends as the work becomes internal, too."""
        super()._forget_foreign_choices()
        internal = self.sudo().filtered(
            lambda line: (
                line.is_so_line_edited
                and line.so_line
                and line.work_type_id.charge == "hidden"
                and line._is_not_billed()
            )
        )
        if internal:
            internal.is_so_line_edited = False

    def _check_chosen_item(self):
        """Internal work is on nobody's order, whoever says so."""
        internal = self.sudo().filtered(
            lambda line: line.so_line and line.work_type_id.charge == "hidden"
        )
        if internal:
            raise ValidationError(
                self.env._(
                    "%(kind)s is internal and on nobody's order. Choose another kind of "
                    "work first, or leave the sales order item empty.",
                    kind=internal[0].work_type_id.display_name,
                )
            )
        return super()._check_chosen_item()

    def _add_missing_items(self):
        """Sell kinds of work on the order of their ticket where its salesperson allows
        it and the order is not locked. Two agents at once add one item: the second waits
        for the order."""
        lines = self.sudo().filtered("work_type_id")
        lines = lines.filtered(
            lambda line: line.work_type_id.product_id and line.helpdesk_ticket_id
        )
        missing = defaultdict(self.sudo().browse)
        for line in lines.filtered(lambda line: line.so_line_rule == "kind_missing"):
            order = line.helpdesk_ticket_id.sale_line_id.order_id
            if order.add_work_types and not order.locked and order.state == "sale":
                missing[order, line.work_type_id.product_id] |= line
        for (order, product), of_order in missing.items():
            order._add_item_of_kind(product, of_order.work_type_id)
            of_order._recompute_so_line()

    # === WHAT AN HOUR COUNTS === #

    def _get_hours_by_rule(self):
        """By the rule of their kind; billed lines stay what they were billed at, whatever
        the rule says today."""
        hours = super()._get_hours_by_rule()
        with_kind = self.filtered("work_type_id")
        for kind, lines in with_kind.grouped("work_type_id").items():
            hours.update(lines._get_hours_of_kind(kind.sudo()))
        return hours

    def _get_hours_of_kind(self, kind):
        """Hours to bill of these lines by the rule of a kind of work.

        :param kind: the ``helpdesk.work.type`` of all of them
        :return: hours by line
        :rtype: dict
        """
        billed = self.filtered(lambda line: not line._is_not_billed())
        hours = {line: line._get_billed_hours_by_rule() for line in billed}
        open_lines = self - billed
        if not kind._rounds_together():
            for line in open_lines:
                minutes = kind._get_minutes(line.unit_amount)
                hours[line] = kind._apply_rule(minutes) / 60
            return hours
        groups = open_lines._read_rounded_together(kind) if open_lines else {}
        for lines in groups.values():
            shares = lines._share_hours(kind)
            hours.update({line: shares[line] for line in lines & open_lines})
        return hours

    def _get_billed_hours_by_rule(self):
        """What this billed line was billed at, before a person took anything off."""
        return self.billable_hours + self.hours_written_off

    def _get_group_key(self, kind):
        """What lines of a kind share that are rounded together.

        :rtype: tuple
        """
        ticket = self.helpdesk_ticket_id._origin or self.helpdesk_ticket_id
        item = self.so_line._origin or self.so_line
        return ticket, item, self.date if kind.scope == "day" else None

    def _read_rounded_together(self, kind):
        """These lines with all others that are rounded together with them, billed ones
        too, in one query.

        :param kind: the ``helpdesk.work.type`` of all of them
        :return: lines by what they share
        :rtype: dict
        """
        own = self._origin
        others = self.sudo().search(
            Domain("rounded_ticket_id", "in", self.helpdesk_ticket_id._origin.ids)
            & Domain("work_type_id", "=", kind._origin.id)
            & Domain("id", "not in", own.ids)
        )
        groups = defaultdict(self.sudo().browse)
        keys = {line._get_group_key(kind) for line in self}
        for line in [*others, *self.sudo()]:
            key = line._get_group_key(kind)
            if key in keys:
                groups[key] |= line
        return groups

    def _share_hours(self, kind):
        """Share what the rule bills for all of these lines among those that are open:
        each bills its own, the newest what the rule adds or takes, none more than there
        is. What was billed before is paid; it is never given back for a rule that has
        changed since.

        :param kind: the ``helpdesk.work.type`` of all of them
        :return: hours by open line
        :rtype: dict
        """
        open_lines = self.filtered(lambda line: line._is_not_billed())
        open_lines = open_lines.sorted(
            lambda line: (line.date, line._origin.id or float("inf"))
        )
        minutes = {line: kind._get_minutes(line.unit_amount) for line in self}
        billed = sum(
            line._get_billed_hours_by_rule() * 60 for line in self - open_lines
        )
        worked = sum(minutes[line] for line in open_lines)
        rest = kind._apply_rule(round(sum(minutes.values()), 2)) - billed
        rest = max(rest, 0.0) if worked > 0 else min(rest, 0.0) if worked < 0 else 0.0
        # a line of no time is on no invoice: what it bore would be lost
        shares = dict.fromkeys(open_lines, 0.0)
        open_lines = open_lines.filtered(lambda line: minutes[line])
        # the newest of those that make the sum: no correction bills more than none
        open_lines = open_lines.sorted(lambda line: minutes[line] * worked > 0)
        for line in open_lines[:-1]:
            own = minutes[line]
            shares[line] = own if own < 0 else min(own, max(rest, 0.0))
            rest -= shares[line]
        shares.update(dict.fromkeys(open_lines[-1:], rest))
        return {line: round(share, 6) / 60 for line, share in shares.items()}

    def _round_again_after_commit(self):
        """Two people who record time on a ticket at once do not see each other's lines:
        who commits last finds both. See :meth:`_settle_after_commit` of the ticket."""
        tickets = self.sudo().rounded_ticket_id
        if tickets:
            tickets._settle_after_commit(step="_settle_rounding")

    def _round_again(self):
        """Compute anew what these open lines bill, and bring the items up to date of
        those that change, in turn with whoever records time on them."""
        Refresh = self.env["sale.delivered.refresh"]
        pending = Refresh._get_pending()
        hours = {line: line.billable_hours for line in self}
        self.env.add_to_compute(self._fields["billable_hours"], self)
        self._recompute_recordset(["billable_hours"])
        changed = self.filtered(lambda line: line.billable_hours != hours[line])
        items = changed.so_line
        Refresh._lock_or_defer(items, pending)
        # what was read of them before they were locked may be old by now
        items.invalidate_recordset(flush=False)
        items.order_id.invalidate_recordset(flush=False)
        Refresh._recompute(Refresh._lock(items))

    def _may_be_cut(self):
        """What is rounded together stays in one piece."""
        return super()._may_be_cut() and not self.rounded_ticket_id

    def _explain_billable_hours(self):
        """The rule in words, where it changes what is billed."""
        kind = self.work_type_id.sudo()
        return (kind and kind._get_rule_text()) or super()._explain_billable_hours()

    def _get_printed_billable_hours(self):
        """Hours to bill of this line as reports show them: none without an item.

        :rtype: float
        """
        return self.billable_hours if self.so_line else 0.0

    def _get_proof(self):
        """What was worked on each ticket, the rule, and what is billed, for the work
        report; none where every hour is billed as it was worked.

        :return: ``ticket``, ``kind`` and ``rule`` as texts, ``worked`` and ``billed`` in
            hours
        :rtype: list[dict]
        """
        if not any(line.work_type_id or line._is_billed_otherwise() for line in self):
            return []
        rows = []
        groups = self.grouped(lambda line: (line.helpdesk_ticket_id, line.work_type_id))
        for (ticket, kind), lines in groups.items():
            rules = {kind._get_rule_text()} if kind else set()
            rules |= set(lines.mapped("billable_hours_reason"))
            rows.append(
                {
                    "ticket": ticket.display_name or "",
                    "kind": kind.name or "",
                    "rule": "; ".join(sorted(filter(None, rules))),
                    "worked": sum(lines.mapped("unit_amount")),
                    "billed": sum(line._get_printed_billable_hours() for line in lines),
                }
            )
        return rows

    @api.model
    def _get_waiting_fields(self):
        """Where a team wants a text, time without one waits."""
        is_ticked = self.env["helpdesk.team"]._is_ticked_anywhere
        asks = partial(is_ticked, "require_customer_text")
        return {**super()._get_waiting_fields(), "waits_for_text": asks}

    def _get_worker_task(self):
        """The text that the customer will read."""
        if self.waits_for_text:
            return self.env._("Say what was done")
        return super()._get_worker_task()

    @api.model
    def _domain_shown_to_customer(self):
        """Internal work is nothing for customers."""
        shown = super()._domain_shown_to_customer()
        return shown & ~Domain("work_type_id.charge", "=", "hidden")

    @api.model
    def _read_details(self, domain):
        """Hours by kind: what was worked, and what is billed for it."""
        details = defaultdict(tuple, super()._read_details(domain))
        if not self.env["helpdesk.work.type"]._is_in_use():
            return details
        for item, ticket, kind, hours, worked in self._read_group(
            domain & Domain("work_type_id", "!=", False),
            ["so_line", "helpdesk_ticket_id", "work_type_id"],
            ["billable_hours:sum", "unit_amount:sum"],
        ):
            details[item.id, ticket.id] += (KindHours(kind.id, worked, hours),)
        return details

    # === TRACE === #

    def _read_trace(self):
        """What a change of these open lines would leave a trace of.

        :rtype: dict
        """
        return {
            line: {name: line[name] for name in self._traced_fields}
            for line in self.sudo()
            if line.helpdesk_ticket_id and line._is_not_billed()
        }

    def _log_trace(self, before):
        """Note on the tickets what has changed on their open time, one note each.

        :param dict before: see :meth:`_read_trace`
        """
        texts = defaultdict(list)
        left = set(self.ids)
        for line, values in before.items():
            if line.id not in left:
                continue
            changes = [
                f"{self._fields[name]._description_string(self.env)}: "
                f"{self._get_trace_text(name, old)} → "
                f"{self._get_trace_text(name, line[name])}"
                for name, old in values.items()
                if line[name] != old
            ]
            if changes and line.helpdesk_ticket_id:
                texts[line.helpdesk_ticket_id].append("; ".join(changes))
        tickets = self.env["helpdesk.ticket"].concat(*texts)
        bodies = {
            ticket.id: self.env._(
                "Time changed. %(changes)s", changes=" | ".join(changes)
            )
            for ticket, changes in texts.items()
        }
        if tickets:
            tickets._message_log_batch(bodies)

    def _get_trace_text(self, name, value):
        """A value as a note shows it."""
        field = self._fields[name]
        if field.type == "many2one":
            return value.sudo().display_name or "-"
        if field.type == "float":
            return format_hours(self.env, value)
        return str(value or "-")
