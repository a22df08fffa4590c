from odoo.tests import tagged

from odoo.addons.helpdesk_base.tests.common import TourCase

from .common import ReinvoiceCommon


@tagged("post_install", "-at_install", "deep")
class TestTour(ReinvoiceCommon, TourCase):
    """The part of the documentation that needs no sales, clicked; console errors fail
    the tour. Each day it is clicked from outside, with the way to the invoice."""

    browser_size = "1366,900"

    def test_configuration(self):
        """A helpdesk administrator needs no project rights to set a team up."""
        team = self._new_team("Postpaid", self.stage_new | self.stage_done, self.agent)
        self.start_tour(
            "/odoo/helpdesk",
            "helpdesk_reinvoice_manager_tour",
            login=self.manager.login,
        )
        self.assertTrue(team.use_helpdesk_sale_timesheet)
        self.assertTrue(team.project_id.allow_billable)


@tagged("post_install", "-at_install", "deep")
class TestTourPhone(ReinvoiceCommon, TourCase):
    """What an agent does on the road."""

    browser_size = "390,844"
    touch_enabled = True

    def test_agent_records(self):
        self.ticket.sale_line_id = self.item_a
        self.start_tour(
            f"/odoo/all-tickets/{self.ticket.id}",
            "helpdesk_reinvoice_agent_phone_tour",
            login=self.agent.login,
        )
        line = self.ticket.timesheet_ids
        self.assertEqual(line.unit_amount, 0.75)
        self.assertEqual(line.so_line, self.item_a)
