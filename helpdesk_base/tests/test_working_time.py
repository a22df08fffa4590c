import os
import random
from datetime import timedelta

from pytz import timezone

from odoo.tests import TransactionCase, tagged

from ..tools import WorkingTime
from .calendar_common import NINE_TO_FIVE, CalendarMixin, count_minutes, moment

ZONES = ("UTC", "Europe/Brussels", "America/New_York", "Asia/Kolkata", "Pacific/Apia")
#: Both changes of the clock lie in these, north and south.
WEEKS = ("2026-03-06", "2026-03-26", "2026-10-22", "2026-10-30", "2026-07-01")


@tagged("post_install", "-at_install")
class TestWorkingTime(TransactionCase, CalendarMixin):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = cls._new_calendar()
        cls.hours = WorkingTime(cls.office, cls.env.company)

    def test_nights_and_weekends_do_not_count(self):
        friday, monday = moment("2026-03-06 16:00:00"), moment("2026-03-09 10:30:00")
        self.assertEqual(self.hours.count(friday, monday), 2.5)
        self.assertEqual(self.hours.count(monday, friday), 0.0)
        self.assertEqual(self.hours.count(False, friday), 0.0)

    def test_plan_ends_with_the_day(self):
        """Eight hours from nine are over at five, not at nine the day after."""
        start = moment("2026-03-02 09:00:00")
        self.assertEqual(self.hours.plan(start, 8), moment("2026-03-02 17:00:00"))
        self.assertEqual(self.hours.plan(start, 8.5), moment("2026-03-03 09:30:00"))
        self.assertEqual(self.hours.plan(start, 0), start)
        before = moment("2026-02-28 22:00:00")
        self.assertEqual(self.hours.plan(before, 1), moment("2026-03-02 10:00:00"))

    def test_days_off_of_calendar_and_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self._new_day_off("2026-03-03 00:00:00", "2026-03-03 23:59:59", self.office)
        self._new_day_off("2026-03-04 12:00:00", "2026-03-04 23:59:59")
        day_off = self._new_day_off("2026-03-05 00:00:00", "2026-03-05 23:59:59")
        day_off.company_id = other
        hours = WorkingTime(self.office, self.env.company)
        monday = moment("2026-03-02 09:00:00")
        self.assertEqual(hours.count(monday, moment("2026-03-06 17:00:00")), 27.0)
        self.assertEqual(hours.plan(monday, 12), moment("2026-03-05 10:00:00"))

    def test_around_the_clock(self):
        """Without working hours, with flexible ones, and with all hours of the day."""
        always = self._new_calendar(hours=[(day, 0.0, 24.0) for day in range(7)])
        flexible = self.env["resource.calendar"].create(
            {"name": "Flexible", "schedule_type": "flexible"}
        )
        start, end = moment("2026-03-01 22:30:00"), moment("2026-03-09 03:15:00")
        for calendar in (self.office.browse(), flexible, always):
            with self.subTest(calendar=calendar.name):
                hours = WorkingTime(calendar, self.env.company)
                self.assertAlmostEqual(hours.count(start, end), 172.75)
                self.assertEqual(hours.plan(start, 172.75), end)

    def test_beyond_what_is_in_sight(self):
        start = moment("2026-03-02 09:00:00")
        self.assertEqual(self.hours.plan(start, 2080).year, 2027)
        self.assertIs(self.hours.plan(start, 10_000), False)
        closed = WorkingTime(self._new_calendar(hours=[]), self.env.company)
        self.assertIs(closed.plan(start, 1), False)
        self.assertEqual(closed.count(start, moment("2027-03-02 09:00:00")), 0.0)

    def test_as_stock_plans(self):
        """Where stock plans, we plan the same."""
        self._new_day_off("2026-03-04 00:00:00", "2026-03-04 23:59:59", self.office)
        for hours in (0.5, 7.75, 8, 17, 123.4):
            start = moment("2026-03-02 12:20:00")
            stock = self.office.plan_hours(hours, start, compute_leaves=True)
            self.assertEqual(
                self.hours.plan(start, hours), stock.replace(microsecond=0)
            )

    def test_read_once(self):
        start, end = moment("2026-03-02 09:00:00"), moment("2026-06-30 09:00:00")
        hours = WorkingTime(self.office, self.env.company)
        hours.cover(start, end)
        with self.assertQueryCount(0):
            for day in range(100):
                hours.count(start, start + timedelta(days=day))
                hours.plan(start + timedelta(days=day), 16)

    def test_any_calendar(self):
        """Against a counter that looks at each minute: random hours, days off, zones."""
        seed = os.environ.get("REINVOICE_SEED") or random.randrange(10**6)
        dice = random.Random(int(seed))
        for _turn in range(12):
            hours, zone = self._draw_hours(dice), timezone(dice.choice(ZONES))
            calendar = self._new_calendar(hours=hours, tz=zone.zone)
            first = moment(f"{dice.choice(WEEKS)} 00:00:00")
            off = []
            for _day in range(dice.randrange(3)):
                begin = first + timedelta(minutes=dice.randrange(7 * 1440))
                off.append((begin, begin + timedelta(minutes=dice.randrange(1, 2000))))
                self._new_day_off(*off[-1], dice.choice([calendar, None]))
            start = first + timedelta(minutes=dice.randrange(4 * 1440))
            end = start + timedelta(minutes=dice.randrange(1, 7 * 1440))
            ours = WorkingTime(calendar, self.env.company)
            counted = ours.count(start, end)
            with self.subTest(seed=seed, zone=zone.zone, hours=hours, start=start):
                slow = count_minutes(hours, zone, off, start, end)
                self.assertAlmostEqual(counted, slow)
                if counted:
                    planned = ours.plan(start, counted)
                    self.assertLessEqual(planned, end)
                    self.assertAlmostEqual(ours.count(start, planned), counted)
            self.env["resource.calendar.leaves"].search([]).unlink()

    def _draw_hours(self, dice):
        """One or two spans on some days; no border while a clock is changed."""
        hours = []
        for day in range(7):
            if dice.random() < 0.7:
                borders = sorted(dice.sample(range(16, 97), 4))
                spans = [borders[:2], borders[2:]][: dice.choice([1, 2])]
                hours += [(day, begin / 4, end / 4) for begin, end in spans]
        return hours or NINE_TO_FIVE
