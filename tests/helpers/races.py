"""Record time on a ticket while it moves, in both orders.

Prints one line of JSON for each pair: where the line is, where it belongs, and what is
delivered. Two real transactions; nothing is rolled back.
"""

import json

from helpers.at_once import begin, carry_out, overlap

MOVES = ("customer", "item", "team", "merge", "billing off")


def new_order(env, partner):
    product = env.ref("sale_timesheet.time_product").copy(
        {"service_policy": "delivered_timesheet"}
    )
    order = env["sale.order"].create(
        {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": product.id})]}
    )
    order.action_confirm()
    return order.order_line


def new_world(env):
    """A ticket with an item, and what each of the moves needs."""
    switches = {"use_helpdesk_timesheet": True, "use_helpdesk_sale_timesheet": True}
    teams = env["helpdesk.team"].create([{"name": "A", **switches}] * 2)
    one, other = env["res.partner"].create([{"name": "One"}, {"name": "Other"}])
    items = [new_order(env, one), new_order(env, one), new_order(env, other)]
    values = {"name": "R", "team_id": teams[0].id, "partner_id": one.id}
    tickets = env["helpdesk.ticket"].create(
        [{**values, "sale_line_id": items[0].id}, {**values, "sale_line_id": False}]
    )
    tickets[1].sale_line_id = items[1]
    employee = env["hr.employee"].create({"name": "Racer"})
    return {
        "ticket": tickets[0].id,
        "survivor": tickets[1].id,
        "items": [item.id for item in items],
        "other": other.id,
        "teams": teams.ids,
        "employee": employee.id,
    }


def move(env, kind, world):
    ticket = env["helpdesk.ticket"].browse(world["ticket"])
    if kind == "customer":
        ticket.write({"partner_id": world["other"], "sale_line_id": world["items"][2]})
    elif kind == "item":
        ticket.sale_line_id = world["items"][1]
    elif kind == "team":
        ticket.team_id = world["teams"][1]
    elif kind == "merge":
        env["helpdesk.ticket"].browse(world["survivor"])._merge(ticket)
    else:
        team = env["helpdesk.team"].browse(world["teams"][0])
        team.use_helpdesk_sale_timesheet = False


def log(env, world):
    env["account.analytic.line"].create(
        {
            "name": "Race",
            "helpdesk_ticket_id": world["ticket"],
            "employee_id": world["employee"],
            "unit_amount": 1.0,
        }
    )


def play(registry, kind, logged_first, world):
    """Let both happen at once; the order is that of the commits."""
    logger, mover = begin(registry), begin(registry)
    if logged_first:
        log(logger, world)
        logger.flush_all()
        overlap(logger, mover, carry_out, move, kind, world)
    else:
        carry_out(mover, move, kind, world)
        carry_out(logger, log, world)


def look(env, kind, world):
    """Where the hour is, and where it belongs."""
    ticket = env["helpdesk.ticket"].browse(world["ticket"])
    place = ticket.merged_into_id or ticket
    line = env["account.analytic.line"].search(
        [("name", "=", "Race"), ("employee_id", "=", world["employee"])]
    )
    billing = place.team_id.use_helpdesk_sale_timesheet
    delivered = [
        env["sale.order.line"].browse(item).qty_delivered for item in world["items"]
    ]
    item = place.sale_line_id if billing else line.so_line.browse()
    if kind == "merge":
        item = line.so_line  # of the same customer: it may stay
    return {
        "hours": line.mapped("unit_amount"),
        "place": [line.helpdesk_ticket_id.id, line.project_id.id, line.so_line.id],
        "right": [place.id, place.project_id.id, item.id],
        "delivered": delivered,
        "counted": [1.0 if i == line.so_line.id else 0.0 for i in world["items"]],
    }


def main(env):
    registry = env.registry
    for kind in MOVES:
        for logged_first in (True, False):
            world = new_world(env)
            env.cr.commit()
            result = {"kind": kind, "logged_first": logged_first, "refused": ""}
            try:
                play(registry, kind, logged_first, world)
            except Exception as error:
                result["refused"] = str(error)
            env.invalidate_all()
            env.cr.commit()
            if not result["refused"]:
                result.update(look(env, kind, world))
            print("RACE", json.dumps(result))
