from odoo.tests import tagged

from .mail_common import HelpdeskMailCommon


@tagged("post_install", "-at_install")
class TestNextTicket(HelpdeskMailCommon):
    """What now? As an agent with three own tickets, and others that nobody has."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.ticket | cls.ticket_a2).user_id = cls.agent
        cls.ticket_assigned.priority = "2"
        cls.queue = [
            cls.ticket_assigned,  # urgent
            cls.ticket,
            cls.ticket_a2,
            cls.ticket_b,  # nobody's
            cls.ticket_unknown,
            cls.ticket_private,
        ]

    def _get_next(self, ticket=None):
        tickets = (ticket or self.env["helpdesk.ticket"]).with_user(self.agent)
        return tickets.browse(tickets.action_next_ticket().get("res_id"))

    def test_own_by_priority_and_age_then_nobodys(self):
        ticket = None
        for expected in self.queue:
            ticket = self._get_next(ticket)
            self.assertEqual(ticket, expected)
        self.assertEqual(self._get_next(ticket), self.queue[0], "and round again")

    def test_what_waits_is_passed_over(self):
        self.ticket_assigned.kanban_state = "blocked"
        self.ticket.snoozed_until = "2999-01-01"
        self._answer(self.ticket_a2)
        self.assertEqual(self._get_next(), self.ticket_b)
        self._receive(
            headers={
                "In-Reply-To": self.ticket_a2.message_ids.sorted("id")[-1].message_id
            }
        )
        self.assertEqual(self._get_next(), self.ticket_a2, "the customer wrote again")

    def test_of_own_teams_only(self):
        self.ticket_assigned.stage_id = self.stage_done
        (self.ticket | self.ticket_a2).user_id = self.agent_2
        self.assertEqual(self._get_next(), self.ticket_b)
        tickets = self.env["helpdesk.ticket"].with_user(self.outsider)
        action = tickets.action_next_ticket()
        self.assertEqual(action["tag"], "display_notification")

    def test_from_the_overview(self):
        action = self.env["helpdesk.team"].with_user(self.agent).action_next_ticket()
        self.assertEqual(action["res_id"], self.ticket_assigned.id)

    def test_costs_the_same_for_many(self):
        few = self._count_warm_queries(self._get_next)
        self.env["helpdesk.ticket"].create(
            [{"name": f"T{i}", "team_id": self.team.id} for i in range(50)]
        )
        self.assertEqual(self._count_queries(self._get_next), few)
