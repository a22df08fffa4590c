from unittest.mock import patch

from odoo.tests import tagged

from .common import ReinvoiceCommon
from .screen_common import ScreenCommon

# Queries of the stock task flow, counted in the way of these tests in a database
# without these addons. Recording time on tickets, moving and invoicing it must not cost
# more, and neither must the same work on plain project tasks. `make bench` measures
# both side by side.
STOCK = {
    "create task": 30,
    "log": 35,
    "log without item": 21,
    "change hours": 28,
    "task form": 38,
    "task list": 28,
    "change item": 48,
    "invoice": 80,
    "more invoices": 21,
}
# What tickets need, counted in the same way: a change that needs more says why. The
# optional addons are in the database of these tests and add one query to the form of a
# ticket (kinds of work) and one to an invoice run (late time), both whatever they hold.
OURS = {
    # it finds its order item; its order is not read for that
    "new ticket": 20,
    "log": 34,
    "log without item": 21,
    "log on many items": 36,
    "change item": 36,
    # one for its related tickets
    "form": 24,
    "list": 9,
    "invoice": 78,
    "more invoices": 15,
}


class PerformanceCommon(ScreenCommon, ReinvoiceCommon):
    """Requests as the server gets them: rights of the user, cold record cache.

    Every test does the thing once before it counts, as in a server that has been up
    for a while.
    """

    @classmethod
    def _set_up_users(cls):
        super()._set_up_users()
        cls.agent.group_ids |= cls.env.ref("project.group_project_user")

    def setUp(self):
        super().setUp()
        # Screens send the time zone along; else each environment reads it once.
        Line = self.env["account.analytic.line"].with_context(tz="UTC")
        self.Line = Line.with_user(self.agent)
        self.Ticket = self.env["helpdesk.ticket"].with_user(self.agent)

    # === WORK === #

    def _new_tickets(self, count, **values):
        return self.env["helpdesk.ticket"].create(
            [
                {
                    "name": f"Ticket {index}",
                    "team_id": self.team.id,
                    "partner_id": self.contact_a.id,
                    "sale_line_id": self.item_a.id,
                    **values,
                }
                for index in range(count)
            ]
        )

    def _new_task(self, **values):
        return self.env["project.task"].create(
            {
                "name": "Task",
                "project_id": self.project.id,
                "partner_id": self.contact_a.id,
                "sale_line_id": self.item_a.id,
                **values,
            }
        )

    def _log_many(self, tickets, count, field="helpdesk_ticket_id"):
        values = [
            {field: ticket.id, "name": "Work", "unit_amount": 0.5}
            for ticket in tickets
            for _index in range(count)
        ]
        return self.Line.create(values)


@tagged("post_install", "-at_install")
class TestTimeQueries(PerformanceCommon):
    """Time on tickets costs no more queries than on stock tasks."""

    def test_log_one(self):
        ticket = self._new_tickets(1)
        self.assertLessEqual(OURS["log"], STOCK["log"])
        self.assertLessEqual(
            self._count_warm_queries(self._log_many, ticket, 1), OURS["log"]
        )

    def test_new_ticket_finds_its_item(self):
        customer = self.env["res.partner"].create({"name": "Gamma"})
        item = self._new_item(customer)
        values = {"name": "New", "team_id": self.team.id, "partner_id": customer.id}
        count = self._count_warm_queries(self.Ticket.create, values)
        tickets = self.env["helpdesk.ticket"].search([("partner_id", "=", customer.id)])
        self.assertEqual(tickets.sale_line_id, item)
        self.assertLessEqual(count, OURS["new ticket"])

    def test_log_many_on_one_ticket(self):
        ticket = self._new_tickets(1)
        one = self._count_warm_queries(self._log_many, ticket, 1)
        self.assertEqual(self._count_queries(self._log_many, ticket, 100), one)

    def test_log_does_not_grow_with_the_lines_of_the_item(self):
        ticket = self._new_tickets(1)
        few = self._count_warm_queries(self._log_many, ticket, 1)
        self._log_many(ticket, 500)
        self.assertEqual(self._count_queries(self._log_many, ticket, 1), few)

    def test_log_on_many_items(self):
        items = [self._new_item(self.customer_a) for _index in range(50)]
        tickets = self._new_tickets(0)
        for item in items:
            tickets |= self._new_tickets(1, sale_line_id=item.id)
        few = self._count_warm_queries(self._log_many, tickets[:5], 1)
        many = self._count_queries(self._log_many, tickets, 2)
        self.assertLessEqual(many, OURS["log on many items"])
        self.assertLessEqual(many, few + 2)

    def test_log_without_item(self):
        ticket = self._new_tickets(1, sale_line_id=False)
        self.assertLessEqual(OURS["log without item"], STOCK["log without item"])
        self.assertLessEqual(
            self._count_warm_queries(self._log_many, ticket, 1),
            OURS["log without item"],
        )

    def test_change_hours(self):
        line = self._log_many(self._new_tickets(1), 1)
        self._count_queries(line.write, {"unit_amount": 2.0})
        with self.assertMaxQueries(STOCK["change hours"]):
            line.unit_amount = 3.0
        self.assertDelivered(self.item_a, 3.0)

    def test_move_time(self):
        ticket = self._new_tickets(1)
        self._log_many(ticket, 200)
        other = self._new_item(self.customer_a)
        for item in (other, self.item_a):
            self._count_queries(
                ticket.with_user(self.agent).write, {"sale_line_id": item.id}
            )
        self.assertLessEqual(OURS["change item"], STOCK["change item"])
        with self.assertMaxQueries(OURS["change item"]):
            ticket.with_user(self.agent).sale_line_id = other.id
        self.assertDelivered(other, 100.0)

    def test_lines_alike_are_decided_once(self):
        ticket = self._new_tickets(1)
        self._log_many(ticket, 50)
        Line = self.registry["account.analytic.line"]
        decide = Line._decide_item
        with patch.object(Line, "_decide_item", autospec=True) as decisions:
            decisions.side_effect = decide
            ticket.sale_line_id = self._new_item(self.customer_a)
            self.env.flush_all()
        # once for the item, once for its reason
        self.assertLessEqual(decisions.call_count, 2)
        self.assertEqual(ticket.timesheet_ids.so_line, ticket.sale_line_id)


@tagged("post_install", "-at_install")
class TestScreenQueries(PerformanceCommon):
    """Screens read the same number of queries whatever the tickets hold."""

    def _open_list(self, limit, spec=None):
        spec = spec or self._spec(self.Ticket, "list")
        found = self.Ticket.web_search_read(
            [("team_id", "=", self.team.id)], spec, limit=limit, count_limit=10001
        )
        self.assertEqual(len(found["records"]), limit)

    def test_form(self):
        ticket = self._new_tickets(1)
        self._log_many(ticket, 5)
        spec = self._spec(self.Ticket, "form")
        few = self._count_warm_queries(ticket.with_user(self.agent).web_read, spec)
        self._log_many(ticket, 45)
        many = self._count_queries(ticket.with_user(self.agent).web_read, spec)
        self.assertEqual(many, few)
        self.assertLessEqual(many, OURS["form"])

    def test_list(self):
        tickets = self._new_tickets(80)
        self._log_many(tickets, 2)
        spec = self._spec(self.Ticket, "list")
        few = self._count_warm_queries(self._open_list, 10, spec)
        many = self._count_queries(self._open_list, 80, spec)
        self.assertEqual(many, few)
        self.assertLessEqual(many, OURS["list"])
        self._log_many(tickets[-1], 1000)
        self.assertEqual(self._count_queries(self._open_list, 80, spec), many)

    def test_order_form_does_not_grow_with_its_tickets(self):
        order = self._new_order(self.customer_a, *[(self.service, 5.0)] * 10)
        spec = self._spec(order.with_user(self.salesman), "form")
        tickets = self._new_tickets(0)
        for item in order.order_line:
            tickets |= self._new_tickets(1, sale_line_id=item.id)
        self._log_many(tickets[:1], 1)
        few = self._count_warm_queries(order.with_user(self.salesman).web_read, spec)
        self._log_many(tickets, 5)
        self.assertEqual(
            self._count_queries(order.with_user(self.salesman).web_read, spec), few
        )


@tagged("post_install", "-at_install")
class TestInvoiceQueries(PerformanceCommon):
    """Invoicing ticket time costs no more queries than invoicing task time."""

    def _orders(self, count, lines=5):
        items = self.env["sale.order.line"]
        for index in range(count):
            customer = self.env["res.partner"].create({"name": f"Customer {index}"})
            item = self._new_item(customer)
            ticket = self._new_tickets(1, partner_id=customer.id, sale_line_id=item.id)
            self._log_many(ticket, lines)
            items |= item
        return items.order_id.with_user(self.salesman)

    def _create_invoices(self, orders):
        orders._create_invoices()

    def test_one_order(self):
        first, second = self._orders(2, lines=50)
        self._count_queries(self._create_invoices, first)
        count = self._count_queries(self._create_invoices, second)
        self.assertLessEqual(OURS["invoice"], STOCK["invoice"])
        self.assertLessEqual(count, OURS["invoice"])

    def test_many_orders(self):
        orders = self._orders(13)
        self._count_queries(self._create_invoices, orders[:1])
        few = self._count_queries(self._create_invoices, orders[1:3])
        many = self._count_queries(self._create_invoices, orders[3:])
        self.assertLessEqual(OURS["more invoices"], STOCK["more invoices"])
        self.assertLessEqual(many - few, 8 * OURS["more invoices"])


@tagged("post_install", "-at_install")
class TestPlainTaskQueries(PerformanceCommon):
    """Who uses tasks without tickets pays nothing for these addons."""

    def test_create(self):
        Task = self.env["project.task"].with_user(self.agent)
        values = {"name": "Task", "project_id": self.project.id}
        count = self._count_warm_queries(Task.create, values)
        self.assertLessEqual(count, STOCK["create task"])

    def test_log(self):
        task = self._new_task()
        count = self._count_warm_queries(self._log_many, task, 1, "task_id")
        self.assertLessEqual(count, STOCK["log"])

    def test_form(self):
        task = self._new_task().with_user(self.agent)
        self._log_many(task, 50, "task_id")
        spec = self._spec(task, "form")
        self.assertLessEqual(
            self._count_warm_queries(task.web_read, spec), STOCK["task form"]
        )

    def test_list(self):
        Task = self.env["project.task"].with_user(self.agent)
        tasks = Task.union(*[self._new_task() for _index in range(20)])
        spec = self._spec(Task, "list")
        domain = [("id", "in", tasks.ids)]
        count = self._count_warm_queries(Task.web_search_read, domain, spec)
        self.assertLessEqual(count, STOCK["task list"])

    def test_change_item(self):
        task = self._new_task().with_user(self.agent)
        self._log_many(task, 200, "task_id")
        other = self._new_item(self.customer_a)
        for item in (other, self.item_a):
            self._count_queries(task.write, {"sale_line_id": item.id})
        count = self._count_queries(task.write, {"sale_line_id": other.id})
        self.assertLessEqual(count, STOCK["change item"])

    def test_invoice(self):
        items = self._new_item(self.customer_a) | self._new_item(self.customer_b)
        for item in items:
            task = self._new_task(
                partner_id=item.order_partner_id.id, sale_line_id=item.id
            )
            self._log_many(task, 50, "task_id")
        first, second = items.order_id.with_user(self.salesman)
        self._count_queries(first._create_invoices)
        count = self._count_queries(second._create_invoices)
        self.assertLessEqual(count, STOCK["invoice"])

    def test_order_form(self):
        """What the form shows of tickets costs nothing on an order without them."""
        customer = self.env["res.partner"].create({"name": "Gamma"})
        item = self._new_item(customer)
        task = self._new_task(partner_id=customer.id, sale_line_id=item.id)
        self._log_many(task, 5, "task_id")
        order = item.order_id.with_user(self.salesman)
        spec = self._spec(order, "form")
        stock = {
            name: of_field
            for name, of_field in spec.items()
            if not any(m.startswith("helpdesk") for m in order._fields[name]._modules)
        }
        self.assertIn("ticket_count", spec.keys() - stock.keys())
        count = self._count_warm_queries(order.web_read, spec)
        self.assertEqual(count, self._count_warm_queries(order.web_read, stock))
