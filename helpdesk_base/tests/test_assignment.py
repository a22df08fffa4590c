from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import AGENT, HelpdeskCommon

# a Wednesday
MORNING = "2026-06-10 09:00:00"
LUNCH = "2026-06-10 12:30:00"
NIGHT = "2026-06-10 22:00:00"


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


class PresenceCommon(HelpdeskCommon):
    """Two members with working hours of their own: one all day, one in the morning."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.full_time = cls._new_calendar("Full time", (8, 12), (13, 17))
        cls.mornings = cls._new_calendar("Mornings", (8, 12))
        cls.resource, cls.resource_2 = cls.env["resource.resource"].create(
            [
                {"name": user.name, "user_id": user.id, "calendar_id": calendar.id}
                for user, calendar in (
                    (cls.agent, cls.full_time),
                    (cls.agent_2, cls.mornings),
                )
            ]
        )
        cls.team.write({"assign_method": "balanced", "lead_id": cls.manager.id})

    @classmethod
    def _new_calendar(cls, name, *hours):
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": "UTC",
                "attendance_ids": [
                    Command.create(
                        {
                            "name": f"{name} {day} {start}",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": end,
                            "day_period": "morning" if start < 12 else "afternoon",
                        }
                    )
                    for day in range(5)
                    for start, end in hours
                ],
            }
        )

    @classmethod
    def _go_on_leave(cls, resource, start, hours):
        start = datetime.fromisoformat(start)
        return cls.env["resource.calendar.leaves"].create(
            {
                "name": "Away",
                "resource_id": resource.id,
                "calendar_id": resource.calendar_id.id,
                "date_from": start,
                "date_to": start + timedelta(hours=hours),
            }
        )

    def _assign(self, moment, count=4, **values):
        """Let that many tickets arrive at a moment."""
        with freeze_time(moment):
            return self.env["helpdesk.ticket"].create(
                [
                    {"name": f"T{number}", "team_id": self.team.id, **values}
                    for number in range(count)
                ]
            )

    def _get_calls(self, tickets):
        return tickets.activity_search(["helpdesk_base.mail_activity_assign"])


@tagged("post_install", "-at_install")
class TestPresence(PresenceCommon):
    def test_who_is_on_leave_is_passed_over(self):
        """Also around the clock, where nobody is off duty."""
        self._go_on_leave(self.resource, MORNING, 3)
        self.assertEqual(self._assign(LUNCH).user_id, self.agent | self.agent_2)
        self.assertEqual(self._assign("2026-06-10 10:00:00").user_id, self.agent_2)

    def test_training_is_no_leave(self):
        self._go_on_leave(self.resource, MORNING, 3).time_type = "other"
        tickets = self._assign("2026-06-10 10:00:00")
        self.assertEqual(tickets.user_id, self.agent | self.agent_2)

    def test_off_duty_counts_where_the_team_has_working_hours(self):
        afternoon = "2026-06-10 14:00:00"
        self.assertEqual(self._assign(afternoon).user_id, self.agent | self.agent_2)
        self.team.resource_calendar_id = self._new_calendar("Desk", (8, 18))
        self.assertEqual(self._assign(afternoon).user_id, self.agent)

    def test_lunch_is_on_duty(self):
        self.team.resource_calendar_id = self._new_calendar("Desk", (8, 18))
        self.assertEqual(self._assign(LUNCH).user_id, self.agent)

    def test_what_arrives_at_night_is_for_who_is_there_in_the_morning(self):
        self.team.resource_calendar_id = self._new_calendar("Desk", (8, 18))
        self._go_on_leave(self.resource, "2026-06-11 06:00:00", 12)
        self.assertEqual(self._assign(NIGHT).user_id, self.agent_2)
        # a day off of all: two days later
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.team.resource_calendar_id.id,
                "date_from": "2026-06-11 00:00:00",
                "date_to": "2026-06-11 23:59:59",
            }
        )
        self.assertIn(self.agent, self._assign(NIGHT).user_id)

    def test_nobody_left_is_a_todo_for_the_lead(self):
        for resource in self.resource | self.resource_2:
            self._go_on_leave(resource, MORNING, 8)
        tickets = self._assign(LUNCH, count=2)
        self.assertFalse(tickets.user_id, "never then everybody")
        calls = self._get_calls(tickets)
        self.assertEqual(calls.user_id, self.manager)
        self.assertEqual(len(calls), 2)
        tickets[0].with_user(self.agent).action_assign_to_me()
        tickets[1].with_user(self.agent).stage_id = self.stage_done
        self.assertFalse(self._get_calls(tickets), "done by itself")

    def test_without_lead_the_todo_is_for_a_member(self):
        self.team.write({"lead_id": False, "max_open_tickets": 1})
        self.assertEqual(self._get_calls(self._assign(LUNCH)).user_id, self.agent)
        self.team.member_ids |= self.manager
        self.manager.company_ids |= self.company
        calls = self._get_calls(self._assign(LUNCH))
        self.assertEqual(calls.user_id, self.manager)

    def test_limit_of_open_tickets(self):
        self.team.max_open_tickets = 2
        # the first agent has one already
        tickets = self._assign(LUNCH, count=5)
        owners = [ticket.user_id for ticket in tickets]
        self.assertEqual(owners.count(self.agent), 1)
        self.assertEqual(owners.count(self.agent_2), 2)
        self.assertEqual(len(self._get_calls(tickets)), 2)
        tickets.filtered("user_id")[0].stage_id = self.stage_done
        self.assertTrue(self._assign(LUNCH, count=1).user_id, "room again")

    def test_absences_are_read_at_once(self):
        """However many tickets arrive, and however many members there are."""
        self.team.resource_calendar_id = self.full_time
        few = self._count_queries_of_choice(1)
        members = self._new_users(
            *({"login": f"hd_more_{number}", "groups": AGENT} for number in range(6))
        )
        self.team.member_ids |= members
        self.env["resource.resource"].create(
            [
                {
                    "name": user.name,
                    "user_id": user.id,
                    "calendar_id": self.mornings.id,
                }
                for user in members
            ]
        )
        self.assertEqual(self._count_queries_of_choice(50), few)

    def _count_queries_of_choice(self, count):
        with freeze_time(MORNING), self._one_request():
            self.assertTrue(all(self.team._pick_assignees(count)))
        return self.query_count

    def test_a_lead_is_a_colleague(self):
        with self.assertRaises(ValidationError):
            self.team.lead_id = self.portal_a


@tagged("post_install", "-at_install")
class TestAssignmentRules(PresenceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.billing = cls.env["helpdesk.ticket.type"].create({"name": "Billing"})
        cls.vip = cls.env["helpdesk.tag"].create({"name": "VIP"})
        cls.rule = cls.env["helpdesk.assignment.rule"].create(
            {
                "team_id": cls.team.id,
                "ticket_type_ids": [Command.set(cls.billing.ids)],
                "user_ids": [Command.set(cls.agent.ids)],
            }
        )
        cls.rule_vip = cls.env["helpdesk.assignment.rule"].create(
            {
                "team_id": cls.team.id,
                "tag_ids": [Command.set(cls.vip.ids)],
                "user_ids": [Command.set(cls.agent_2.ids)],
            }
        )

    def test_type_and_tag_name_the_member(self):
        tickets = self._assign(LUNCH, ticket_type_id=self.billing.id)
        self.assertEqual(tickets.user_id, self.agent)
        for command in ([self.vip.id], [Command.set(self.vip.ids)]):
            tickets = self._assign(LUNCH, tag_ids=command)
            self.assertEqual(tickets.user_id, self.agent_2)

    def test_first_rule_wins(self):
        self.rule_vip.sequence = 1
        tickets = self._assign(
            LUNCH, ticket_type_id=self.billing.id, tag_ids=[self.vip.id]
        )
        self.assertEqual(tickets.user_id, self.agent_2)

    def test_others_take_it_if_nobody_named_is_there(self):
        self._go_on_leave(self.resource, MORNING, 8)
        tickets = self._assign(LUNCH, ticket_type_id=self.billing.id)
        self.assertEqual(tickets.user_id, self.agent_2)

    def test_by_hand_rules_alone_assign(self):
        self.team.assign_method = "manual"
        ticket = self._assign(LUNCH, count=1)
        self.assertFalse(ticket.user_id)
        ticket.with_user(self.agent_2).ticket_type_id = self.billing
        self.assertEqual(ticket.user_id, self.agent, "sorted after its arrival")
        ticket.with_user(self.agent_2).tag_ids = self.vip
        self.assertEqual(ticket.user_id, self.agent, "who has it keeps it")

    def test_a_rule_says_for_what_and_who(self):
        with self.assertRaises(ValidationError):
            self.rule.ticket_type_ids = False
        with self.assertRaises(ValidationError):
            self.rule.user_ids = False

    def test_agents_read_rules(self):
        rule = self.rule.with_user(self.agent)
        self.assertTrue(rule.user_ids)
        with self.assertRaises(AccessError):
            rule.sequence = 3
        private = self.rule.copy({"team_id": self.team_private.id})
        with self.assertRaises(AccessError):
            private.with_user(self.outsider).read(["sequence"])
        self.rule.with_user(self.manager).sequence = 3

    def test_tickets_that_move_in_are_whose_they_were(self):
        self._go_on_leave(self.resource, MORNING, 8)
        Ticket = self.env["helpdesk.ticket"]._as_moving_in()
        values = {"name": "Old", "team_id": self.team.id}
        ticket, own = Ticket.create([values, {**values, "user_id": self.agent.id}])
        self.assertFalse(ticket.user_id)
        self.assertFalse(ticket.activity_ids, "nobody is called for")
        ticket.ticket_type_id = self.billing
        self.assertFalse(ticket.user_id)
        self.assertEqual(own.user_id, self.agent)
        self.assertFalse((ticket | own).message_ids)
        self.assertEqual(own.message_partner_ids, self.agent.partner_id)
        # a client cannot say so
        ticket = self.env["helpdesk.ticket"].with_context(helpdesk_moving_in=True)
        self.assertFalse(ticket._is_moving_in())
