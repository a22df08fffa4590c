from contextlib import suppress
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.helpdesk_base.tests.common import MANAGER
from odoo.addons.helpdesk_base.tools.archive import is_column

from ..models import helpdesk_migration
from .common import APPROVER
from .migration_common import MigrationCommon
from .old_desk import SECRET


@tagged("post_install", "-at_install")
class TestMigrationServer(MigrationCommon):
    """The old server is asked as it can be asked, by who may; what goes wrong is a
    sentence."""

    # === PROTOCOLS === #

    def test_versions(self):
        for version, modules, protocol in (
            ("14.0", (), "xmlrpc"),
            ("19.0", ("timesheet", "sale", "type", "rating"), "json2"),
        ):
            desk, url = self._serve(2, version=version, modules=modules)
            migration = self._new_migration(
                url, protocol=protocol, source=f"v{version[:2]}"
            )
            for row in desk.records["helpdesk.ticket"].values():
                row["number"] = f"{version}-{row['id']}"
            tickets = self._bring_in(migration)
            self.assertEqual(migration.version, version)
            self.assertEqual(len(tickets), 2)
            self.assertEqual(len(tickets.message_ids), 6)
            self.assertEqual("time" in self._get_counts(migration), bool(modules))
            is_type = "Failure" if modules else "Printers"
            self.assertEqual(tickets.ticket_type_id.mapped("name"), [is_type])

    # === WHAT GOES WRONG === #

    def assertNoConnection(self, regex, url, **values):
        migration = self._new_migration(url, **values)
        with self.assertRaisesRegex(UserError, regex):
            migration.action_connect()
        self.assertEqual(migration.state, "draft")

    def test_no_connection(self):
        desk, url = self._serve(1)
        nowhere = "http://127.0.0.1:9"
        self.assertNoConnection("127.0.0.1:9 cannot be reached", nowhere)
        self.assertNoConnection("refuses database, login or API key", url, api_key="x")
        self.assertNoConnection(
            "refuses database, login or API key", url, api_key="x", protocol="json2"
        )
        self.assertNoConnection("HTTP status 404", f"{url}/elsewhere")
        self.assertNoConnection("Enter login and API key", url, api_key=False)
        del desk.fields["helpdesk.ticket"]["number"]
        self.assertNoConnection("is not OCA's", url)
        del desk.fields["helpdesk.ticket"]
        self.assertNoConnection("helpdesk_mgmt is not installed", url)
        self.assertNoConnection("helpdesk_mgmt is not installed", url, protocol="json2")

    def test_goes_on_after_the_server_went_away(self):
        desk, url = self._serve(6)
        migration = self._new_migration(url)
        self._rehearse(migration)
        with patch.object(helpdesk_migration, "PAGE", 2):
            for after in (30, 45):
                desk.fail_after = len(desk.calls) + after
                migration.action_bring_in()
                self._run_jobs()
                self.assertIn("cannot be reached", migration.error)
                self.assertFalse(migration.job)
                done = migration.done_count
                self.assertLess(done, 6)
                self.assertEqual(len(self._find_tickets(migration)), done)
            self.assertGreater(done, 0)
            desk.fail_after = None
            migration.action_bring_in()
            self._run_jobs()
        self.assertFalse(migration.error)
        self.assertEqual(migration.state, "brought")
        self.assertEqual(len(self._find_tickets(migration)), 6)
        self.assertEqual(self._get_counts(migration)["ticket"], (6, 0, 6, 0))

    def test_killed_between_pages(self):
        """What was committed is done; the rest follows, and nothing comes twice."""
        _desk, url = self._serve(6)
        migration = self._new_migration(url)
        self._rehearse(migration)
        migration.action_bring_in()
        Cron = self.registry["ir.cron"]
        commit = Cron._commit_progress

        def kill(cron, *args, **kwargs):
            commit(cron, *args, **kwargs)
            raise SystemExit

        with patch.object(helpdesk_migration, "PAGE", 2):
            # assertRaises would take back what was committed
            with patch.object(Cron, "_commit_progress", kill), suppress(SystemExit):
                self._run_jobs()
            self.env.invalidate_all()
            self.assertEqual(migration.job, "bring")
            self.assertEqual(migration.done_count, 2)
            self.assertEqual(len(self._find_tickets(migration)), 2)
            self._run_jobs()
        self.assertEqual(migration.state, "brought")
        self.assertEqual(len(self._find_tickets(migration)), 6)
        self.assertEqual(self._get_counts(migration)["message"], (18, 0, 18, 0))

    def test_stopped_by_hand(self):
        _desk, url = self._serve(1)
        migration = self._new_migration(url)
        migration.action_connect()
        migration.action_rehearse()
        with self.assertRaisesRegex(UserError, "is at work"):
            migration.bring_time = False
        with self.assertRaisesRegex(UserError, "is at work"):
            migration.unlink()
        migration.action_stop()
        self._run_jobs()
        self.assertEqual(migration.state, "connected")
        with self.assertRaisesRegex(UserError, "First connect"):
            migration.action_bring_in()

    # === RIGHTS === #

    def test_who_may(self):
        migration = self._new_migration("http://127.0.0.1:9")
        for user in (self.agent, self.salesman):
            with self.assertRaises(AccessError):
                migration.with_user(user).read(["url"])
            with self.assertRaises(AccessError):
                migration.with_user(user).action_connect()

    def test_companies_of_others(self):
        """Nothing goes to them, nor is anything of theirs met by its key."""
        second = self.env["res.company"].create({"name": "Second Desk"})
        _desk, url = self._serve(1)
        migration = self._new_migration(url)
        self._rehearse(migration)
        row = migration.team_map_ids
        row.company_id = second
        with self.assertRaisesRegex(AccessError, "companies that are not yours"):
            migration.action_bring_in()
        row.company_id = self.env.company
        self.assertEqual(len(self._bring_in(migration)), 1)
        stranger = self._new_user(
            "hd_stranger",
            f"{MANAGER},{APPROVER},base.group_partner_manager",
            company_id=second.id,
            company_ids=[Command.set(second.ids)],
        )
        other = migration.sudo().copy({"company_id": second.id, "source": "mine"})
        other.api_key = SECRET
        other = other.with_user(stranger)
        self._rehearse(other)
        other.team_map_ids.company_id = second
        other.source = migration.source
        with self.assertRaisesRegex(AccessError, "This key is of a move"):
            other.action_bring_in()

    def test_odd_answers(self):
        desk, url = self._serve(1)
        migration = self._new_migration(url)
        for answer in (None, 7, [None], {"id": 1}):
            desk.call = lambda *args, a=answer: a
            with self.assertRaisesRegex(UserError, "cannot be read|not OCA"):
                migration.action_connect()

    def test_key_stays_out_of_the_archive(self):
        Migration = self.env["helpdesk.migration"]
        self.assertFalse(is_column(Migration, "secret"))
        self.assertTrue(is_column(Migration, "url"))

    def test_key_is_not_told(self):
        migration = self._new_migration("http://127.0.0.1:9")
        self.assertTrue(migration.has_key)
        self.assertFalse(migration.read(["api_key"])[0]["api_key"])
        self.assertEqual(migration.sudo().secret, SECRET)
        with self.assertRaises(AccessError):
            migration.read(["secret"])
        with self.assertRaises(AccessError):
            migration.search([("secret", "=like", "old%")])
        # it is for the server that it was entered for
        migration.url = "http://127.0.0.1:8"
        self.assertFalse(migration.has_key)

    def test_addresses(self):
        for url in (
            "file:///etc/passwd",
            "ftp://127.0.0.1",
            "127.0.0.1",
            "http://",
            "http://me:key@127.0.0.1",
            "http://127.0.0.1/?x=1",
            "http://127.0.0.1/elsewhere?",
            "http://127.0.0.1/elsewhere#",
            "http://127.0.0.1:port",
            "http://[",
        ):
            with self.assertRaisesRegex(ValidationError, "starts with https"):
                self._new_migration(url)

    def test_results_are_not_written(self):
        migration = self._new_migration("http://127.0.0.1:9")
        for name, value in (("state", "rehearsed"), ("job", "bring"), ("position", 3)):
            with self.assertRaisesRegex(ValidationError, "cannot be written"):
                migration.write({name: value})
        with self.assertRaises(AccessError):
            self.env["helpdesk.migration.line"].with_user(self.importer).create({})
        with self.assertRaisesRegex(ValidationError, "cannot take this value"):
            migration.write({"url": "x" * 501})

    def test_what_is_chosen_otherwise_comes_from_the_start(self):
        """A move that stopped does not pass over what it left out so far."""
        _desk, url = self._serve(1)
        migration = self._new_migration(url)
        migration.action_connect()
        for record, values in (
            (migration, {"bring_followers": False}),
            (migration.team_map_ids, {"is_taken": False}),
        ):
            migration.sudo().position = 3
            record.write(values)
            self.assertEqual(migration.position, 0)
