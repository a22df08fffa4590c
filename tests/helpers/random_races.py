"""Two people at once, again and again, on the same tickets.

Each round two real transactions that do not see each other: one person acts, another
one acts before the first has committed. Then all figures must be exact. Prints one line
of JSON for each round; ``RACE_ROUNDS`` and ``RACE_SEED`` make it longer or another one.
"""

import json
import os
import random

from odoo.exceptions import AccessError, UserError

from helpers.at_once import begin, carry_out, overlap

ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))
SEED = int(os.environ.get("RACE_SEED", "9"))


class World:
    """Two customers with two orders each, three tickets, two teams; ids only, since
    every act has a transaction of its own."""

    def __init__(self, env):
        switches = {"use_helpdesk_timesheet": True, "use_helpdesk_sale_timesheet": True}
        teams = env["helpdesk.team"].create(
            [{"name": name, **switches} for name in ("One", "Two")]
        )
        companies = env["res.partner"].create(
            [{"name": name, "is_company": True} for name in ("Alpha", "Beta")]
        )
        contacts = env["res.partner"].create(
            [{"name": "Contact", "parent_id": company.id} for company in companies]
        )
        items = [
            self._new_item(env, contact) for contact in contacts for _n in range(2)
        ]
        tickets = env["helpdesk.ticket"].create(
            [
                {
                    "name": f"Race {number}",
                    "team_id": teams[0].id,
                    "partner_id": contacts[0].id,
                    "sale_line_id": items[0].id,
                }
                for number in range(3)
            ]
        )
        self.employees = env["hr.employee"].create([{"name": "A"}, {"name": "B"}]).ids
        self.teams, self.tickets = teams.ids, tickets.ids
        self.companies, self.contacts = companies.ids, contacts.ids
        self.items = [item.id for item in items]

    def _new_item(self, env, partner):
        product = env.ref("sale_timesheet.time_product").copy(
            {"service_policy": "delivered_timesheet"}
        )
        order = env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [(0, 0, {"product_id": product.id})],
            }
        )
        order.action_confirm()
        return order.order_line


# === WHAT PEOPLE DO === #


def log(env, world, dice):
    env["account.analytic.line"].create(
        {
            "name": "Work",
            "helpdesk_ticket_id": dice.choice(world.tickets),
            "employee_id": dice.choice(world.employees),
            "unit_amount": dice.choice((0.25, 0.5, 1.0)),
        }
    )


def correct(env, world, dice):
    open_lines = _lines(env, world).filtered(lambda line: line._is_not_billed())
    if open_lines:
        open_lines[dice.randrange(len(open_lines))].unit_amount = dice.choice(
            (0.5, 2.0)
        )


def choose_item(env, world, dice):
    ticket = env["helpdesk.ticket"].browse(dice.choice(world.tickets))
    item = env["sale.order.line"].browse(dice.choice(world.items))
    ticket.write({"partner_id": item.order_id.partner_id.id, "sale_line_id": item.id})


def change_team(env, world, dice):
    ticket = env["helpdesk.ticket"].browse(dice.choice(world.tickets))
    ticket.team_id = dice.choice(world.teams)


def switch_billing(env, world, dice):
    team = env["helpdesk.team"].browse(dice.choice(world.teams))
    team.use_helpdesk_sale_timesheet = not team.use_helpdesk_sale_timesheet


def move_contact(env, world, dice):
    contact = env["res.partner"].browse(dice.choice(world.contacts))
    contact.parent_id = dice.choice(world.companies)


def invoice(env, world, dice):
    item = env["sale.order.line"].browse(dice.choice(world.items))
    item.order_id._create_invoices()


def cancel_invoice(env, world, dice):
    drafts = _lines(env, world).timesheet_invoice_id
    drafts = drafts.filtered(lambda move: move.state == "draft")
    if drafts:
        drafts[0].button_cancel()


ACTS = (
    log,
    log,
    log,
    correct,
    choose_item,
    change_team,
    switch_billing,
    move_contact,
    invoice,
    cancel_invoice,
)


# === TWO AT ONCE === #


def answer(env, act, world, seed, refusals):
    """Act, and note what is refused."""
    try:
        carry_out(env, lambda env: act(env, world, random.Random(seed)))
    except (AccessError, UserError) as error:
        refusals.append(f"{act.__name__}: {error}")


def play(registry, world, acts, seed):
    """The first act is done when the second one begins, and committed while that one
    waits, or after it."""
    first, second, refusals = begin(registry), begin(registry), []
    try:
        acts[0](first, world, random.Random(seed))
        first.flush_all()
    except (AccessError, UserError) as error:
        refusals.append(f"{acts[0].__name__}: {error}")
        first.cr.rollback()
    try:
        overlap(first, second, answer, acts[1], world, seed + 1, refusals)
    except Exception as error:
        refusals.append(f"commit of {acts[0].__name__}: {error}")
    return refusals


# === WHAT MUST BE TRUE === #


def _lines(env, world):
    return env["account.analytic.line"].search(
        [("helpdesk_ticket_id", "in", world.tickets)], order="id"
    )


def faults(env, world, count, kept):
    """Sentences about what is wrong after a round.

    :param int count: lines that were recorded
    :param set kept: ids of lines that were billed once: freed, they keep their item until
        their ticket changes
    """
    lines = _lines(env, world)
    if len(lines) != count:
        yield f"{len(lines)} lines, of {count} recorded"
    for item in env["sale.order.line"].browse(world.items):
        own = lines.filtered(lambda line, item=item: line.so_line == item)
        if abs(sum(own.mapped("unit_amount")) - item.qty_delivered) > 0.001:
            yield f"item {item.id}: delivered {item.qty_delivered}, recorded {own}"
        for move in item.invoice_lines.move_id.filtered(lambda m: m.state == "draft"):
            billed = own.filtered(lambda x, move=move: x.timesheet_invoice_id == move)
            quantity = sum(
                move.invoice_line_ids.filtered(
                    lambda x, item=item: item in x.sale_line_ids
                ).mapped("quantity")
            )
            if abs(sum(billed.mapped("unit_amount")) - quantity) > 0.001:
                yield f"draft {move.id} bills {quantity}, with {billed} on it"
    for line in lines.filtered(lambda x: x._is_not_billed() and x.id not in kept):
        ticket = line.helpdesk_ticket_id
        billing = ticket.team_id.use_helpdesk_sale_timesheet
        item = ticket.sale_line_id if billing else line.so_line.browse()
        if line.so_line != item or line.project_id != ticket.project_id:
            yield (
                f"line {line.id} on {line.so_line} and {line.project_id}, its ticket "
                f"on {item} and {ticket.project_id}"
            )


def main(env):
    world, dice, recorded, kept = World(env), random.Random(SEED), 0, set()
    env.cr.commit()
    for number in range(ROUNDS):
        acts = (dice.choice(ACTS), dice.choice(ACTS))
        refusals = play(env.registry, world, acts, dice.randrange(10**6))
        refused = " ".join(refusals)
        env.invalidate_all()
        env.cr.commit()
        recorded += acts.count(log) - refused.count("log:")
        billed = _lines(env, world).filtered(lambda line: not line._is_not_billed())
        kept.update(billed.ids)
        result = {
            "round": number,
            "acts": [act.__name__ for act in acts],
            "refused": refusals,
            "faults": list(faults(env, world, recorded, kept)),
        }
        print("ROUND", json.dumps(result))
        recorded = len(_lines(env, world))
