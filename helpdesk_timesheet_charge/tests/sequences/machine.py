"""Random sequences with kinds of work."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants.machine import (
    DeskMachine,
)
from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants.rules import (
    DAYS,
    FEW,
    HOURS,
    MANY,
    when,
    with_lines,
)

KIND = st.integers(0, 8)
PERHAPS = st.none() | KIND
#: Morning, over noon, to and over the end of the day, night.
STARTS = st.sampled_from([6, 9, 11, 15.5, 16.5, 17, 22, 23.5])
with_tickets_time = when(lambda facts: any(x.case for x in facts.lines.values()))


class ChargeMachine(DeskMachine):
    """What people do with kinds of work; see :class:`world.ChargeWorld`."""

    def request(self, operation, **arguments):
        self.world.operation, self.world.recorded = operation, None
        super().request(operation, **arguments)

    # === TIME === #

    @rule(case=FEW, hours=HOURS, person=FEW, on=DAYS, kind=PERHAPS)
    def log_kind(self, **arguments):
        self.request("log_kind", **arguments)

    log_kind_again = log_kind
    log_kind_once_more = log_kind

    @rule(case=FEW, hours=HOURS, person=FEW, on=DAYS, hour=STARTS, kind=PERHAPS)
    def log_at(self, **arguments):
        self.request("log_at", **arguments)

    @with_tickets_time
    @rule(line=MANY, kind=PERHAPS)
    def set_kind(self, **arguments):
        self.request("set_kind", **arguments)

    set_kind_again = set_kind

    @with_tickets_time
    @rule(line=MANY, on=DAYS, hour=st.none() | STARTS)
    def set_start(self, **arguments):
        self.request("set_start", **arguments)

    @with_lines
    @rule(line=MANY, text=st.sampled_from(["Repaired", "/", "Case", ""]))
    def write_text(self, **arguments):
        self.request("write_text", **arguments)

    @with_tickets_time
    @rule(
        first=MANY,
        count=st.integers(1, 3),
        mode=st.sampled_from(["all", "each", "total"]),
        hours=st.sampled_from([0.0, 0.25, 0.5, 1.0, 5.0]),
    )
    def write_off_many(self, **arguments):
        self.request("write_off_many", **arguments)

    # === KINDS === #

    @when(lambda facts: len(facts.kinds) < 12)
    @rule(rule=KIND)
    def new_kind(self, **arguments):
        self.request("new_kind", **arguments)

    @when(lambda facts: len(facts.kinds) > 6)
    @rule(kind=KIND)
    def delete_kind(self, **arguments):
        self.request("delete_kind", **arguments)

    @rule(
        kind=KIND,
        factor=st.sampled_from([1.0, 1.0, 1.5, 2.0, 0.0]),
        step=st.sampled_from([0, 6, 15, 60]),
        minimum=st.integers(0, 2),
        rounding=st.sampled_from(["up", "nearest"]),
    )
    def set_rule(self, **arguments):
        self.request("set_rule", **arguments)

    @rule(kind=KIND, scope=st.sampled_from(["entry", "day", "ticket"]))
    def set_scope(self, **arguments):
        self.request("set_scope", **arguments)

    @rule(kind=KIND, charge=st.sampled_from(["bill", "free", "hidden"]))
    def set_charge(self, **arguments):
        self.request("set_charge", **arguments)

    @rule(kind=KIND, product=st.none() | st.integers(0, 5))
    def set_product(self, **arguments):
        self.request("set_product", **arguments)

    @rule(kind=KIND, on=st.booleans())
    def set_calendar(self, **arguments):
        self.request("set_calendar", **arguments)

    @rule(kind=KIND, active=st.booleans())
    def archive_kind(self, **arguments):
        self.request("archive_kind", **arguments)

    # === TEAMS, TYPES AND ORDERS === #

    @rule(team=FEW, kinds=st.lists(KIND, max_size=4), default=PERHAPS)
    def set_team_kinds(self, **arguments):
        self.request("set_team_kinds", **arguments)

    @rule(case=FEW, number=FEW, kind=PERHAPS)
    def set_type(self, **arguments):
        self.request("set_type", **arguments)

    @rule(team=FEW, on=st.booleans())
    def require_text(self, **arguments):
        self.request("require_text", **arguments)

    @rule(order=FEW, on=st.booleans(), locked=st.booleans())
    def add_kinds(self, **arguments):
        self.request("add_kinds", **arguments)
