from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import tagged

from .charge_common import ChargeCommon


@tagged("post_install", "-at_install")
class TestOutOfHours(ChargeCommon):
    """Work outside of working hours is proposed as such, and cut at their borders.

    The office is open from 8 to 12 and from 13 to 17, from Monday to Friday, in Brussels;
    16 March 2026 is a Monday, one hour ahead of UTC.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        hours = [(8, 12, "morning"), (13, 17, "afternoon")]
        cls.office = cls.env["resource.calendar"].create(
            {
                "name": "Office",
                "tz": "Europe/Brussels",
                "company_id": cls.team.company_id.id,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": f"{day} {period}",
                                "dayofweek": str(day),
                                "hour_from": start,
                                "hour_to": end,
                                "day_period": period,
                            }
                        )
                        for day in range(5)
                        for start, end, period in hours
                    ),
                ],
            }
        )
        cls.evening.resource_calendar_id = cls.office
        cls._use_kinds(cls.remote, cls.evening, default=cls.remote)
        cls.remote.write({"step_minutes": 0, "minimum_minutes": 0})
        cls.employee.tz = "Europe/Brussels"
        cls.evening_item = cls._new_item(cls.customer_a, cls.evening_service)

    def _log_at(self, start, hours, **values):
        """Record work that began at some time in UTC, and return all its pieces."""
        before = self.ticket_2.timesheet_ids
        self._log(self.ticket_2, hours, start_datetime=start, date=False, **values)
        return (self.ticket_2.timesheet_ids - before).sorted("start_datetime")

    def assertPieces(self, lines, *pieces):
        found = [(line.work_type_id, round(line.unit_amount, 4)) for line in lines]
        self.assertEqual(found, list(pieces))

    def test_evening_and_office(self):
        in_office = self._log_at(datetime(2026, 3, 16, 9), 1)
        evening = self._log_at(datetime(2026, 3, 16, 17), 1)
        self.assertPieces(in_office, (self.remote, 1.0))
        self.assertPieces(evening, (self.evening, 1.0))
        self.assertEqual(evening.so_line, self.evening_item)
        self.assertDelivered(self.evening_item, 1.0)

    def test_span_is_cut_at_the_border(self):
        """17:30 to 18:30 is half and half where the office closes at six; 16:00 to 18:30
        is one hour and one and a half."""
        pieces = self._log_at(datetime(2026, 3, 16, 15), 2.5, name="One text")
        self.assertPieces(pieces, (self.remote, 1.0), (self.evening, 1.5))
        self.assertEqual(pieces.mapped("name"), ["One text"] * 2)
        self.assertEqual(pieces.employee_id, self.employee)
        self.assertDelivered(self.item_a, 1.0)
        self.assertDelivered(self.evening_item, 1.5)

    def test_morning_to_evening(self):
        pieces = self._log_at(datetime(2026, 3, 16, 6), 11)
        self.assertPieces(
            pieces, (self.evening, 1.0), (self.remote, 9.0), (self.evening, 1.0)
        )

    def test_break_at_noon_is_no_evening(self):
        pieces = self._log_at(datetime(2026, 3, 16, 10, 30), 2)
        self.assertPieces(pieces, (self.remote, 2.0))

    def test_weekend_and_holiday(self):
        self.assertPieces(
            self._log_at(datetime(2026, 3, 21, 9), 1), (self.evening, 1.0)
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Half a day",
                "company_id": self.team.company_id.id,
                "calendar_id": self.office.id,
                "date_from": datetime(2026, 3, 17, 11),
                "date_to": datetime(2026, 3, 17, 22),
            }
        )
        pieces = self._log_at(datetime(2026, 3, 17, 10), 2)
        self.assertPieces(pieces, (self.remote, 1.0), (self.evening, 1.0))

    def test_night_of_the_clock_change(self):
        """01:30 to 03:30 is three hours in October and one in March."""
        autumn = self._log_at(datetime(2026, 10, 24, 23, 30), 3)
        self.assertPieces(autumn, (self.evening, 3.0))
        self.assertEqual(autumn.date, date(2026, 10, 25))
        spring = self._log_at(datetime(2026, 3, 29, 0, 30), 1)
        self.assertPieces(spring, (self.evening, 1.0))

    def test_day_is_that_of_the_person(self):
        line = self._log_at(datetime(2026, 3, 16, 23, 30), 0.5)
        self.assertEqual(line.date, date(2026, 3, 17))

    def test_time_zone_of_the_customer(self):
        self.team.work_type_tz = "customer"
        self.customer_a.tz = "America/New_York"
        self.assertPieces(
            self._log_at(datetime(2026, 3, 16, 17), 1), (self.remote, 1.0)
        )
        self.assertPieces(
            self._log_at(datetime(2026, 3, 16, 9), 1), (self.evening, 1.0)
        )

    def test_line_without_start_gets_no_proposal(self):
        self.assertPieces(self._log(self.ticket_2, 9.0), (self.remote, 9.0))

    def test_person_says_otherwise(self):
        pieces = self._log_at(
            datetime(2026, 3, 16, 15), 2.5, work_type_id=self.evening.id
        )
        self.assertPieces(pieces, (self.evening, 2.5))
        kind = {"work_type_id": self.remote.id}
        pieces = self._log_at(datetime(2026, 3, 16, 18), 2.5, **kind)
        self.assertPieces(pieces, (self.remote, 2.5))

    def test_start_that_moves(self):
        line = self._log_at(datetime(2026, 3, 16, 9), 1)
        line.with_user(self.agent).start_datetime = datetime(2026, 3, 16, 18)
        self.assertPieces(line, (self.evening, 1.0))
        line.with_user(self.agent).start_datetime = datetime(2026, 3, 16, 8)
        self.assertPieces(line, (self.remote, 1.0))

    def test_longer_entry_is_cut_too(self):
        line = self._log_at(datetime(2026, 3, 16, 15), 0.5)
        line.with_user(self.agent).unit_amount = 1.5
        self.assertPieces(
            self.ticket_2.timesheet_ids.sorted("start_datetime"),
            (self.remote, 1.0),
            (self.evening, 0.5),
        )

    def test_working_hours_of_the_team_count_too(self):
        """Who works late anyway has no evening before the team goes home."""
        late = self.office.copy({"name": "Late"})
        late.attendance_ids.filtered(lambda a: a.hour_to == 17).hour_to = 20
        self.team.resource_calendar_id = late
        pieces = self._log_at(datetime(2026, 3, 16, 18), 2)
        self.assertPieces(pieces, (self.remote, 1.0), (self.evening, 1.0))

    def test_billed_time_is_not_cut(self):
        line = self._log_at(datetime(2026, 3, 16, 15), 0.5)
        self._invoice(self.order_a)
        line.write({"name": "Other text"})
        self.assertPieces(line, (self.remote, 0.5))

    def test_measured_work_is_looked_at_by_the_clock(self):
        """The row proposes the kind of the day; what was measured in the evening is
        evening all the same."""
        ticket = self.ticket_2.with_user(self.agent)
        values = {"name": "By timer", "hours": 2.5, "work_type_id": self.remote.id}
        ticket._log_time(values, datetime(2026, 3, 16, 15))
        self.assertPieces(
            self.ticket_2.timesheet_ids.sorted("start_datetime"),
            (self.remote, 1.0),
            (self.evening, 1.5),
        )
