from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import TimerCommon


@tagged("post_install", "-at_install")
class TestTimerAccess(TimerCommon):
    """Everybody has the own timers, leads see those of all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.as_agent.action_timer_start()
        cls.timer = cls.env["helpdesk.timer"].search([("user_id", "=", cls.agent.id)])

    def test_own_timers_only(self):
        Timer = self.env["helpdesk.timer"].with_user(self.agent_2)
        self.assertFalse(Timer.search([]))
        self.assertEqual(Timer.get_timers(), [])
        self.assertEqual(self._get_timers(self.agent), self.timer)
        with self.assertRaises(AccessError):
            self.timer.with_user(self.agent_2).action_discard()
        as_colleague = self.ticket.with_user(self.agent_2)
        self.assertIs(as_colleague.action_timer_stop("Call", 1), False)
        self.assertIs(as_colleague.action_timer_pause(), False)
        self.assertEqual(self.timer.state, "running")

    def test_leads_read_all_and_change_none(self):
        timer = self.timer.with_user(self.manager)
        self.assertEqual(timer.user_id.name, "Ada Agent")
        for change in (
            lambda: timer.write({"note": "Mine"}),
            lambda: timer.unlink(),
            lambda: timer.action_discard(),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_nobody_writes_what_is_measured(self):
        own = self.timer.with_user(self.agent)
        own.note = "Gateway"
        for name, value in (
            ("seconds_before", 9999),
            ("state", "paused"),
            ("begun_at", "2020-01-01 00:00:00"),
            ("running_since", "2020-01-01 00:00:00"),
            ("ticket_id", self.ticket_a2.id),
            ("user_id", self.agent_2.id),
        ):
            with self.subTest(name=name), self.assertRaises(ValidationError):
                own.write({name: value})
        with self.assertRaises(ValidationError):
            own.create({"user_id": self.agent.id, "ticket_id": self.ticket_a2.id})
        with self.assertRaises(AccessError):
            own.create({"note": "Mine"})
        with self.assertRaises(AccessError):
            own.unlink()

    def test_hidden_tickets(self):
        hidden = self.ticket_private.with_user(self.agent_2)
        for call in (hidden.action_timer_start, hidden.get_time_entry):
            with self.assertRaises(AccessError):
                call()
        self.assertIs(hidden.action_timer_stop("Call", 1), False)

    def test_without_right_to_time(self):
        self.team.member_ids |= self.outsider
        with self.assertRaisesRegex(UserError, "right to your own timesheets"):
            self.ticket.with_user(self.outsider).action_timer_start()

    def test_person_without_the_ticket_may_still_discard(self):
        self.team.write({"privacy_visibility": "invited_internal"})
        self.team.member_ids -= self.agent
        own = self.env["helpdesk.timer"].with_user(self.agent).get_timers()
        self.assertEqual(own[0]["ticket_id"], self.ticket.id)
        with self.assertRaises(AccessError):
            self.as_agent.action_timer_stop("Call", 1)
        self.timer.with_user(self.agent).action_discard()
        self.assertFalse(self.timer.exists())

    def test_company_that_is_not_chosen(self):
        company = self.env["res.company"].create({"name": "Second"})
        self.manager.company_ids |= company
        timer = self.timer.with_user(self.manager)
        elsewhere = timer.with_context(allowed_company_ids=company.ids)
        self.assertFalse(elsewhere.search([]))
        self.assertIn(timer, timer.search([]))

    def test_own_timer_of_another_company_may_go(self):
        company = self.env["res.company"].create({"name": "Second"})
        self.agent.company_ids |= company
        own = self.timer.with_user(self.agent)
        own = own.with_context(allowed_company_ids=company.ids)
        self.assertEqual(own.get_timers()[0]["id"], self.timer.id)
        own.action_discard()
        self.assertFalse(self.timer.exists())

    def test_own_screens_are_told(self):
        notes = []
        self.patch(
            self.registry["res.users"],
            "_bus_send",
            lambda users, kind, _message: notes.extend((u, kind) for u in users),
        )
        self.as_agent.action_timer_pause()
        self.other.action_timer_start()
        self.other.action_timer_discard()
        self.assertGreaterEqual(len(notes), 3)
        self.assertEqual(set(notes), {(self.agent, "helpdesk_timer/changed")})

    def test_person_who_left(self):
        self.agent.active = False
        found = self._get_timers(self.manager)
        self.assertEqual(found, self.timer)
        self.assertEqual(found.read(["user_id"])[0]["user_id"][1], "Ada Agent")

    def test_screens_cost_the_same_for_many(self):
        def read_timers():
            self.env["helpdesk.timer"].with_user(self.agent).get_timers()

        few = self._count_warm_queries(read_timers)
        for number in range(6):
            self._new_ticket(f"More {number}").with_user(
                self.agent
            ).action_timer_start()
        self.assertLessEqual(self._count_queries(read_timers), few)
