from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import TimerCommon


@tagged("post_install", "-at_install")
class TestTimerDays(TimerCommon):
    """The day of the work, midnight, and timers that were forgotten."""

    def _get_screen(self):
        timers = self.env["helpdesk.timer"].with_user(self.agent).get_timers()
        return timers[0] if timers else {}

    def _set_clock(self, moment):
        self.now = fields.Datetime.to_datetime(moment)
        self.env.invalidate_all()

    def _stop(self, *arguments):
        line_id = self.as_agent.action_timer_stop(*arguments)
        return self.env["account.analytic.line"].browse(line_id)

    def test_day_of_the_start_where_the_person_is(self):
        for zone, day in (
            ("Europe/Brussels", "2026-03-04"),
            ("America/New_York", "2026-03-03"),
            ("Pacific/Auckland", "2026-03-04"),
        ):
            with self.subTest(zone=zone):
                self.agent.tz = zone
                self._set_clock("2026-03-03 23:30:00")
                self.as_agent.action_timer_start()
                self._wait(minutes=75)
                line = self._stop("Night")
                self.assertEqual(str(line.date), day)
                self.assertAlmostEqual(line.unit_amount, 1.25)

    def test_the_first_start_counts(self):
        self.as_agent.action_timer_start()
        self._wait(minutes=10)
        self.as_agent.action_timer_pause()
        self._wait(days=1)
        self.as_agent.action_timer_start()
        self._wait(minutes=10)
        self.assertEqual(str(self._stop().date), "2026-03-03")

    def test_another_day_may_be_said(self):
        self.as_agent.action_timer_start()
        self._wait(minutes=10)
        line = self._stop("Call", None, {"date": "2026-03-02"})
        self.assertEqual(str(line.date), "2026-03-02")

    def test_clocks_going_forward(self):
        """From half past one until half past three is one hour that night."""
        self._set_clock("2026-03-29 00:30:00")
        self.as_agent.action_timer_start()
        self._set_clock("2026-03-29 01:30:00")
        line = self._stop()
        self.assertAlmostEqual(line.unit_amount, 1)
        self.assertEqual(str(line.date), "2026-03-29")

    def test_midnight_is_told(self):
        self._set_clock("2026-03-03 22:30:00")
        self.as_agent.action_timer_start()
        self._wait(minutes=10)
        self.assertEqual(self._get_screen()["remark"], "")
        self.assertFalse(self._get_screen()["is_forgotten"])
        self._wait(minutes=30)
        self.assertIn("03/03/2026", self._get_screen()["remark"])
        self.assertTrue(self._get_screen()["is_forgotten"])

    def test_each_day_by_itself(self):
        self._set_clock("2026-03-03 22:30:00")
        self.as_agent.action_timer_start()
        self.assertEqual(self._get_screen()["split"], "")
        self._wait(minutes=75)
        self.assertIn("0:30 on 03/03/2026", self._get_screen()["split"])
        first = self._stop("Night", None, {"split_at_midnight": True})
        lines = self.ticket.timesheet_ids.sorted("date")
        self.assertEqual(lines[0], first)
        self.assertEqual([str(day) for day in lines.mapped("date")], [
            "2026-03-03", "2026-03-04",
        ])  # fmt: skip
        for name in ("unit_amount", "timer_hours"):
            for hours, expected in zip(lines.mapped(name), (0.5, 0.75), strict=True):
                self.assertAlmostEqual(hours, expected)

    def test_no_split_where_the_days_are_unknown(self):
        self._set_clock("2026-03-03 22:30:00")
        self.as_agent.action_timer_start()
        self._wait(minutes=10)
        self.as_agent.action_timer_pause()
        self.as_agent.action_timer_start()
        self._wait(minutes=40)
        self.assertEqual(self._get_screen()["split"], "")
        line = self._stop("Night", None, {"split_at_midnight": True})
        self.assertEqual(self.ticket.timesheet_ids, line)
        self.assertAlmostEqual(line.unit_amount, 50 / 60)

    def test_less_than_until_midnight_is_one_line(self):
        self._set_clock("2026-03-03 22:30:00")
        self.as_agent.action_timer_start()
        self._wait(minutes=75)
        line = self._stop("Night", "20m", {"split_at_midnight": True})
        self.assertEqual(self.ticket.timesheet_ids, line)
        self.assertAlmostEqual(line.unit_amount, 20 / 60)

    def test_long_time_is_not_recorded_by_itself(self):
        self.as_agent.action_timer_start()
        self._wait(hours=10)
        self.assertFalse(self._get_screen()["is_forgotten"])
        self._wait(hours=1)
        screen = self._get_screen()
        self.assertTrue(screen["is_forgotten"])
        self.assertEqual(screen["limit"], 36000)
        self.assertIn("11:00", screen["remark"])
        with self.assertRaisesRegex(UserError, "11:00"):
            self.as_agent.action_timer_stop("Call")
        line = self._stop("Call", 2)
        self.assertAlmostEqual(line.unit_amount, 2)
        self.assertAlmostEqual(line.timer_hours, 11)

    def test_limit_of_the_team(self):
        self.team.timer_limit_hours = 2
        self.as_agent.action_timer_start()
        self._wait(hours=3)
        self.assertTrue(self._get_screen()["is_forgotten"])
        self.team.timer_limit_hours = 0
        self.assertFalse(self._get_screen()["is_forgotten"])
        with self.assertRaises(ValidationError):
            self.team.timer_limit_hours = -1

    def test_leads_find_forgotten_timers(self):
        self.as_agent.action_timer_start()
        self.other.with_user(self.agent_2).action_timer_start()
        self._wait(minutes=10)
        self.other.with_user(self.agent_2).action_timer_pause()
        self.assertFalse(self._get_timers(self.manager, is_forgotten=True))
        self._wait(hours=11)
        found = self._get_timers(self.manager, is_forgotten=True)
        self.assertEqual(found.user_id, self.agent)
        rest = self._get_timers(self.manager, is_forgotten=False)
        self.assertEqual(rest.user_id, self.agent_2)
