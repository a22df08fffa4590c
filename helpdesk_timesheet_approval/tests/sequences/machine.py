"""Random sequences with approval, agreement and closed periods."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

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

COUNT = st.integers(1, 4)
#: Some, or all that there is.
SOME = st.sampled_from([1, 3, 50, 50])
with_tickets_time = when(lambda facts: any(x.case for x in facts.lines.values()))
with_asked = when(
    lambda facts: any(mark.customer != "none" for mark in facts.marks.values())
)


class ApprovalMachine(DeskMachine):
    """What leads and customers say about time; see :class:`world.ApprovalWorld`."""

    def request(self, operation, **arguments):
        self.world.operation = operation
        super().request(operation, **arguments)

    def _carry_out(self, operation, arguments):
        done, result = super()._carry_out(operation, arguments)
        if not done:
            self.world.forget_options()
        return done, result

    # === THE LEAD === #

    @with_tickets_time
    @rule(first=FEW, count=SOME, person=FEW)
    def approve(self, **arguments):
        self.request("approve", **arguments)

    approve_again = approve
    approve_once_more = approve

    @with_tickets_time
    @rule(first=MANY, count=COUNT, person=FEW)
    def reject(self, **arguments):
        self.request("reject", **arguments)

    @with_tickets_time
    @rule(first=MANY, count=COUNT, person=FEW)
    def reset_approval(self, **arguments):
        self.request("reset_approval", **arguments)

    @with_lines
    @rule(line=MANY, hours=HOURS, on=DAYS)
    def correct(self, **arguments):
        self.request("correct", **arguments)

    @rule(team=FEW, on=st.booleans())
    def switch_approval(self, **arguments):
        self.request("switch_approval", **arguments)

    # === THE CUSTOMER === #

    @rule(team=FEW, on=st.booleans())
    def switch_agreement(self, **arguments):
        self.request("switch_agreement", **arguments)

    @rule(customer=MANY, detail=FEW)
    def show(self, **arguments):
        self.request("show", **arguments)

    @with_tickets_time
    @rule(first=MANY, count=COUNT)
    def ask(self, **arguments):
        self.request("ask", **arguments)

    @with_tickets_time
    @rule()
    def ask_all(self):
        self.request("ask_all")

    ask_all_again = ask_all

    @with_asked
    @rule(agreement=MANY, first=FEW, count=SOME)
    def agree(self, **arguments):
        self.request("agree", **arguments)

    agree_again = agree

    @with_asked
    @rule(agreement=MANY, first=FEW, count=COUNT)
    def question(self, **arguments):
        self.request("question", **arguments)

    @with_asked
    @precondition(lambda self: self.world.operation != "stay_silent")
    @rule()
    def stay_silent(self):
        self.request("stay_silent")

    @with_tickets_time
    @rule()
    def settle(self):
        self.request("settle")

    settle_again = settle
    settle_once_more = settle

    # === PERIODS === #

    @rule(
        until=st.none() | DAYS,
        grace=st.sampled_from([0, 0, 0, 5000]),
        all_time=st.booleans(),
    )
    def close_period(self, **arguments):
        self.request("close_period", **arguments)
