"""What is true of approval, agreement and closed periods, read past the ORM."""

import dataclasses
import datetime

from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants import facts


@dataclasses.dataclass(frozen=True)
class Mark:
    """What approval adds to a line. ``team_asks`` and ``customer_asks`` tell whose word
    its hours need; ``waits`` is what the product says."""

    id: int
    approval: str
    customer: str
    waits: bool
    name: str
    team_asks: bool
    customer_asks: bool

    @property
    def lacks(self):
        """Whether a word is missing without which its hours are not billed."""
        return (self.team_asks and self.approval != "approved") or (
            self.customer_asks and self.customer != "agreed"
        )


@dataclasses.dataclass(frozen=True)
class ApprovalFacts(facts.Facts):
    """The facts, with those of approval by line, and what is closed: the last day, and
    whether that holds for all timesheets."""

    marks: dict
    closed_until: datetime.date
    closes_all: bool

    def is_closed(self, line):
        """Whether the period of a line is closed."""
        return bool(
            self.closed_until
            and line.day <= self.closed_until
            and (line.case or self.closes_all)
        )


MARKS = """
    SELECT line.id, line.approval_state, COALESCE(line.customer_state, 'none'),
           COALESCE(line.waits_for_approval, FALSE), line.name,
           COALESCE(team.use_time_approval, FALSE),
           COALESCE(team.use_customer_approval, FALSE)
           AND COALESCE(customer.helpdesk_time_detail, 'none') != 'none'
      FROM account_analytic_line line
      LEFT JOIN helpdesk_ticket ticket ON ticket.id = line.helpdesk_ticket_id
      LEFT JOIN helpdesk_team team ON team.id = ticket.team_id
      LEFT JOIN res_partner customer
        ON customer.id = line.helpdesk_commercial_partner_id
     WHERE line.project_id IS NOT NULL AND line.id > %s
     ORDER BY line.id
"""
CLOSED = """
    SELECT helpdesk_lock_date, helpdesk_lock_before,
           COALESCE(helpdesk_lock_grace_days, 0),
           COALESCE(helpdesk_lock_all_time, FALSE)
      FROM res_company WHERE id = %s
"""


def read(cr, start, company_id, plain):
    """Add the facts of approval to those of the world below.

    :param cr: a cursor, everything flushed
    :param dict start: highest id of a table before the world was made
    :param int company_id: the company of the world
    :param plain: the :class:`facts.Facts` that were read
    """

    def rows(query, *arguments):
        cr.execute(query, arguments)
        return cr.fetchall()

    fields = {
        field.name: getattr(plain, field.name) for field in dataclasses.fields(plain)
    }
    lines = rows(MARKS, start["account_analytic_line"])
    ((day, before, grace, closes_all),) = rows(CLOSED, company_id)
    if day and grace:
        in_grace = datetime.date.today() <= day + datetime.timedelta(days=grace)
        day = before if in_grace else day
    return ApprovalFacts(
        **fields,
        marks={row[0]: Mark(*row) for row in lines},
        closed_until=day,
        closes_all=closes_all,
    )
