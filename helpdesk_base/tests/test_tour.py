from odoo.tests import tagged

from .common import HelpdeskCommon, TourCase


class CustomerTour(HelpdeskCommon, TourCase):
    def _walk_through_the_portal(self):
        self.team.allow_portal_ticket_closing = True
        others = self.env["helpdesk.team"].search([("id", "!=", self.team.id)])
        others.allow_portal_ticket_creation = False
        self.start_tour("/my", "helpdesk_portal_tour", login=self.portal_a.login)
        ticket = self.env["helpdesk.ticket"].search([("name", "=", "Mixer is loud")])
        self.assertTrue(ticket.is_closed)
        self.assertIn("louder today", str(ticket.message_ids.mapped("body")))


@tagged("post_install", "-at_install")
class TestTour(CustomerTour):
    """Every promise of a screen, clicked in a browser; console errors fail the tour."""

    browser_size = "1366,900"

    def test_manager(self):
        self.start_tour(
            "/odoo/helpdesk", "helpdesk_manager_tour", login=self.manager.login
        )
        team = self.env["helpdesk.team"].search([("name", "=", "Night Shift")])
        self.assertEqual(team.assign_method, "balanced")
        self.assertEqual(team.privacy_visibility, "internal")
        self.assertEqual(team.alias_name, "night")

    def test_portal(self):
        self._walk_through_the_portal()


@tagged("post_install", "-at_install", "deep")
class TestPhone(CustomerTour):
    """The customer's path on a phone."""

    browser_size = "390,844"
    touch_enabled = True

    def test_portal(self):
        self._walk_through_the_portal()


@tagged("post_install", "-at_install", "deep")
class TestAgent(HelpdeskCommon, TourCase):
    """The agent's path; each day it is clicked from outside, with time and order."""

    browser_size = "1366,900"

    def test_agent(self):
        self.start_tour("/odoo", "helpdesk_agent_tour", login=self.agent.login)
        ticket = self.env["helpdesk.ticket"].search([("name", "=", "Fridge is warm")])
        self.assertEqual(ticket.user_id, self.agent)
        self.assertEqual(ticket.stage_id, self.stage_done)
        self.assertEqual(ticket.priority, "3")
        self.assertTrue(ticket.close_date)
