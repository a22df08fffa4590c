"""Billing runs at once with others, and one that is killed.

Prints a line of JSON: what is billed of each world, and how often. Real transactions;
nothing is rolled back.
"""

import json
import os
from unittest.mock import patch

from odoo import SUPERUSER_ID, api

from odoo.addons.base.models.ir_cron import IrCron

from helpers.at_once import begin, overlap

HOURS = 2.0
SITUATIONS = ("run and run", "old snapshot", "run and colleague", "killed")


def new_customer(env, team, product):
    """A customer with open time on an order of its own."""
    partner = env["res.partner"].create({"name": "Runner", "is_company": True})
    order = env["sale.order"].create(
        {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": product.id})]}
    )
    order.action_confirm()
    ticket = env["helpdesk.ticket"].create(
        {"name": "R", "team_id": team.id, "partner_id": partner.id}
    )
    ticket.sale_line_id = order.order_line
    employee = env["hr.employee"].search([], limit=1)
    env["account.analytic.line"].create(
        {
            "name": "Race",
            "helpdesk_ticket_id": ticket.id,
            "employee_id": employee.id,
            "unit_amount": HOURS,
            "date": "2026-02-02",
        }
    )
    return partner


def new_world(env, customers=1):
    """Two runs that rehearsed the same."""
    switches = {"use_helpdesk_timesheet": True, "use_helpdesk_sale_timesheet": True}
    team = env["helpdesk.team"].create({"name": "Runs", **switches})
    product = env.ref("sale_timesheet.time_product").copy(
        {"service_policy": "delivered_timesheet", "list_price": 100.0}
    )
    partners = env["res.partner"].concat(
        *(new_customer(env, team, product) for _number in range(customers))
    )
    values = {"partner_ids": partners.ids, "date_to": False}
    runs = env["helpdesk.billing.run"].create([values, values])
    runs.action_rehearse()
    runs.write({"state": "running", "user_id": SUPERUSER_ID})
    env.cr.commit()
    return runs.ids, partners.ids


def bill(env, run_id):
    """Bill all lines of a run in this transaction."""
    run = env["helpdesk.billing.run"].browse(run_id)
    is_billed = run._get_lines_to_do()._bill()
    env.flush_all()
    return is_billed


def finish(registry, run_ids):
    """Let the job do what is left."""
    with registry.cursor() as cr:
        api.Environment(cr, SUPERUSER_ID, {})["helpdesk.billing.run"]._cron_run()


def invoice(env, partner_ids):
    """What a colleague does on the order."""
    domain = [("partner_id", "in", partner_ids)]
    env["sale.order"].search(domain)._create_invoices()
    env.flush_all()


def play(registry, situation, world):
    """Two at once; the first commits while the second is at it."""
    runs, partners = world
    first, second = begin(registry), begin(registry)
    results = []
    if situation == "run and colleague":
        invoice(first, partners)
    else:
        results.append(bill(first, runs[0]))
    if situation == "old snapshot":
        first.cr.commit()
        first.cr.close()
        results.append(bill(second, runs[1]))
    else:
        overlap(first, second, lambda env: results.append(bill(env, runs[1])))
    second.cr.commit()
    second.cr.close()
    finish(registry, runs)
    return results


def die_after(registry, count):
    """Run the job in a process of its own, which dies when so many customers are
    committed and the next one is billed, but not."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    registry.__class__.registries.clear()
    import odoo.sql_db  # noqa: PLC0415

    odoo.sql_db._Pool = None  # connections are not shared with a child
    done = []
    commit = IrCron._commit_progress

    def count_commits(self, *arguments, **options):
        if len(done) >= count:
            os._exit(9)
        done.append(1)
        return commit(self, *arguments, **options)

    try:
        with patch.object(IrCron, "_commit_progress", count_commits):
            with odoo.sql_db.db_connect(registry.db_name).cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                env["helpdesk.billing.run"]._cron_run()
    finally:
        os._exit(1)


def look(env, world):
    """Hours and invoices of a world."""
    runs, partners = world
    domain = [("helpdesk_commercial_partner_id", "in", partners)]
    lines = env["account.analytic.line"].search(domain)
    moves = env["account.move"].search([("partner_id", "in", partners)])
    items = env["sale.order"].search([("partner_id", "in", partners)]).order_line
    records = env["helpdesk.billing.run"].browse(runs)
    return {
        "states": records.mapped("state"),
        "errors": [line.error for line in records.line_ids if line.error],
        "recorded": sum(lines.mapped("unit_amount")),
        "linked": sum(lines.filtered("timesheet_invoice_id").mapped("unit_amount")),
        "billed": sum(moves.invoice_line_ids.mapped("quantity")),
        "invoiced": sum(items.mapped("qty_invoiced")),
        "moves": len(moves),
    }


def main(env):
    registry, answers = env.registry, {}
    for situation in SITUATIONS:
        world = new_world(env, 3 if situation == "killed" else 1)
        results = []
        if situation == "killed":
            die_after(registry, 1)
            env.cr.rollback()
            results = [look(env, world)["moves"]]
            finish(registry, world[0])
        else:
            results = play(registry, situation, world)
        env.cr.rollback()
        env.invalidate_all()
        answers[situation] = {"results": results, **look(env, world)}
    print("RUNS", json.dumps(answers))
