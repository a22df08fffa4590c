"""Random sequences of requests on a world, checked after each of them."""

import random
from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)
from psycopg2 import IntegrityError

from odoo.exceptions import MissingError, RedirectWarning, UserError
from odoo.tools import mute_logger

from .checks import Memory, check_all
from .door_rules import DoorRules
from .order_rules import OrderRules
from .rules import (
    DAYS,
    ENTRY,
    FEW,
    HOURS,
    LIMITS,
    MANY,
    SHARES,
    when,
    with_lines,
    with_move,
)


class Violation(AssertionError):
    """A check failed."""

    def __init__(self, operation, found):
        self.operation = operation
        self.names = sorted({name for name, _text in found})
        lines = "\n".join(f"  {name}: {text}" for name, text in found)
        super().__init__(f"after {operation}:\n{lines}")


class Machine(OrderRules, RuleBasedStateMachine):
    """What people do with time, orders and invoices; see :class:`world.World`.

    Every rule is one request: it is carried out and saved, or refused with a sentence
    and leaves everything as it was.
    """

    world = None
    #: How often each operation was done or refused, over all examples.
    tally = None

    def __init__(self):
        super().__init__()
        random.seed(0)
        self.world.begin()
        self.memory = Memory()
        self.facts = self.world.read()

    def teardown(self):
        self.world.end()

    # === ONE REQUEST === #

    def request(self, operation, **arguments):
        """Carry out an operation as a request of its own, then check everything."""
        before = self.facts
        done, result = self._carry_out(operation, arguments)
        self.facts = after = self.world.read()
        self.tally[operation, "done" if done else "refused"] += 1
        if not done or after == before:
            found = [
                ("refusal", f"{name} changed although the request was refused")
                for name in after.differences(before)
            ]
        else:
            self.memory.learn(self.world, operation, arguments, result, before, after)
            found = check_all(self.world, self.memory, before, after, operation)
        if found:
            raise Violation(operation, found)

    def _carry_out(self, operation, arguments):
        """Return whether the operation was accepted, and its result."""
        cr = self.world.env.cr
        records = self.world.records
        try:
            with mute_logger("odoo.sql_db"), cr.savepoint():
                return True, getattr(self.world, operation)(**arguments)
        except MissingError:
            raise
        except (UserError, RedirectWarning) as refusal:
            if not str(refusal).strip():
                raise
        except IntegrityError as error:
            # The server turns the message of a declared constraint into a sentence.
            if not error.diag.constraint_name:
                raise
        self.world.records = records
        return False, None

    # === TIME === #

    @initialize(
        items=st.tuples(FEW, FEW, FEW),
        lines=st.lists(ENTRY, min_size=2, max_size=5),
        billed=st.sampled_from(["", "draft", "posted"]),
        more=st.lists(ENTRY, min_size=1, max_size=3),
    )
    def begin(self, items, lines, billed, more):
        """Begin with items, time and invoices: most operations are about them."""
        for case, item in enumerate(items):
            self.request("set_case_item", case=case, item=item)
        for case, hours, person, on in lines:
            self.request("log", case=case, hours=hours, person=person, on=on)
        if billed:
            self.request("invoice_orders", first=0, count=3, start=None, end=None)
        if billed == "posted" and self.facts.moves:
            self.request("post", move=0)
        for case, hours, person, on in more:
            self.request("log", case=case, hours=hours, person=person, on=on)

    @rule(case=FEW, hours=HOURS, person=FEW, on=DAYS)
    def log(self, **arguments):
        self.request("log", **arguments)

    # Time is logged more often than anything else is done.
    log_again = log
    log_once_more = log

    @with_lines
    @rule(line=MANY, hours=HOURS)
    def edit_hours(self, **arguments):
        self.request("edit_hours", **arguments)

    @with_lines
    @rule(line=MANY, on=DAYS)
    def edit_day(self, **arguments):
        self.request("edit_day", **arguments)

    @with_lines
    @rule(line=MANY, person=FEW)
    def change_employee(self, **arguments):
        self.request("change_employee", **arguments)

    @with_lines
    @rule(line=MANY)
    def delete_line(self, **arguments):
        self.request("delete_line", **arguments)

    @with_lines
    @rule(line=MANY, item=MANY)
    def set_item(self, **arguments):
        self.request("set_item", **arguments)

    @with_lines
    @rule(line=MANY)
    def remove_item(self, **arguments):
        self.request("remove_item", **arguments)

    @with_lines
    @rule(line=MANY)
    def forget_item(self, **arguments):
        self.request("forget_item", **arguments)

    @with_lines
    @rule(line=MANY, case=FEW)
    def move_line(self, **arguments):
        self.request("move_line", **arguments)

    # === CASES === #

    @when(lambda facts: len(facts.cases) < 5)
    @rule(customer=st.none() | MANY, team=FEW)
    def new_case(self, **arguments):
        self.request("new_case", **arguments)

    @rule(case=FEW, item=MANY)
    def set_case_item(self, **arguments):
        self.request("set_case_item", **arguments)

    @when(lambda facts: any(case.item for case in facts.cases.values()))
    @rule(case=FEW)
    def clear_case_item(self, **arguments):
        self.request("clear_case_item", **arguments)

    @rule(case=FEW, customer=MANY)
    def set_customer(self, **arguments):
        self.request("set_customer", **arguments)

    @rule(case=FEW, customer=FEW, item=MANY)
    def set_customer_and_item(self, **arguments):
        self.request("set_customer_and_item", **arguments)

    @rule(case=FEW, project=FEW)
    def set_project(self, **arguments):
        self.request("set_project", **arguments)

    @rule(case=FEW, active=st.booleans())
    def archive(self, **arguments):
        self.request("archive", **arguments)

    @when(lambda facts: len(facts.cases) > 3)
    @rule(case=FEW)
    def delete_case(self, **arguments):
        self.request("delete_case", **arguments)

    # === PROJECTS AND RATES === #

    @rule(project=FEW, billable=st.booleans())
    def set_billable(self, **arguments):
        self.request("set_billable", **arguments)

    @rule(project=FEW, person=FEW, item=MANY)
    def add_rate(self, **arguments):
        self.request("add_rate", **arguments)

    @when(lambda facts: facts.rates)
    @rule(rate=FEW, item=MANY)
    def change_rate(self, **arguments):
        self.request("change_rate", **arguments)

    @when(lambda facts: facts.rates)
    @rule(rate=FEW)
    def remove_rate(self, **arguments):
        self.request("remove_rate", **arguments)


class DeskMachine(DoorRules, Machine):
    """What only tickets have; see :class:`desk.DeskWorld`."""

    @rule(case=FEW, team=FEW)
    def set_team(self, **arguments):
        self.request("set_team", **arguments)

    @rule(case=FEW, item=MANY, since=LIMITS)
    def set_case_item_since(self, **arguments):
        self.request("set_case_item_since", **arguments)

    @with_lines
    @rule(line=MANY, share=SHARES)
    def write_off(self, **arguments):
        self.request("write_off", **arguments)

    @with_lines
    @rule(line=MANY, hours=HOURS)
    def bill_other_hours(self, **arguments):
        self.request("bill_other_hours", **arguments)

    @with_lines
    @rule(first=MANY, count=st.integers(1, 3))
    def invoice_lines(self, **arguments):
        self.request("invoice_lines", **arguments)

    @rule(case=FEW)
    def link_new_task(self, **arguments):
        self.request("link_new_task", **arguments)

    @precondition(lambda self: self.world.has_tasks())
    @rule(case=FEW, task=FEW)
    def link_task(self, **arguments):
        self.request("link_task", **arguments)

    @when(lambda facts: any(case.task for case in facts.cases.values()))
    @rule(case=FEW)
    def unlink_task(self, **arguments):
        self.request("unlink_task", **arguments)

    @precondition(lambda self: self.world.has_tasks())
    @rule(task=FEW, hours=HOURS, person=FEW, on=DAYS)
    def log_on_task(self, **arguments):
        self.request("log_on_task", **arguments)

    @with_lines
    @precondition(lambda self: self.world.has_tasks())
    @rule(line=MANY, task=FEW)
    def set_line_task(self, **arguments):
        self.request("set_line_task", **arguments)

    @rule(case=FEW, other=FEW)
    def merge(self, **arguments):
        self.request("merge", **arguments)

    @rule(team=FEW, on=st.booleans())
    def switch_time(self, **arguments):
        self.request("switch_time", **arguments)

    @rule(team=FEW, on=st.booleans())
    def switch_billing(self, **arguments):
        self.request("switch_billing", **arguments)

    @rule(team=FEW, project=FEW)
    def set_team_project(self, **arguments):
        self.request("set_team_project", **arguments)

    @rule(team=FEW, on=st.booleans())
    def split_by_ticket(self, **arguments):
        self.request("split_by_ticket", **arguments)

    @rule(first=FEW, count=st.integers(1, 3), start=LIMITS, end=LIMITS)
    def invoice_cases(self, **arguments):
        self.request("invoice_cases", **arguments)

    invoice_cases_again = invoice_cases

    @with_move("draft")
    @rule(first=MANY, count=st.integers(1, 3))
    def remove_from_invoice(self, **arguments):
        self.request("remove_from_invoice", **arguments)

    @with_move("posted")
    @rule(move=FEW, first=FEW, count=st.integers(1, 3), item=st.none() | FEW)
    def credit_hours(self, **arguments):
        self.request("credit_hours", **arguments)

    @when(lambda facts: len(facts.items) < 16)
    @rule(case=FEW, offer=st.integers(0, 5))
    def new_order_for_case(self, **arguments):
        self.request("new_order_for_case", **arguments)


def machine_on(world, base):
    """Return a machine class that plays on a world.

    :param world: a :class:`world.World`
    :param base: :class:`Machine` or :class:`DeskMachine`
    """
    return type(base.__name__, (base,), {"world": world, "tally": Counter()})
