from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.helpdesk_billing_run.tests.run_common import RunCommon


@tagged("post_install", "-at_install")
class TestWorkInProgressByKind(RunCommon):
    """Open time by kind adds up to what a run bills: with steps, in days, abroad."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.evening_service = cls._new_service(
            "Evening", "delivered_timesheet", price=150
        )
        cls.remote, cls.evening, cls.goodwill = cls.env["helpdesk.work.type"].create(
            [
                {"name": "Remote", "step_minutes": 15, "minimum_minutes": 30},
                {"name": "Evening", "product_id": cls.evening_service.id},
                {"name": "Goodwill", "charge": "free"},
            ]
        )
        cls.foreign = cls.env["res.currency"].create(
            {
                "name": "XTH",
                "symbol": "x",
                "rounding": 0.001,
                "rate_ids": [Command.create({"name": "2026-01-01", "rate": 0.37})],
            }
        )

    def _new_abroad_order(self):
        """Days and evening hours, with three digits behind the point."""
        prices = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": self.foreign.id}
        )
        days = self._new_service("Day", "delivered_timesheet", self.day, 777.777)
        line, evening = (
            {"product_id": product.id, "price_unit": price, "discount": 3.3}
            for product, price in ((days, 777.777), (self.evening_service, 151.515))
        )
        order = self._new_order(self.customer_a, line, pricelist_id=prices.id)
        order.order_line = [Command.create(evening)]
        return order

    def test_sums_are_those_of_a_run(self):
        order = self._new_abroad_order()
        self.ticket_a2.sale_line_id = order.order_line[0]
        for day in range(1, 6):
            for kind in (self.remote, self.evening, self.goodwill):
                self._log(
                    self.ticket_a2,
                    0.17 * day,
                    date=date(2026, 2, day),
                    work_type_id=kind.id,
                )
        run = self._new_run(date_from=False, date_to=False)
        lines = self._bill_lines(run)
        self.assertTrue(order.order_line <= lines.sale_line_id)
        self.env.flush_all()
        self.env.invalidate_all()
        Work = self.env["helpdesk.work.in.progress"].with_user(self.accountant)
        domain = [("partner_id", "in", self.customers.ids), ("kind", "=", "open")]
        measures = ["hours:sum", "amount:sum", "amount_company:sum"]
        by_item = {}
        for item, kind, *figures in Work._read_group(
            domain, ["sale_line_id", "work_type_id"], measures
        ):
            self.assertNotEqual(kind, self.goodwill.with_user(self.accountant))
            own = by_item.setdefault(item.id, [0.0] * 3)
            by_item[item.id] = [a + float(b) for a, b in zip(own, figures, strict=True)]
        self.assertEqual(set(by_item), set(lines.sale_line_id.ids))
        for line in lines:
            expected = (line.hours, line.amount, line.amount_company)
            for got, figure in zip(
                by_item[line.sale_line_id.id], expected, strict=True
            ):
                self.assertAlmostEqual(got, figure, 6, line.display_name)
        self._run(run)
        self.assertAsRehearsed(run)

    def test_by_kind(self):
        self._log(self.ticket, 0.1, work_type_id=self.remote.id)
        self.env.flush_all()
        Work = self.env["helpdesk.work.in.progress"].with_user(self.lead)
        groups = Work._read_group(
            [("order_id", "=", self.order_a.id)],
            ["work_type_id"],
            ["hours_worked:sum", "hours:sum"],
        )
        self.assertEqual(
            {kind.name: figures for kind, *figures in groups},
            {"Remote": [0.1, 0.5], False: [10.0, 10.0]},
        )
