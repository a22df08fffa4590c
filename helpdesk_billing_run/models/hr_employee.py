from collections import defaultdict
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.fields import Domain

# As many people as one run of the job looks at between two commits.
BATCH = 50


class HrEmployee(models.Model):
    """What people are to work, and a word to who recorded less."""

    _inherit = "hr.employee"

    helpdesk_reminded_week = fields.Date(
        copy=False,
        readonly=True,
        export_string_translation=False,
        groups="hr.group_hr_user",
        help="Monday of the last week whose recorded time was looked at.",
    )

    # === TARGET === #

    def _read_target_days(self, start, end):
        """Hours that these people are to work: by their calendars, without leaves and
        public holidays, within their contracts. Who has no calendar has no target.

        :param date start: first day
        :param date end: last day, inclusive
        :return: hours by day, by employee id
        :rtype: dict[int, dict[date, float]]
        """
        employees = self.sudo().filtered("resource_calendar_id")
        # days of the person's time zone lie across those of UTC
        first = datetime.combine(start - timedelta(days=1), time.min)
        last = datetime.combine(end + timedelta(days=2), time.min)
        days = employees._list_work_time_per_day(first, last) if employees else {}
        result = defaultdict(dict)
        for employee in employees:
            contracts = employee._get_contract_periods()
            result[employee.id] = {
                day: hours
                for day, hours in days.get(employee.id, ())
                if start <= day <= end
                and any(since <= day <= until for since, until in contracts)
            }
        return result

    def _get_contract_periods(self):
        """First and last days of the contracts of this person; all days without any.

        :rtype: list[tuple[date, date]]
        """
        contracts = self.version_ids.filtered("contract_date_start")
        if not contracts:
            return [(datetime.min.date(), datetime.max.date())]
        return [
            (
                contract.contract_date_start,
                contract.contract_date_end or datetime.max.date(),
            )
            for contract in contracts
        ]

    @api.model
    def _search_desk_people(self, since):
        """People who work at the desk: members of teams, and who recorded time on
        tickets.

        :param date since: time from this day on counts
        :rtype: hr.employee
        """
        teams = self.env["helpdesk.team"].sudo().search([("member_ids", "!=", False)])
        people = self.sudo().search([("user_id", "in", teams.member_ids.ids)])
        groups = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                Domain("helpdesk_ticket_id", "!=", False) & Domain("date", ">=", since),
                ["employee_id"],
            )
        )
        return people | people.browse(employee.id for (employee,) in groups if employee)

    # === MISSING TIME === #

    @api.model
    def _cron_remind_of_time(self):
        """Write to who recorded less last week than the calendar says, on the first day
        of the week on which that person works; once, and going on where it stopped."""
        today = fields.Date.context_today(self)
        monday = today - timedelta(days=today.weekday())
        week = monday - timedelta(days=7)
        companies = self.env["res.company"].sudo()
        companies = companies.search([("helpdesk_remind_of_time", "=", True)])
        people = self._search_desk_people(week).filtered(
            lambda person: (
                person.active
                and person.company_id in companies
                and person.user_id.active
                and person.helpdesk_reminded_week != week
            )
        )
        for place in range(0, len(people), BATCH):
            batch = people[place : place + BATCH]
            batch._remind_of_time(week, today)
            self.env["ir.cron"]._commit_progress(
                len(batch), remaining=len(people) - place - len(batch)
            )

    def _remind_of_time(self, week, today):
        """Write to these people about a week, as far as they work today.

        :param date week: its Monday
        :param date today: the day of the mail
        """
        targets = self._read_target_days(today, today)
        present = self.filtered(lambda person: targets[person.id].get(today))
        present.write({"helpdesk_reminded_week": week})
        weeks = self.env["helpdesk.utilization"].sudo()
        weeks = weeks.search([("employee_id", "in", present.ids), ("date", "=", week)])
        template = self.env.ref(
            "helpdesk_billing_run.mail_template_missing_time", raise_if_not_found=False
        )
        for line in weeks.filtered(lambda line: line._is_short()):
            if template and line.user_id.email:
                template.sudo().send_mail(line.id)
