"""What must be true of tickets on top of the stock figures."""

from collections import defaultdict

from .checks import ROUNDING, differ

#: Beginning of the reason for each way an item gets on a line.
NOT_BILLABLE = "Not billable"
BY_HAND = ("Set by hand", "Not billable: removed by hand")


def expected_items(facts, line):
    """Items a line may have that nobody set by hand and that was never billed.

    :return: set of item ids, None in it for non-billable
    """
    case = facts.cases[line.case]
    ticket_item = facts.items.get(case.item)
    if not ticket_item or not case.reinvoices or not facts.billable[line.project]:
        return {None}
    rate = facts.items.get(facts.rates.get((line.project, line.employee)))
    if rate and rate.state == "sale" and rate.customer == case.customer:
        return {rate.id}
    if ticket_item.state != "sale":
        return {None, ticket_item.id}
    return {ticket_item.id}


def check_documents(world, facts):
    """A credit note of an invoice holds no time, and an invoice none that it does not
    bill, but what whole lines leave over of a credit or a changed quantity."""
    credits = {
        bill.move for bill in facts.bills.values() if bill.is_refund and bill.reverses
    }
    refunds = {bill.move for bill in facts.bills.values() if bill.is_refund}
    held, net = defaultdict(list), defaultdict(float)
    for line in facts.lines.values():
        if not facts.is_billed(line):
            continue
        held[line.invoice, line.item].append(line)
        if line.invoice in credits:
            yield f"line {line.id} is on credit note {line.invoice} of an invoice"
    for bill in facts.bills.values():
        hours = bill.quantity * world.hours_per_unit[facts.items[bill.item].unit]
        if not bill.is_refund:
            net[bill.move, bill.item] += hours
        elif bill.reverses and bill.state == "posted":
            net[bill.reverses, bill.item] -= hours
    for key, lines in held.items():
        item = facts.items.get(key[1])
        if not item or key not in net and key[0] not in refunds:
            yield f"invoice {key[0]} does not bill item {key[1]} of its lines"
            continue
        if not item.postpaid or key[0] in refunds or net[key] < 0:
            continue  # corrections that outweigh the hours stay as they are
        largest = max(0.0, *(line.hours for line in lines))
        tickets = len({line.case for line in lines})
        surplus = sum(line.hours for line in lines) - net[key]
        slack = ROUNDING * world.hours_per_unit[item.unit] * (1 + tickets)
        if surplus > largest * tickets + slack:
            yield f"invoice {key[0]} holds {surplus} h of item {item.id} unbilled"


def check_choice(world, facts, memory):
    """Open lines are billed where the rules say, today."""
    for line in facts.open_lines():
        if not line.case or line.edited or line.id in memory.kept:
            continue
        item = facts.items.get(line.item)
        if item and item.state != "sale":
            continue  # a cancelled order keeps the time it had
        if facts.cases[line.case].is_before(line):
            continue  # keeps the item it had
        expected = world.expect_items(facts, line)
        if line.item not in expected:
            yield f"line {line.id} has item {line.item}, expected {expected}"


def check_reasons(world, facts, reasons):
    """The sentence on a line tells why it is billed where it is."""
    for line in facts.lines.values():
        if not line.case:
            continue
        reason = reasons[line.id] or ""
        if facts.is_billed(line):
            right = ". Invoiced on" in reason
        elif line.edited:
            right = reason.startswith(BY_HAND[not line.item])
        else:
            right = world.is_right_reason(facts, line, reason)
        if not right:
            yield f"line {line.id} with item {line.item} says {reason!r}"


def is_reason_of_rule(facts, line, reason):
    """Tell whether a sentence is true of a line whose item nobody set by hand."""
    case = facts.cases[line.case]
    if not line.item:
        return reason.startswith(NOT_BILLABLE)
    if reason.startswith("Item before"):
        return case.is_before(line)
    if reason == "Ticket's item":
        return line.item == case.item
    if reason.startswith("Rate of"):
        return line.item == facts.rates.get((line.project, line.employee))
    return reason.startswith("Kept")


def check_case_items(facts):
    """A ticket's item is of its own customer."""
    for case in facts.cases.values():
        item = facts.items.get(case.item)
        if item and item.customer != case.customer:
            yield f"ticket {case.id} of {case.customer} has an item of {item.customer}"


def sum_hours(world, facts):
    """Hours by ticket and by order, split by what becomes of them."""
    counts = world.is_delivered(facts)
    cases = defaultdict(lambda: defaultdict(float))
    orders = defaultdict(lambda: defaultdict(float))
    for line in facts.lines.values():
        if not line.case:
            continue
        item = facts.items.get(line.item)
        if not item:
            kind = "non_billable"
            own = facts.items.get(facts.cases[line.case].item)
            order = own and own.order
        else:
            order = item.order
            if item.postpaid and facts.is_billed(line):
                kind = "invoiced"
            elif item.state != "sale":
                kind = "non_billable"
            else:
                kind = "to_invoice" if item.postpaid else "covered"
                if not counts(line):
                    kind = "waiting"
        figures = {kind: line.worked}
        if kind != "non_billable":
            off = world.get_hours_off(facts, line)
            figures = {kind: line.hours, "non_billable": off}
            figures["added"] = line.hours + off - line.worked
        for name, hours in figures.items():
            cases[line.case][name] += hours
            if order:
                orders[order][name] += hours
        cases[line.case]["total"] += line.worked
    return cases, orders


def check_totals(world, facts, case_figures, order_figures):
    """Ticket and order show the hours of the lines, and the parts make the whole."""
    cases, orders = sum_hours(world, facts)
    for shown, expected in ((case_figures, cases), (order_figures, orders)):
        for record, figures in shown.items():
            for kind, figure in figures.items():
                if differ(figure, expected[record][kind]):
                    yield (
                        f"{kind} of {record} shows {figure}, the lines sum up to "
                        f"{expected[record][kind]}"
                    )
    for record, figures in case_figures.items():
        parts = sum(hours for kind, hours in figures.items() if kind != "total")
        parts += cases[record]["waiting"] - cases[record]["added"]
        if differ(parts, figures["total"]):
            yield f"ticket {record}: the parts are {parts}, the whole {figures['total']}"


def check_projects(facts, project_figures):
    """The project shows the hours of its lines."""
    hours = defaultdict(float)
    for line in facts.lines.values():
        hours[line.project] += line.worked
    for project, shown in project_figures.items():
        if differ(shown, hours[project]):
            yield f"project {project} shows {shown}, its lines are {hours[project]}"
