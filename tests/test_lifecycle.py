"""The addons come, stay and go without a trace in log or database."""

import dataclasses
import re

import pytest

from devtools import paths

BASE = "helpdesk_base"
STATEMENT = "helpdesk_timesheet_statement"
#: What is built on the desk; the rest is beside it.
ON_DESK = [addon for addon in paths.built_on(BASE) if addon in paths.TOGETHER]
BESIDE = [addon for addon in paths.TOGETHER if addon not in (BASE, *ON_DESK)]
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


def quoted(addons):
    """Return names as SQL has them in a list."""
    return ", ".join(f"'{addon}'" for addon in addons)


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
TICKETS = "SELECT count(*) FROM helpdesk_ticket WHERE name = 'By hand'"
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

    All addons are installed and upgraded; first what is built on the desk, then the
    desk is uninstalled; all come again. Each stage is looked at before the next.
    """

    def __init__(self, database):
        self.database = database
        self.stages = {}

    def look(self, stage, **facts):
        """Note what a stage left; the facts are functions of the database."""
        found = {name: fact(self.database) for name, fact in facts.items()}
        loud = self.database.loud_lines()
        if stage in ("desk left", "gone"):
            loud = [line for line in loud if not re.search(INVOICED, line)]
        self.database.log = ""
        installed = self.database.installed() & set(paths.TOGETHER)
        self.stages[stage] = Stage(installed, loud, found)

    def live(self):
        """Go through all stages."""
        database = self.database
        database.install(*paths.TOGETHER, options=["--with-demo"])
        database.shell(ENTER)
        self.look(
            "installed", records=records, tickets=tickets, hours=hours,
            own=own_columns(paths.TOGETHER), on_desk=own_columns(ON_DESK),
        )  # fmt: skip
        database.update(*paths.TOGETHER)
        self.look("upgraded", records=records, hours=hours)
        database.uninstall(*ON_DESK)
        self.look(
            "desk left", left=on_desk_left, tickets=tickets, hours=hours,
            columns=all_columns,
        )  # fmt: skip
        database.update(BASE)
        self.look("desk upgraded", tickets=tickets)
        database.uninstall(BASE, *BESIDE)
        self.look("gone", left=traces, hours=hours, columns=all_columns)
        database.install(*paths.TOGETHER)
        self.look("back", hours=hours)


def records(database):
    """Return the external ids of the addons."""
    return names(database, RECORDS)


def tickets(database):
    """Return the number of tickets entered by hand."""
    return database.query(TICKETS)


def hours(database):
    """Return number and sum of the timesheets entered by hand."""
    return database.query(HOURS)


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


@pytest.mark.parametrize(
    "stage", ["installed", "upgraded", "desk left", "desk upgraded", "gone", "back"]
)
def test_no_stage_warns(life, stage):
    """Neither coming nor going nor an upgrade logs a warning or an error."""
    assert life[stage].loud == []


def test_stages_are_what_they_say(life):
    """The addons are there when they should be."""
    assert life["installed"].installed == set(paths.TOGETHER)
    assert life["desk left"].installed == {BASE, *BESIDE}
    assert life["gone"].installed == set()
    assert life["back"].installed == set(paths.TOGETHER)


def test_upgrade_changes_nothing(life):
    """An upgrade without a change neither makes nor loses records."""
    assert life["upgraded"].facts["records"] == life["installed"].facts["records"]


def test_uninstalling_the_others_keeps_the_desk(life):
    """The tickets stay; no record, no column of the addons built on it does."""
    assert life["installed"].facts["tickets"] == [[1]]
    for stage in ("desk left", "desk upgraded"):
        assert life[stage].facts["tickets"] == life["installed"].facts["tickets"]
    facts = life["desk left"].facts
    assert facts["left"] == []
    assert not set(life["installed"].facts["on_desk"]) & set(facts["columns"])


def test_uninstalling_the_desk_leaves_nothing(life):
    """No table, column, view, menu, group, cron or sequence is left."""
    facts = life["gone"].facts
    assert facts["left"] == {}
    own = set(life["installed"].facts["own"])
    assert "helpdesk_ticket.name" in own
    assert not own & set(facts["columns"])


@pytest.mark.parametrize("stage", ["upgraded", "desk left", "gone", "back"])
def test_hours_survive(life, stage):
    """Time recorded on tickets stays with its project, whatever comes and goes."""
    assert life["installed"].facts["hours"] == [[1, 1.25]]
    assert life[stage].facts["hours"] == life["installed"].facts["hours"]


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
