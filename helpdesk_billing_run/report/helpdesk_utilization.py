from collections import defaultdict
from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL, float_compare

# Weeks that the report looks back, the present one included.
WEEKS = 26


class HelpdeskUtilization(models.Model):
    """What people of the desk recorded in a week, and what their calendar says.

    All time counts, that of projects, too. Hours to bill are on an item of an order, as
    many as are billed or covered by what was ordered; all else is not billable. Of the
    present week the calendar counts until today.
    """

    _name = "helpdesk.utilization"
    _description = "Utilization"
    _auto = False
    _order = "date desc, employee_id, id"
    _rec_name = "employee_id"
    _depends = {
        "account.analytic.line": [
            "billable_hours",
            "date",
            "employee_id",
            "project_id",
            "so_line",
            "timesheet_invoice_id",
            "unit_amount",
        ],
        "hr.employee": [
            "company_id",
            "department_id",
            "resource_calendar_id",
            "user_id",
        ],
    }
    # Of what each percentage is a share.
    _shares = {
        "utilization": "hours_billable",
        "recorded": "hours_worked",
    }

    date = fields.Date(string="Week", readonly=True, help="Its Monday.")
    employee_id = fields.Many2one("hr.employee", string="Person", readonly=True)
    user_id = fields.Many2one("res.users", readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    hours_worked = fields.Float(string="Hours Recorded", readonly=True)
    hours_billable = fields.Float(string="Billable", readonly=True)
    hours_non_billable = fields.Float(string="Not Billable", readonly=True)
    hours_target = fields.Float(
        string="Hours of the Calendar",
        readonly=True,
        help="Without leaves and public holidays; of the present week until today.",
    )
    utilization = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Billable hours, in percent of the hours of the calendar.",
    )
    recorded = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Recorded hours, in percent of the hours of the calendar.",
    )

    # === REPORTING === #

    def _read_group_select(self, aggregate_spec, query):
        """A share of many weeks is that of their sums, no average of shares."""
        name, _separator, function = aggregate_spec.partition(":")
        if name not in self._shares or function != "avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "100.0 * SUM(%s) / NULLIF(SUM(%s), 0)",
            self._field_to_sql(self._table, self._shares[name], query),
            self._field_to_sql(self._table, "hours_target", query),
        )

    # === ACTION METHODS === #

    def action_view_time(self):
        """Open the time that is counted here.

        :return: a window action on ``account.analytic.line``
        :rtype: dict
        """
        self.check_access("read")
        weeks = Domain.OR(
            Domain("employee_id", "=", week.employee_id.id)
            & Domain("date", ">=", week.date)
            & Domain("date", "<=", week.date + timedelta(days=6))
            for week in self
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_timesheet.timesheet_action_all"
        )
        return {
            **action,
            "domain": list(weeks & Domain("project_id", "!=", False)),
            "context": {},
        }

    # === BUSINESS METHODS === #

    def _is_short(self):
        """Whether less was recorded in this week than the company expects.

        :rtype: bool
        """
        expected = self.hours_target * self.company_id.helpdesk_remind_share / 100
        return float_compare(self.hours_worked, expected, precision_digits=2) < 0

    # === QUERY === #

    @property
    def _table_query(self):
        start = self._get_first_week()
        people = self.env["hr.employee"]._search_desk_people(start)
        return SQL(
            """
            SELECT employee.id * 10000 + (week.date - DATE '1970-01-05') / 7 AS id,
                   week.date,
                   employee.id AS employee_id,
                   employee.user_id,
                   version.department_id,
                   employee.company_id,
                   COALESCE(entry.worked, 0) AS hours_worked,
                   COALESCE(entry.billable, 0) AS hours_billable,
                   COALESCE(entry.worked - entry.billable, 0) AS hours_non_billable,
                   COALESCE(target.hours, 0) AS hours_target,
                   100.0 * COALESCE(entry.billable, 0) / NULLIF(target.hours, 0)
                       AS utilization,
                   100.0 * COALESCE(entry.worked, 0) / NULLIF(target.hours, 0)
                       AS recorded
              FROM hr_employee employee
              LEFT JOIN hr_version version ON version.id = employee.current_version_id
             CROSS JOIN (%(weeks)s) week
              LEFT JOIN (%(time)s) entry
                ON entry.employee_id = employee.id AND entry.week = week.date
              LEFT JOIN (%(targets)s) target
                ON target.employee_id = employee.id AND target.week = week.date
             WHERE employee.id IN %(people)s
               AND (entry.worked IS NOT NULL OR target.hours > 0)
            """,
            weeks=self._select_weeks(start),
            time=self._select_time(people, start),
            targets=self._select_targets(people, start),
            people=tuple(people.ids or [0]),
        )

    def _get_first_week(self):
        """Monday of the first week of the report.

        :rtype: date
        """
        today = fields.Date.context_today(self)
        return today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))

    def _select_weeks(self, start):
        today = fields.Date.context_today(self)
        return SQL(
            "SELECT GENERATE_SERIES(%s::timestamp, %s::timestamp, '7 days')::date AS date",
            start,
            today,
        )

    def _select_time(self, people, start):
        """Recorded and billable hours by person and week."""
        Line = self.env["account.analytic.line"].sudo()
        time = Domain("employee_id", "in", people.ids) & Domain("date", ">=", start)
        time &= Domain("project_id", "!=", False)
        billable = time & ~Line._domain_time("non_billable")
        return SQL(
            """
            SELECT entry.employee_id,
                   DATE_TRUNC('week', entry.date)::date AS week,
                   SUM(entry.unit_amount) AS worked,
                   SUM(CASE WHEN entry.id IN %(billable)s
                            THEN LEAST(entry.unit_amount, GREATEST(
                                     COALESCE(entry.billable_hours, entry.unit_amount), 0))
                            ELSE 0 END) AS billable
              FROM account_analytic_line entry
             WHERE entry.id IN %(time)s
             GROUP BY 1, 2
            """,
            billable=Line._search(billable).subselect(),
            time=Line._search(time).subselect(),
        )

    def _select_targets(self, people, start):
        """Hours of the calendars by person and week, as rows."""
        today = fields.Date.context_today(self)
        hours = defaultdict(float)
        people = people.filtered("active")
        for person, days in people._read_target_days(start, today).items():
            for day, target in days.items():
                hours[person, day - timedelta(days=day.weekday())] += target
        keys = list(hours)
        return SQL(
            """
            SELECT UNNEST(%s::int[]) AS employee_id,
                   UNNEST(%s::date[]) AS week,
                   UNNEST(%s::float8[]) AS hours
            """,
            [person for person, _week in keys],
            [week for _person, week in keys],
            [hours[key] for key in keys],
        )
