from datetime import datetime, time, timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests.common import (
    AGENT,
    MANAGER,
    TIMESHEET_USER,
    ReinvoiceCommon,
)


class WeekCommon(ReinvoiceCommon):
    """Last week Aldo, whose calendar says 40 hours, recorded 30, of which 18 are billed;
    Berta, who was on leave on Monday and Tuesday, nothing of her 24."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.monday = cls.today - timedelta(days=cls.today.weekday() + 7)
        calendar = cls.env["resource.calendar"].create({"name": "40 h", "tz": "UTC"})
        cls.people = cls.employee | cls.employee_2
        cls.people.write({"resource_calendar_id": calendar.id, "tz": "UTC"})
        cls.env["resource.calendar.leaves"].create(
            {
                "resource_id": cls.employee_2.resource_id.id,
                "calendar_id": calendar.id,
                "date_from": datetime.combine(cls.monday, time.min),
                "date_to": datetime.combine(cls.monday + timedelta(days=1), time.max),
            }
        )
        cls.team.member_ids = cls.agent | cls.agent_2 | cls.manager
        cls.ticket.sale_line_id = cls.item_a
        cls.ticket_a2.sale_line_id = False
        cls.line = cls._log(cls.ticket, 20.0, date=cls.monday)
        cls._log(cls.ticket_a2, 10.0, date=cls.monday + timedelta(days=4))
        cls.line.action_write_off(2.0, "Goodwill")

    def _weeks(self, user=None, people=None):
        self.env.flush_all()
        self.env.invalidate_all()
        people = self.people if people is None else people
        return (
            self.env["helpdesk.utilization"]
            .with_user(user or self.env.user)
            .search([("date", "=", self.monday), ("employee_id", "in", people.ids)])
        )


@tagged("post_install", "-at_install")
class TestUtilization(WeekCommon):
    """What people recorded in a week, billable or not, and what their calendars say."""

    def test_hours_of_a_week(self):
        week = self._weeks(people=self.employee)
        self.assertEqual(
            (week.hours_worked, week.hours_billable, week.hours_non_billable),
            (30.0, 18.0, 12.0),
        )
        self.assertEqual(week.hours_target, 40.0)
        self.assertEqual((week.utilization, week.recorded), (45.0, 75.0))

    def test_leaves_are_no_target(self):
        week = self._weeks(people=self.employee_2)
        self.assertEqual((week.hours_target, week.hours_worked), (24.0, 0.0))

    def test_contracts_limit_the_target(self):
        self.employee.version_ids.contract_date_start = self.monday + timedelta(days=3)
        self.assertEqual(self._weeks(people=self.employee).hours_target, 16.0)

    def test_the_present_week_counts_until_today(self):
        self.env.invalidate_all()
        this_week = self.env["helpdesk.utilization"].search(
            [
                ("date", "=", self.monday + timedelta(days=7)),
                ("employee_id", "=", self.employee.id),
            ]
        )
        days = min(self.today.weekday() + 1, 5)
        self.assertEqual(this_week.hours_target, 8.0 * days)

    def test_a_share_of_many_is_that_of_their_sums(self):
        ((target, billable, share, recorded),) = self.env[
            "helpdesk.utilization"
        ]._read_group(
            [("id", "in", self._weeks().ids)],
            [],
            ["hours_target:sum", "hours_billable:sum"]
            + ["utilization:avg", "recorded:avg"],
        )
        self.assertEqual((target, billable), (64.0, 18.0))
        self.assertAlmostEqual(share, 100 * 18.0 / 64.0)
        self.assertAlmostEqual(recorded, 100 * 30.0 / 64.0)

    def test_who_sees_whom(self):
        other = self._new_user("hd_other", f"{MANAGER},{TIMESHEET_USER}")
        approver = self._new_user("hd_all", "hr_timesheet.group_timesheet_manager")
        salesman = self._new_user("hd_sells", "sales_team.group_sale_salesman")
        for user, seen in (
            (self.agent, self.employee),
            (self.agent_2, self.employee_2),
            (self.manager, self.people),
            (other, self.employee.browse()),
            (approver, self.people),
        ):
            with self.subTest(user.login):
                self.assertEqual(self._weeks(user).sudo().employee_id, seen)
        with self.assertRaises(AccessError):
            self._weeks(salesman)

    def test_opens_the_time(self):
        week = self._weeks(self.agent, self.employee)
        action = week.action_view_time()
        lines = self.env["account.analytic.line"].with_user(self.agent)
        self.assertEqual(
            sum(lines.search(action["domain"]).mapped("unit_amount")), 30.0
        )

    def test_queries(self):
        """As many however many people there are."""
        before = self._count_queries(self._read_targets)
        users = self._new_users(
            *({"login": f"hd_{number}", "groups": AGENT} for number in range(12))
        )
        self.env["hr.employee"].create(
            [{"name": user.name, "user_id": user.id} for user in users]
        )
        self.team.member_ids |= self.env["res.users"].union(*users)
        many = self._count_queries(self._read_targets)
        self.assertLessEqual(many, before + 2)

    def _read_targets(self):
        self.env["helpdesk.utilization"].search([]).mapped("hours_target")


@tagged("post_install", "-at_install")
class TestMissingTime(WeekCommon):
    """Who recorded less than the calendar says is told once, on a day of work."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.company
        company.helpdesk_remind_of_time = True
        cls.env["hr.employee"].search([("id", "not in", cls.people.ids)]).write(
            {"helpdesk_reminded_week": cls.monday}
        )
        (cls.agent | cls.agent_2).write({"email": "agent@example.com"})
        cls.week = cls.monday

    def _remind(self, day):
        """Mails of the job on some day of this week, by subject."""
        before = self.env["mail.mail"].sudo().search([])
        self.env.flush_all()
        self.env.invalidate_all()
        self.people._remind_of_time(self.week, day)
        return self.env["mail.mail"].sudo().search([]) - before

    def _this(self, days):
        return self.monday + timedelta(days=7 + days)

    def test_mail_of_missing_time(self):
        self.agent.lang = "en_US"
        mails = self._remind(self._this(0))
        self.assertEqual(len(mails), 2)
        mail = mails.filtered(lambda mail: "30:00" in mail.body_html)
        self.assertIn(self.employee.name, mail.body_html)
        self.assertIn("40:00", mail.body_html)
        self.assertIn("/odoo/timesheets", mail.body_html)
        self.assertEqual(mail.recipient_ids, self.agent.partner_id)
        self.assertEqual(set(self.people.mapped("helpdesk_reminded_week")), {self.week})

    def test_who_recorded_enough_hears_nothing(self):
        self._log(self.ticket, 6.0, date=self.monday)
        self.assertEqual(len(self._remind(self._this(0))), 1)
        self.env.company.helpdesk_remind_share = 91
        self.assertEqual(len(self._remind(self._this(0))), 2)

    def test_not_on_days_off_nor_leave(self):
        self.assertFalse(self._remind(self._this(5)), "a Saturday")
        self.env["resource.calendar.leaves"].create(
            {
                "resource_id": self.employee.resource_id.id,
                "date_from": datetime.combine(self._this(0), time.min),
                "date_to": datetime.combine(self._this(1), time.max),
            }
        )
        self.assertEqual(len(self._remind(self._this(0))), 1)
        self.assertFalse(self.employee.helpdesk_reminded_week)
        self.assertEqual(len(self._remind(self._this(2))), 2)

    def test_job_writes_once_and_only_where_wanted(self):
        job = self.env.ref("helpdesk_billing_run.ir_cron_remind_of_time")
        calendar = self.people.resource_calendar_id
        calendar.attendance_ids.filtered(
            lambda hours: int(hours.dayofweek) == self.today.weekday()
        ).unlink()
        calendar.attendance_ids.create(
            {
                "name": "Today",
                "calendar_id": calendar.id,
                "dayofweek": str(self.today.weekday()),
                "hour_from": 8,
                "hour_to": 12,
            }
        )
        mails = self.env["mail.mail"].sudo()
        for wanted, count in ((False, 0), (True, 2), (True, 0)):
            self.env.company.helpdesk_remind_of_time = wanted
            before = mails.search([])
            with self.enter_registry_test_mode():
                job.method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(len(mails.search([]) - before), count, wanted)
