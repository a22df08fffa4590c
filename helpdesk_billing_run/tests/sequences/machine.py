"""Random sequences with billing runs."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants.machine import (
    DeskMachine,
    Violation,
)
from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants.rules import (
    FEW,
    LIMITS,
    MANY,
)

CUSTOMERS = st.sampled_from([[], [], [], [0], [1], [0, 1], [2]])
with_run = precondition(lambda self: self.world.runs)


class RunMachine(DeskMachine):
    """What people and the job do with runs; see :class:`world.RunWorld`.

    What leaves hardly anything to bill is left to the machine below.
    """

    add_rate = archive_team = change_rate = clear_case_item = hand_order = None
    link_new_task = link_task = log_on_task = merge_contacts = remove_item = None
    remove_rate = set_billable = set_customer_and_item = set_project = None
    set_team_project = switch_billing = switch_time = unlink_task = None

    def request(self, operation, **arguments):
        world, before = self.world, self.facts
        world.touched = world.runs.browse()
        world.finished, world.is_undisturbed = world.touched, False
        if operation in ("work", "bill_month"):
            self._learn_what_runs_leave()
        super().request(operation, **arguments)
        if found := world.check_runs(operation, before, self.facts):
            raise Violation(operation, found)

    log_often = DeskMachine.log
    log_more_often = DeskMachine.log
    set_case_item_often = DeskMachine.set_case_item
    set_case_item_more_often = DeskMachine.set_case_item

    def _learn_what_runs_leave(self):
        """As of any invoice: of negative lines that stay, and of hours credited twice."""
        self.memory.adjusted |= {
            line.item for line in self.facts.open_lines() if line.hours < 0
        }
        self.memory._learn_credited_twice(self.facts, "invoice_orders")

    # === PEOPLE === #

    @rule(
        person=FEW,
        customers=CUSTOMERS,
        team=st.sampled_from([None, None, 0, 1, 2]),
        start=LIMITS,
        end=LIMITS,
        by_order=st.booleans(),
    )
    def new_run(self, **arguments):
        self.request("new_run", **arguments)

    new_run_again = new_run

    @with_run
    @rule(run=FEW, person=FEW)
    def rehearse(self, **arguments):
        self.request("rehearse", **arguments)

    @with_run
    @rule(run=FEW, line=MANY, leave=st.booleans())
    def decide(self, **arguments):
        self.request("decide", **arguments)

    @with_run
    @rule(run=FEW, person=FEW)
    def start_run(self, **arguments):
        self.request("start_run", **arguments)

    start_run_again = start_run
    start_run_once_more = start_run

    @precondition(lambda self: len(self.world.runs) > 3)
    @rule(run=FEW)
    def delete_run(self, **arguments):
        self.request("delete_run", **arguments)

    # === THE JOB === #

    @precondition(lambda self: self.world.is_running())
    @rule(customers=st.none() | st.integers(0, 2), dies=st.booleans())
    def work(self, **arguments):
        self.request("work", **arguments)

    work_again = work

    @rule(
        customers=CUSTOMERS,
        end=LIMITS,
        by_order=st.booleans(),
        kills=st.sampled_from([[], [0], [1], [0, 1]]),
    )
    def bill_month(self, **arguments):
        self.request("bill_month", start=None, **arguments)

    bill_month_again = bill_month
    bill_month_once_more = bill_month
