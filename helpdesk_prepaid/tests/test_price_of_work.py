from odoo.tests import tagged

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestPriceOfWork(PrepaidCommon):
    """Where the order says so, open work keeps the price of its day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order_a.keep_price_of_work = True
        cls.ticket.sale_line_id = cls.item_a
        cls.before = cls._log(cls.ticket, 2.0, date=cls._day(-3))

    def _raise(self, price=120.0):
        self.item_a.with_user(self.salesman).write({"price_unit": price})
        return self.item_a.price_before_id

    def test_open_work_keeps_its_price(self):
        former = self._raise()
        self._log(self.ticket, 1.0)
        late = self._log(self.ticket, 3.0, date=self._day(-1))
        self.assertEqual(late.so_line, former)
        self.assertTime([(2.0, former), (1.0, self.item_a), (3.0, former)])
        self.assertEqual((former.price_unit, self.item_a.price_unit), (100.0, 120.0))
        self.assertEqual(self.ticket.sale_line_id, self.item_a)
        invoice = self._invoice(self.order_a)
        self.assertEqual(invoice.amount_untaxed, 5 * 100.0 + 1 * 120.0)
        lines = invoice.invoice_line_ids.sorted("price_unit")
        self.assertEqual(lines.mapped("price_unit"), [100.0, 120.0])
        self.assertEqual(lines.mapped("quantity"), [5.0, 1.0])

    def test_what_is_billed_stays(self):
        invoice = self._invoice(self.order_a)
        former = self._raise()
        self.assertTime([(2.0, self.item_a)])
        self.assertFalse(former.qty_delivered)
        self.assertEqual(invoice.amount_untaxed, 200.0)

    def test_a_price_corrected_on_the_same_day_is_one_price(self):
        former = self._raise()
        self.assertEqual(self._raise(130.0), former)
        self.assertFalse(former.price_before_id)

    def test_the_same_price_is_no_new_one(self):
        self.assertFalse(self._raise("100.0"))

    def test_the_former_price_makes_no_task(self):
        product = self._new_service("Visit", "delivered_timesheet")
        product.service_tracking = "task_in_project"
        item = self._new_item(self.customer_a, product, keep_price_of_work=True)
        task = item.task_id
        item.price_unit = 120.0
        self.assertEqual(item.price_before_id.task_id, task)
        self.assertEqual(item.order_id.tasks_ids, task)
        self.assertEqual(task.sale_line_id, item)

    def test_three_prices(self):
        first = self._raise()
        self.item_a.price_since = self._day(-2)
        middle = self._log(self.ticket, 1.0, date=self._day(-1))
        self.assertEqual(middle.so_line, self.item_a)
        second = self._raise(150.0)
        self.assertTime([(2.0, first), (1.0, second)])
        self.assertEqual(second.price_unit, 120.0)

    def test_other_orders_are_repriced_as_ever(self):
        self.order_a.keep_price_of_work = False
        self.assertFalse(self._raise())
        self.assertTime([(2.0, self.item_a)])
        self.assertEqual(self._invoice(self.order_a).amount_untaxed, 240.0)
