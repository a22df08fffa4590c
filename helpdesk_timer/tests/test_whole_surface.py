from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests import test_whole_surface


@tagged("post_install", "-at_install")
class TestTimerSurface(test_whole_surface.TestWholeSurface):
    """Strangers learn nothing of a timer, whatever they call."""

    def setUp(self):
        super().setUp()
        self.ticket.with_user(self.agent).action_timer_start()
        self.targets = self.env["helpdesk.timer"].search(
            [("user_id", "=", self.agent.id)]
        )
        self.env.flush_all()

    def _get_calls(self, record):
        for name, arguments in super()._get_calls(record):
            yield name, [] if name == "get_timers" else arguments
