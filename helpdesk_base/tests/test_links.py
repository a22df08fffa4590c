from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import HelpdeskCommon


@tagged("post_install", "-at_install")
class TestLinks(HelpdeskCommon):
    """Related tickets and duplicates, as an agent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.as_agent = cls.ticket.with_user(cls.agent)
        cls.other = cls.ticket_b.with_user(cls.agent)

    def test_related_both_ways(self):
        self.as_agent.related_ticket_ids = [Command.link(self.other.id)]
        self.assertEqual(self.other.related_ticket_ids, self.as_agent)
        self.other.related_ticket_ids = [Command.link(self.as_agent.id)]
        self.assertEqual(self.as_agent.related_count, 1)
        self.assertEqual(
            self.as_agent.search([("related_ticket_ids", "in", self.other.ids)]),
            self.as_agent,
        )
        self.other.related_ticket_ids = [Command.unlink(self.as_agent.id)]
        self.env.invalidate_all()
        self.assertFalse(self.as_agent.related_ticket_ids)
        third = self._new_ticket("Third", related_ticket_ids=self.ticket.ids)
        self.assertEqual(self.as_agent.related_ticket_ids, third)
        third.related_ticket_ids = False
        self.env.invalidate_all()
        self.as_agent.related_ticket_ids = [Command.link(self.as_agent.id)]
        self.env.invalidate_all()
        self.assertFalse(self.as_agent.related_ticket_ids, "not to itself")

    def test_opens_what_is_related(self):
        self.as_agent.related_ticket_ids = self.other
        action = self.as_agent.action_view_related()
        self.assertEqual(action["res_id"], self.other.id)
        self.as_agent.related_ticket_ids |= self.ticket_a2
        action = self.as_agent.action_view_related()
        found = self.as_agent.search(action["domain"])
        self.assertEqual(found, self.ticket_b | self.ticket_a2)

    def test_duplicate_closes_with_a_note(self):
        self.as_agent.duplicate_of_id = self.other
        self.assertEqual(self.ticket.stage_id, self.stage_done)
        self.assertFalse(self.ticket.merged_into_id, "a merge is something else")
        self.assertIn("duplicate of", self.ticket.message_ids[0].body)
        self.assertTrue(self.ticket.message_ids[0].is_internal)
        self.assertIn("Oven is cold", self.ticket_b.message_ids[0].body)
        self.assertEqual(self.other._get_related(), self.as_agent)
        self.as_agent.stage_id = self.stage_new
        self.assertEqual(self.ticket.duplicate_of_id, self.ticket_b)

    def test_no_duplicates_of_each_other(self):
        self.as_agent.duplicate_of_id = self.other
        for ticket in (self.as_agent, self.other):
            with self.assertRaises(ValidationError):
                ticket.duplicate_of_id = self.as_agent

    def test_customers_see_nothing_of_it(self):
        self.as_agent.related_ticket_ids = self.other
        self.as_agent.duplicate_of_id = self.other
        ticket = self.ticket.with_user(self.portal_a)
        for name in ("related_ticket_ids", "duplicate_of_id", "duplicate_ids"):
            with self.assertRaises(AccessError):
                ticket.read([name])
        shown = ticket.message_ids.filtered(lambda m: "Lift is stuck" in (m.body or ""))
        self.assertFalse(shown)

    def test_merge_keeps_what_is_related(self):
        self.ticket_a2.related_ticket_ids = self.ticket_b | self.ticket
        self.ticket_b.duplicate_of_id = self.ticket_a2
        self.as_agent._merge(self.ticket_a2.with_user(self.agent))
        self.assertEqual(self.ticket.duplicate_ids, self.ticket_b)
        self.assertIn(self.ticket_b, self.ticket.related_ticket_ids)
