from .common import ImportCommon
from .old_desk import DATABASE, LOGIN, SECRET, OldDeskServer


class MigrationCommon(ImportCommon):
    """Ida moves a desk in from an old server, which serves on the loopback interface."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.importer.group_ids += cls.env.ref("base.group_partner_manager")

    def _serve(self, *args, **kwargs):
        """An old server until the end of the test, see ``OldDeskServer``.

        :return: it, and its address
        """
        desk = OldDeskServer(*args, **kwargs)
        serving = desk.serve()
        url = serving.__enter__()
        self.addCleanup(serving.__exit__, None, None, None)
        return desk, url

    def _new_migration(self, url, **values):
        return (
            self.env["helpdesk.migration"]
            .with_user(self.importer)
            .create(
                {
                    "url": url,
                    "database": DATABASE,
                    "login": LOGIN,
                    "api_key": SECRET,
                    **values,
                }
            )
        )

    def _run_jobs(self):
        """What the scheduled action does; what goes wrong in it is not swallowed."""
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr, user=self.env.ref("base.user_root"))[
                "helpdesk.migration"
            ]._cron_migrate()
        self.env.invalidate_all()

    def _rehearse(self, migration):
        migration.action_connect()
        migration.action_rehearse()
        self._run_jobs()
        self.assertFalse(migration.error)
        self.assertEqual(migration.state, "rehearsed")

    def _bring_in(self, migration):
        """Rehearse and bring in."""
        self._rehearse(migration)
        migration.action_bring_in()
        self._run_jobs()
        self.assertFalse(migration.error)
        self.assertEqual(migration.state, "brought")
        return self._find_tickets(migration)

    def _find_tickets(self, migration):
        action = migration.action_view_tickets()
        tickets = self.env["helpdesk.ticket"].with_context(active_test=False)
        return tickets.search(action["domain"], order="id")

    def _get_counts(self, migration):
        """Found, here already, new and left out, by kind."""
        return {
            line.entity: (line.found, line.here, line.new, line.left)
            for line in migration.count_line_ids
        }
