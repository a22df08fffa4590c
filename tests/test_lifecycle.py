"""Both addons come, stay and go without a trace in log or database."""

import pytest

from devtools import paths

BASE, REINVOICE = paths.ADDONS
#: What an uninstalled addon must not leave, by what the query returns: names.
TRACES = {
    "records": """
        SELECT module || '.' || name FROM ir_model_data WHERE module = '{addon}'""",
    "models": """
        SELECT model FROM ir_model WHERE model LIKE 'helpdesk%'""",
    "tables": """
        SELECT tablename FROM pg_tables WHERE tablename LIKE '%helpdesk%'""",
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
        UNION SELECT cron_name FROM ir_cron WHERE cron_name ILIKE '%helpdesk%'""",
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
#: What the reinvoicing addon adds to tables of others; the desk keeps its own.
REINVOICE_COLUMNS = """
    SELECT table_name || '.' || column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name NOT LIKE 'helpdesk%'
      AND column_name LIKE '%helpdesk%'
      AND table_name IN ('account_analytic_line', 'project_task', 'project_project',
                         'sale_order', 'sale_order_line')"""


def names(database, statement):
    """Return the first column of a query, sorted."""
    return sorted(str(row[0]) for row in database.query(statement))


@pytest.mark.parametrize("template", ["plain", "demo"])
def test_install_and_upgrade(new_database, template):
    """Both install and upgrade without a warning, with and without demo data."""
    database = new_database(f"life_{template}", template)
    options = ["--with-demo"] if template == "demo" else []
    database.install(*paths.ADDONS, options=options)
    assert database.loud_lines() == []
    records = "SELECT count(*) FROM ir_model_data WHERE module = '{}'"
    before = [database.query(records.format(addon)) for addon in paths.ADDONS]
    database.update(*paths.ADDONS)
    after = [database.query(records.format(addon)) for addon in paths.ADDONS]
    assert database.loud_lines() == []
    assert before == after, "an upgrade without a change changed the records"


def test_base_alone(new_database):
    """The desk installs, upgrades and works without sales and timesheets."""
    database = new_database("life_base", "plain")
    database.install(BASE)
    assert REINVOICE not in database.installed()
    database.update(BASE)
    assert database.loud_lines() == []
    printed = database.shell(
        "team = env['helpdesk.team'].create({'name': 'Alone'})\n"
        "ticket = env['helpdesk.ticket'].create({'name': 'x', 'team_id': team.id})\n"
        "print('REF', bool(ticket.ticket_ref), ticket.stage_id in team.stage_ids)\n"
    )
    assert "REF True True" in printed


def test_uninstall_one_after_the_other(new_database):
    """Uninstalling reinvoicing keeps the tickets; uninstalling the desk, nothing."""
    database = new_database("life_uninstall", "addons_demo")
    tickets = database.query("SELECT count(*) FROM helpdesk_ticket")
    database.uninstall(REINVOICE)
    assert REINVOICE not in database.installed()
    assert names(database, TRACES["records"].format(addon=REINVOICE)) == []
    assert names(database, REINVOICE_COLUMNS) == []
    assert database.query("SELECT count(*) FROM helpdesk_ticket") == tickets
    database.update(BASE)
    database.uninstall(BASE)
    assert not set(paths.ADDONS) & database.installed()
    left = {
        kind: found
        for kind, statement in TRACES.items()
        if (found := names(database, statement.format(addon=BASE)))
    }
    assert left == {}
    assert database.loud_lines() == []


def test_reinstall_after_uninstall(new_database):
    """Who comes back finds everything in working order."""
    database = new_database("life_again", "addons")
    database.uninstall(*paths.ADDONS)
    database.install(*paths.ADDONS)
    assert database.loud_lines() == []


def test_hours_survive_the_uninstall(new_database):
    """The time of a ticket stays with its project when the addon goes."""
    database = new_database("life_hours", "addons_demo")
    total = "SELECT count(*), round(sum(unit_amount)::numeric, 2) FROM account_analytic_line"
    before = database.query(total)
    assert before[0][0] > 0
    database.uninstall(*paths.ADDONS)
    assert database.query(total) == before
