"""What must be true after every step, whatever happened before.

Each check is a generator of sentences about what is wrong. They compare the
:class:`facts.Facts` before and after one step; ``memory`` knows what cannot be seen in
the facts any more.
"""

import dataclasses
from collections import defaultdict

#: What rounding to two digits may move, per figure.
ROUNDING = 0.0051
#: What computing hours once more may move.
EXACT = 1e-6
#: What each invoice line moves that was made in another unit: stock rounds up.
CONVERSION = 0.01
#: Operations that take lines off an invoice on purpose.
FREEING = {
    "change_quantity",
    "cancel_draft",
    "cancel_order",
    "credit",
    "credit_hours",
    "credit_part",
    "delete_draft",
    "delete_draft_line",
    "modify",
    "post",
    "remove_from_invoice",
    "switch_type",
}
#: Operations that make invoices.
INVOICING = {"invoice_orders", "invoice_cases", "invoice_lines"}
#: Operations that change how many hours of a line are billed.
REPRICING = {"bill_other_hours", "edit_hours", "write_off"}
#: Operations by which a customer becomes another one.
REORGANIZING = {"hand_order", "merge_contacts"}
#: Operations by which a ticket gets another customer: a person says so, or the customer
#: is merged away. A contact that changes company does not.
CUSTOMER_CHANGING = {"merge_contacts", "set_customer", "set_customer_and_item"}
FROZEN = ("item", "project", "task", "partner", "hours", "worked", "employee", "day")


@dataclasses.dataclass
class Memory:
    """What earlier steps did to lines and items.

    ``kept``
        lines that were billed or merged once: they keep their item until the ticket
        changes.
    ``adjusted``
        items whose invoiced quantity no longer says how many hours are on invoices,
        because a person changed a quantity, credited a part, twice or hours that no
        invoice had billed, or because a negative line was left out of a period.
    ``parted``
        lines that were on invoices when their customer, or that of their item, became
        another one.
    """

    kept: set = dataclasses.field(default_factory=set)
    adjusted: set = dataclasses.field(default_factory=set)
    parted: set = dataclasses.field(default_factory=set)

    def learn(self, world, operation, arguments, result, before, after):
        """Take note of a step that was carried out."""
        self.kept |= {line.id for line in after.lines.values() if after.is_billed(line)}
        if operation == "merge":
            self.kept |= {
                line.id
                for line in after.lines.values()
                # or cut off work that came along
                if line.id not in before.lines
                or line.case != before.lines[line.id].case
            }
        if operation in ("change_quantity", "credit_part"):
            self.adjusted.add(result)
        if operation in REORGANIZING:
            self.parted |= {
                line.id for line in before.lines.values() if before.is_billed(line)
            }
        if operation in INVOICING:
            self._learn_left_out(operation, arguments, before)
        if operation != "switch_type":
            self.adjusted |= after.loose_credits()
        self._learn_changed_after_cancel(before, after)
        self._learn_credited_twice(after, operation)

    def _learn_left_out(self, operation, arguments, before):
        """Part of the time of an item was billed while a negative line stayed open."""
        limited = operation in ("invoice_cases", "invoice_lines") or (
            arguments["start"] is not None or arguments["end"] is not None
        )
        if limited:
            self.adjusted |= {
                line.item for line in before.open_lines() if line.hours < 0
            }

    def _learn_changed_after_cancel(self, before, after):
        """Lines of a cancelled invoice were changed, by people or as it was cancelled;
        setting it to draft again bills what it billed then."""
        for line in before.lines.values():
            now = after.lines.get(line.id)
            if now and before.is_billed(line) and after.is_billed(now):
                continue
            if line.invoice and (
                now is None or (now.hours, now.item) != (line.hours, line.item)
            ):
                self.adjusted.add(line.item)

    def _learn_credited_twice(self, after, operation):
        """A person credited more than an invoice had billed. The next invoice bills
        what was credited, even if the credit note is a draft still."""
        states = ("draft", "posted") if operation in INVOICING else ("posted",)
        left = defaultdict(float)
        for bill in after.bills.values():
            if bill.is_refund and bill.reverses and bill.state in states:
                left[bill.reverses, bill.item] -= bill.quantity
            elif not bill.is_refund:
                left[bill.move, bill.item] += bill.quantity
        self.adjusted |= {
            item for (_move, item), rest in left.items() if rest < -ROUNDING
        }


# === SUMS === #


def hours_by_item(lines):
    """Sum the hours of lines by item."""
    result = defaultdict(float)
    for line in lines:
        if line.item:
            result[line.item] += line.hours
    return result


def invoiced_by_item(facts, drafts_too=True):
    """Net invoiced quantity by item.

    :param bool drafts_too: whether a credit note counts before it is posted, although
        it holds no time of its own
    """
    result = defaultdict(float)
    holders = {line.invoice for line in facts.lines.values()}
    for bill in facts.bills.values():
        if not bill.counts:
            continue
        if not bill.is_refund:
            result[bill.item] += bill.quantity
        elif drafts_too or bill.state == "posted" or bill.move in holders:
            result[bill.item] -= bill.quantity
    return result


def conversion_slack(world, facts):
    """What rounding may move, by item, because of invoice lines made in another unit: a
    hundredth of a day is more than one of an hour."""
    result = defaultdict(float)
    for bill in facts.bills.values():
        item = facts.items[bill.item]
        if bill.unit != item.unit:
            size = world.hours_per_unit[bill.unit] / world.hours_per_unit[item.unit]
            result[item.id] += CONVERSION + ROUNDING * size
    return result


def differ(one, other, tolerance=ROUNDING):
    """Tell whether two figures differ by more than rounding."""
    return abs(one - other) > tolerance


# === CHECKS OF STOCK FIGURES === #


def check_delivered(world, facts):
    """Delivered of an item is the sum of its lines, converted once to its unit."""
    hours = hours_by_item(filter(world.is_delivered(facts), facts.lines.values()))
    for item in facts.items.values():
        expected = hours[item.id] / world.hours_per_unit[item.unit]
        if item.by_time and differ(item.delivered, expected):
            yield f"item {item.id} delivered {item.delivered}, its lines {expected}"


def check_quantities(world, facts):
    """Invoiced plus to invoice is delivered, and invoiced is what the invoices say."""
    invoiced, slack = invoiced_by_item(facts), conversion_slack(world, facts)
    for item in facts.items.values():
        tolerance = ROUNDING + slack[item.id]
        if differ(item.invoiced, invoiced[item.id], tolerance):
            yield (
                f"item {item.id} says {item.invoiced} invoiced, its invoices "
                f"{invoiced[item.id]}"
            )
        expected = item.delivered - item.invoiced if item.state == "sale" else 0.0
        if item.postpaid and differ(item.to_invoice, expected):
            yield (
                f"item {item.id}: {item.delivered} delivered, {item.invoiced} invoiced, "
                f"but {item.to_invoice} to invoice"
            )


def check_billed_once(world, facts, memory):
    """The hours on invoices that count are the hours these invoices bill."""
    billed = hours_by_item(
        line for line in facts.lines.values() if facts.is_billed(line)
    )
    invoiced = invoiced_by_item(facts, drafts_too=False)
    bills, slack = defaultdict(int), conversion_slack(world, facts)
    for bill in facts.bills.values():
        bills[bill.item] += 1
    for item in facts.items.values():
        if not item.postpaid or item.id in memory.adjusted:
            continue
        expected = billed[item.id] / world.hours_per_unit[item.unit]
        tolerance = ROUNDING * (2 + 2 * bills[item.id])
        tolerance += slack[item.id]
        if differ(invoiced[item.id], expected, tolerance):
            yield (
                f"item {item.id}: invoices bill {invoiced[item.id]}, but the lines on "
                f"them are {expected}"
            )


def check_customer(world, facts, memory):
    """No line is billed on the item of another commercial customer."""
    for line in facts.lines.values():
        if not line.item:
            continue
        buyer = facts.items[line.item].customer
        case = facts.cases.get(line.case)
        if case is None:
            continue
        if line.id not in memory.kept and buyer != case.customer:
            yield f"line {line.id} of customer {case.customer} is billed to {buyer}"
        if line.id in memory.parted:
            continue
        if world.lines_have_customers and buyer != line.customer:
            yield f"line {line.id} names {line.customer} but is billed to {buyer}"


# === CHECKS OF A STEP === #


def check_frozen(world, before, after, operation):
    """A billed line stays as it was billed, until its invoice lets it go."""
    for line in before.lines.values():
        if not before.is_billed(line):
            continue
        now = after.lines.get(line.id)
        if now is None:
            if operation not in FREEING or not world.may_follow("lines"):
                yield f"billed line {line.id} was deleted"
            continue
        leaves = now.invoice != line.invoice or not after.is_billed(now)
        # Credited, moved and billed again in the same step.
        again = operation == "credit_hours" and now.invoice != line.invoice
        for name in FROZEN:
            if name in ("item", "partner") and again:
                continue
            if leaves and world.may_follow(name):
                continue
            if name == "hours" and leaves and world.may_reprice(operation):
                continue
            if name == "partner" and operation == "merge_contacts":
                continue
            was, value = getattr(line, name), getattr(now, name)
            exact = not isinstance(value, float)
            if value != was if exact else differ(value, was, EXACT):
                yield f"{name} of billed line {line.id} changed"
        if now.case != line.case and operation != "merge":
            yield f"billed line {line.id} went to another case"
        if leaves and operation not in FREEING:
            yield f"billed line {line.id} left its invoice"


def check_company(world, before, after, operation):
    """A case belongs to the company it was worked for."""
    if operation in CUSTOMER_CHANGING or not world.lines_have_customers:
        return
    for case in before.cases.values():
        now = after.cases.get(case.id)
        if now and case.customer and now.customer != case.customer:
            yield f"case {case.id} went from {case.customer} to {now.customer}"


def check_open_only(_world, before, after, operation):
    """An invoice takes no more than was to invoice."""
    if operation not in INVOICING:
        return
    was, now = invoiced_by_item(before), invoiced_by_item(after)
    for item in before.items.values():
        more = now[item.id] - was[item.id]
        if item.postpaid and more > max(item.to_invoice, 0.0) + ROUNDING:
            yield f"item {item.id}: {more} invoiced, {item.to_invoice} were to invoice"


def check_hand_set(world, before, after, operation):
    """An item set by hand stays, unless the customer changes or the project ends to be
    billable."""
    allowed = {
        "credit_hours",
        "forget_item",
        "move_line",
        "remove_item",
        "set_billable",
        "set_item",
    }
    if operation in allowed:
        return
    for line in before.lines.values():
        now = after.lines.get(line.id)
        if now is None or not line.edited or now.item == line.item:
            continue
        was, case = before.cases.get(line.case), after.cases.get(now.case)
        if before.buyer(line.item) != after.buyer(line.item):
            continue
        if world.ends_choice(after, now):
            continue
        if was and case and was.customer == case.customer:
            yield f"hand-set item of line {line.id} changed from {line.item}"


def check_no_line_lost(world, before, after, operation):
    """Lines come and go only where a person logs or deletes them."""
    gone = before.lines.keys() - after.lines.keys()
    if gone and not world.may_delete(operation):
        yield f"lines {sorted(gone)} disappeared"
    for line in before.lines.values():
        now = after.lines.get(line.id)
        if now and now.hours != line.hours and not world.may_reprice(operation):
            yield f"hours of line {line.id} changed from {line.hours} to {now.hours}"
        if now and now.worked != line.worked and not world.may_rework(operation):
            yield f"worked hours of line {line.id} changed to {now.worked}"


def check_all(world, memory, before, after, operation):
    """Check everything that holds for stock records, too.

    :param str operation: name of the step, empty before the first
    :return: pairs of check and sentence
    """
    results = {
        "delivered": check_delivered(world, after),
        "quantities": check_quantities(world, after),
        "billed once": check_billed_once(world, after, memory),
        "customer": check_customer(world, after, memory),
        "frozen": check_frozen(world, before, after, operation),
        "open only": check_open_only(world, before, after, operation),
        "company": check_company(world, before, after, operation),
        "hand-set": check_hand_set(world, before, after, operation),
        "kept": check_no_line_lost(world, before, after, operation),
        **world.more_checks(memory, before, after),
    }
    return [(name, text) for name, texts in results.items() for text in texts]
