from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import SlaCommon


@tagged("post_install", "-at_install")
class TestPolicies(SlaCommon):
    """Policies are edited without changing what was promised."""

    def test_editing_offers_to_apply(self):
        ticket = self._arrive()
        clock = self._get_clock(ticket)
        policy = self.close_8.with_user(self.manager)
        open_before = policy.pending_count
        policy.time = 4
        self.env.invalidate_all()
        self.assertDeadline(clock, "Mon 17:00")
        self.assertEqual(policy.pending_count, open_before + 1)
        self._move(ticket, self.stage_waiting, "Mon 10:00")
        self._move(ticket, self.stage_work, "Mon 11:00")
        self.assertDeadline(clock, "Tue 10:00")
        policy.action_apply()
        self.env.invalidate_all()
        self.assertEqual(policy.pending_count, 0)
        self.assertDeadline(clock, "Mon 14:00")
        policy.name = "Other name"
        policy.write({"time": 4})
        self.env.invalidate_all()
        self.assertEqual(policy.pending_count, 0)

    def test_clocks_keep_calendar_and_waiting_stages(self):
        ticket = self._arrive()
        long = self._new_calendar("Long", [(day, 0.0, 24.0) for day in range(7)])
        self.team.resource_calendar_id = long
        self.close_8.exclude_stage_ids = False
        self._move(ticket, self.stage_waiting, "Mon 13:00")
        self._move(ticket, self.stage_work, "Tue 11:00")
        clock = self._get_clock(ticket)
        self.assertDeadline(clock, "Tue 15:00")
        self.assertTrue(self.close_8.pending_count)
        self.close_8.action_apply()
        self.assertDeadline(clock, "Mon 17:00")
        self.assertEqual(clock.resource_calendar_id, long)

    def test_new_policy_is_offered_to_open_tickets(self):
        ticket = self._arrive()
        policy = self._new_policy("Answer", "first_response", 2)
        self.assertTrue(policy.pending_count)
        self.assertNotIn(policy, ticket.sla_ids)
        policy.with_user(self.manager).action_apply()
        self.assertIn(policy, ticket.sla_ids)
        self.assertDeadline(self._get_clock(ticket, policy), "Mon 11:00")

    def test_tickets_that_were_there_before(self):
        """Nobody noted their stages: they count from their creation, and wait since they
        came to the stage they are in."""
        self.team.use_sla = False
        ticket = self._arrive()
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET create_date = %s WHERE id = %s",
            (self.now, ticket.id),
        )
        self._move(ticket, self.stage_waiting, "Mon 12:00")
        self.team.use_sla = True
        self.assertFalse(ticket.sla_status_ids)
        self._at("Mon 16:00")
        self.close_8.action_apply()
        clock = self._get_clock(ticket)
        self.assertEqual(str(clock.paused_since), "2026-03-02 12:00:00")
        self.assertEqual(str(clock.start_datetime), "2026-03-02 09:00:00")
        self._move(ticket, self.stage_work, "Tue 09:00")
        self.assertDeadline(clock, "Tue 14:00")

    def test_archived_policy_and_team_without_promises(self):
        ticket = self._arrive()
        clock = self._get_clock(ticket)
        self.close_8.with_user(self.manager).action_archive()
        self.assertFalse(clock.active or ticket.sla_deadline)
        self.close_8.action_unarchive()
        self.close_8.action_apply()
        self.assertTrue(clock.active)
        self.team.with_user(self.manager).use_sla = False
        self.assertFalse(clock.active or ticket.sla_state)

    def test_history_keeps_its_policy(self):
        ticket = self._arrive()
        self.assertTrue(ticket.sla_status_ids)
        for change in (
            self.close_8.unlink,
            lambda: self.close_8.write({"team_id": self.team_private.id}),
        ):
            with self.assertRaisesRegex(UserError, "Archive it"):
                change()
        self._new_policy("Unused", "close", 3).unlink()

    def test_what_is_refused(self):
        flexible = self.env["resource.calendar"].create(
            {"name": "Flexible", "schedule_type": "flexible"}
        )
        empty = self._new_calendar("Empty", [])
        policy = self.close_8.with_user(self.manager)
        for vals in (
            {"time": 0},
            {"time": -2},
            {"time": float("nan")},
            {"time": 1e9},
            {"reopen_days": -1},
            {"target": "stage"},
            {"target": "stage", "stage_id": 987654321},
            {"target": "soon"},
            {"priority": "9"},
            {"resource_calendar_id": flexible.id},
            {"resource_calendar_id": empty.id},
            {"revision": 7},
            {"team_id": False},
        ):
            with self.subTest(**vals), self.assertRaises(UserError):
                with self.env.cr.savepoint():
                    policy.write(vals)
        with self.assertRaisesRegex(ValidationError, "begins and ends"):
            self.team.resource_calendar_id = flexible

    def test_form(self):
        form = Form(self.env["helpdesk.sla"].with_user(self.manager))
        form.name = "By hand"
        form.team_id = self.team
        form.target = "stage"
        form.stage_id = self.stage_work
        form.time = 3.5
        policy = form.save()
        self.assertEqual(policy.stage_id, self.stage_work)
        self.assertEqual(policy.copy().name, "By hand (copy)")
        self.assertIn("domain", policy.action_view_statuses())
