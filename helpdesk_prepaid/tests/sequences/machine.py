"""Random sequences with packs of hours."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants.doors import Doors
from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants.machine import (
    DeskMachine,
)
from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants.rules import (
    DAYS,
    FEW,
    HOURS,
    LIMITS,
    MANY,
    when,
)

#: Other ways of recording and changing time, which tell no hours.
DOORS = {name for name in vars(Doors) if not name.startswith("_")}
PACK_HOURS = st.sampled_from([0, 1, 2, 3, 5, 8, 20])


class PackMachine(DeskMachine):
    """What people do with packs; see :class:`world.PackWorld`."""

    def request(self, operation, **arguments):
        self.world.typed = None if operation in DOORS else 0.0
        super().request(operation, **arguments)

    # Time is what packs are about.
    @rule(case=FEW, hours=HOURS, person=FEW, on=DAYS)
    def log_more(self, **arguments):
        self.request("log", **arguments)

    log_even_more = log_more

    @when(lambda facts: len(facts.packs) < 8)
    @rule(customer=FEW, hours=PACK_HOURS, at_end=FEW, first=LIMITS, last=LIMITS)
    def new_pack(self, **arguments):
        self.request("new_pack", **arguments)

    @rule(pack=MANY, hours=PACK_HOURS)
    def resize_pack(self, **arguments):
        self.request("resize_pack", **arguments)

    resize_again = resize_pack

    @rule(pack=MANY, first=LIMITS, last=LIMITS)
    def set_days(self, **arguments):
        self.request("set_days", **arguments)

    @rule(pack=MANY, at_end=FEW)
    def set_at_end(self, **arguments):
        self.request("set_at_end", **arguments)

    @rule(pack=MANY, item=MANY)
    def set_next(self, **arguments):
        self.request("set_next", **arguments)

    @rule(rollover=st.sampled_from(["none", "limit", "all"]), hours=FEW)
    def expire(self, **arguments):
        self.request("expire", **arguments)
