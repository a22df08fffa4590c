from datetime import datetime, timedelta

from odoo.fields import Command

NINE_TO_FIVE = [(day, 9.0, 17.0) for day in range(5)]


def moment(text):
    """A moment in UTC, as Odoo stores it."""
    return datetime.fromisoformat(text)


class CalendarMixin:
    """Working hours and days off of the tests."""

    @classmethod
    def _new_calendar(cls, name="Office", hours=NINE_TO_FIVE, tz="UTC", **values):
        """Working hours.

        :param hours: day of the week (0 is Monday), begin and end in hours
        """
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": tz,
                "company_id": cls.env.company.id,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": f"{day} {begin}",
                                "dayofweek": str(day),
                                "hour_from": begin,
                                "hour_to": end,
                                "day_period": "morning" if begin < 12 else "afternoon",
                            }
                        )
                        for day, begin, end in hours
                    ),
                ],
                **values,
            }
        )

    @classmethod
    def _new_day_off(cls, start, end, calendar=None, **values):
        """Days off of a calendar, or of the whole company."""
        return cls.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": calendar.id if calendar else False,
                "date_from": start,
                "date_to": end,
                **values,
            }
        )


def count_minutes(hours, zone, off, start, end):
    """Working hours, counted minute by minute: slow, and too simple to be wrong.

    :param hours: day of the week, begin and end in hours
    :param zone: ``tzinfo`` in which the hours of a day are meant
    :param off: begin and end of days off, in UTC without zone
    :param start: in UTC without zone, a whole minute
    :param end: alike
    :rtype: float
    """
    by_day = {}
    for day, begin, stop in hours:
        by_day.setdefault(day, []).append((begin * 60, stop * 60))
    minutes = 0
    while start < end:
        local = zone.fromutc(start.replace(tzinfo=None))
        of_day = local.hour * 60 + local.minute
        works = any(a <= of_day < b for a, b in by_day.get(local.weekday(), ()))
        minutes += works and not any(a <= start < b for a, b in off)
        start += timedelta(minutes=1)
    return minutes / 60
