"""Tickets whose time has kinds of work, and what people do with kinds."""

import datetime

from odoo.fields import Command

from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants import desk
from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants.world import day

from . import checks, facts

#: Rules that kinds begin with; products by their place in the world.
RULES = (
    {"name": "Plain"},
    {"name": "Remote", "step_minutes": 15, "minimum_minutes": 30},
    {"name": "Ticket", "scope": "ticket", "step_minutes": 60, "minimum_minutes": 60},
    {"name": "Day", "scope": "day", "step_minutes": 15, "rounding": "nearest"},
    {"name": "Pack", "scope": "ticket", "factor": 1.5, "step_minutes": 30},
    {"name": "Evening", "product": 1, "calendar": True},
    {"name": "Weekend", "product": 3, "factor": 2.0},
    {"name": "Goodwill", "charge": "free"},
    {"name": "Meeting", "charge": "hidden"},
)


class ChargeWorld(desk.DeskWorld):
    """Tickets of teams that use all kinds of work, until somebody says otherwise."""

    # === SETTING UP === #

    def _make_projects(self):
        super()._make_projects()
        self.calendar = self.env["resource.calendar"].create(
            {"name": "Office", "tz": "UTC"}
        )
        self.kinds = self.env["helpdesk.work.type"].create(
            [self._get_kind_values(dict(rule)) for rule in RULES]
        )
        self.types = self.env["helpdesk.ticket.type"].create(
            [{"name": f"Type {number}"} for number in range(2)]
        )
        self.teams[0].default_work_type_id = self.kinds[2]
        self.teams[1].default_work_type_id = self.kinds[1]
        self.recorded = None

    def _get_kind_values(self, values):
        if "product" in values:
            values["product_id"] = self.products[values.pop("product")].id
        if values.pop("calendar", False):
            values["resource_calendar_id"] = self.calendar.id
        return values

    @property
    def records(self):
        return self.customers, self.orders, self.cases, self.kinds

    @records.setter
    def records(self, records):
        self.customers, self.orders, self.cases, self.kinds = records

    def read(self):  # pylint: disable=method-required-super
        return facts.read(self.env.cr, self.start, super().read())

    # === WHAT HOLDS IN THIS WORLD === #

    def is_delivered(self, facts):
        return lambda line: not facts.details[line.id].waits or facts.is_billed(line)

    def ends_choice(self, facts, line):
        kind = facts.kind_of(line)
        return bool(kind) and kind.charge == "hidden"

    def get_hours_off(self, facts, line):
        return facts.details[line.id].off

    def may_reprice(self, operation):
        """Rules follow everything; see the checks of kinds instead."""
        return True

    def may_rework(self, operation):
        """Work is cut at borders; see the check of worked hours instead."""
        return super().may_rework(operation) or self.recorded is not None

    def expect_items(self, facts, line):
        expected, kind = super().expect_items(facts, line), facts.kind_of(line)
        case = facts.cases[line.case]
        if not kind or not case.reinvoices or not facts.billable[line.project]:
            return expected
        if kind.charge == "hidden":
            return {None}
        if not kind.product or not facts.items.get(case.item):
            return expected
        return self._get_items_of_kind(facts, case, kind) or expected

    def _get_items_of_kind(self, facts, case, kind):
        return {
            item.id
            for item in facts.items.values()
            if facts.products[item.id] == kind.product
            and item.customer == case.customer
            and item.state == "sale"
            and item.by_time
        }

    def _read_reasons(self):
        """Free work says so before it says why: only free work does."""
        reasons = super()._read_reasons()
        free = self._lines().filtered(lambda line: line.work_type_id.charge == "free")
        for line in free:
            reason = reasons[line.id] or ""
            reasons[line.id] = reason.removeprefix("Free of charge. ")
        return reasons

    def is_right_reason(self, facts, line, reason):
        kind = facts.kind_of(line)
        if reason.startswith("Kind of work: "):
            return kind and facts.products[line.item] == kind.product
        if reason.startswith("Ticket's item: "):
            case = facts.cases[line.case]
            rate = facts.rates.get((line.project, line.employee))
            return kind and line.item in (case.item, rate)
        return super().is_right_reason(facts, line, reason)

    def more_checks(self, memory, before, after):
        recorded = self.recorded
        return {
            **super().more_checks(memory, before, after),
            "entries": checks.check_entries(after),
            "groups": checks.check_groups(after),
            "kinds": checks.check_kinds(after, memory),
            "worked": checks.check_worked(before, after, self.operation, recorded),
            "proof": self._check_proofs(before, after),
        }

    def _check_proofs(self, before, after):
        """Look at reports of invoices that have changed."""
        held = {line.invoice for line in after.lines.values() if after.is_billed(line)}
        if before.bills == after.bills:
            return
        for move in sorted(held):
            lines = [line for line in after.lines.values() if line.invoice == move]
            records = self.env["account.analytic.line"].browse(x.id for x in lines)
            yield from checks.check_proof(move, records._get_proof(), lines, after)

    # === TIME WITH A KIND === #

    def _kind(self, kind):
        """A kind of work by its place, none for None."""
        return self.kinds.browse() if kind is None else self._pick(self.kinds, kind)

    def log_kind(self, case, hours, person, on, kind):
        """Log time of a kind, or expressly of none."""
        self._record(case, hours, person, on, {"work_type_id": self._kind(kind).id})

    def log_at(self, case, hours, person, on, hour, kind):
        """Log time that began at some hour; the kind is left to the rules, or given."""
        values = {"start_datetime": self._get_time(on, hour)}
        if kind is not None:
            values["work_type_id"] = self._kind(kind).id
        self._record(case, hours, person, on, values)

    def _record(self, case, hours, person, on, values):
        worker = self._pick(self.workers, person)
        self.env["account.analytic.line"].with_user(worker).create(
            {
                "name": "Work",
                "unit_amount": hours,
                "date": day(on),
                "helpdesk_ticket_id": self._pick(self.cases, case).id,
                **values,
            }
        )
        self.recorded = hours

    @staticmethod
    def _get_time(on, hour):
        return datetime.datetime.combine(day(on), datetime.time()) + (
            datetime.timedelta(hours=hour)
        )

    def set_kind(self, line, kind):
        """Choose another kind for a line."""
        self._own(self._pick(self._lines(), line)).write(
            {"work_type_id": self._kind(kind).id}
        )
        self.recorded = 0.0

    def set_start(self, line, on, hour):
        """Say when the work began, or take it back."""
        start = self._get_time(on, hour) if hour is not None else False
        self._own(self._pick(self._lines(), line)).write({"start_datetime": start})
        self.recorded = 0.0

    def write_text(self, line, text):
        """Say what was done, or nothing."""
        self._own(self._pick(self._lines(), line)).write({"name": text})

    def write_off_many(self, first, count, mode, hours):
        """Write hours off some lines at once."""
        lines = self._lines([("helpdesk_ticket_id", "!=", False)])
        chosen = lines[first : first + count] or lines
        wizard = self.env["helpdesk.write.off"].with_user(self.bookkeeper)
        wizard.create(
            {
                "line_ids": [Command.set(chosen.ids)],
                "mode": mode,
                "hours": hours,
                "reason": "Goodwill",
            }
        ).action_write_off()

    # === KINDS === #

    def _write_kind(self, kind, values):
        record = self._kind(kind).with_user(self.lead)
        record.write(values)

    def new_kind(self, rule):
        """Make another kind."""
        values = self._get_kind_values(dict(RULES[rule % len(RULES)]))
        kind = self.env["helpdesk.work.type"].with_user(self.lead).create(values)
        self.kinds |= kind.with_env(self.env)

    def delete_kind(self, kind):
        """Delete a kind."""
        record = self._kind(kind)
        record.with_user(self.lead).unlink()
        self.kinds -= record

    def set_rule(self, kind, factor, step, minimum, rounding):
        """Change what is billed for an hour of a kind."""
        self._write_kind(
            kind,
            {
                "factor": factor,
                "step_minutes": step,
                "minimum_minutes": minimum * (step or 1),
                "rounding": rounding,
            },
        )

    def set_scope(self, kind, scope):
        """Change what is rounded together."""
        self._write_kind(kind, {"scope": scope})

    def set_charge(self, kind, charge):
        """Change whether a kind is billed, free or internal."""
        self._write_kind(kind, {"charge": charge})

    def set_product(self, kind, product):
        """Change what a kind is sold as."""
        product = (
            self._pick(self.products, product).id if product is not None else False
        )
        self._write_kind(kind, {"product_id": product})

    def set_calendar(self, kind, on):
        """Propose a kind outside of working hours, or no more."""
        self._write_kind(kind, {"resource_calendar_id": on and self.calendar.id})

    def archive_kind(self, kind, active):
        """Archive a kind, or bring it back."""
        self._write_kind(kind, {"active": active})

    # === TEAMS, TYPES AND ORDERS === #

    def set_team_kinds(self, team, kinds, default):
        """Name the kinds that a team uses, none for all, and its default."""
        chosen = self.kinds.browse(self._kind(kind).id for kind in kinds)
        default = self._kind(default)
        if chosen:
            chosen |= default
        values = {
            "work_type_ids": [Command.set(chosen.ids)],
            "default_work_type_id": default.id,
        }
        self._pick(self.teams, team).with_user(self.lead).write(values)

    def set_type(self, case, number, kind):
        """Give a ticket a type, with a default kind."""
        chosen = self._pick(self.types, number)
        chosen.with_user(self.lead).write({"default_work_type_id": self._kind(kind).id})
        self._ticket(case).write({"ticket_type_id": chosen.id})

    def require_text(self, team, on):
        """Let time without text wait."""
        record = self._pick(self.teams, team).with_user(self.lead)
        record.write({"require_customer_text": on})

    def add_kinds(self, order, on, locked):
        """Let time add kinds to an order, and lock it."""
        record = self._pick(self.orders, order).with_user(self.seller)
        record.write({"add_work_types": on})
        if record.state == "sale":
            record.sudo().write({"locked": locked})
