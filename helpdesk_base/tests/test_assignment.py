from odoo.tests import tagged

from .common import AGENT, HelpdeskCommon


@tagged("post_install", "-at_install")
class TestAssignment(HelpdeskCommon):
    def test_manual_leaves_tickets_unassigned(self):
        self.assertFalse(self._new_ticket("Nobody yet").user_id)

    def test_assign_to_me(self):
        tickets = self.ticket | self.ticket_b
        tickets.with_user(self.agent_2).action_assign_to_me()
        self.assertEqual(tickets.user_id, self.agent_2)
        self.assertIn(self.agent_2.partner_id, self.ticket.message_partner_ids)
        self.assertTrue(self.ticket.assign_date)

    def test_random_assigns_members_only(self):
        self.team.assign_method = "randomly"
        tickets = self.env["helpdesk.ticket"].create(
            [{"name": f"T{i}", "team_id": self.team.id} for i in range(20)]
        )
        self.assertTrue(all(ticket.user_id for ticket in tickets))
        self.assertLessEqual(tickets.user_id, self.agent | self.agent_2)

    def test_balanced_counts_open_tickets_only(self):
        # the first agent has one open ticket, and two that are closed
        for ticket in self.ticket | self.ticket_b:
            ticket.write({"user_id": self.agent.id, "stage_id": self.stage_done.id})
        self.team.assign_method = "balanced"
        tickets = self.env["helpdesk.ticket"].create(
            [{"name": f"T{i}", "team_id": self.team.id} for i in range(5)]
        )
        loads = [
            len(tickets.filtered(lambda t, user=user: t.user_id == user))
            for user in (self.agent, self.agent_2)
        ]
        self.assertEqual(loads, [2, 3], "three open tickets each in the end")

    def test_archived_members_are_passed_over(self):
        self.team.assign_method = "balanced"
        self.agent_2.active = False
        tickets = self.env["helpdesk.ticket"].create(
            [{"name": f"T{i}", "team_id": self.team.id} for i in range(4)]
        )
        self.assertEqual(tickets.user_id, self.agent)
        self.agent.active = False
        self.assertFalse(self._new_ticket("Nobody left").user_id)

    def test_members_of_other_companies_are_passed_over(self):
        company = self.env["res.company"].create({"name": "Other Ltd"})
        self.agent_2.write(
            {"company_ids": [(6, 0, company.ids)], "company_id": company.id}
        )
        self.team.assign_method = "randomly"
        self.assertEqual(self._new_ticket("Only one may").user_id, self.agent)

    def test_a_given_assignee_wins(self):
        self.team.assign_method = "balanced"
        ticket = self._new_ticket("Chosen", user_id=self.outsider.id)
        self.assertEqual(ticket.user_id, self.outsider)

    def test_the_assignee_is_told(self):
        self.team.assign_method = "balanced"
        ticket = self._new_ticket("For somebody")
        self.assertIn(ticket.user_id.partner_id, ticket.message_partner_ids)
        told = self.env["mail.message"].search(
            [
                ("model", "=", ticket._name),
                ("res_id", "=", ticket.id),
                ("message_type", "=", "user_notification"),
            ]
        )
        self.assertEqual(told.notified_partner_ids, ticket.user_id.partner_id)

    def test_moving_to_another_team(self):
        expert = self._new_user("hd_expert", AGENT)
        experts = self._new_team(
            "Experts", self.team.stage_ids, expert, assign_method="balanced"
        )
        self.ticket_assigned.team_id = experts
        self.assertEqual(self.ticket_assigned.user_id, expert)
        self.ticket.user_id = expert
        self.ticket.team_id = experts
        self.assertEqual(self.ticket.user_id, expert, "a member keeps the ticket")

    def test_moving_to_a_manual_team_waits_for_somebody(self):
        team = self._new_team("Second", self.team.stage_ids, self.agent_2)
        self.ticket_assigned.team_id = team
        self.assertFalse(self.ticket_assigned.user_id)
