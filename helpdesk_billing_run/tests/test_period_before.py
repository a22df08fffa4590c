from datetime import date

from odoo.tests import tagged

from .run_common import RunCommon


@tagged("post_install", "-at_install")
class TestPeriodBefore(RunCommon):
    """What is new in a rehearsal: beside the period before, by rules, and late."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.third = cls._new_item(cls.customer_b)
        ticket = cls.ticket_b.copy({"name": "Third"})
        ticket.sale_line_id = cls.third
        cls.old = cls._log(ticket, 5.0, date=date(2026, 1, 30))
        cls._bill(cls.order_a, date(2026, 1, 1), date(2026, 1, 31))
        cls.third.order_id.user_id = cls.seller
        cls._bill(cls.third.order_id)

    def _line(self, run, item):
        return run.sudo().line_ids.filtered(lambda line: line.sale_line_id == item)

    def test_beside_the_period_before(self):
        run = self._new_run()
        line = self._line(run, self.item_a)
        self.assertEqual((line.hours, line.hours_before, line.hours_change), (6, 4, 2))
        self.assertEqual((line.amount_before, line.amount_change), (400.0, 200.0))
        self.assertFalse(line.is_changed, "two hours, but less than half")
        new = self._line(run, self.item_b)
        self.assertEqual((new.hours_before, new.hours_change), (0.0, 3.0))
        self.assertTrue(new.is_changed)
        self.assertEqual((run.hours_before, run.amount_before), (9.0, 900.0))
        self.assertEqual(run.changed_count, 2)

    def test_order_of_which_nothing_is_open(self):
        run = self._new_run()
        gone = self._line(run, self.third)
        self.assertEqual((gone.kind, gone.decision, gone.hours), ("gone", "leave", 0.0))
        self.assertEqual((gone.hours_change, gone.amount_change), (-5.0, -500.0))
        self.assertTrue(gone.is_changed and gone.reason)
        self.assertEqual(run.customer_count, 2, "not billed")
        moves = self._run(run)
        self.assertNotIn(self.third, moves.invoice_line_ids.sale_line_ids)

    def test_which_period_is_before(self):
        for start, end, before in (
            ("2026-02-01", "2026-02-28", (date(2026, 1, 1), date(2026, 1, 31))),
            ("2026-01-01", "2026-03-31", (date(2025, 10, 1), date(2025, 12, 31))),
            ("2026-03-10", "2026-03-16", (date(2026, 3, 3), date(2026, 3, 9))),
            (False, "2026-03-31", (date(2026, 2, 1), date(2026, 2, 28))),
        ):
            run = self.Run.create({"date_from": start, "date_to": end})
            self.assertEqual(run._get_period_before(), before)

    def test_late_time_and_rules(self):
        """Sums of what a customer may ask about."""
        late = self._log(self.ticket, 1.5, date=date(2026, 1, 5))
        self.line_2.action_write_off(0.5, "Goodwill")
        run = self._new_run(date_from=False)
        line = self._line(run, self.item_a)
        self.assertEqual((line.hours, line.hours_late), (7.0, 1.5))
        self.assertEqual((line.amount_late, line.amount_added), (150.0, -50.0))
        self.assertEqual((run.hours_late, run.hours_added), (1.5, -0.5))
        self.assertEqual((run.amount_late, run.amount_added), (150.0, -50.0))
        self._line(run, self.item_a).with_user(self.accountant).action_leave()
        self.assertEqual((run.hours_late, run.amount_late), (0.0, 0.0))
        self.assertFalse(late.timesheet_invoice_id)

    def test_export(self):
        """All of it goes into a spreadsheet, by who may see it."""
        self.accountant.group_ids += self.env.ref("base.group_allow_export")
        run = self._new_run()
        names = [
            "partner_id/name",
            "hours",
            "hours_before",
            "amount_total",
            "is_changed",
        ]
        line = self._line(run, self.item_b).with_user(self.accountant)
        row = line.export_data(names)["datas"][0]
        self.assertEqual(row[1:3] + row[4:], [3.0, 0.0, True])
        self.assertEqual(row[3], line.amount_total)
