"""Working hours of a calendar: how many lie between two moments, and when so many are
over."""

from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta
from itertools import accumulate

from pytz import timezone, utc

from odoo.fields import Domain

HOUR = 3600
# What is read beyond the moments that are asked for, and how far a plan looks: stock
# gives up after as many days, too.
MARGIN = timedelta(days=40)
HORIZON = timedelta(days=1400)


class WorkingTime:
    """The working hours of one calendar, read once for many questions.

    Breaks, days off of the calendar and of the company, and changes of the clock count
    as in the calendar's time zone. Without a calendar, and with one of flexible hours,
    the clock runs day and night.

    :param calendar: a ``resource.calendar``, or an empty one
    :param company: whose days off count (``res.company``)
    """

    def __init__(self, calendar, company):
        self.calendar, self.company = calendar.sudo(), company
        self.is_always = not calendar or self.calendar.flexible_hours
        self._range = None
        self._starts, self._ends, self._sums = [], [], [0]

    # === QUESTIONS === #

    def cover(self, start, end):
        """Read the hours between two moments, unless they are read already: who asks for
        many moments says so first.

        :param datetime start: in UTC, without zone, as Odoo stores it
        :param datetime end: alike
        """
        if self.is_always:
            return
        if self._range and self._range[0] <= start and end <= self._range[1]:
            return
        first, last = start - timedelta(days=1), end + MARGIN
        if self._range:
            first, last = min(first, self._range[0]), max(last, self._range[1])
        self._range = (first, last)
        self._read()

    def count(self, start, end):
        """Working hours between two moments.

        :param datetime start: in UTC, without zone
        :param datetime end: alike
        :return: hours, 0.0 if the end comes first
        :rtype: float
        """
        if not start or not end or end <= start:
            return 0.0
        if self.is_always:
            return (end - start).total_seconds() / HOUR
        self.cover(start, end)
        return (self._count_until(end) - self._count_until(start)) / HOUR

    def plan(self, start, hours):
        """When so many working hours are over.

        :param datetime start: in UTC, without zone
        :param float hours: working hours
        :return: the moment in UTC, without zone; False if the calendar has not so many
            hours in sight
        :rtype: datetime | bool
        """
        seconds = max(round(hours * HOUR), 0)
        if self.is_always:
            return start + timedelta(seconds=seconds)
        if not seconds:
            return start
        ahead = MARGIN
        while True:
            self.cover(start, start + ahead)
            wanted = self._count_until(start) + seconds
            if wanted <= self._sums[-1]:
                break
            if ahead >= HORIZON:
                return False
            ahead = min(ahead * 4, HORIZON)
        index = bisect_left(self._sums, wanted) - 1
        moment = self._starts[index] + wanted - self._sums[index]
        return _to_datetime(moment)

    # === READING === #

    def _read(self):
        """Read the hours of the whole range, in whole seconds."""
        first, last = (utc.localize(moment) for moment in self._range)
        hours = self.calendar._work_intervals_batch(
            first,
            last,
            domain=list(
                Domain("time_type", "=", "leave")
                & Domain("company_id", "in", [False, self.company.id])
            ),
            tz=timezone(self.calendar.tz or "UTC"),
        )[False]
        pairs = [(_to_border(begin), _to_border(end)) for begin, end, _what in hours]
        pairs = [(begin, end) for begin, end in pairs if begin < end]
        self._starts = [begin for begin, _end in pairs]
        self._ends = [end for _begin, end in pairs]
        self._sums = [0, *accumulate(end - begin for begin, end in pairs)]

    def _count_until(self, moment):
        """Working seconds from the beginning of the range to a moment."""
        seconds = round(utc.localize(moment).timestamp())
        index = bisect_right(self._starts, seconds)
        if not index:
            return 0
        inside = min(seconds, self._ends[index - 1]) - self._starts[index - 1]
        return self._sums[index - 1] + inside


def _to_border(moment):
    """Seconds since 1970 of a border. Calendars end a day a microsecond before midnight,
    and days off a second before: that is midnight."""
    seconds = round(moment.timestamp())
    return seconds + 1 if seconds % 60 == 59 else seconds


def _to_datetime(seconds):
    return datetime.fromtimestamp(seconds, utc).replace(tzinfo=None)
