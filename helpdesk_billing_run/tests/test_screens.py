from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests import test_screens


@tagged("post_install", "-at_install", "deep")
class TestRunScreens(test_screens.TestScreens):
    """Runs, leaks and work in progress open, for whoever is offered them."""

    addons = {"helpdesk_billing_run"}
    screen_models = {
        "helpdesk.billing.run",
        "helpdesk.billing.run.line",
        "helpdesk.leak",
        "helpdesk.work.in.progress",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_1 = cls.env["helpdesk.billing.run"].create({"team_ids": cls.team.ids})
        cls.run_1.action_rehearse()
        cls.env.flush_all()
        cls.env.invalidate_all()

    def _open(self, action):
        self.env.invalidate_all()  # each is a request of its own
        return super()._open(action)

    def _get_buttons(self):
        names = ("lines", "errors", "changed", "unsent")
        return [(self.run_1, [f"action_view_{name}" for name in names])]

    def test_menus(self):
        counts = self._open_all(self._menu_actions)
        self.assertEqual(counts["agent"], 0)
        self.assertGreaterEqual(counts["desk administrator"], 3)
        self.assertGreaterEqual(counts["salesperson"], 1)
        self.assertGreaterEqual(counts["accountant"], 1)
        self.assertGreaterEqual(counts["all at once"], 3)

    def test_buttons(self):
        counts = self._open_all(self._button_actions)
        self.assertEqual(counts["agent"], 0)
        self.assertEqual(counts["desk administrator"], 4)
        self.assertEqual(counts["accountant"], 4)
