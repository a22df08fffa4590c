"""What must be true of time with kinds of work, after every step.

The rule is written down here once more, from its description, not from its code.
"""

import math
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

#: Hours are kept to a millionth of a minute.
EXACT = 1e-5


def count_minutes(kind, hours):
    """Minutes that hours of a kind count for."""
    if kind.charge != "bill":
        return 0.0
    return round(hours * 60 * kind.factor, 2)


def apply_rule(kind, minutes):
    """Minutes billed for a sum: at least the minimum, in whole steps."""
    if minutes <= 0:
        return minutes
    minutes = max(minutes, kind.minimum)
    if not kind.step:
        return minutes
    steps = Decimal(str(round(minutes, 2))) / kind.step
    if kind.rounding == "up":
        return float(math.ceil(steps) * kind.step)
    return float(steps.quantize(Decimal(1), ROUND_HALF_UP) * kind.step)


def check_entries(facts):
    """An open line on its own bills what its rule says, less what was written off; one
    without kind what was worked. None bills less than nothing for work."""
    for line in facts.open_lines():
        kind, off = facts.kind_of(line), facts.details[line.id].off
        if line.case and line.worked >= 0 and line.hours < -EXACT:
            if not kind or kind.scope == "entry":
                yield f"line {line.id} worked {line.worked} bills {line.hours}"
        if kind and kind.scope != "entry" and kind.charge == "bill":
            continue
        by_rule = line.worked
        if kind:
            by_rule = apply_rule(kind, count_minutes(kind, line.worked)) / 60
        if abs(line.hours + off - by_rule) > EXACT:
            yield (
                f"line {line.id} of kind {kind} bills {line.hours} and {off} were "
                f"written off, the rule says {by_rule}"
            )


def group_lines(facts):
    """Lines that are rounded together, by what they share."""
    groups = defaultdict(list)
    for line in facts.lines.values():
        kind = facts.kind_of(line)
        if line.case and kind and kind.scope != "entry" and kind.charge == "bill":
            day = line.day if kind.scope == "day" else None
            groups[line.case, line.item, kind, day].append(line)
    return groups


def check_groups(facts):
    """What the open lines of a group bill is what the rule says for all of them, less
    what is billed; nothing is given back but for corrections below zero."""
    for (case, item, kind, _day), lines in group_lines(facts).items():
        open_lines = [line for line in lines if not facts.is_billed(line)]
        if not open_lines:
            continue
        shown = sum(line.hours + facts.details[line.id].off for line in open_lines)
        minutes = {line.id: count_minutes(kind, line.worked) for line in lines}
        billed = sum(
            line.hours + facts.details[line.id].off
            for line in lines
            if facts.is_billed(line)
        )
        rest = apply_rule(kind, round(sum(minutes.values()), 2)) / 60 - billed
        worked = sum(minutes[line.id] for line in open_lines)
        if worked > 0:
            rest = max(rest, 0.0)
        elif worked < 0:
            rest = min(rest, 0.0)
        else:
            rest = 0.0
        if abs(shown - rest) > EXACT:
            yield (
                f"lines {[line.id for line in open_lines]} of ticket {case}, item "
                f"{item}, kind {kind} bill {shown}, the rule asks for {rest}"
            )


def check_kinds(facts, memory):
    """Only ticket time has a kind; internal work is on nobody's order, unless it was
    billed once, before it became internal."""
    for line in facts.open_lines():
        kind = facts.kind_of(line)
        if kind and not line.case:
            yield f"line {line.id} of no ticket has kind {kind.id}"
        if (
            kind
            and kind.charge == "hidden"
            and line.item
            and line.id not in memory.kept
        ):
            yield f"internal line {line.id} is on item {line.item}"


def check_worked(before, after, operation, recorded):
    """Nothing changes the sum of worked hours of tickets but who records time: pieces
    of a line add up to what it was.

    :param float recorded: hours that the operation recorded, or None if it is none of
        kinds
    """
    if operation in ("edit_hours", "delete_line"):
        return
    was = sum(line.worked for line in before.lines.values())
    now = sum(line.worked for line in after.lines.values())
    if recorded is None:
        old = [line.worked for line in after.lines.values() if line.id in before.lines]
        now = sum(old)
    if abs(now - was - (recorded or 0.0)) > EXACT:
        yield f"{was} hours were worked, {recorded} recorded, now they are {now}"


def check_proof(move, proof, lines, delivered):
    """What the work report of an invoice adds up to is what it bills.

    :param int move: id of the invoice
    :param list proof: rows of the report
    :param lines: the :class:`facts.Line` on the invoice
    """
    if not proof:
        return
    billed = sum(line.hours for line in lines if line.item)
    worked = sum(line.worked for line in lines)
    rows = sum(row["billed"] for row in proof), sum(row["worked"] for row in proof)
    if abs(rows[0] - billed) > EXACT or abs(rows[1] - worked) > EXACT:
        yield f"the report of {move} says {rows}, its lines {worked}, {billed} billed"
