from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests import test_whole_surface


@tagged("post_install", "-at_install")
class TestSlaSurface(test_whole_surface.TestWholeSurface):
    """Strangers learn nothing of promises, whatever they call."""

    def setUp(self):
        super().setUp()
        self.team_private.use_sla = True
        policy = self.env["helpdesk.sla"].create(
            {
                "name": test_whole_surface.SECRET,
                "team_id": self.team_private.id,
                "target": "close",
                "time": 8,
            }
        )
        self.team.use_sla = True
        self.env["helpdesk.sla"].create(
            {"name": "Solved", "team_id": self.team.id, "target": "close", "time": 8}
        ).action_apply()
        self.targets = policy, self.ticket.sla_status_ids
        self.env.flush_all()
