from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests import test_screens


@tagged("post_install", "-at_install", "deep")
class TestStatementScreens(test_screens.TestScreens):
    """The statement's menus and button open, for whoever is offered them."""

    addons = {"helpdesk_timesheet_statement"}
    screen_models = {"helpdesk.time.statement"}

    def _get_buttons(self):
        return [(self.order_a, ("action_view_time_statement",))]

    def test_menus(self):
        counts = self._open_all(self._menu_actions)
        readers = {"salesperson", "sales team lead", "accountant"}
        self.assertLessEqual(readers, {role for role, count in counts.items() if count})
        self.assertEqual(counts["agent"], 0)
        self.assertEqual(counts["desk administrator"], 0)

    def test_buttons(self):
        # two statements: one would open its form at once
        self.order_a.order_line = [Command.create({"product_id": self.prepaid.id})]
        self.env.flush_all()
        counts = self._open_all(self._button_actions)
        self.assertEqual(counts["project user"], 0)
        self.assertEqual(counts["agent"], 0)
        self.assertEqual(counts["all at once"], 1)
