"""A database of an earlier version keeps everything when it is updated.

``tests/data`` holds a dump of one for each version, and what could be read in it when it
was made: see ``helpers/versions.py``, which says how to add one. It is restored, updated, and
then given the addons that are optional: it must be what a new database is, and every
hour and every cent of before must be where it was.
"""

import dataclasses
import json

import pytest

from devtools import paths
from helpers import versions
from helpers.catalogue import catalogue, own_records

BASE, REINVOICE = "helpdesk_base", "helpdesk_timesheet_reinvoice"
STATEMENT, CONTENTION = "helpdesk_timesheet_statement", "sale_timesheet_contention"
#: A version, and what is updated: our addons, or everything there is, as it is done
#: along with a newer Odoo. The latest one is enough for every day.
VERSIONS = (
    pytest.param(("19.0.2.0.0", BASE), id="19.0.2.0.0"),
    *(
        pytest.param((version, updated), id=version, marks=pytest.mark.deep)
        for version, updated in (
            ("19.0.1.0.2", "base"), ("19.0.1.0.1", BASE), ("19.0.1.0.0", "base")
        )
    ),
)  # fmt: skip
#: What the data of a dump leaves in the catalogue, and a new database does not have.
BY_HAND = {
    ("parameter", "ir_attachment.location"),
}
#: External ids that name nothing.
ORPHANS = f"""
ours = env["ir.model.data"].search([("module", "in", {paths.TOGETHER!r})])
for model, data in ours.grouped("model").items():
    known = env[model].browse(data.mapped("res_id")).exists().ids if model in env else []
    for record in data.filtered(lambda record: record.res_id not in known):
        print("ORPHAN", record.complete_name)
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

    @classmethod
    def at(cls, database, module, records=None):
        """Read all that counts.

        :param module: the addon that holds the statement
        :param records: what was read before, of a version whose addons are not here
        """
        return cls(
            records or versions.read(database.shell(versions.READ)),
            database.query(STATEMENT_RECORDS.format(module)),
            database.query(FAVOURITE),
        )


class Update:
    """A database of an earlier version, looked at, updated and looked at again."""

    def __init__(self, bench, version, updated):
        self.bench = bench
        files = versions.kept()
        facts = json.loads(files[f"{version}.json"])
        self.database = database = bench.restored("migrated", files[f"{version}.sql"])
        [[installed]] = database.query(
            f"SELECT latest_version FROM ir_module_module WHERE name = '{REINVOICE}'"
        )
        assert installed == version
        self.before = Look.at(database, REINVOICE, facts["records"])
        self.own = set(map(tuple, facts["schema"]))
        self.stock = database.schema() - self.own
        if bench.schema("plain") - self.stock:
            # made on another Odoo, whose tables are updated first
            updated = "base"
        database.update(updated)
        self.after = Look.at(database, STATEMENT)
        self.loud, self.installed = database.loud_lines(), database.installed()


@pytest.fixture(scope="module", params=VERSIONS)
def update(request, bench):
    story = Update(bench, *request.param)
    try:
        yield story
    finally:
        story.database.drop()


@pytest.fixture(scope="module")
def leaves(update):
    """All that is optional is installed after the update."""
    update.database.log = ""
    update.database.install(*paths.TOGETHER)
    return update


def test_update_says_nothing(update):
    """No warning, no error; the addons that were part of another are installed."""
    assert update.loud == []
    assert {STATEMENT, CONTENTION} <= update.installed


@pytest.mark.parametrize(
    "model",
    [
        "helpdesk.team",
        "helpdesk.ticket",
        "account.analytic.line",
        "sale.order",
        "account.move",
        "account.move.line",
        "mail.message",
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
    before = update.before.records["account.analytic.line"]
    assert lines == companies == sum(bool(x["helpdesk_ticket_id"]) for x in before) > 5


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


@pytest.mark.deep
def test_leaves_change_nothing(leaves):
    """What is installed afterwards says nothing, and moves no hour and no cent."""
    assert leaves.database.loud_lines() == []
    assert set(paths.TOGETHER) <= leaves.database.installed()
    assert Look.at(leaves.database, STATEMENT) == leaves.after


@pytest.mark.deep
def test_tables_are_those_of_a_new_database(leaves, bench):
    """No column, constraint or index of before is left; none of today lacks."""
    new, found = bench.schema("addons"), leaves.database.schema()
    assert leaves.own
    assert sorted(found - new - leaves.stock) == []
    assert sorted(new - found) == []


@pytest.mark.deep
def test_records_are_those_of_a_new_database(leaves, bench):
    """Neither a view, menu, action, rule, cron or model of before is left, nor an
    external id without a record; views say what they say in a new database."""
    odoo, name, new = bench.odoo, leaves.database.name, bench.templates["addons"]
    theirs = catalogue(odoo, name)
    ours = catalogue(odoo, new)
    assert sorted(ours - theirs) == []
    assert sorted(theirs - ours - BY_HAND) == []
    addons = paths.TOGETHER
    assert own_records(odoo, name, addons) ^ own_records(odoo, new, addons) == set()
    assert leaves.database.shell(ORPHANS) == ""


@pytest.mark.deep
def test_statement_can_go(update):
    """Uninstalled, it leaves nothing of before the update behind."""
    update.database.log = ""
    update.database.uninstall(STATEMENT)
    for module in (STATEMENT, REINVOICE):
        assert update.database.query(STATEMENT_RECORDS.format(module)) == []
    assert update.database.loud_lines() == []
