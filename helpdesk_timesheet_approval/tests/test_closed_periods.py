from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests.common import ReinvoiceCommon

CLOSED, LAST, OPEN = date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 1)


@tagged("post_install", "-at_install")
class TestClosedPeriods(ReinvoiceCommon):
    """March is closed, its last day included; two days of grace."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket.sale_line_id = cls.item_a
        cls.line = cls._log(cls.ticket, 2.0, date=CLOSED)
        cls.env.company.write(
            {"helpdesk_lock_date": LAST, "helpdesk_lock_grace_days": 2}
        )

    def assertClosed(self, act):
        with self.assertRaisesRegex(UserError, "Time until 03/31/2026 is closed"):
            act()

    def test_nothing_moves_behind_the_date(self):
        line = self.line.with_user(self.agent)
        self.assertClosed(lambda: self._log(self.ticket, 1.0, date=LAST))
        self.assertClosed(lambda: line.write({"unit_amount": 3.0}))
        self.assertClosed(lambda: line.write({"date": OPEN}))
        self.assertClosed(line.unlink)
        later = self._log(self.ticket, 1.0, date=OPEN)
        self.assertClosed(lambda: later.with_user(self.agent).write({"date": LAST}))
        self.assertTrue(line.readonly_timesheet)
        line.internal_note = "May be written"
        self.assertClosed(lambda: self._log(self.ticket, 1, self.manager, date=LAST))

    def test_days_of_grace(self):
        with freeze_time("2026-04-02 12:00:00"):
            self._log(self.ticket, 1.0, date=LAST)
        with freeze_time("2026-04-03 12:00:00"):
            self.assertClosed(lambda: self._log(self.ticket, 1.0, date=LAST))

    def test_without_grace_a_day_is_closed_at_once(self):
        self.env.company.write(
            {"helpdesk_lock_date": date.today(), "helpdesk_lock_grace_days": 0}
        )
        with self.assertRaisesRegex(UserError, "is closed"):
            self._log(self.ticket, 1.0, date=date.today())

    def test_former_period_stays_closed_during_grace(self):
        with freeze_time("2026-04-30 12:00:00"):
            self.env.company.helpdesk_lock_date = date(2026, 4, 30)
            self._log(self.ticket, 1.0, date=OPEN)
            self.assertClosed(lambda: self._log(self.ticket, 1.0, date=LAST))
            self.env.company.helpdesk_lock_date = False
            self._log(self.ticket, 1.0, date=LAST)

    def test_projects_by_choice_of_the_company(self):
        vals = {"name": "Plain", "project_id": self.project.id, "unit_amount": 1}
        lines = self.env["account.analytic.line"].with_user(self.agent)
        plain = lines.create({**vals, "date": CLOSED})
        self.env.company.helpdesk_lock_all_time = True
        self.assertClosed(lambda: lines.create({**vals, "date": CLOSED}))
        self.assertClosed(lambda: plain.write({"unit_amount": 2}))

    def test_item_and_invoice_go_on(self):
        """What follows from a ticket keeps hours, day and person, and goes through."""
        item = self._new_item(self.customer_a)
        self.ticket.sale_line_id = item
        self.assertDelivered(item, 2.0)
        self.assertEqual(self._invoice(item.order_id).invoice_line_ids.quantity, 2.0)

    def test_bad_grace(self):
        with self.assertRaises(ValidationError):
            self.env.company.helpdesk_lock_grace_days = -1

    def test_malformed_settings(self):
        company = self.env.company
        company.helpdesk_lock_grace_days = None
        self.assertEqual(company.helpdesk_lock_grace_days, 0)
        for name in ("helpdesk_lock_date", "helpdesk_lock_grace_days"):
            for value in ("x", [1], True):
                with self.assertRaisesRegex(ValidationError, "cannot take this value"):
                    company.write({name: value})
        self.assertEqual(company.helpdesk_lock_date, LAST)

    def test_late_time_is_marked_and_billed_with_its_day(self):
        self._log(self.ticket, 1.0, date=OPEN)
        self._invoice(self.order_a)
        self.env.company.helpdesk_lock_date = False
        late = self._log(self.ticket, 0.5, date=CLOSED)
        new = self._log(self.ticket, 4.0, date=date(2026, 4, 2))
        self.assertTrue(late.is_late)
        self.assertFalse(new.is_late)
        text = self._invoice(self.order_a).invoice_line_ids.name
        self.assertIn("4.50 h, of which late: 0.50 h of 03/30/2026", text)
        self.assertFalse(self.line.is_late)
