"""What must be true of rehearsals, runs and leaks, after every step.

The rules are written down here once more, from their description, not from their code.
"""

from collections import defaultdict

from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants.checks import (
    EXACT,
    differ,
)

#: Rows of hours that a run could bill; an item has one of them inside of the run.
TAKEN = ("bill", "below", "billed", "free")


def get_fate(world, facts, line):
    """What becomes of a line on a ticket: one of the six."""
    item = facts.items.get(line.item)
    if facts.is_billed(line):
        return "billed"
    if not item or item.state != "sale":
        return "non_billable"
    if not world.is_delivered(facts)(line):
        return "waiting"
    if not item.postpaid:
        return "covered"
    return "open" if line.hours else "free"


def check_fates(world, facts, fates):
    """Each hour has one fate, and the product names it so: open, billed, covered,
    waiting, free and not billable make the whole.

    :param dict fates: ids of lines by fate, as the product says
    """
    for line in facts.lines.values():
        if not line.case:
            continue
        said = [fate for fate, ids in fates.items() if line.id in ids]
        fate = get_fate(world, facts, line)
        nothing = not line.worked and fate in ("free", "open")
        if said != [fate] and not (nothing and not said):
            yield f"line {line.id} is {said}, it should be {fate}"


def sum_scope(world, facts, run):
    """Hours of a rehearsal as they should be: by kind of row and item."""
    expected = defaultdict(float)
    for line in facts.lines.values():
        if not line.case or (
            run["customers"] and line.customer not in run["customers"]
        ):
            continue
        in_period = not (
            (run["start"] and line.day < run["start"])
            or (run["end"] and line.day > run["end"])
        )
        in_team = not run["teams"] or facts.cases[line.case].team in run["teams"]
        fate = get_fate(world, facts, line)
        if fate in ("open", "free"):
            kind = "taken" if in_team else "team"
            expected[kind if in_period else "period", line.item] += line.hours
        elif fate in ("waiting", "covered") and in_period and in_team:
            expected[fate, line.item] += line.hours
        elif fate == "non_billable" and in_period and in_team:
            expected[fate, line.item] += line.worked
    return expected


def check_rehearsal(world, facts, run):
    """Every open hour is in the rehearsal or in its list of what is left out, with one
    reason."""
    shown, rows = defaultdict(float), defaultdict(int)
    for row in run["rows"]:
        kind = row["kind"]
        if kind in ("no_item", "by_hand", "order", "no_team"):
            kind = "non_billable"
        elif kind in TAKEN:
            kind = "taken"
            rows[row["item"]] += 1
        shown[kind, row["item"]] += row["hours"]
        if row["kind"] != "bill" and not row["reason"]:
            yield f"row {row} is left out without a reason"
    expected = sum_scope(world, facts, run)
    for key in sorted(expected.keys() | shown.keys(), key=str):
        if differ(expected[key], shown[key], EXACT):
            yield f"run {run['id']} shows {shown[key]} h of {key}: {expected[key]}"
    for item, count in rows.items():
        if count > 1:
            yield f"run {run['id']} has {count} rows for item {item}"


def check_run(facts, run, undisturbed):
    """What was run is done, as it was rehearsed or saying what differs; nothing was
    forgotten.

    :param bool undisturbed: whether nothing has happened since the rehearsal
    """
    rows = [row for row in run["rows"] if row["kind"] == "bill"]
    for row in rows:
        if row["decision"] == "leave":
            if row["is_done"]:
                yield f"row {row} was left and is done"
            continue
        if not row["is_done"]:
            yield f"row {row} is not done"
        if row["error"].startswith("Unexpected"):
            yield f"row {row} went wrong: {row['error']}"
        if row["error"]:
            continue
        if undisturbed and row["differs"]:
            yield f"row {row} differs although nothing has changed"
        same = not differ(row["quantity"], row["quantity_billed"])
        if not same and not row["differs"]:
            yield f"row {row} does not say that it differs"
    known = {row["item"] for row in run["rows"]}
    for line in facts.open_lines():
        item = facts.items.get(line.item)
        if not item or item.id in known or line.id not in run["inside"]:
            continue
        yield f"line {line.id} of item {item.id} is open, run {run['id']} is silent"


def check_leaks(facts, leaks, team_bills):
    """Time that nobody bills leaks, unless a person said so or its team bills nothing;
    so once nothing leaks, that is all there is.

    :param dict leaks: hours by kind
    :param dict team_bills: by team, whether it reinvoices time
    """
    expected = defaultdict(float)
    for line in facts.open_lines():
        if not line.case or not line.worked:
            continue
        item = facts.items.get(line.item)
        if item and item.state != "sale":
            expected["order"] += line.hours
        elif not item and not line.edited and team_bills[facts.cases[line.case].team]:
            expected["without"] += line.worked
    shown = {
        "order": leaks.get("order", 0.0),
        "without": leaks.get("no_item", 0.0) + leaks.get("no_order", 0.0),
    }
    for kind, hours in shown.items():
        if differ(hours, expected[kind], EXACT):
            yield f"leaks of kind {kind} are {hours} h, they should be {expected[kind]}"
