from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .run_common import RunCommon


@tagged("post_install", "-at_install")
class TestWorkInProgress(RunCommon):
    """What is open, by age, at what it will cost."""

    def _read(self, groupby, *measures, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        Work = self.env["helpdesk.work.in.progress"].with_user(user or self.accountant)
        groups = Work._read_group(
            [("partner_id", "in", self.customers.ids)], groupby, measures
        )
        return {group[0]: group[1:] for group in groups}

    def test_sums_are_those_of_a_run(self):
        """To the cent, with thirds of hours, discounts and taxes."""
        tax = self.env["account.tax"].create(
            {"name": "19", "amount": 19.0, "price_include_override": "tax_included"}
        )
        order = self._new_order(
            self.customer_a,
            {
                "product_id": self.service.id,
                "price_unit": 99.97,
                "discount": 3.3,
                "tax_ids": tax.ids,
            },
        )
        self.ticket_a2.sale_line_id = order.order_line
        for number in range(7):
            self._log(self.ticket_a2, 1 / 3, date=date(2026, 2, 1 + number))
        self._log(self.ticket_b, -0.7, date=date(2026, 2, 2))
        run = self._new_run(date_from=False, date_to=False)
        rehearsed = {
            line.sale_line_id: (line.hours, line.amount, line.amount_company)
            for line in self._bill_lines(run)
        }
        measures = ("hours:sum", "amount:sum", "amount_company:sum")
        groups = self._read(["sale_line_id"], *measures)
        self.assertEqual(
            groups.keys(), {item.with_user(self.accountant) for item in rehearsed}
        )
        for item, figures in rehearsed.items():
            for got, expected in zip(groups[item], figures, strict=True):
                self.assertAlmostEqual(float(got), expected, 6)

    def test_ages(self):
        today = fields.Date.today()
        item = self._new_item(self.customer_a)
        self.ticket_a2.sale_line_id = item
        for days in (0, 30, 31, 60, 61, 90, 91):
            self._log(self.ticket_a2, 1.0, date=today - timedelta(days=days))
        self.env.flush_all()
        groups = self.env["helpdesk.work.in.progress"]._read_group(
            [("sale_line_id", "=", item.id)], ["age"], ["hours:sum", "amount:sum"]
        )
        figures = {age: (hours, float(amount)) for age, hours, amount in groups}
        self.assertEqual(
            figures,
            {
                "0": (2.0, 200.0),
                "1": (2.0, 200.0),
                "2": (2.0, 200.0),
                "3": (1.0, 100.0),
            },
        )

    def test_billed_time_is_gone(self):
        self._bill(self.order_a)
        groups = self._read(["order_id"], "hours:sum")
        self.assertEqual(groups.keys(), {self.order_b.with_user(self.accountant)})

    def test_below_zero_costs_nothing(self):
        self._log(self.ticket_b, -5.0, date=date(2026, 2, 2))
        groups = self._read(["sale_line_id"], "hours:sum", "amount:sum")
        self.assertEqual(groups[self.item_b], (-2.0, 0.0))

    def test_who_sees_amounts(self):
        self.assertTrue(self._read(["order_id"], "hours:sum", user=self.lead))
        with self.assertRaises(AccessError):
            self._read(["order_id"], "amount:sum", user=self.lead)
        with self.assertRaises(AccessError):
            self._read(["order_id"], "hours:sum", user=self.agent)
        self.order_b.user_id = self.salesman
        own = self._read(["order_id"], "amount:sum", user=self.seller)
        self.assertEqual(own.keys(), {self.order_a.with_user(self.seller)})
