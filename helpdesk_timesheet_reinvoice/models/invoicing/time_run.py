"""One invoice run: what it takes, and what it read."""

import dataclasses
from datetime import date
from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import float_compare, float_is_zero

from odoo.addons.helpdesk_base.tools import Private, read_private

#: Context key of the run under way. Only Python can make its value.
_KEY = "helpdesk_time_run"


class TicketHours(NamedTuple):
    """Hours of a ticket on one order item, as an invoice explains them.

    ``ticket_id`` is False for time without ticket, ``hours`` are billed, ``worked`` were
    worked; ``reasons`` say why the two differ. ``details`` is for addons that explain
    more, see ``_read_details`` of the time.
    """

    ticket_id: int
    hours: float
    worked: float
    reasons: tuple = ()
    details: tuple = ()

    def is_as_worked(self):
        """Whether the hours that were worked are billed, but for rounding."""
        return float_compare(self.hours, self.worked, precision_digits=2) == 0

    def is_free(self):
        """Whether hours were worked of which none is billed."""
        return float_is_zero(self.hours, precision_digits=2) and not self.is_as_worked()


@dataclasses.dataclass
class TimeRun:
    """What an invoice run takes: the open time of some orders, or of a part of it.

    Give one to ``_invoice_time`` of the orders. Which time the run takes is what
    :meth:`get_domain` says: :meth:`get_chosen`, within :func:`get_period_domain`.

    :param ticket_ids: tickets to which it is limited, none for all
    :param line_ids: time lines to which it is limited, none for all
    :param date_from: first day, inclusive, or empty
    :param date_to: last day, inclusive, or empty
    :param Domain time: any other condition on the time to which it is limited
    :param bool grouped: one invoice for each order, instead of one for all that stock
        puts together
    """

    ticket_ids: tuple = ()
    line_ids: tuple = ()
    date_from: date | None = None
    date_to: date | None = None
    time: Domain = Domain.TRUE
    grouped: bool = False
    #: what the run read once for all its steps: a list of TicketHours by item id
    hours: dict = dataclasses.field(default_factory=dict)
    #: ids of the analytic accounts on which the projects of the tickets are, by item id
    accounts: dict = dataclasses.field(default_factory=dict)
    #: ids of items that get one invoice line per ticket
    split: set = dataclasses.field(default_factory=set)
    #: quantities are asked for open time of the run, not for all that is delivered
    narrowed: bool = False

    @property
    def is_limited(self):
        """Whether it takes some tickets or lines only, whatever the period."""
        return bool(self.ticket_ids or self.line_ids or not self.time.is_true())

    def get_chosen(self):
        """Time of the chosen tickets or lines.

        :rtype: Domain
        """
        domain = self.time
        if self.ticket_ids:
            domain &= Domain("helpdesk_ticket_id", "in", list(self.ticket_ids))
        if self.line_ids:
            domain &= Domain("id", "in", list(self.line_ids))
        return domain

    def get_domain(self):
        """Time that the run takes, if it is open: chosen, and within the period.

        :rtype: Domain
        """
        return self.get_chosen() & get_period_domain(self.date_from, self.date_to)

    def put_into(self, records):
        """Return records whose steps belong to this run."""
        return records.with_context(**{_KEY: Private(self)})


def get_period_domain(date_from, date_to):
    """Time from one day to another, both inclusive; either may be empty.

    :rtype: Domain
    """
    domain = Domain.TRUE
    if date_from:
        domain &= Domain("date", ">=", date_from)
    if date_to:
        domain &= Domain("date", "<=", date_to)
    return domain


def get_run(env):
    """Return the run under way, one without limits if there is none.

    :rtype: TimeRun
    """
    return read_private(env, _KEY) or TimeRun()


def without_run(records):
    """Return records that look at all time, whatever the run takes."""
    return records.with_context(**{_KEY: None})
