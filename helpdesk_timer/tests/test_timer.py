from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import TimerCommon


@tagged("post_install", "-at_install")
class TestTimer(TimerCommon):
    """Start, pause, resume, stop, as the least privileged agent."""

    def _stop(self, *arguments, ticket=None):
        line_id = (ticket or self.as_agent).action_timer_stop(*arguments)
        return self.env["account.analytic.line"].browse(line_id or [])

    def test_measured_time_is_recorded(self):
        self.assertIs(self.as_agent.action_timer_start(), True)
        self._wait(minutes=20)
        line = self._stop("Reset the password")
        self.assertEqual(line.name, "Reset the password")
        self.assertEqual(line.helpdesk_ticket_id, self.ticket)
        self.assertEqual(line.employee_id, self.employee)
        self.assertAlmostEqual(line.unit_amount, 20 / 60)
        self.assertAlmostEqual(line.timer_hours, 20 / 60)
        self.assertEqual(line.so_line, self.item_a)
        self.assertFalse(self._get_timers())
        self.assertDelivered(self.item_a, 0.33)

    def test_nothing_counts_before_it_is_stopped(self):
        self.as_agent.action_timer_start()
        self._wait(hours=3)
        self.assertDelivered(self.item_a, 0)
        self.assertFalse(self.ticket.timesheet_ids)
        self.assertEqual(self.ticket.invoice_status, "no")
        self.as_agent.action_timer_pause()
        self.assertDelivered(self.item_a, 0)
        self.assertFalse(self.ticket.timesheet_ids)

    def test_a_ticket_with_a_timer_is_not_idle(self):
        tickets = self.env["helpdesk.ticket"]
        self.assertIn(self.ticket, tickets.search(tickets._domain_may_auto_close()))
        self.as_agent.action_timer_start()
        self.as_agent.action_timer_pause()
        self.assertNotIn(self.ticket, tickets.search(tickets._domain_may_auto_close()))

    def test_pauses_do_not_count(self):
        self.as_agent.action_timer_start()
        self._wait(minutes=10)
        self.assertIs(self.as_agent.action_timer_pause(), True)
        self.assertIs(self.as_agent.action_timer_pause(), False)
        self._wait(hours=2)
        timer = self._get_timers(state="paused")
        self.assertEqual((timer.seconds, timer.hours), (600, 600 / 3600))
        self.as_agent.action_timer_start()
        self._wait(minutes=5)
        self.assertEqual(self._get_timers(state="running").seconds, 900)
        self.assertAlmostEqual(self._stop().unit_amount, 0.25)

    def test_paused_time_is_recorded_as_it_is(self):
        self.as_agent.action_timer_start()
        self._wait(minutes=10)
        self.as_agent.action_timer_pause()
        self._wait(hours=2)
        self.assertAlmostEqual(self._stop("Call").unit_amount, 10 / 60)

    def test_start_twice_changes_nothing(self):
        self.as_agent.action_timer_start()
        self._wait(minutes=10)
        self.assertIs(self.as_agent.action_timer_start(), True)
        timer = self._get_timers()
        self.assertEqual((len(timer), timer.seconds, timer.state), (1, 600, "running"))

    def test_another_start_pauses_and_says_so(self):
        self.as_agent.action_timer_start()
        self._wait(minutes=10)
        said = self.other.action_timer_start()
        self.assertEqual(said["tag"], "display_notification")
        self.assertIn("Oven is cold", said["params"]["message"])
        self.assertIn("0:10", said["params"]["message"])
        self.assertEqual(self._get_timers(state="running").ticket_id, self.ticket_a2)
        self.assertEqual(self._get_timers(state="paused").ticket_id, self.ticket)

    def test_colleagues_run_on_the_same_ticket(self):
        self.as_agent.action_timer_start()
        self.ticket.with_user(self.agent_2).action_timer_start()
        self.assertEqual(len(self._get_timers(state="running")), 2)
        self._wait(minutes=10)
        self._stop()
        self.assertEqual(self._get_timers().user_id, self.agent_2)

    def test_entered_hours_win_and_measured_are_kept(self):
        self.as_agent.action_timer_start()
        self._wait(minutes=20)
        line = self._stop("Call", "45m")
        self.assertAlmostEqual(line.unit_amount, 0.75)
        self.assertAlmostEqual(line.timer_hours, 20 / 60)

    def test_measured_time_is_rounded_to_the_minute(self):
        for seconds, minutes in ((89, 1), (90, 2), (150, 3)):
            self.as_agent.action_timer_start()
            self._wait(seconds=seconds)
            self.assertAlmostEqual(self._stop().unit_amount * 60, minutes)

    def test_less_than_a_minute_is_dropped(self):
        self.as_agent.action_timer_start()
        self._wait(seconds=59)
        self.assertIs(self.as_agent.action_timer_stop("Oops"), False)
        self.assertFalse(self.ticket.timesheet_ids)
        self.assertFalse(self._get_timers())

    def test_less_than_a_minute_on_purpose(self):
        self.as_agent.action_timer_start()
        self.assertAlmostEqual(self._stop("Call", 0.25).unit_amount, 0.25)

    def test_nothing_to_stop(self):
        self.assertIs(self.as_agent.action_timer_stop("Call", 1), False)
        self.assertIs(self.as_agent.action_timer_discard(), False)
        self.assertFalse(self.ticket.timesheet_ids)

    def test_a_form_of_a_new_timer(self):
        timer = self.env["helpdesk.timer"].with_user(self.agent).new({})
        self.assertFalse(timer.is_forgotten)

    def test_note_is_the_text(self):
        self.as_agent.action_timer_start()
        timer = self._get_timers().with_user(self.agent)
        timer.note = "Gateway"
        self._wait(minutes=10)
        self.assertEqual(self._stop().name, "Gateway")

    def test_what_makes_no_sense_keeps_the_timer(self):
        self.as_agent.action_timer_start()
        self._wait(minutes=20)
        for arguments in (
            ("Call", "soon"),
            ("Call", 90),
            ("Call", 0),
            ("Call", 1, {"so_line": self.item_b.id}),
            ("Call", 1, "work"),
            ("Call", 1, {"date": "tomorrow"}),
        ):
            with self.subTest(arguments=arguments):
                with self.assertRaises(ValidationError):
                    self.as_agent.action_timer_stop(*arguments)
        self.assertFalse(self.ticket.timesheet_ids)
        self.assertEqual(self._get_timers(state="running").seconds, 1200)

    def test_discard(self):
        self.as_agent.action_timer_start()
        self._wait(minutes=20)
        self.assertIs(self.as_agent.action_timer_discard(), True)
        self.assertFalse(self._get_timers())
        self.assertFalse(self.ticket.timesheet_ids)

    def test_archived_and_closed_tickets_are_recorded(self):
        self.as_agent.action_timer_start()
        self._wait(minutes=20)
        self.ticket.write({"stage_id": self.stage_done.id, "active": False})
        self.assertAlmostEqual(self._stop("Call").unit_amount, 20 / 60)

    def test_team_that_records_no_time_any_more(self):
        self.as_agent.action_timer_start()
        self._wait(minutes=20)
        self.team.use_helpdesk_timesheet = False
        with self.assertRaisesRegex(ValidationError, "records no time"):
            self.as_agent.action_timer_stop("Call")
        with self.assertRaisesRegex(UserError, "records no time"):
            self.other.action_timer_start()
        self.as_agent.action_timer_discard()
        self.assertFalse(self._get_timers())

    def test_ticket_with_timer_is_not_deleted(self):
        ticket = self._new_ticket("Short")
        ticket.with_user(self.agent).action_timer_start()
        with self.assertRaisesRegex(UserError, "Ada Agent has a timer"):
            ticket.unlink()
        ticket.with_user(self.agent).action_timer_discard()
        ticket.unlink()

    def test_timer_follows_the_merge(self):
        self.as_agent.action_timer_start()
        self._wait(minutes=10)
        self.other.action_timer_start()
        self.ticket.with_user(self.agent_2).action_timer_start()
        self._wait(minutes=5)
        self.ticket_a2._merge(self.ticket)
        timers = self._get_timers()
        self.assertEqual(timers.ticket_id, self.ticket_a2)
        self.assertEqual(len(timers), 2)
        own = timers.filtered(lambda timer: timer.user_id == self.agent)
        self.assertEqual((own.seconds, own.state), (900, "running"))
        self._wait(minutes=1)
        self.assertAlmostEqual(self._stop(ticket=self.other).unit_amount, 16 / 60)

    def test_measured_hours_are_nobodys_to_write(self):
        self.as_agent.action_timer_start()
        self._wait(minutes=10)
        line = self._stop().with_user(self.agent)
        with self.assertRaisesRegex(ValidationError, "cannot be written"):
            line.timer_hours = 5
        with self.assertRaisesRegex(ValidationError, "cannot be written"):
            self._log(self.ticket, 1, timer_hours=5)

    def test_row_proposes_what_was_measured(self):
        self.as_agent.action_timer_start()
        self._wait(minutes=20, seconds=20)
        self.assertAlmostEqual(self.as_agent.get_time_entry()["hours"], 20 / 60)
        self.assertEqual(self.other.get_time_entry()["hours"], 0.0)

    def test_time_before_closing_asks_for_recorded_time(self):
        self.team.require_time_to_close = True
        self.as_agent.action_timer_start()
        self._wait(minutes=20)
        with self.assertRaises(UserError):
            self.as_agent.stage_id = self.stage_done
        self._stop()
        self.as_agent.stage_id = self.stage_done
