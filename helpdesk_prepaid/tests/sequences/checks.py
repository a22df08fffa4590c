"""What must be true of time on packs of hours, after every step."""

from collections import defaultdict

#: Hours are kept exactly but for the noise of floats.
EXACT = 1e-4
#: Work is cut no finer than a minute, so that much of a pack may be left by each line.
ONE_MINUTE = 1 / 60


def read_use(facts):
    """Hours on packs that do not wait: those of tickets, and all."""
    of_tickets, every = defaultdict(float), defaultdict(float)
    for line in facts.lines.values():
        if line.item in facts.packs and not facts.parts[line.id].waits:
            every[line.item] += line.hours
            of_tickets[line.item] += line.hours if line.case else 0.0
    return of_tickets, every


def get_capacity(world, facts, pack_id):
    """Hours that a pack has for work."""
    item = facts.items[pack_id]
    hours = item.ordered * world.hours_per_unit[item.unit]
    for (other, kind), moved in facts.moved.items():
        if other == pack_id:
            hours += moved if kind == "in" else -moved
    return hours


def check_not_below_zero(world, facts):
    """No pack bills more ticket hours than it has, unless it goes on into the red."""
    of_tickets, every = read_use(facts)
    for pack in facts.packs.values():
        if pack.at_end == "continue" or facts.items[pack.id].state != "sale":
            continue
        capacity = get_capacity(world, facts, pack.id)
        over = every[pack.id] - capacity
        positive = sum(
            line.hours
            for line in facts.open_lines()
            if line.item == pack.id
            and line.case
            and line.hours > 0
            and not facts.parts[line.id].waits
            and line.hours > ONE_MINUTE
        )
        if over > EXACT and positive > EXACT and of_tickets[pack.id] > EXACT:
            yield f"pack {pack.id} has {capacity} hours and bills {every[pack.id]}"


def check_statement(world, facts):
    """Bought + rolled in = used + expired + rolled over + left, where the pack is sold
    in a unit of time: stock knows no hours left of others."""
    units = world.env.ref("uom.product_uom_unit")
    for pack in facts.packs.values():
        item = facts.items[pack.id]
        used = item.delivered * world.hours_per_unit[item.unit]
        left = get_capacity(world, facts, pack.id) - used
        is_counted = item.by_time and item.unit != units.id
        if is_counted and abs(left - pack.left) > 0.01:
            yield f"pack {pack.id} shows {pack.left} left, its figures {left}"


def check_days(facts, memory):
    """No open line is on a pack that is not valid on its day."""
    for line in facts.open_lines():
        pack = facts.packs.get(line.item)
        if not pack or not line.case or line.id in memory.kept:
            continue
        if facts.items[pack.id].state != "sale" or facts.cases[line.case].is_before(
            line
        ):
            continue
        if not pack.is_valid_on(line.day):
            yield f"line {line.id} of {line.day} is on pack {pack.id}"


def check_room(world, facts):
    """Nothing waits, or went elsewhere, while its pack has hours for it."""
    _of_tickets, every = read_use(facts)
    for line in facts.open_lines():
        part = facts.parts[line.id]
        pack = facts.packs.get(part.origin)
        if not pack or facts.items[pack.id].state != "sale" or not line.case:
            continue
        room = get_capacity(world, facts, pack.id) - every[pack.id]
        # what is left by lines that were not worth cutting
        slack = ONE_MINUTE * (1 + len(facts.lines)) + EXACT
        # what a person billed otherwise than it was worked is not cut
        if abs(line.hours - line.worked) > EXACT:
            slack = max(slack, line.hours - EXACT)
        if line.hours > EXACT and room > slack and pack.is_valid_on(line.day):
            yield f"line {line.id} left pack {pack.id}, which has {room} hours"


def check_parts(facts):
    """Parts of the same work are of one day, person and ticket, and not on one item."""
    works = defaultdict(list)
    for line in facts.open_lines():
        works[facts.parts[line.id].root].append(line)
    for root, lines in works.items():
        if len(lines) < 2:
            continue
        for name in ("case", "day", "employee", "project", "task"):
            if len({getattr(line, name) for line in lines}) > 1:
                yield f"parts of {root} differ in their {name}"
        for line in lines:
            if not line.worked:
                yield f"line {line.id} is an empty part of {root}"


def check_worked(before, after, recorded):
    """What was worked is what was typed, however it was cut or joined.

    :param recorded: hours that the step added or took, None if it may do anything
    """
    was = sum(line.worked for line in before.lines.values())
    now = sum(line.worked for line in after.lines.values())
    if recorded is not None and abs(now - was - recorded) > EXACT:
        yield f"{was} hours were worked, {recorded} typed, now they are {now}"
