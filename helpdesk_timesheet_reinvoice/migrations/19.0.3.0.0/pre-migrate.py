from odoo import SUPERUSER_ID, api
from odoo.tools.parse_version import parse_version
from odoo.tools.sql import table_exists

FORMER, STATEMENT = "helpdesk_timesheet_reinvoice", "helpdesk_timesheet_statement"


def migrate(cr, version):
    """Two things are addons of their own from now on, and were part of this one: the
    time statement is installed along, whoever had it; deferred quantities move over."""
    if not version:
        return
    check_desk(cr)
    move_statement(cr)
    move_waiting(cr)


def check_desk(cr):
    """The gate of the desk is needed: its addon is updated first."""
    cr.execute(
        "SELECT latest_version FROM ir_module_module WHERE name = 'helpdesk_base'"
    )
    [desk] = cr.fetchone()
    if parse_version(desk) < parse_version("19.0.3.0.0"):
        raise ValueError(
            "Update the desk, and with it all addons on it: -u helpdesk_base"
        )


def move_statement(cr):
    """Records of the statement keep their ids, so that favourites, menus and access
    rights a person changed stay; only their external ids say another addon."""
    cr.execute(
        """
        UPDATE ir_model_data data
           SET module = %(statement)s
         WHERE module = %(former)s
           AND (name LIKE ANY (ARRAY[
                    'helpdesk\\_time\\_statement\\_%%',
                    'access\\_helpdesk\\_time\\_statement\\_%%',
                    'field\\_helpdesk\\_time\\_statement\\_\\_%%',
                    'field\\_sale\\_order\\_\\_time\\_statement\\_%%'])
                OR name IN ('model_helpdesk_time_statement',
                            'account_analytic_line_action_statement'))
           AND NOT EXISTS (SELECT FROM ir_model_data other
                            WHERE other.module = %(statement)s
                              AND other.name = data.name)
        """,
        {"former": FORMER, "statement": STATEMENT},
    )
    # Odoo looks for modules to install until there are none left.
    cr.execute(
        "UPDATE ir_module_module SET state = 'to install'"
        " WHERE name = %s AND state = 'uninstalled'",
        [STATEMENT],
    )


def move_waiting(cr):
    """Items whose delivered quantity waited wait in the new table; see post-migrate."""
    if not table_exists(cr, "helpdesk_delivered_refresh"):
        return
    cr.execute(
        "INSERT INTO sale_delivered_refresh (sale_line_id)"
        " SELECT DISTINCT sale_line_id FROM helpdesk_delivered_refresh"
    )
    # Odoo drops tables of models it still knows, and keeps crons, which a person may
    # have changed.
    cr.execute("DROP TABLE helpdesk_delivered_refresh")
    env = api.Environment(cr, SUPERUSER_ID, {})
    cron = env.ref(f"{FORMER}.ir_cron_delivered_refresh", raise_if_not_found=False)
    if cron:
        action = cron.ir_actions_server_id
        cron.unlink()
        action.unlink()
