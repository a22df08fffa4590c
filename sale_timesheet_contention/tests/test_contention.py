from contextlib import contextmanager
from unittest.mock import patch

from psycopg2.errors import LockNotAvailable, SerializationFailure

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.sale_timesheet_contention.models import sale_delivered_refresh

MODULE = "odoo.addons.sale_timesheet_contention.models.sale_delivered_refresh"


@tagged("post_install", "-at_install")
class TestContention(TransactionCase):
    """Time on one order item, recorded by several people at once.

    Real colleagues on real connections are in the tests of the repository.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Refresh = cls.env["sale.delivered.refresh"].sudo()
        cls.Item = cls.registry["sale.order.line"]
        customer = cls.env["res.partner"].create({"name": "Customer"})
        service = cls.env["product.product"].create(
            {
                "name": "Support",
                "type": "service",
                "service_policy": "delivered_timesheet",
                "uom_id": cls.env.ref("uom.product_uom_hour").id,
                "list_price": 100.0,
                "taxes_id": [Command.clear()],
            }
        )
        lines = [Command.create({"product_id": service.id}) for _line in range(2)]
        cls.order = cls.env["sale.order"].create(
            {"partner_id": customer.id, "order_line": lines}
        )
        cls.order.action_confirm()
        cls.item, cls.other_item = cls.order.order_line
        project = cls.env["project.project"].create(
            {"name": "Work", "allow_billable": True, "partner_id": customer.id}
        )
        cls.tasks = cls.env["project.task"].create(
            [
                {"name": "Task", "project_id": project.id, "sale_line_id": item.id}
                for item in (cls.item, cls.other_item)
            ]
        )
        cls.employee = cls.env["hr.employee"].create({"name": "Eve"})

    def setUp(self):
        super().setUp()
        self.addCleanup(sale_delivered_refresh._collisions.clear)
        self.env.cr.precommit.clear()
        self.addCleanup(self.env.cr.postcommit.clear)

    # === HELPERS === #

    def _log(self, hours, task=None):
        return self.env["account.analytic.line"].create(
            {
                "name": "Work",
                "task_id": (task or self.tasks[0]).id,
                "employee_id": self.employee.id,
                "unit_amount": hours,
            }
        )

    def _read_delivered(self, item=None):
        """The stored quantity, as everybody else reads it."""
        self.env.flush_all()
        item = item or self.item
        item.invalidate_recordset()
        return item.qty_delivered

    def _waiting(self):
        return self.Refresh.search([]).sale_line_id

    def _collide(self, items=None):
        self.Refresh._note_collision(self.item if items is None else items)

    @contextmanager
    def _busy(self, items=None, error=None):
        """A colleague writes these items; count how often we try to lock them."""
        items = self.item if items is None else items
        free = self.Item.try_lock_for_update
        tried = []

        def lock(records, **options):
            tried.append(records)
            if error:
                raise error
            return free(records - items, **options)

        with patch.object(self.Item, "try_lock_for_update", lock):
            yield tried

    # === WHO IS ALONE === #

    def test_who_is_alone_locks_nothing(self):
        with self._busy() as tried:
            line = self._log(1.0)
            line.unit_amount = 2.0
            line.copy().unlink()
        self.assertFalse(tried)
        self.assertFalse(self._waiting())
        self.assertEqual(self._read_delivered(), 2.0)

    def test_collision_is_remembered(self):
        """Who collides is started again by the server, and takes turns from then on."""
        for error in (SerializationFailure, LockNotAvailable):
            sale_delivered_refresh._collisions.clear()
            self.assertFalse(self.Refresh._get_recent_collisions())

            def collide(_records, _vals_list, error=error):
                raise error

            model = self.env.registry["base"]
            with patch.object(model, "_write_multi", collide), self.assertRaises(error):
                self.item._write_multi([{"qty_delivered": 1.0}])
            self.assertEqual(self.Refresh._get_recent_collisions(), self.item.ids)

    def test_other_errors_are_no_collision(self):
        model = self.env.registry["base"]
        with patch.object(model, "_write_multi", side_effect=ValueError):
            with self.assertRaises(ValueError):
                self.item._write_multi([{"qty_delivered": 1.0}])
        self.assertFalse(self.Refresh._get_recent_collisions())

    def test_collision_is_forgotten(self):
        self._collide()
        later = sale_delivered_refresh.time.monotonic()
        later += sale_delivered_refresh.REMEMBERED + 1
        with patch.object(sale_delivered_refresh.time, "monotonic", return_value=later):
            self.assertFalse(self.Refresh._get_recent_collisions())
            self._collide(self.other_item)
            self.assertEqual(self.Refresh._get_recent_collisions(), self.other_item.ids)
        self.assertEqual(len(sale_delivered_refresh._collisions), 1)

    # === WHO TAKES TURNS === #

    def test_free_item_is_written_at_once(self):
        self._collide()
        with self._busy(self.other_item) as tried:
            self._log(1.0)
            self._log(2.0)
        self.assertEqual(tried, [self.item], "locked once a transaction")
        self.assertFalse(self._waiting())
        self.assertEqual(self._read_delivered(), 3.0)

    def test_busy_item_waits(self):
        """The time is saved, the quantity follows, and the order with it."""
        self._collide()
        with self._busy() as tried:
            line = self._log(1.5)
            self.assertEqual(self._read_delivered(), 0.0)
            self._log(2.0)
            self._log(4.0, self.tasks[1])
        self.assertEqual(len(tried), 1)
        self.assertEqual(line.so_line, self.item)
        self.assertEqual(self._waiting(), self.item)
        self.assertEqual(self._read_delivered(), 0.0)
        self.assertEqual(self._read_delivered(self.other_item), 4.0)
        self.Refresh._refresh(self.item.ids)
        self.assertFalse(self._waiting())
        self.assertEqual(self._read_delivered(), 3.5)
        self.assertEqual(self.item.qty_to_invoice, 3.5)
        self.assertEqual(self.item.untaxed_amount_to_invoice, 350.0)
        self.assertEqual(self.order.invoice_status, "to invoice")

    def test_row_that_changed_meanwhile_waits(self):
        """Our snapshot is older than what a colleague saved; nothing else is lost."""
        self._collide()
        with self._busy(error=SerializationFailure()):
            self._log(1.0)
        self.assertEqual(self._waiting(), self.item)
        self.Refresh._refresh(self.item.ids)
        self.assertEqual(self._read_delivered(), 1.0)

    def test_corrections_wait(self):
        first, second = self._log(1.0), self._log(2.0)
        self.assertEqual(self._read_delivered(), 3.0)
        self._collide(self.item | self.other_item)
        with self._busy():
            first.unit_amount = 5.0
            second.unlink()
        self.assertEqual(self._read_delivered(), 3.0)
        self.Refresh._refresh(self.item.ids)
        self.assertEqual(self._read_delivered(), 5.0)
        with self._busy():
            first.so_line = self.other_item
        self.assertEqual(self._read_delivered(), 5.0)
        self.Refresh._refresh(self.item.ids)
        self.assertEqual(self._read_delivered(), 0.0)
        self.assertEqual(self._read_delivered(self.other_item), 5.0)

    def test_other_fields_lock_nothing(self):
        line = self._log(1.0)
        self._collide()
        with self._busy() as tried:
            line.name = "Other words"
        self.assertFalse(tried)

    def test_what_waited_before_is_computed(self):
        """Only what the time caused is deferred."""
        self._collide()
        self.item.price_unit = 70.0
        with self._busy():
            self._log(1.0)
        self.env.flush_all()
        self.item.invalidate_recordset()
        self.assertEqual(self.item.price_subtotal, 70.0)
        self.assertEqual(self._read_delivered(), 0.0)

    def test_forgotten_with_its_savepoint(self):
        """A lock ends with its savepoint, and so does a note."""
        self._collide()
        with self._busy() as tried:
            with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
                self._log(1.0)
                raise ZeroDivisionError
            self.assertFalse(self._waiting())
            self._log(2.0)
        self.assertEqual(len(tried), 2)
        self.assertEqual(self._waiting(), self.item)
        self.Refresh._refresh(self.item.ids)
        self.assertEqual(self._read_delivered(), 2.0)

    # === AFTER THE COMMIT === #

    def test_refreshed_once_after_the_commit(self):
        self._collide(self.item | self.other_item)
        refreshed = []

        def refresh(_registry, item_ids):
            refreshed.append(item_ids)

        with (
            self._busy(self.item | self.other_item),
            patch.object(
                type(self.Refresh), "_refresh_after_commit", staticmethod(refresh)
            ),
        ):
            for task in (*self.tasks, self.tasks[0]):
                self._log(1.0, task)
            self.assertFalse(refreshed)
            self.env.cr.postcommit.run()
        self.assertEqual(refreshed, [sorted((self.item | self.other_item).ids)])

    def test_nothing_to_do_where_somebody_was_faster(self):
        """Who waited for the row finds its note gone, and computes nothing."""
        self._log(1.0)
        self.env.flush_all()
        with patch.object(self.Item, "_compute_qty_delivered") as compute:
            self.Refresh._refresh(self.item.ids)
        compute.assert_not_called()

    def test_item_that_is_gone_keeps_nobody_waiting(self):
        self._collide(self.item)
        with self._busy():
            self._log(1.0)
        gone = self.other_item.copy({"order_id": self.order.copy().id})
        gone_id = gone.id
        gone.unlink()
        self.Refresh._refresh([gone_id, self.item.id])
        self.assertEqual(self._read_delivered(), 1.0)

    def test_one_item_that_fails_keeps_nobody_waiting(self):
        items = self.item | self.other_item
        self.Refresh.create([{"sale_line_id": item.id} for item in items])
        tried = []

        def refresh(_registry, item_ids):
            tried.extend(item_ids)
            return item_ids != self.item.ids

        with (
            patch.object(
                type(self.Refresh), "_refresh_after_commit", staticmethod(refresh)
            ),
            self.assertLogs(MODULE, "WARNING") as logged,
        ):
            self.Refresh._cron_refresh()
        self.assertEqual(tried, items.ids)
        self.assertEqual(len(logged.output), 1)

    # === WHOEVER BILLS === #

    def test_invoice_counts_what_waits(self):
        """An invoice links all open time, and bills all of it."""
        self._log(1.0)
        self.assertEqual(self._read_delivered(), 1.0)
        self._collide()
        with self._busy():
            self._log(2.0)
        self.assertEqual(self._read_delivered(), 1.0)
        invoice = self.order._create_invoices()
        self.assertEqual(invoice.invoice_line_ids.quantity, 3.0)
        self.assertEqual(sum(invoice.timesheet_ids.mapped("unit_amount")), 3.0)
        self.assertFalse(self._waiting())

    def test_invoice_asks_once_in_a_transaction(self):
        self.order.order_line._complete_qty_delivered()
        with self.assertQueryCount(0):
            self.order.order_line._complete_qty_delivered()
        self._collide()
        with self._busy():
            self._log(2.0)
        self.order.order_line._complete_qty_delivered()
        self.assertEqual(self._read_delivered(), 2.0)

    # === ACCESS === #

    def test_nobody_writes_what_waits(self):
        user = new_test_user(
            self.env, "busy", "hr_timesheet.group_hr_timesheet_user", name="Busy"
        )
        Refresh = self.env["sale.delivered.refresh"].with_user(user)
        for act in (
            lambda: Refresh.create({"sale_line_id": self.item.id}),
            lambda: Refresh.search([]),
        ):
            with self.assertRaises(AccessError):
                act()

    def test_who_records_time_needs_no_rights_for_it(self):
        user = new_test_user(
            self.env, "busy", "hr_timesheet.group_hr_timesheet_user", name="Busy"
        )
        self.employee.user_id = user
        self._collide()
        with self._busy():
            self.env["account.analytic.line"].with_user(user).create(
                {"name": "x", "task_id": self.tasks[0].id, "unit_amount": 1.0}
            )
        self.assertEqual(self._waiting(), self.item)
