import os
import random

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import TimerCommon

STEPS = int(os.environ.get("TIMER_STEPS", "150"))
SEED = int(os.environ.get("TIMER_SEED", "19"))


@tagged("post_install", "-at_install")
class TestTimerSequences(TimerCommon):
    """Whatever two agents do with timers on three tickets, every measured minute is
    recorded once, or thrown away by a person; nothing counts before.

    The world is written down once more beside it: seconds by person and ticket, and who
    runs. ``TIMER_STEPS`` and ``TIMER_SEED`` play other sequences.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.timer_limit_hours = 0.0
        cls.ticket_a2.sale_line_id = cls.item_a
        cls.third = cls.ticket_a2.copy({"name": "Third", "sale_line_id": cls.item_a.id})
        cls.tickets = cls.ticket | cls.ticket_a2 | cls.third
        cls.people = cls.agent | cls.agent_2

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.measured, self.running, self.recorded = {}, {}, 0.0

    def test_any_sequence(self):
        acts = (self._start, self._pause, self._stop, self._say, self._discard)
        for step in range(STEPS):
            user = self.random.choice(list(self.people))
            ticket = self.random.choice(list(self.tickets))
            act = self.random.choice(acts)
            act(user, ticket.with_user(user))
            self._let_pass(self.random.choice([0, 20, 59, 60, 95, 600, 4000]))
            self._check(f"step {step}: {act.__name__} by {user.name} on {ticket.name}")
        self.assertTrue(self.recorded, "nothing was ever recorded")

    # === ACTS === #

    def _start(self, user, ticket):
        ticket.action_timer_start()
        self.measured.setdefault((user, ticket.id), 0)
        self.running[user] = ticket.id

    def _pause(self, user, ticket):
        runs = self.running.get(user) == ticket.id
        self.assertEqual(ticket.action_timer_pause(), runs)
        if runs:
            del self.running[user]

    def _stop(self, user, ticket):
        line_id = ticket.action_timer_stop("Measured")
        minutes = int(self._end(user, ticket) / 60 + 0.5)
        seconds = self.ended
        self.assertEqual(bool(line_id), seconds is not None and seconds >= 60)
        self.recorded += minutes / 60 if line_id else 0.0

    def _say(self, user, ticket):
        hours = self.random.choice([0.25, 1.0, "0:20"])
        line_id = ticket.action_timer_stop("Said", hours)
        self._end(user, ticket)
        self.assertEqual(bool(line_id), self.ended is not None)
        if line_id:
            self.recorded += 1 / 3 if hours == "0:20" else hours

    def _discard(self, user, ticket):
        had = (user, ticket.id) in self.measured
        self.assertEqual(ticket.action_timer_discard(), had)
        self._end(user, ticket)

    def _end(self, user, ticket):
        """Forget the timer of a person; its seconds, None if there was none."""
        self.ended = self.measured.pop((user, ticket.id), None)
        if self.running.get(user) == ticket.id:
            del self.running[user]
        return self.ended or 0

    def _let_pass(self, seconds):
        self._wait(seconds=seconds)
        for user, ticket_id in self.running.items():
            self.measured[user, ticket_id] += seconds

    # === WHAT ALWAYS HOLDS === #

    def _check(self, where):
        timers = self._get_timers()
        found = {(timer.user_id, timer.ticket_id.id): timer.seconds for timer in timers}
        self.assertEqual(found, self.measured, where)
        running = timers.filtered(lambda timer: timer.state == "running")
        self.assertEqual(
            {timer.user_id: timer.ticket_id.id for timer in running},
            self.running,
            where,
        )
        worked = sum(self.tickets.sudo().mapped("total_hours_spent"))
        self.assertAlmostEqual(worked, self.recorded, 6, where)
        self.item_a.invalidate_recordset()
        self.assertAlmostEqual(self.item_a.qty_delivered, self.recorded, 1, where)

    def test_stop_on_an_archived_ticket_loses_nothing(self):
        """What was measured on a ticket that is put away meanwhile is still there."""
        self._start(self.agent, self.as_agent)
        self._let_pass(600)
        self.ticket.active = False
        try:
            line_id = self.as_agent.action_timer_stop("Late")
        except UserError:
            line_id = False
        self.assertTrue(line_id or self._get_timers())
