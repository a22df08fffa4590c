from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests import test_whole_surface

VIEWS = {"helpdesk.leak", "helpdesk.work.in.progress"}


@tagged("post_install", "-at_install")
class TestRunSurface(test_whole_surface.TestWholeSurface):
    """Strangers learn nothing of runs, leaks and open time, whatever they call."""

    def setUp(self):
        super().setUp()
        self._log(self.ticket, 1.0)
        lost = self.ticket.copy({"sale_line_id": False})
        self._log(lost, 1.0)
        run = self.env["helpdesk.billing.run"].create({})
        run.action_rehearse()
        self.env.flush_all()
        leaks = self.env["helpdesk.leak"].search([], limit=1)
        self.targets = [run, run.line_ids[:1], leaks]
        self.targets.append(self.env["helpdesk.work.in.progress"].search([], limit=1))
        self.assertTrue(all(self.targets))

    def _get_calls(self, record):
        for name, arguments in super()._get_calls(record):
            # a view of the database has no creators to group by
            if not (record._name in VIEWS and name == "formatted_read_group"):
                yield name, arguments
