import random
from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.helpdesk_base.tests.calendar_common import moment

from .common import SlaCommon

MONDAY = moment("2026-03-02 00:00:00")


@tagged("post_install", "-at_install")
class TestClocks(SlaCommon):
    """Worked examples: until when, kept or broken, and by how much."""

    # === DEADLINES === #

    def test_working_hours_over_a_weekend(self):
        ticket = self._arrive("Fri 16:00")
        clock = self._get_clock(ticket)
        self.assertEqual(clock.deadline, moment("2026-03-09 16:00:00"))
        self.assertEqual(ticket.sla_deadline, clock.deadline)
        self.assertEqual(clock.hours_left, 8.0)
        self.assertEqual(clock.explanation, "8:00 of Office")
        self.assertStatus(clock, "ongoing")

    def test_deadline_is_part_of_the_promise(self):
        """The worked day ends with its last minute; a minute later it is broken."""
        ticket = self._arrive()
        clock = self._get_clock(ticket)
        self.assertDeadline(clock, "Mon 17:00")
        self._at("Mon 17:00")
        self.assertStatus(clock, "ongoing")
        self.assertState(ticket, "at_risk")
        self._at("Tue 09:30")
        self.assertStatus(clock, "failed", 0.5)
        self.assertState(ticket, "failed")
        self.assertEqual(ticket.sla_left, "Solution: 0:30 late")

    def test_tickets_that_move_in_are_promised_nothing_of_before(self):
        self._at("Wed 09:00")
        Ticket = self.env["helpdesk.ticket"]._as_moving_in()
        ticket = Ticket.create({"name": "Old", "team_id": self.team.id})
        ticket._set_opened(moment("2026-02-02 09:00:00"))
        ticket = ticket.with_env(self.env)
        self.assertDeadline(self._get_clock(ticket), "Wed 17:00")
        ticket.with_user(self.agent).priority = "2"
        self.assertDeadline(self._get_clock(ticket), "Wed 17:00")
        values = {
            "name": "Old",
            "team_id": self.team.id,
            "stage_id": self.stage_done.id,
        }
        self.assertFalse(Ticket.create(values).sla_ids)

    def test_days_off_half_days_and_other_hours(self):
        self._new_day_off("2026-03-03 00:00:00", "2026-03-03 23:59:59", self.office)
        self._new_day_off("2026-03-04 09:00:00", "2026-03-04 13:00:00")
        long = self._new_calendar("Long", [(day, 6.0, 22.0) for day in range(7)])
        other = self._new_policy("Long", "close", 30, resource_calendar_id=long.id)
        ticket = self._arrive("Mon 12:00")
        self.assertDeadline(self._get_clock(ticket), "Wed 16:00")
        # company-wide days off hold for its other hours, too
        self.assertDeadline(self._get_clock(ticket, other), "Wed 14:00")

    def test_zone_and_change_of_the_clock(self):
        """Clocks in Brussels go forward in the night to 29 March 2026."""
        self.office.tz = "Europe/Brussels"
        ticket = self._arrive("2026-03-27 15:00:00")
        deadline = self._get_clock(ticket).deadline
        self.assertEqual(deadline, moment("2026-03-30 14:00:00"))

    def test_without_working_hours_the_clock_always_runs(self):
        self.team.resource_calendar_id = False
        ticket = self._arrive("Fri 16:00")
        clock = self._get_clock(ticket)
        self.assertDeadline(clock, "Sat 00:00")
        self.assertEqual(clock.explanation, "8:00 of the clock")

    def test_no_working_hours_in_sight(self):
        self._new_day_off("2026-03-01 00:00:00", "2036-03-01 00:00:00", self.office)
        ticket = self._arrive()
        clock = self._get_clock(ticket)
        self.assertFalse(clock.deadline or ticket.sla_deadline)
        self._at("2030-01-01 09:00:00")
        self.assertStatus(clock, "ongoing")
        self.assertState(ticket, "ongoing")
        self.assertIn("no working hours in sight", ticket.sla_left)
        self._move(ticket, self.stage_done, "2030-01-02 09:00:00")
        self.assertStatus(clock, "reached")

    # === WAITING === #

    def test_a_night_of_waiting_counts_nothing(self):
        ticket = self._arrive()
        self._move(ticket, self.stage_waiting, "Mon 17:00")
        clock = self._get_clock(ticket)
        self.assertStatus(clock, "ongoing")
        self.assertFalse(ticket.sla_deadline)
        self._move(ticket, self.stage_work, "Tue 09:00")
        self.assertEqual(clock.paused_hours, 0.0)
        self.assertDeadline(clock, "Mon 17:00")

    def test_waiting_moves_the_deadline_by_working_hours(self):
        ticket = self._arrive()
        self._move(ticket, self.stage_waiting, "Mon 13:00")
        clock = self._get_clock(ticket)
        self._at("Tue 10:00")
        self.assertState(ticket, "paused")
        self.assertEqual(ticket.sla_left, "Solution: waiting, 4:00 left")
        self._move(ticket, self.stage_work, "Tue 11:00")
        self.assertEqual(clock.paused_hours, 6.0)
        self.assertDeadline(clock, "Tue 15:00")
        self.assertEqual(clock.explanation, "8:00 of Office + 6:00 waiting")
        self.assertState(ticket, "ongoing")
        self._move(ticket, self.stage_done, "Tue 15:00")
        self.assertStatus(clock, "reached")

    def test_waiting_after_the_deadline_heals_nothing(self):
        ticket = self._arrive()
        clock = self._get_clock(ticket)
        self._move(ticket, self.stage_waiting, "Tue 10:00")
        self.assertStatus(clock, "failed", 1.0)
        self._at("Tue 16:00")
        self.assertStatus(clock, "failed", 1.0)
        self.assertState(ticket, "failed")
        self._move(ticket, self.stage_work, "Tue 16:00")
        self._move(ticket, self.stage_done, "Tue 17:00")
        self.assertStatus(clock, "failed", 2.0)
        self._at("Fri 12:00")
        self.assertStatus(clock, "failed", 2.0)
        self.assertState(ticket, "missed")

    def test_waits_from_the_beginning(self):
        ticket = self._arrive(stage_id=self.stage_waiting.id)
        self._move(ticket, self.stage_work, "Mon 11:00")
        self.assertDeadline(self._get_clock(ticket), "Tue 11:00")

    def test_the_log_needs_no_tracking(self):
        quiet = self._arrive().with_context(tracking_disable=True, mail_notrack=True)
        self._at("Mon 13:00")
        quiet.stage_id = self.stage_waiting
        self._at("Tue 11:00")
        quiet.stage_id = self.stage_work
        self.assertDeadline(self._get_clock(quiet), "Tue 15:00")

    def test_answer_of_the_customer_ends_waiting(self):
        """By mail and in the portal alike: back to where it came from."""
        for values in (
            {"user": self.portal_a},
            {"user": self.env.user, "author_id": self.contact_a.id},
        ):
            ticket = self._arrive("Mon 09:00")
            self._move(ticket, self.stage_work, "Mon 10:00")
            self._move(ticket, self.stage_waiting, "Mon 13:00")
            self._answer(ticket, "Mon 14:00", subtype_id=None, **values)
            self.assertEqual(ticket.stage_id, self.stage_work)
            self.assertDeadline(self._get_clock(ticket), "Tue 10:00")
        self.team.sla_resume_on_answer = False
        self._move(ticket, self.stage_waiting, "Mon 15:00")
        self._answer(ticket, "Mon 16:00", self.portal_a)
        self.assertEqual(ticket.stage_id, self.stage_waiting)

    # === FIRST RESPONSE AND STAGES === #

    def test_first_response(self):
        policy = self._new_policy("Answer", "first_response", 2)
        ticket = self._arrive()
        clock = self._get_clock(ticket, policy)
        self.assertDeadline(clock, "Mon 11:00")
        self.assertEqual(ticket.sla_deadline, clock.deadline, "the nearest")
        self.assertEqual(ticket.sla_left, "First Response: 2:00 left")
        self._answer(ticket, "Mon 10:00", self.portal_a)
        self.assertStatus(clock, "ongoing")
        self._answer(ticket, "Mon 11:30")
        self.assertStatus(clock, "failed", 0.5)
        self.assertEqual(clock.reached_datetime, ticket.first_response_date)
        self.assertEqual(ticket.sla_deadline, self._get_clock(ticket).deadline)
        self.assertTrue(ticket.sla_fail)
        self.assertState(ticket, "ongoing")

    def test_answer_and_wait_in_one_step(self):
        """The response counts, in whatever order both are written."""
        policy = self._new_policy("Answer", "first_response", 2)
        for first in ("answer", "wait"):
            ticket = self._arrive()
            for step in (first, "wait" if first == "answer" else "answer"):
                if step == "answer":
                    self._answer(ticket, "Mon 10:00")
                else:
                    self._move(ticket, self.stage_waiting, "Mon 10:00")
            clock = self._get_clock(ticket, policy)
            self.assertStatus(clock, "reached")
            self.assertEqual(str(clock.reached_datetime), "2026-03-02 10:00:00")
            self.assertFalse(clock.paused_since)

    def test_response_while_it_waits(self):
        policy = self._new_policy("Answer", "first_response", 2)
        ticket = self._arrive()
        self._move(ticket, self.stage_waiting, "Mon 10:00")
        self._answer(ticket, "Mon 16:00")
        clock = self._get_clock(ticket, policy)
        self.assertStatus(clock, "reached")
        self.assertEqual(clock.paused_hours, 6.0)

    def test_stage(self):
        policy = self._new_policy(
            "Begun", "stage", 4, stage_id=self.stage_work.id, exclude_stage_ids=False
        )
        ticket = self._arrive()
        clock = self._get_clock(ticket, policy)
        self.assertDeadline(clock, "Mon 13:00")
        self._move(ticket, self.stage_work, "Mon 12:00")
        self.assertStatus(clock, "reached")
        self._move(ticket, self.stage_new, "Mon 12:30")
        self._at("Tue 12:00")
        self.assertStatus(clock, "reached")
        skipped = self._arrive()
        self._move(skipped, self.stage_done, "Mon 14:00")
        self.assertStatus(self._get_clock(skipped, policy), "failed", 1.0)

    # === REOPENING === #

    def test_reopened_soon_goes_on(self):
        """The time it was closed is left out."""
        ticket = self._arrive()
        clock = self._get_clock(ticket)
        self._move(ticket, self.stage_done, "Mon 11:00")
        self.assertStatus(clock, "reached")
        self._move(ticket, self.stage_work, "Tue 11:00")
        self.assertStatus(clock, "ongoing")
        self.assertDeadline(clock, "Tue 17:00")
        self._move(ticket, self.stage_done, "Wed 10:00")
        self.assertStatus(clock, "failed", 1.0)

    def test_reopened_later_is_a_new_promise(self):
        """Each round counts once; the first response is the first."""
        answer = self._new_policy("Answer", "first_response", 2)
        stage = self._new_policy("Begun", "stage", 4, stage_id=self.stage_work.id)
        self.close_8.reopen_days = stage.reopen_days = 2
        ticket = self._arrive()
        self._answer(ticket, "Mon 10:00")
        self._move(ticket, self.stage_work, "Mon 10:00")
        self._move(ticket, self.stage_done, "Mon 11:00")
        self._move(ticket, self.stage_new, "Thu 12:00")
        rounds = self._get_clock(ticket)
        self.assertEqual(len(rounds), 2)
        self.assertEqual(len(self._get_clock(ticket, answer)), 1)
        self.assertEqual(len(self._get_clock(ticket, stage)), 2)
        first, second = rounds.sorted("id")
        self.assertStatus(first, "reached")
        self.assertStatus(second, "ongoing")
        self.assertDeadline(second, "Fri 12:00")
        self._move(ticket, self.stage_work, "Thu 13:00")
        self.assertEqual(self._get_clock(ticket), rounds)

    # === ANY HISTORY === #

    def test_any_history(self):
        """Random days in the office against counting each minute: worked time is what
        passed outside of waiting stages."""
        dice = random.Random(7)
        stages = self.stage_new | self.stage_work | self.stage_waiting
        for _turn in range(12):
            minute = dice.randrange(5 * 1440)
            history = [(minute, dice.choice(stages))]
            while dice.random() < 0.8:
                minute += dice.randrange(1, 900)
                history.append((minute, dice.choice(stages)))
            history.append((minute + 1, self.stage_work))
            with self.subTest(history=[(m, s.name) for m, s in history]):
                self.now = MONDAY + timedelta(minutes=history[0][0])
                ticket = self._new_ticket("Any", stage_id=history[0][1].id)
                for minute, stage in history[1:]:
                    self.now = MONDAY + timedelta(minutes=minute)
                    ticket.stage_id = stage
                clock = self._get_clock(ticket)
                self.assertEqual(clock.deadline, self._count_deadline(history))

    def _count_deadline(self, history):
        """The minute in which eight hours are over, waiting left out."""
        minute, left = history[0][0], 8 * 60
        while left:
            now = MONDAY + timedelta(minutes=minute)
            stage = [stage for begin, stage in history if begin <= minute][-1]
            opens = now.weekday() < 5 and 9 <= now.hour < 17
            left -= opens and stage != self.stage_waiting
            minute += 1
        return MONDAY + timedelta(minutes=minute)


@tagged("post_install", "-at_install")
class TestReChoice(SlaCommon):
    """Who comes under which policy, and what becomes of the others."""

    def test_conditions_empty_for_any(self):
        vip = self.env["helpdesk.tag"].create({"name": "VIP"})
        kind = self.env["helpdesk.ticket.type"].create({"name": "Outage"})
        narrow = {
            "priority": "3",
            "ticket_type_ids": [Command.link(kind.id)],
            "tag_ids": [Command.link(vip.id)],
            "partner_ids": [Command.link(self.customer_a.id)],
        }
        policy = self._new_policy("Narrow", "close", 1, **narrow)
        meets = {
            "priority": "3",
            "ticket_type_id": kind.id,
            "tag_ids": [Command.link(vip.id)],
            "partner_id": self.contact_a.id,
        }
        self.assertEqual(self._arrive(**meets).sla_ids, policy | self.close_8)
        for name, other in (
            ("priority", "0"),
            ("ticket_type_id", False),
            ("tag_ids", []),
            ("partner_id", self.contact_b.id),
            ("team_id", self.team_private.id),
        ):
            with self.subTest(name):
                ticket = self._arrive(**{**meets, name: other})
                self.assertNotIn(policy, ticket.sla_ids)
        self.assertFalse(ticket.sla_ids)

    def test_raised_priority_counts_from_creation(self):
        """Waiting before that counts, too; a switch counts from the change."""
        urgent = self._new_policy("Urgent", "close", 4, priority="3")
        fresh = self._new_policy("Fresh", "close", 4, priority="3", from_match=True)
        ticket = self._arrive()
        self._move(ticket, self.stage_waiting, "Mon 09:30")
        self._move(ticket, self.stage_work, "Mon 10:00")
        self._at("Mon 10:30")
        ticket.with_user(self.agent).priority = "3"
        self.assertDeadline(self._get_clock(ticket, urgent), "Mon 13:30")
        self.assertDeadline(self._get_clock(ticket, fresh), "Mon 14:30")

    def test_what_applies_no_more_is_withdrawn(self):
        """Neither kept nor broken, listed, and taken up again with its history."""
        urgent = self._new_policy("Urgent", "close", 4, priority="3")
        ticket = self._arrive(priority="3")
        clock = self._get_clock(ticket, urgent)
        self._at("Mon 16:00")
        ticket.priority = "1"
        self.assertFalse(clock.active)
        self.assertNotIn(urgent, ticket.sla_ids)
        self.assertEqual(ticket.sla_withdrawn_ids, clock)
        self.assertFalse(ticket.sla_fail)
        self._move(ticket, self.stage_waiting, "Mon 16:00")
        self._move(ticket, self.stage_work, "Tue 10:00")
        ticket.priority = "3"
        self.assertEqual(self._get_clock(ticket, urgent), clock)
        self.assertDeadline(clock, "Mon 13:00")
        self.assertTrue(ticket.sla_fail)

    def test_what_was_reached_is_kept(self):
        answer = self._new_policy("Answer", "first_response", 2, priority="3")
        ticket = self._arrive(priority="3")
        self._answer(ticket, "Mon 10:00")
        ticket.priority = "0"
        self.assertStatus(self._get_clock(ticket, answer), "reached")

    def test_each_condition_chooses_anew(self):
        vip = self.env["helpdesk.tag"].create({"name": "VIP"})
        kind = self.env["helpdesk.ticket.type"].create({"name": "Outage"})
        self.team_private.use_sla = True
        policies = [
            ("partner_id", self.contact_b.id, {"partner_ids": self.customer_b.ids}),
            ("ticket_type_id", kind.id, {"ticket_type_ids": kind.ids}),
            ("tag_ids", [Command.link(vip.id)], {"tag_ids": vip.ids}),
            ("team_id", self.team_private.id, {"team_id": self.team_private.id}),
        ]
        for name, value, condition in policies:
            policy = self._new_policy(name, "close", 2, **condition)
            ticket = self._arrive()
            self.assertNotIn(policy, ticket.sla_ids)
            ticket.with_user(self.agent).write({name: value})
            with self.subTest(name):
                self.assertIn(policy, ticket.sla_ids)
        self.assertNotIn(self.close_8, ticket.sla_ids, "a policy of the other team")
        self.assertIn(self.close_8, ticket.sla_withdrawn_ids.sla_id)

    def test_merged_and_archived(self):
        ticket, other = self._arrive(), self._arrive()
        self._at("Fri 10:00")
        ticket._merge(other)
        self.assertFalse(other.sla_status_ids or other.sla_fail)
        self.assertEqual(len(ticket.sla_status_ids), 1, "the survivor keeps its own")
        self.assertTrue(ticket.sla_fail)
        ticket.action_archive()
        self.assertFalse(ticket.sla_status_ids)
        ticket.action_unarchive()
        self.assertTrue(ticket.sla_fail)

    def test_closed_is_never_measured_again(self):
        ticket = self._arrive()
        self._move(ticket, self.stage_done, "Mon 10:00")
        before = ticket.sla_status_ids.read()
        self.close_8.time = 0.5
        self._new_policy("Urgent", "close", 4, priority="3")
        ticket.priority = "3"
        self.close_8.action_apply()
        self.env.invalidate_all()
        self.assertEqual(ticket.sla_status_ids.read(), before)

    def test_teams_without_promises(self):
        self.team.use_sla = False
        ticket = self._arrive()
        self._move(ticket, self.stage_done, "Mon 10:00")
        self.assertFalse(ticket.sla_status_ids or ticket.sla_since)
        stays = self.env["helpdesk.sla.stay"]
        self.assertFalse(stays.search([("ticket_id", "=", ticket.id)]))
        self.assertState(ticket, False)
