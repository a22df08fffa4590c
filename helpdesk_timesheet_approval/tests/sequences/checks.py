"""What must be true of time that is approved, agreed to or closed, after every step.

The rules are written down here once more, from their description, not from their code.
"""

#: What people do to single lines; all else may move time of closed periods.
BY_HAND = {
    "change_employee",
    "correct",
    "delete_line",
    "edit_day",
    "edit_hours",
    "log",
    "log_forged",
    "log_from_screen",
    "log_in_calendar",
    "log_on_task",
    "move_line",
    "set_line_task",
}
CLOSED = ("day", "employee", "case", "project", "task", "worked")
APPROVED = ("day", "employee", "worked")
WAITS = (
    "Waits for approval. ",
    "Waits for the customer. ",
    "Questioned by the customer. ",
    "Rejected: ",
)


def check_waits(facts):
    """Open hours that lack a word wait, no others do."""
    for line in facts.lines.values():
        mark = facts.marks[line.id]
        expected = bool(line.case and mark.lacks and not facts.is_billed(line))
        if mark.waits != expected:
            yield f"line {line.id} waits: {mark.waits}, {mark}"


def check_billed(before, after):
    """No hour gets on an invoice without the words that it needs."""
    for line in after.lines.values():
        was = before.lines.get(line.id)
        if was is None or before.is_billed(was) or not after.is_billed(line):
            continue
        if before.marks[line.id].lacks:
            yield f"line {line.id} was billed: {before.marks[line.id]}"


def check_words(before, after, operation):
    """What was approved or agreed to is what it still says."""
    for line in after.lines.values():
        was = before.lines.get(line.id)
        if was is None or before.is_billed(was) or after.is_billed(line):
            continue
        mark, now = before.marks[line.id], after.marks[line.id]
        changed = [
            name for name in APPROVED if getattr(was, name) != getattr(line, name)
        ]
        if mark.name != now.name:
            changed.append("name")
        approved = mark.approval == now.approval == "approved"
        agreed = mark.customer == now.customer == "agreed"
        if changed and (approved or agreed) and operation != "approve":
            yield f"{changed} of line {line.id} changed, it is still {now}"
        if agreed and operation == "bill_other_hours" and line.hours > was.hours:
            yield f"line {line.id} bills more than its customer agreed to: {line.hours}"


def check_closed(before, after, operation):
    """Nobody records, changes or deletes time of a closed period by hand."""
    if operation not in BY_HAND:
        return
    for line in before.lines.values():
        if not before.is_closed(line):
            continue
        now = after.lines.get(line.id)
        if now is None:
            yield f"line {line.id} of {line.day} was deleted"
            continue
        for name in CLOSED:
            if getattr(line, name) != getattr(now, name):
                yield f"{name} of line {line.id} of {line.day} changed"
    for line in after.lines.values():
        was = before.lines.get(line.id)
        if after.is_closed(line) and not (was and before.is_closed(was)):
            yield f"line {line.id} came into a closed period: {line.day}"


def without_wait(facts, line, reason):
    """The reason of a line without what it waits for.

    :return: the rest, or None if it does not say that it waits, or says so wrongly
    """
    mark = facts.marks[line.id]
    if not (mark.waits and line.item and not facts.is_billed(line)):
        return None if reason.startswith(WAITS) else reason
    if not reason.startswith(WAITS):
        return None
    return reason.split(". ", 1)[1]
