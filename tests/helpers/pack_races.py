"""Two people use the last hours of a pack at once.

Prints one line of JSON for each race: hours worked and delivered by item, and how many
wait. Real transactions; nothing is rolled back.
"""

import json

from helpers.at_once import begin, carry_out, overlap

SWITCHES = {"use_helpdesk_timesheet": True, "use_helpdesk_sale_timesheet": True}


def new_product(env, name, policy):
    product = env.ref("sale_timesheet.time_product")
    return product.copy({"name": name, "service_policy": policy})


def new_world(env, at_end, hours):
    """Two tickets on one pack of five hours, of which so many are used."""
    team = env["helpdesk.team"].create({"name": "Pack", **SWITCHES})
    partner = env["res.partner"].create({"name": "Pack"})
    products = (
        new_product(env, "Pack", "ordered_prepaid"),
        new_product(env, "By Time", "delivered_timesheet"),
    )
    order = env["sale.order"].create(
        {
            "partner_id": partner.id,
            "order_line": [
                (0, 0, {"product_id": product.id, "product_uom_qty": 5.0})
                for product in products
            ],
        }
    )
    order.action_confirm()
    pack, item = order.order_line
    pack.write({"pack_at_end": at_end, "pack_next_line_id": item.id})
    tickets = env["helpdesk.ticket"].create(
        [
            {
                "name": "Pack",
                "team_id": team.id,
                "partner_id": partner.id,
                "sale_line_id": pack.id,
            }
            for _number in range(2)
        ]
    )
    employee = env["hr.employee"].create({"name": "Packer"})
    world = {
        "tickets": tickets.ids,
        "employee": employee.id,
        "items": (pack + item).ids,
    }
    world["lines"] = [log(env, world, 0, number).id for number in hours]
    return world


def log(env, world, place, hours):
    return env["account.analytic.line"].create(
        {
            "name": "Race",
            "helpdesk_ticket_id": world["tickets"][place],
            "employee_id": world["employee"],
            "unit_amount": hours,
        }
    )


def change(env, world, place, hours):
    line = env["account.analytic.line"].browse(world["lines"][place])
    line.unit_amount = hours


def grow(env, world, hours):
    pack = env["sale.order.line"].browse(world["items"][0])
    pack.product_uom_qty = hours


#: How it ends, what is used, and what each of the two does.
RACES = {
    "last hour": ("item", [4.0], (log, 0, 1.0), (log, 1, 1.0)),
    "both cross": ("item", [4.0], (log, 0, 2.0), (log, 1, 3.0)),
    "wait": ("wait", [4.0], (log, 0, 2.0), (log, 1, 3.0)),
    "change": ("item", [2.0, 2.0], (change, 0, 4.0), (change, 1, 4.0)),
    "grow": ("item", [5.0], (log, 0, 2.0), (grow, 6.0)),
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
    lines = env["account.analytic.line"].search(
        [("helpdesk_ticket_id", "in", world["tickets"])]
    )
    pack, item = env["sale.order.line"].browse(world["items"])
    waits = lines.filtered("waits_for_pack")
    return {
        "worked": round(sum(lines.mapped("unit_amount")), 4),
        "pack": round(pack.qty_delivered, 4),
        "item": round(item.qty_delivered, 4),
        "waits": round(sum(waits.mapped("unit_amount")), 4),
    }


def main(env):
    for name, (at_end, hours, *acts) in RACES.items():
        for swapped in (False, True):
            one, other = reversed(acts) if swapped else acts
            world = new_world(env, at_end, hours)
            env.cr.commit()
            play(env.registry, world, one, other)
            env.invalidate_all()
            env.cr.commit()
            print("PACK", json.dumps({"race": name, **look(env, world)}))
