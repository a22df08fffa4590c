"""A database of an earlier version keeps everything when it is updated.

``tests/data`` holds the addons of each version as they were, without what an
installation does not read (tests, translations, pictures). The database is made with
them, on the Odoo that is here: a dump would fit one build of Odoo and of PostgreSQL only,
and would weigh twenty times as much. To add a version::

    git archive TAG helpdesk_base helpdesk_timesheet_reinvoice ... | tar -x -C DIR
    rm -rf DIR/*/{i18n,tests,README.rst} DIR/*/static/{description,src,tests}
    (cd DIR && tar --sort=name -c *) | xz -9e > tests/data/addons-VERSION.tar.xz
"""

import dataclasses
import json
import tarfile

import pytest

from devtools import paths

#: The earliest one takes the longest way, through every migration script: deep.
VERSIONS = ("19.0.2.0.0", pytest.param("19.0.1.0.0", marks=pytest.mark.deep))
BASE, REINVOICE = "helpdesk_base", "helpdesk_timesheet_reinvoice"
STATEMENT, CONTENTION = "helpdesk_timesheet_statement", "sale_timesheet_contention"

#: Two customers, an item billed by time and a prepaid one, three tickets, time that is
#: open, billed, credited and set by hand, and a quantity that waits to be refreshed.
WORLD = """
from odoo.fields import Command, Date
service, pack = env["product.product"].create([
    {"name": name, "type": "service", "service_policy": policy, "list_price": 100.0,
     "uom_id": env.ref("uom.product_uom_hour").id, "taxes_id": [Command.clear()]}
    for name, policy in (("Hour", "delivered_timesheet"), ("Pack", "ordered_prepaid"))
])
alpha, beta = env["res.partner"].create([{"name": "Alpha"}, {"name": "Beta"}])
orders = env["sale.order"].create([
    {"partner_id": partner.id, "order_line": [Command.create(
        {"product_id": product.id, "product_uom_qty": 5.0})]}
    for partner, product in ((alpha, service), (alpha, service), (beta, pack))
])
orders.action_confirm()
item, other, prepaid = orders.order_line
team = env["helpdesk.team"].create({
    "name": "Care", "use_helpdesk_timesheet": True, "use_helpdesk_sale_timesheet": True})
tickets = env["helpdesk.ticket"].create([
    {"name": name, "team_id": team.id, "partner_id": line.order_partner_id.id,
     "sale_line_id": line.id}
    for name, line in (("Door", item), ("Oven", other), ("Lamp", prepaid))
])
eve = env["hr.employee"].create({"name": "Eve", "hourly_cost": 40.0})

def log(ticket, hours, **values):
    return env["account.analytic.line"].create({
        "name": "Work", "helpdesk_ticket_id": ticket.id, "unit_amount": hours,
        "employee_id": eve.id, **values})

door, oven, lamp = tickets
billed = log(door, 2.0)
invoice = orders[0]._create_invoices()
invoice.action_post()
log(door, 1.5)
log(lamp, 3.0, name="/")
log(oven, 0.5, so_line=False, is_so_line_edited=True)
log(oven, 4.0)
credited = orders[1]._create_invoices()
credited.action_post()
env["account.move.reversal"].with_context(
    active_model="account.move", active_ids=credited.ids
).create({"journal_id": credited.journal_id.id}).refund_moves()
credited.reversal_move_ids.action_post()
# a favourite on the statement of this version
statement = env.ref("helpdesk_timesheet_reinvoice.helpdesk_time_statement_action")
env["ir.filters"].create({
    "name": "Mine", "model_id": "helpdesk.time.statement", "user_ids": [],
    "action_id": statement.id, "domain": "[('alarm', '!=', False)]"})
env.flush_all()
# a crash after an hour was saved, before its item was refreshed
env["helpdesk.delivered.refresh"].create({"sale_line_id": prepaid.id})
env.flush_all()
env.cr.execute(
    "UPDATE sale_order_line SET qty_delivered = 1, remaining_hours = 4 WHERE id = %s",
    [prepaid.id])
env.cr.commit()
"""
#: Whatever a user can read of it, in both versions.
READ = """
import json
wanted = {
    "helpdesk.team": ["name", "project_id", "use_helpdesk_sale_timesheet"],
    "helpdesk.ticket": [
        "name", "ticket_ref", "stage_id", "partner_id", "sale_line_id", "project_id",
        "total_hours_spent", "hours_to_invoice", "hours_invoiced", "hours_non_billable",
        "invoice_status"],
    "account.analytic.line": [
        "name", "unit_amount", "amount", "date", "employee_id", "project_id", "task_id",
        "helpdesk_ticket_id", "so_line", "is_so_line_edited", "timesheet_invoice_id",
        "partner_id", "timesheet_invoice_type"],
    "sale.order": ["name", "state", "invoice_status", "ticket_count"],
    "sale.order.line": [
        "qty_delivered", "qty_invoiced", "qty_to_invoice", "remaining_hours"],
    "account.move": ["name", "state", "move_type", "amount_total", "payment_state"],
    "account.move.line": ["name", "quantity", "price_subtotal", "sale_line_ids"],
    "helpdesk.time.statement": [
        "sale_line_id", "delivered_hours", "billed_hours", "credited_hours",
        "open_hours", "covered_hours", "non_billable_hours", "alarm"],
}
found = {
    model: env[model].search_read([], fields, order="id")
    for model, fields in wanted.items()
}
print("FOUND", json.dumps(found, default=str))
"""
STATEMENT_RECORDS = """
    SELECT name, model, res_id FROM ir_model_data
    WHERE module = '{}' AND (name LIKE '%time\\_statement%'
                             OR name LIKE '%action\\_statement') ORDER BY name"""
FAVOURITE = "SELECT action_id, domain FROM ir_filters WHERE name = 'Mine'"
RULES = f"""
    SELECT data.module, data.name, REGEXP_REPLACE(rule.domain_force, '\\s', '', 'g')
    FROM ir_rule rule JOIN ir_model_data data ON data.res_id = rule.id
    WHERE data.model = 'ir.rule' AND data.module IN
        ('{BASE}', '{REINVOICE}', '{STATEMENT}', '{CONTENTION}')
    ORDER BY data.module, data.name"""
#: Time on tickets, and how much of it keeps the company of the ticket's customer.
COMPANIES = """
    SELECT COUNT(*), COUNT(*) FILTER (
        WHERE line.helpdesk_commercial_partner_id = customer.commercial_partner_id)
    FROM account_analytic_line line
    JOIN helpdesk_ticket ticket ON ticket.id = line.helpdesk_ticket_id
    JOIN res_partner customer ON customer.id = ticket.partner_id"""
#: What may be left of the model that waited before.
FORMER = """
    SELECT tablename FROM pg_tables WHERE tablename = 'helpdesk_delivered_refresh'
    UNION SELECT model FROM ir_model WHERE model = 'helpdesk.delivered.refresh'
    UNION SELECT model FROM ir_model_fields WHERE model = 'helpdesk.delivered.refresh'
    UNION SELECT name FROM ir_model_data WHERE name LIKE '%helpdesk_delivered_refresh%'
    UNION SELECT code FROM ir_act_server WHERE id NOT IN
        (SELECT ir_actions_server_id FROM ir_cron) AND code = 'model._cron_refresh()'"""


@dataclasses.dataclass
class Look:
    """What was found before or after the update."""

    records: dict
    statement: list
    favourite: list


def look(database, module, code="", options=()):
    """Read all that counts.

    :param module: the addon that holds the statement
    :param code: what to do before
    """
    printed = database.shell(f"{code}\n{READ}", options=options)
    [found] = [line for line in printed.splitlines() if line.startswith("FOUND ")]
    return Look(
        json.loads(found.removeprefix("FOUND ")),
        database.query(STATEMENT_RECORDS.format(module)),
        database.query(FAVOURITE),
    )


class Update:
    """A database of an earlier version, looked at, updated and looked at again."""

    def __init__(self, database, folder, version):
        self.database = database
        options = [f"--addons-path={folder}"]
        database.install(REINVOICE, options=options)
        [[installed]] = database.query(
            f"SELECT latest_version FROM ir_module_module WHERE name = '{REINVOICE}'"
        )
        assert installed == version
        self.before = look(database, REINVOICE, WORLD, options)
        database.log = ""
        database.update(BASE)
        self.after = look(database, STATEMENT)


@pytest.fixture(scope="module", params=VERSIONS)
def update(request, bench, tmp_path_factory):
    folder = tmp_path_factory.mktemp("addons")
    archive = paths.ROOT / "tests" / "data" / f"addons-{request.param}.tar.xz"
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    database = bench.database("migrated", "plain")
    try:
        yield Update(database, folder, request.param)
    finally:
        database.drop()


def test_update_says_nothing(update):
    """No warning, no error; the addons that were part of another are installed."""
    assert update.database.loud_lines() == []
    assert {STATEMENT, CONTENTION} <= update.database.installed()


@pytest.mark.parametrize(
    "model",
    [
        "helpdesk.team",
        "helpdesk.ticket",
        "account.analytic.line",
        "sale.order",
        "account.move",
        "account.move.line",
    ],
)
def test_records_stay(update, model):
    before = update.before.records[model]
    if model == "account.analytic.line":
        # where nobody said what was done, the customer reads what it was about
        before = [{**x, "name": x["name"].replace("/", "Lamp")} for x in before]
    assert before
    assert update.after.records[model] == before


def test_rights_are_those_of_a_new_database(update, bench):
    """Record rules are not updated with their addon: a script does it."""
    rules = update.database.query(RULES)
    assert any("helpdesk_commercial_partner_id" in domain for *_who, domain in rules)
    assert rules == bench.odoo.query(bench.templates["addons"], RULES)


def test_time_keeps_its_company(update):
    """The company of its customer, by which portal users find their time."""
    [[lines, companies]] = update.database.query(COMPANIES)
    assert lines == companies == 5


def test_what_waited_is_up_to_date(update):
    """Three hours on the prepaid item, of which one was counted; the others as before."""
    *items, prepaid = update.before.records["sale.order.line"]
    *items_after, prepaid_after = update.after.records["sale.order.line"]
    assert items_after == items
    assert (prepaid["qty_delivered"], prepaid["remaining_hours"]) == (1.0, 4.0)
    assert (prepaid_after["qty_delivered"], prepaid_after["remaining_hours"]) == (
        3.0,
        2.0,
    )
    assert update.database.query("SELECT id FROM sale_delivered_refresh") == []
    assert update.database.query(FORMER) == []


def test_statement_is_an_addon_of_its_own(update):
    """Its records keep their ids, and with them the favourites of people; nothing of
    it is left where it was."""
    assert update.before.statement
    assert update.after.statement == update.before.statement
    former = update.database.query(STATEMENT_RECORDS.format(REINVOICE))
    assert former == []
    assert update.after.favourite == update.before.favourite != []
    *before, prepaid = update.before.records["helpdesk.time.statement"]
    *after, prepaid_after = update.after.records["helpdesk.time.statement"]
    assert after == before
    assert prepaid["alarm"] and not prepaid_after["alarm"]
    assert prepaid_after["covered_hours"] == 3.0


def test_statement_can_go(update):
    """Uninstalled, it leaves nothing of before the update behind."""
    update.database.uninstall(STATEMENT)
    for module in (STATEMENT, REINVOICE):
        assert update.database.query(STATEMENT_RECORDS.format(module)) == []
    assert update.database.loud_lines() == []
