"""Nonsense over the public interfaces, on every field of the documented steps.

Every value is either accepted and means what it says, or refused with a sentence for
people; a refusal changes nothing. The tables say which.
"""

import math
import xmlrpc.client

import pytest

from helpers.rpc import Json2
from helpers.world import World

UNKNOWN = 987_654_321
MEGABYTE = "x" * 1_000_000
EMOJI = "Drucker 🔥 naïve ‮ Ω"
SCRIPT = "<script>alert(1)</script><b>bold</b>"
NESTED = [[[[1]]]]

# === VALUES BY TYPE OF FIELD, EACH REFUSED === #

NO_RECORD = {
    "text": "Printer",
    "number as text": "7",
    "unknown": UNKNOWN,
    "negative": -1,
    "zero": 0,
    "fraction": 1.5,
    "true": True,
    "list": [1],
    "nested": NESTED,
    "dict": {"id": 1},
    "nan": math.nan,
    "huge": 1e12,
    "megabyte": MEGABYTE,
    "emoji": EMOJI,
    "script": SCRIPT,
}
NO_NUMBER = {
    "text": "a lot",
    "clock": "8:30",
    "nan": math.nan,
    "infinite": math.inf,
    "minus infinite": -math.inf,
    "nan as text": "nan",
    "infinite as text": "inf",
    "true": True,
    "list": [1.5],
    "nested": NESTED,
    "dict": {"hours": 1},
    "megabyte": MEGABYTE,
    "emoji": EMOJI,
}
NO_DATE = {
    "no such day": "2026-02-30",
    "no such month": "2026-13-01",
    "year zero": "0000-01-01",
    "text": "yesterday",
    "other order": "28.02.2026",
    "with a tail": "2026-02-28; drop",
    "true": True,
    "number": 20260228,
    "fraction": 1.5,
    "nan": math.nan,
    "list": ["2026-02-28"],
    "nested": NESTED,
    "dict": {"day": 1},
    "megabyte": MEGABYTE,
    "emoji": EMOJI,
}
NO_TEXT = {"list": ["a"], "nested": NESTED, "dict": {"a": 1}}
NO_SWITCH = {
    "text": "yes",
    "false as text": "false",
    "number": 7,
    "nan": math.nan,
    "list": [True],
    "nested": NESTED,
    "dict": {"on": True},
    "megabyte": MEGABYTE,
    "emoji": EMOJI,
}
NOTHING = {"false": False, "empty": ""}
TOO_LONG = {"megabyte": MEGABYTE}


@pytest.fixture(scope="module")
def world(served):
    return World(served)


def probe(world, target, field, values):
    """Write, and create with, values that must be refused."""
    role, model = world.TARGETS[target]
    user, record = getattr(world, role), getattr(world, target)
    before = user.read(model, record, [field])
    with world.unchanged() as refuse:
        for name, value in values.items():
            value = world.value(value)
            fresh = {**world.new_values(target), field: value}
            refuse(f"write {name}", user.write, model, record, {field: value})
            refuse(f"create {name}", user.create, model, fresh)
    assert user.read(model, record, [field]) == before


# === REFUSED === #

UNFIT_ITEMS = {
    "other customer's": "@other_item",
    "other company's": "@abroad_item",
    "quotation's": "@quoted",
    "cancelled order's": "@cancelled",
    "goods": "@goods",
    "note": "@note",
    "down payment": "@down_payment",
}
REFUSED = [
    ("team", "name", {**NO_TEXT, **TOO_LONG, **NOTHING}),
    ("team", "use_helpdesk_timesheet", NO_SWITCH),
    ("team", "use_helpdesk_sale_timesheet", NO_SWITCH),
    ("team", "project_id", {
        **NO_RECORD, "other company's": "@abroad_project",
    }),
    ("ticket", "name", {**NO_TEXT, **TOO_LONG, **NOTHING}),
    ("ticket", "description", NO_TEXT),
    ("ticket", "partner_id", {
        **NO_RECORD, "other company's": "@abroad_customer",
    }),
    ("ticket", "team_id", {
        **NO_RECORD, **NOTHING, "other company's": "@abroad_team",
    }),
    ("ticket", "stage_id", {**NO_RECORD, "other team's": "@other_stage"}),
    ("ticket", "project_id", {
        **NO_RECORD, "other company's": "@abroad_project", "no timesheets": "@timeless",
    }),
    ("ticket", "task_id", {**NO_RECORD, "other customer's": "@other_task"}),
    ("ticket", "sale_line_id", {**NO_RECORD, **UNFIT_ITEMS}),
    ("line", "helpdesk_ticket_id", {
        **NO_RECORD, "private team's": "@private_ticket",
        "other company's": "@abroad_ticket", "records no time": "@plain_ticket",
    }),
    ("line", "project_id", {
        **NO_RECORD, "other project": "@other_project", "no timesheets": "@timeless",
        "other company's": "@abroad_project",
    }),
    ("line", "task_id", {**NO_RECORD, "other customer's": "@other_task"}),
    ("line", "so_line", {**NO_RECORD, **UNFIT_ITEMS}),
    ("line", "employee_id", {**NO_RECORD, "other company's": "@abroad_employee"}),
    ("line", "unit_amount", {
        **NO_NUMBER, "10^12 hours": 1e12, "minus 10^12 hours": -1e12,
    }),
    ("line", "date", NO_DATE),
    ("line", "name", {**NO_TEXT, **TOO_LONG}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("target", "field", "values"),
    REFUSED,
    ids=[f"{target}-{field}" for target, field, _values in REFUSED],
)
def test_refused_with_a_sentence(world, target, field, values):
    probe(world, target, field, values)


# === ACCEPTED === #

#: Time without a text says at least what its ticket is about.
SUBJECT = "subject of the ticket"
ACCEPTED = [
    ("ticket", "name", EMOJI, EMOJI),
    ("ticket", "name", SCRIPT, SCRIPT),
    ("ticket", "name", 5, "5"),
    ("ticket", "sale_line_id", False, False),
    ("ticket", "sale_line_id", "", False),
    ("ticket", "task_id", False, False),
    ("line", "name", EMOJI, EMOJI),
    ("line", "name", SCRIPT, SCRIPT),
    ("line", "name", "", SUBJECT),
    ("line", "unit_amount", "2.5", 2.5),
    ("line", "unit_amount", 3, 3.0),
    ("line", "unit_amount", 0, 0.0),
    ("line", "unit_amount", -0.5, -0.5),
    ("line", "unit_amount", 30, 30.0),
    ("line", "date", "2026-02-28", "2026-02-28"),
    ("line", "date", "2026-02-28 10:00:00", "2026-02-28"),
    ("line", "date", xmlrpc.client.DateTime("20260228T10:00:00"), "2026-02-28"),
    ("line", "so_line", False, False),
    ("line", "helpdesk_ticket_id", False, False),
    ("team", "use_helpdesk_sale_timesheet", 0, False),
    ("team", "use_helpdesk_sale_timesheet", 1, True),
]


@pytest.fixture(scope="module")
def sandbox(world):
    """A second team, ticket and line, to be changed at will."""
    team = world.new_team(name="Sandbox")
    _order, item = world.new_order(world.customer)
    ticket = world.new_ticket(team, world.customer, sale_line_id=item)
    return {"team": team, "ticket": ticket, "line": world.log(1, ticket)}


def fill(expected, user, sandbox):
    """What is expected, as far as it is the subject of the ticket."""
    if expected != SUBJECT:
        return expected
    return user.read("helpdesk.ticket", sandbox["ticket"], ["name"])["name"]


@pytest.mark.parametrize(("target", "field", "value", "expected"), ACCEPTED)
def test_accepted_and_kept_as_given(world, sandbox, target, field, value, expected):
    role, model = world.TARGETS[target]
    user, record = getattr(world, role), sandbox[target]
    before = user.read(model, record, [field])[field]
    user.write(model, record, {field: value})
    assert user.read(model, record, [field])[field] == fill(expected, user, sandbox)
    restored = before[0] if isinstance(before, list) else before
    user.write(model, record, {field: restored})
    assert user.read(model, record, [field])[field] == before


def test_a_description_may_be_long_but_runs_no_script(world, sandbox):
    read = {}
    for name, text in (("long", f"<p>{MEGABYTE}</p>"), ("script", SCRIPT)):
        world.agent.write("helpdesk.ticket", sandbox["ticket"], {"description": text})
        read[name] = world.agent.read(
            "helpdesk.ticket", sandbox["ticket"], ["description"]
        )["description"]
    assert MEGABYTE in read["long"]
    assert "<script" not in read["script"] and "<b>bold</b>" in read["script"]


# === CALLS THAT ARE MALFORMED AS A WHOLE === #


@pytest.mark.parametrize("target", ["team", "ticket", "line"])
def test_values_that_are_none(world, target):
    role, model = world.TARGETS[target]
    user, record = getattr(world, role), getattr(world, target)
    with world.unchanged() as refuse:
        for values in ("text", 5, [5], ["a"], [[1]], {"nope": 1}, EMOJI):
            if target != "line":  # what names no ticket is as stock has it
                refuse(f"create {values}", user.create, model, values)
            refuse(f"write {values}", user.write, model, record, values)
        fresh = {**world.new_values(target), "nope": 1}
        refuse("create with an unknown field", user.create, model, fresh)


@pytest.mark.parametrize("side", ["date_start", "date_end"])
def test_periods_to_invoice(world, side):
    def bill(value):
        world.sales.call(
            "helpdesk.ticket", "action_create_invoice", [world.ticket], **{side: value}
        )

    with world.unchanged() as refuse:
        for name, value in NO_DATE.items():
            assert "YYYY-MM-DD" in refuse(name, bill, value)


def test_a_period_that_ends_before_it_starts(world):
    with world.unchanged() as refuse:
        sentence = refuse(
            "period",
            world.sales.call,
            "helpdesk.ticket",
            "action_create_invoice",
            [world.ticket],
            date_start="2026-02-28",
            date_end="2026-02-01",
        )
    assert "period" in sentence


# === WHAT ONLY JSON CAN SAY === #

JSON_REFUSED = [
    ("account.analytic.line", "unit_amount", math.nan),
    ("account.analytic.line", "unit_amount", math.inf),
    ("account.analytic.line", "unit_amount", 10**400),
    ("account.analytic.line", "unit_amount", 10**12),
    ("account.analytic.line", "helpdesk_ticket_id", 10**12),
    ("account.analytic.line", "helpdesk_ticket_id", 10**30),
    ("account.analytic.line", "project_id", 10**30),
    ("account.analytic.line", "task_id", 10**30),
    ("account.analytic.line", "so_line", 10**30),
    ("account.analytic.line", "employee_id", 10**30),
    ("account.analytic.line", "date", 10**30),
    ("helpdesk.ticket", "sale_line_id", 10**30),
    ("helpdesk.ticket", "partner_id", 10**30),
    ("helpdesk.ticket", "team_id", 10**30),
    ("helpdesk.ticket", "stage_id", 10**30),
    ("helpdesk.ticket", "project_id", 10**30),
    ("helpdesk.ticket", "task_id", 10**30),
    ("helpdesk.ticket", "name", None),
    ("helpdesk.ticket", "team_id", None),
    ("helpdesk.ticket", "name", "\x00"),
]  # fmt: skip


@pytest.fixture(scope="module")
def agent_json(world):
    """A JSON-2 client of the agent."""
    key = world.server.make_keys(world.agent.login)[world.agent.login]
    return Json2(world.server.url, world.server.database, key)


def test_refused_over_json(world, agent_json):
    start, wrong = world.snapshot(), []
    records = {"helpdesk.ticket": "ticket", "account.analytic.line": "line"}
    for model, field, value in JSON_REFUSED:
        target = records[model]
        fresh = {**world.new_values(target), field: value}
        calls = {
            "write": {"ids": [getattr(world, target)], "vals": {field: value}},
            "create": {"vals_list": [fresh]},
        }
        for method, arguments in calls.items():
            status, answer = agent_json.post(model, method, **arguments)
            if not 400 <= status < 500 or len(answer["message"]) < 10:
                wrong.append(f"{method} {field}={value!r}: {status} {answer}"[:900])
    assert not wrong, "\n\n".join(wrong)
    assert world.snapshot() == start


@pytest.mark.parametrize(
    ("target", "field", "value", "expected"),
    [
        ("ticket", "name", "Fire\x00 alarm", "Fire alarm"),
        ("line", "name", "Nul\x00l", "Null"),
        ("line", "name", None, SUBJECT),
        ("line", "unit_amount", None, 0.0),
        ("line", "so_line", None, False),
        ("ticket", "description", None, False),
    ],
)
def test_accepted_over_json(world, sandbox, agent_json, target, field, value, expected):
    _role, model = world.TARGETS[target]
    ids = [sandbox[target]]
    agent_json.call(model, "write", ids=ids, vals={field: value})
    [read] = agent_json.call(model, "read", ids=ids, fields=[field])
    assert read[field] == fill(expected, world.agent, sandbox)
