"""Working hours of calendars over a span of days."""

from datetime import datetime, time, timedelta

from odoo.fields import Domain
from odoo.tools.intervals import Intervals


class OfficeHours:
    """When a calendar is open, read once for each calendar and the whole span.

    Only the first and the last border of a day count: a break at noon is no evening.
    Days off of the calendar and of the company are outside.

    :param datetime start: first moment that is asked for, in UTC, with its zone
    :param datetime end: last moment, alike
    :param tz: zone (``tzinfo``) in which the hours of a day are read
    :param company: whose days off count (``res.company``)
    """

    def __init__(self, start, end, tz, company):
        self.tz, self.company = tz, company
        first = start.astimezone(tz).date() - timedelta(days=1)
        last = end.astimezone(tz).date() + timedelta(days=2)
        self.start = tz.localize(datetime.combine(first, time.min))
        self.end = tz.localize(datetime.combine(last, time.min))
        self._hours = {}

    def get(self, calendar):
        """Open hours of a calendar.

        :param calendar: a ``resource.calendar``
        :rtype: Intervals
        """
        if calendar not in self._hours:
            self._hours[calendar] = self._read(calendar.sudo())
        return self._hours[calendar]

    def _read(self, calendar):
        nothing = calendar.browse()
        if calendar.flexible_hours:
            days = [(self.start, self.end, nothing)]
        else:
            attendances = calendar._attendance_intervals_batch(
                self.start, self.end, tz=self.tz
            )[False]
            borders = {}
            for begin, stop, _attendance in attendances:
                first, last = borders.get(begin.date(), (begin, stop))
                borders[begin.date()] = (min(first, begin), max(last, stop))
            days = [(begin, stop, nothing) for begin, stop in borders.values()]
        off = calendar._leave_intervals_batch(
            self.start,
            self.end,
            tz=self.tz,
            domain=list(
                Domain("time_type", "=", "leave")
                & Domain("company_id", "in", [False, self.company.id])
            ),
        )[False]
        closed = [(begin, stop, nothing) for begin, stop, _leave in off]
        return Intervals(days) - Intervals(closed)
