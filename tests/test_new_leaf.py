"""A leaf brings its rules along without touching a file of the house.

``tests/addons/helpdesk_leaf`` adds a rule to the choice of the item, a factor to the
hours, a condition to what counts, a lock reason, a reason not to close, and fields on the
forms. The figures below are those of everything that asks: line, item, ticket, customer,
invoice.
"""

from pathlib import Path

import pytest

from devtools.odoo import Odoo

# The leaves of the product ask the same hooks in every run.
pytestmark = pytest.mark.deep

ADDONS = Path(__file__).parent / "addons"
LEAF = "helpdesk_leaf"
LIMIT = 120

WORLD = """
from odoo.exceptions import UserError
hour = env.ref("uom.product_uom_hour")
product = env["product.product"].create({
    "name": "Support", "type": "service", "service_policy": "delivered_timesheet",
    "service_type": "timesheet", "invoice_policy": "delivery", "uom_id": hour.id,
    "list_price": 100, "taxes_id": False,
})
customer = env["res.partner"].create({"name": "Leaf Customer", "is_company": True})
order = env["sale.order"].create({"partner_id": customer.id, "order_line": [
    (0, 0, {"product_id": product.id, "product_uom_qty": 1}) for _n in range(2)
]})
order.action_confirm()
day, night = order.order_line
team = env["helpdesk.team"].create({
    "name": "Leaf Team", "use_helpdesk_timesheet": True,
    "use_helpdesk_sale_timesheet": True, "leaf_factor": 1.5,
})
ticket = env["helpdesk.ticket"].create({
    "name": "Leaf Ticket", "team_id": team.id, "partner_id": customer.id,
    "sale_line_id": day.id, "leaf_night_item_id": night.id,
})
employee = env["hr.employee"].create({"name": "Leaf Agent", "user_id": env.uid})
# at once: lines that are alike are decided once, and these are not
by_day, at_night, waits, sealed = env["account.analytic.line"].create([
    {
        "name": "Work", "helpdesk_ticket_id": ticket.id, "unit_amount": hours,
        "employee_id": employee.id, **values,
    }
    for hours, values in (
        (2, {}), (4, {"leaf_night": True}), (6, {"leaf_waits": True}),
        (1, {"leaf_sealed": True}),
    )
])
def say(*values):
    env.flush_all()
    env.invalidate_all()
    print("SAY", *values, sep="|")
say("item", at_night.so_line == night, at_night.so_line_reason)
say("delivered", day.qty_delivered, night.qty_delivered)
say("ticket", ticket.total_hours_spent, ticket.hours_to_invoice)
say("customer", customer.ticket_hours_to_invoice)
try:
    sealed.with_user(env.ref("base.user_admin")).unit_amount = 3
except UserError as error:
    say("lock", error.args[0], sealed.readonly_timesheet)
closed = team.stage_ids.filtered("fold")[:1]
try:
    ticket.with_user(env.ref("base.user_admin")).stage_id = closed
except UserError as error:
    say("close", error.args[0], ticket._can_close())
invoice = env["account.move"].browse(ticket.action_create_invoice()["res_id"])
say("invoice", *sorted(invoice.invoice_line_ids.mapped("quantity")))
say("text", "worked" in " ".join(invoice.invoice_line_ids.mapped("name")))
waits.leaf_waits = False
say("later", day.qty_delivered, ticket.hours_to_invoice)
env.cr.commit()
"""


@pytest.fixture(scope="module")
def said(bench):
    """Install the leaf in a database of its own and play; return what it said."""
    database = bench.database("new_leaf", "addons")
    paths = [*database.odoo.addons_path, ADDONS]
    database.odoo = Odoo(
        database.odoo.python,
        database.odoo.server,
        database.odoo.data_dir.parent,
        paths,
    )
    try:
        database.install(LEAF)
        lines = database.shell(WORLD).splitlines()
        facts = [line.split("|")[1:] for line in lines if line.startswith("SAY|")]
        database.uninstall(LEAF)
        rest = database.query(
            "SELECT column_name FROM information_schema.columns"
            " WHERE column_name LIKE 'leaf_%'"
        )
        yield {**{fact[0]: fact[1:] for fact in facts}, "rest": rest}
    finally:
        database.drop()


def test_leaf_is_small():
    """It takes fewer than 120 lines."""
    files = [
        path for path in (ADDONS / LEAF).rglob("*") if path.suffix in (".py", ".xml")
    ]
    count = sum(len(path.read_text().splitlines()) for path in files)
    assert count < LIMIT


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ("item", ["True", "Worked at night"]),
        # 1.5 x (2 + 1) by day, 1.5 x 4 at night; six hours wait
        ("delivered", ["4.5", "6.0"]),
        ("ticket", ["13.0", "10.5"]),
        ("customer", ["10.5"]),
        ("lock", ["This time is sealed.", "True"]),
        ("close", ["Take the night item off first.", "False"]),
        ("invoice", ["4.5", "6.0"]),
        ("text", ["True"]),
        ("later", ["13.5", "9.0"]),
        ("rest", []),
    ],
)
def test_the_house_asks_the_leaf(said, fact, expected):
    """Every figure follows what the leaf says."""
    assert said[fact] == expected
