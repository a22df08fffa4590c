"""Two people record time of one kind on one ticket at once.

Prints one line of JSON for each race: what the time of the ticket bills, what its items
delivered, and how many items there are. Real transactions; nothing is rolled back.
"""

import json

from helpers.at_once import begin, carry_out, overlap

SWITCHES = {"use_helpdesk_timesheet": True, "use_helpdesk_sale_timesheet": True}


def new_product(env, name):
    product = env.ref("sale_timesheet.time_product")
    return product.copy({"name": name, "service_policy": "delivered_timesheet"})


def new_world(env, values, minutes):
    """A ticket with a kind, and lines of so many minutes."""
    team = env["helpdesk.team"].create({"name": "Round", **SWITCHES})
    partner = env["res.partner"].create({"name": "Round"})
    order = env["sale.order"].create(
        {
            "partner_id": partner.id,
            "add_work_types": True,
            "order_line": [(0, 0, {"product_id": new_product(env, "Work").id})],
        }
    )
    order.action_confirm()
    if values.pop("sold", False):
        values["product_id"] = new_product(env, "Evening").id
    kind = env["helpdesk.work.type"].create({"name": "Kind", **values})
    ticket = env["helpdesk.ticket"].create(
        {
            "name": "Round",
            "team_id": team.id,
            "partner_id": partner.id,
            "sale_line_id": order.order_line.id,
        }
    )
    employee = env["hr.employee"].create({"name": "Rounder"})
    world = {"ticket": ticket.id, "kind": kind.id, "employee": employee.id}
    world["lines"] = [log(env, world, number).id for number in minutes]
    return {**world, "order": order.id}


def log(env, world, minutes):
    return env["account.analytic.line"].create(
        {
            "name": "Race",
            "helpdesk_ticket_id": world["ticket"],
            "work_type_id": world["kind"],
            "employee_id": world["employee"],
            "unit_amount": minutes / 60,
        }
    )


def change(env, world, place, minutes):
    line = env["account.analytic.line"].browse(world["lines"][place])
    line.unit_amount = minutes / 60


def delete(env, world, place):
    env["account.analytic.line"].browse(world["lines"][place]).unlink()


ROUNDED = {"scope": "ticket", "step_minutes": 60, "minimum_minutes": 60}
#: What is there, in minutes, and what each of the two does.
RACES = {
    "log": (ROUNDED, [], (log, 10), (log, 20)),
    "log by day": ({**ROUNDED, "scope": "day"}, [], (log, 10), (log, 20)),
    "change": (ROUNDED, [30, 30], (change, 0, 45), (change, 1, 45)),
    "delete": (ROUNDED, [10], (delete, 0), (log, 20)),
    "sold": ({"sold": True}, [], (log, 60), (log, 60)),
}


def play(registry, world, one, other):
    """The second acts before the first has committed."""
    first, second = begin(registry), begin(registry)
    act, *arguments = one
    act(first, world, *arguments)
    first.flush_all()
    act, *arguments = other
    overlap(first, second, carry_out, act, world, *arguments)


def look(env, world):
    ticket = env["helpdesk.ticket"].browse(world["ticket"])
    order = env["sale.order"].browse(world["order"])
    hours = sum(ticket.timesheet_ids.mapped("billable_hours"))
    return {
        "billed": round(hours, 4),
        "worked": round(sum(ticket.timesheet_ids.mapped("unit_amount")), 4),
        "delivered": round(sum(order.order_line.mapped("qty_delivered")), 4),
        "items": len(order.order_line),
    }


def main(env):
    for name, (values, minutes, *acts) in RACES.items():
        for swapped in (False, True):
            one, other = reversed(acts) if swapped else acts
            world = new_world(env, dict(values), minutes)
            env.cr.commit()
            play(env.registry, world, one, other)
            env.invalidate_all()
            env.cr.commit()
            print("ROUNDED", json.dumps({"race": name, **look(env, world)}))
