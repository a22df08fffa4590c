from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests import test_whole_surface


@tagged("post_install", "-at_install")
class TestStatementSurface(test_whole_surface.TestWholeSurface):
    """Strangers learn nothing of a statement, whatever they call."""

    def setUp(self):
        super().setUp()
        self.targets = self.env["helpdesk.time.statement"].search(
            [("sale_line_id", "=", self.item_a.id)]
        )
        self.assertTrue(self.targets)

    def _get_calls(self, record):
        for name, arguments in super()._get_calls(record):
            # a view of the database has no creators to group by
            grouped = record._name == "helpdesk.time.statement"
            if not (grouped and name == "formatted_read_group"):
                yield name, arguments
