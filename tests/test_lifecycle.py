"""The addons come, stay and go without a trace in log or database."""

import csv
import dataclasses
import io
import re
import zipfile

import pytest

from devtools import paths
from helpers.catalogue import catalogue, quoted, schema

BASE = "helpdesk_base"
REINVOICE = "helpdesk_timesheet_reinvoice"
STATEMENT = "helpdesk_timesheet_statement"
#: What is built on the desk; the rest is beside it.
ON_DESK = [addon for addon in paths.built_on(BASE) if addon in paths.TOGETHER]
BESIDE = [addon for addon in paths.TOGETHER if addon not in (BASE, *ON_DESK)]
#: What is optional: the others are needed to bill a ticket.
LEAVES = [addon for addon in ON_DESK if addon != REINVOICE]
#: What an uninstalled addon must not leave, by what the query returns: names.
TRACES = {
    "records": """
        SELECT module || '.' || name FROM ir_model_data WHERE module IN ({addons})
        AND NOT (model = 'res.partner' AND res_id IN
                 (SELECT partner_id FROM account_move UNION
                  SELECT commercial_partner_id FROM account_move))""",
    "models": """
        SELECT model FROM ir_model
        WHERE model LIKE 'helpdesk%' OR model = 'sale.delivered.refresh'""",
    "tables": """
        SELECT tablename FROM pg_tables
        WHERE tablename LIKE '%helpdesk%' OR tablename = 'sale_delivered_refresh'""",
    "columns": """
        SELECT table_name || '.' || column_name FROM information_schema.columns
        WHERE table_schema = 'public'
          AND (column_name LIKE '%helpdesk%' OR table_name LIKE '%helpdesk%')""",
    "fields": """
        SELECT model || '.' || name FROM ir_model_fields
        WHERE name LIKE '%helpdesk%' OR relation LIKE 'helpdesk%'""",
    "views": """
        SELECT name FROM ir_ui_view
        WHERE arch_db::text LIKE '%helpdesk%' OR model LIKE 'helpdesk%'""",
    "menus": """
        SELECT name->>'en_US' FROM ir_ui_menu WHERE name->>'en_US' ILIKE '%helpdesk%'""",
    "groups": """
        SELECT name->>'en_US' FROM res_groups_privilege
        WHERE name->>'en_US' ILIKE '%helpdesk%'""",
    "crons": """
        SELECT name->>'en_US' FROM ir_act_server WHERE name->>'en_US' ILIKE '%helpdesk%'
        UNION SELECT cron_name FROM ir_cron
        WHERE cron_name ILIKE '%helpdesk%' OR cron_name ILIKE '%delivered quantities%'""",
    "sequences": """
        SELECT code FROM ir_sequence WHERE code LIKE 'helpdesk%'""",
    "actions": """
        SELECT name->>'en_US' FROM ir_act_window WHERE res_model LIKE 'helpdesk%'""",
    "mail templates": """
        SELECT name->>'en_US' FROM mail_template WHERE model LIKE 'helpdesk%'""",
    "subtypes": """
        SELECT name->>'en_US' FROM mail_message_subtype WHERE res_model LIKE 'helpdesk%'""",
    "aliases": """
        SELECT alias_name FROM mail_alias WHERE alias_model_id NOT IN
        (SELECT id FROM ir_model)""",
}
#: What the statement must not leave where the other addons stay.
STATEMENT_TRACES = """
    SELECT module || '.' || name FROM ir_model_data
    WHERE module = 'helpdesk_timesheet_statement'
    UNION SELECT model FROM ir_model WHERE model = 'helpdesk.time.statement'
    UNION SELECT name FROM ir_model_fields WHERE name LIKE 'time_statement%'
    UNION SELECT name FROM ir_ui_view WHERE arch_db::text LIKE '%time_statement%'
    UNION SELECT name->>'en_US' FROM ir_ui_menu
    WHERE name->>'en_US' ILIKE '%time statement%'"""
#: What the addons on the desk add to tables of others; the desk keeps its own.
ON_DESK_COLUMNS = """
    SELECT table_name || '.' || column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name NOT LIKE 'helpdesk%'
      AND column_name LIKE '%helpdesk%'
      AND table_name IN ('account_analytic_line', 'project_task', 'project_project',
                         'sale_order', 'sale_order_line')"""


#: Columns that only some addons know of.
COLUMNS = """
    SELECT replace(field.model, '.', '_') || '.' || field.name
    FROM ir_model_fields field JOIN ir_model_data data
      ON data.model = 'ir.model.fields' AND data.res_id = field.id
    WHERE field.store GROUP BY field.id
    HAVING bool_and(data.module IN ({addons}))"""
ALL_COLUMNS = """
    SELECT table_name || '.' || column_name FROM information_schema.columns
    WHERE table_schema = 'public'"""


def names(database, statement):
    """Return the first column of a query, sorted."""
    return sorted(str(row[0]) for row in database.query(statement))


#: Demo records go with their addon; what somebody entered must not.
ENTER = """
team = env["helpdesk.team"].create({"name": "By hand", "use_helpdesk_timesheet": True})
ticket = env["helpdesk.ticket"].create({"name": "By hand", "team_id": team.id})
env["account.analytic.line"].create({
    "name": "By hand", "unit_amount": 1.25, "helpdesk_ticket_id": ticket.id,
    "employee_id": env["hr.employee"].search([], limit=1).id,
})
env.cr.commit()
"""
#: A working day with the rights it takes: prints hours delivered and billed, and the sum.
WORK = """
from odoo.fields import Command
def person(login, *groups):
    groups = [env.ref(group).id for group in ("base.group_user", *groups)]
    return env["res.users"].create({
        "name": login, "login": login, "email": login + "@work.example",
        "group_ids": [Command.set(groups)]})
lead = person("lead", "helpdesk_base.group_helpdesk_manager")
agent = person("agent", "helpdesk_base.group_helpdesk_user",
               "hr_timesheet.group_hr_timesheet_user")
seller = person("seller", "sales_team.group_sale_salesman")
env["hr.employee"].create({"name": "Agent", "user_id": agent.id})
product = env["product.product"].create({
    "name": "Hour", "type": "service", "service_policy": "delivered_timesheet",
    "uom_id": env.ref("uom.product_uom_hour").id, "list_price": 100.0,
    "taxes_id": [Command.clear()]})
customer = env["res.partner"].create({"name": "Customer at Work"})
order = env["sale.order"].with_user(seller).create({
    "partner_id": customer.id, "user_id": seller.id, "order_line": [
        Command.create({"product_id": product.id, "product_uom_qty": 5.0})]})
order.action_confirm()
team = env["helpdesk.team"].with_user(lead).create({
    "name": "At Work", "use_helpdesk_timesheet": True,
    "use_helpdesk_sale_timesheet": True, "member_ids": [Command.link(agent.id)]})
ticket = env["helpdesk.ticket"].with_user(agent).create({
    "name": "At Work", "team_id": team.id, "partner_id": customer.id,
    "sale_line_id": order.order_line.id})
env["account.analytic.line"].with_user(agent).create({
    "name": "Worked", "helpdesk_ticket_id": ticket.id, "unit_amount": 1.5})
env.invalidate_all()
delivered = order.order_line.qty_delivered
invoice = order._create_invoices()
invoice.sudo().action_post()
ticket.message_post(body="Done", message_type="comment")
ticket.stage_id = team.stage_ids.filtered("fold")[:1]
env.flush_all()
env.invalidate_all()
print("WORK", delivered, order.order_line.qty_invoiced, invoice.sudo().amount_untaxed,
      ticket.is_closed, len(ticket.timesheet_ids.timesheet_invoice_id) == 1)
env.cr.commit()
"""
WORKED = "WORK 1.5 1.5 150.0 True True"
TICKETS = "SELECT count(*) FROM helpdesk_ticket WHERE name = 'By hand'"
#: What became of the order of the working day, and of its invoice.
MONEY = """
    SELECT qty_delivered::float, qty_invoiced::float, untaxed_amount_invoiced::float, move.state,
           move.amount_untaxed::float
      FROM sale_order_line line
      JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = line.id
      JOIN account_move_line billed ON billed.id = rel.invoice_line_id
      JOIN account_move move ON move.id = billed.move_id
      JOIN res_partner customer ON customer.id = line.order_partner_id
     WHERE customer.name = 'Customer at Work'"""
HOURS = """
    SELECT count(*), sum(unit_amount) FROM account_analytic_line
    WHERE name = 'By hand' AND project_id IS NOT NULL"""
#: Odoo notes which models inherit which for the addon that was loaded last: not ours.
RECORDS = f"""
    SELECT module || '.' || name FROM ir_model_data
    WHERE module IN ({quoted(paths.TOGETHER)})
      AND model != 'ir.model.inherit'"""
#: Uninstalling, Odoo tries to delete the demo customers, and may not: they have
#: invoices, which stay. It says so once for each way it tries.
INVOICED = r'bad query: b\'DELETE FROM "res_partner"'


@dataclasses.dataclass
class Stage:
    """What was found after one stage of a database's life."""

    installed: set
    loud: list
    facts: dict


class Life:
    """A database with demo data that goes through everything, once.

    All addons are installed and upgraded; first what is optional is uninstalled, then
    what is built on the desk, then the desk; all come again. Each stage is looked at
    before the next.
    """

    def __init__(self, database):
        self.database = database
        self.stages = {}

    def look(self, stage, **facts):
        """Note what a stage left; the facts are functions of the database."""
        found = {name: fact(self.database) for name, fact in facts.items()}
        loud = self.database.loud_lines()
        if stage in ("leaves left", "desk left", "gone"):
            loud = [line for line in loud if not re.search(INVOICED, line)]
        self.database.log = ""
        installed = self.database.installed() & set(paths.TOGETHER)
        self.stages[stage] = Stage(installed, loud, found)

    def live(self):
        """Go through all stages."""
        database = self.database
        self.look("before", catalogue=whole_catalogue, schema=whole_schema)
        database.install(*paths.TOGETHER, options=["--with-demo"])
        database.shell(ENTER)
        self.look(
            "installed", records=records, tickets=tickets, hours=hours,
            own=own_columns(paths.TOGETHER), on_desk=own_columns(ON_DESK),
            archive=Archive.of,
        )  # fmt: skip
        database.update(*paths.TOGETHER)
        self.look("upgraded", records=records, hours=hours)
        database.uninstall(*LEAVES)
        self.look("leaves left", hours=hours, work=work, money=money)
        database.uninstall(REINVOICE)
        self.look(
            "desk left", left=on_desk_left, tickets=tickets, hours=hours,
            columns=all_columns, money=money,
        )  # fmt: skip
        database.update(BASE)
        self.look("desk upgraded", tickets=tickets)
        database.uninstall(BASE, *BESIDE)
        self.look(
            "gone", left=traces, hours=hours, columns=all_columns,
            catalogue=whole_catalogue, schema=whole_schema, money=money,
        )  # fmt: skip
        database.install(*paths.TOGETHER)
        self.look("back", hours=hours, money=money)


def records(database):
    """Return the external ids of the addons."""
    return names(database, RECORDS)


def tickets(database):
    """Return the number of tickets entered by hand."""
    return database.query(TICKETS)


def hours(database):
    """Return number and sum of the timesheets entered by hand."""
    return database.query(HOURS)


def whole_catalogue(database):
    """Return everything that addons brought."""
    return catalogue(database.odoo, database.name)


def whole_schema(database):
    """Return what the tables are like."""
    return schema(database.odoo, database.name)


def work(database):
    """Return what became of a working day."""
    printed = database.shell(WORK)
    return [line for line in printed.splitlines() if line.startswith("WORK ")]


#: Tables of the addons that hold something, by model, and their number of rows.
OWN_TABLES = """
    SELECT model FROM ir_model JOIN pg_tables ON tablename = replace(model, '.', '_')
    WHERE model LIKE 'helpdesk.%' AND NOT transient ORDER BY model"""
#: What tables are made of, without reports and dialogs. Items wait for a moment only.
TABLE_COLUMNS = """
    SELECT table_name || '.' || column_name FROM information_schema.columns
      JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
       AND table_name != 'sale_delivered_refresh' AND table_name NOT IN
           (SELECT replace(model, '.', '_') FROM ir_model WHERE transient)"""
#: Written along with what a person entered.
NOT_KEPT = {"access_token", "write_date", "write_uid", "id"}
#: Nor what the settings alone may read: a key, and which week's mail went out.
NOT_KEPT |= {"secret", "helpdesk_digest_week"}


@dataclasses.dataclass
class Archive:
    """What is in the archive of ``odoo helpdesk_export``, and what should be."""

    tables: dict
    rows: dict
    columns: set

    @classmethod
    def of(cls, database):
        """Write one and read it."""
        file = database.odoo.data_dir / f"{database.name}.zip"
        file.unlink(missing_ok=True)
        database.odoo.run(
            "helpdesk_export", "-d", database.name, str(file),
            log="export", sentence="the archive could not be written.",
        )  # fmt: skip
        with zipfile.ZipFile(file) as packed:
            tables = {
                name.removesuffix(".csv"): list(
                    csv.DictReader(io.TextIOWrapper(packed.open(name), "utf-8"))
                )
                for name in packed.namelist()
                if name.endswith(".csv")
            }
        file.unlink()
        models = names(database, OWN_TABLES)
        rows = {
            model: database.query(f"SELECT count(*) FROM {model.replace('.', '_')}")
            for model in models
        }
        columns = set(own_columns(paths.TOGETHER)(database))
        return cls(tables, rows, columns & set(names(database, TABLE_COLUMNS)))


def money(database):
    """Return what became of order and invoice of the working day."""
    return database.query(MONEY)


def own_columns(addons):
    """Return a function that tells the columns only these addons know of."""
    return lambda database: names(database, COLUMNS.format(addons=quoted(addons)))


def all_columns(database):
    """Return all columns of the database."""
    return names(database, ALL_COLUMNS)


def on_desk_left(database):
    """Return what is left of the addons that are built on the desk."""
    statement = TRACES["records"].format(addons=quoted(ON_DESK))
    return names(database, statement) + names(database, ON_DESK_COLUMNS)


def traces(database):
    """Return what is left of the addons, by kind."""
    found = {
        kind: names(database, statement.format(addons=quoted(paths.TOGETHER)))
        for kind, statement in TRACES.items()
    }
    return {kind: left for kind, left in found.items() if left}


@pytest.fixture(scope="module")
def life(bench):
    """Let a database live once; the tests look at its stages."""
    database = bench.database("life", "demo")
    story = Life(database)
    try:
        story.live()
    finally:
        database.drop()
    return story.stages


@pytest.mark.deep
@pytest.mark.parametrize(
    "stage",
    [
        "installed",
        "upgraded",
        "leaves left",
        "desk left",
        "desk upgraded",
        "gone",
        "back",
    ],
)
def test_no_stage_warns(life, stage):
    """Neither coming nor going nor an upgrade logs a warning or an error."""
    assert life[stage].loud == []


@pytest.mark.deep
def test_stages_are_what_they_say(life):
    """The addons are there when they should be."""
    assert life["installed"].installed == set(paths.TOGETHER)
    assert life["leaves left"].installed == {BASE, *BESIDE, REINVOICE}
    assert life["desk left"].installed == {BASE, *BESIDE}
    assert life["gone"].installed == set()
    assert life["back"].installed == set(paths.TOGETHER)


@pytest.mark.deep
def test_upgrade_changes_nothing(life):
    """An upgrade without a change neither makes nor loses records."""
    assert life["upgraded"].facts["records"] == life["installed"].facts["records"]


@pytest.mark.deep
def test_uninstalling_the_others_keeps_the_desk(life):
    """The tickets stay; no record, no column of the addons built on it does."""
    assert life["installed"].facts["tickets"] == [[1]]
    for stage in ("desk left", "desk upgraded"):
        assert life[stage].facts["tickets"] == life["installed"].facts["tickets"]
    facts = life["desk left"].facts
    assert facts["left"] == []
    assert not set(life["installed"].facts["on_desk"]) & set(facts["columns"])


@pytest.mark.deep
def test_uninstalling_the_desk_leaves_nothing(life):
    """No table, column, view, menu, group, cron or sequence is left."""
    facts = life["gone"].facts
    assert facts["left"] == {}
    own = set(life["installed"].facts["own"])
    assert "helpdesk_ticket.name" in own
    assert not own & set(facts["columns"])


@pytest.mark.deep
def test_nothing_goes_that_is_not_in_the_archive(life):
    """Before it is uninstalled, everything is written to tables: each record of ours,
    each of our columns of stock tables that holds something, with every ticket's talk."""
    archive = life["installed"].facts["archive"]
    assert archive.rows["helpdesk.ticket"][0][0] > 1
    for model, [[number]] in archive.rows.items():
        assert len(archive.tables[model]) == number, model
    tickets = {row["Database ID"] for row in archive.tables["helpdesk.ticket"]}
    talk = archive.tables["mail.message"]
    assert {
        row["res_id"] for row in talk if row["model"] == "helpdesk.ticket"
    } <= tickets
    assert talk
    heads = {
        f"{model.replace('.', '_')}.{head.removesuffix('/id')}"
        for model, rows in archive.tables.items() for head in (rows or [{}])[0]
    }  # fmt: skip
    empty = {
        model.replace(".", "_") for model, rows in archive.tables.items() if not rows
    }
    columns = {x for x in archive.columns if x.partition(".")[2] not in NOT_KEPT}
    assert "account_analytic_line.helpdesk_ticket_id" in heads
    lacking = {x for x in columns - heads if x.partition(".")[0] not in empty}
    assert sorted(lacking) == []


@pytest.mark.deep
def test_stock_is_as_it_was(life):
    """Stock has neither more nor less than before the addons came: tables, columns,
    constraints and indexes; fields, views, actions, crons, groups and parameters."""
    before, gone = life["before"].facts, life["gone"].facts
    for what in ("schema", "catalogue"):
        assert sorted(gone[what] - before[what]) == []
        assert sorted(before[what] - gone[what]) == []


@pytest.mark.deep
def test_work_goes_on_without_the_leaves(life):
    """A ticket is worked on, billed and closed when all that is optional is gone."""
    assert life["leaves left"].facts["work"] == [WORKED]


@pytest.mark.deep
@pytest.mark.parametrize("stage", ["leaves left", "desk left", "gone", "back"])
def test_money_survives(life, stage):
    """Orders and invoices stay what they are, whatever comes and goes."""
    assert life[stage].facts["money"] == [[1.5, 1.5, 150.0, "posted", 150.0]]


@pytest.mark.deep
@pytest.mark.parametrize(
    "stage", ["upgraded", "leaves left", "desk left", "gone", "back"]
)
def test_hours_survive(life, stage):
    """Time recorded on tickets stays with its project, whatever comes and goes."""
    assert life["installed"].facts["hours"] == [[1, 1.25]]
    assert life[stage].facts["hours"] == life["installed"].facts["hours"]


def test_comes_with_demo_data(new_database):
    """All come with what a first look shows, without a word. What follows in a life is
    left to the deep run."""
    database = new_database("life_demo", "demo")
    database.install(*paths.TOGETHER, options=["--with-demo"])
    assert set(paths.TOGETHER) <= database.installed()
    assert database.loud_lines() == []
    [[number]] = database.query("SELECT count(*) FROM helpdesk_ticket")
    assert number > 1


@pytest.mark.deep
def test_without_demo_data(new_database):
    """All come, are upgraded and go without a word where there is no demo data."""
    database = new_database("life_plain", "plain")
    database.install(*paths.TOGETHER)
    before = records(database)
    database.update(*paths.TOGETHER)
    assert records(database) == before
    database.uninstall(STATEMENT)
    assert names(database, STATEMENT_TRACES) == []
    assert set(paths.TOGETHER) - database.installed() == {STATEMENT}
    database.uninstall(*(set(paths.TOGETHER) - {STATEMENT}))
    assert on_desk_left(database) == []
    assert traces(database) == {}
    assert database.loud_lines() == []


@pytest.mark.deep
@pytest.mark.parametrize("leaf", LEAVES)
def test_work_goes_on_without_a_leaf(new_database, leaf):
    """Each goes alone, with what is built on it, and the desk works with the others."""
    database = new_database("life_leaf", "addons")
    gone = {leaf, *paths.built_on(leaf)} & set(paths.TOGETHER)
    own = set(own_columns(gone)(database))
    database.uninstall(leaf)
    assert set(paths.TOGETHER) - database.installed() == gone
    left = TRACES["records"].format(addons=quoted(gone))
    assert names(database, left) == []
    assert not own & set(all_columns(database))
    assert work(database) == [WORKED]
    assert database.loud_lines() == []


@pytest.mark.deep
def test_base_alone(new_database):
    """The desk installs, upgrades and works without sales and timesheets."""
    database = new_database("life_base", "plain")
    database.install(BASE)
    assert database.installed() & set(paths.TOGETHER) == {BASE}
    database.update(BASE)
    assert database.loud_lines() == []
    printed = database.shell(
        "team = env['helpdesk.team'].create({'name': 'Alone'})\n"
        "ticket = env['helpdesk.ticket'].create({'name': 'x', 'team_id': team.id})\n"
        "print('REF', bool(ticket.ticket_ref), ticket.stage_id in team.stage_ids)\n"
    )
    assert "REF True True" in printed
