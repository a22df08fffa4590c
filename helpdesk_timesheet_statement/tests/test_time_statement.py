from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command, Domain
from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests.common import (
    SALESMAN,
    ReinvoiceCommon,
)

ACCOUNTANT = "account.group_account_invoice"


@tagged("post_install", "-at_install")
class TestTimeStatement(ReinvoiceCommon):
    """What became of the hours of an order item, in figures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket.sale_line_id = cls.item_a
        cls.accountant = cls._new_user("hd_acct", ACCOUNTANT, name="Axel Account")

    # === HELPERS === #

    def _statement(self, item, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        Statement = self.env["helpdesk.time.statement"].with_user(user or self.salesman)
        return Statement.browse(item.id)

    def assertFigures(self, item, alarm=False, user=None, **figures):
        """The named figures, zero for the others; they add up unless told otherwise."""
        statement = self._statement(item, user)
        names = (
            "delivered", "billed", "credited", "open", "covered", "cancelled",
            "non_billable",
        )  # fmt: skip
        for name in names:
            self.assertAlmostEqual(
                statement[f"{name}_hours"], figures.get(name, 0.0), 2, name
            )
        self.assertEqual(bool(statement.alarm), alarm, statement.alarm)
        return statement

    def _credit(self, invoice, quantity):
        """Credit a part of an invoice, as the accountant does."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        credit = self.env["account.move"].browse(wizard.reverse_moves()["res_id"])
        credit.invoice_line_ids.quantity = quantity
        credit.action_post()
        return credit

    # === FIGURES === #

    def test_billed_elsewhere_is_missed_by_nobody(self):
        self._log(self.ticket, 1.0)
        line = self._log(self.ticket, 2.0, so_line=False, is_so_line_edited=True)
        self.assertFigures(self.item_a, delivered=1.0, open=1.0, non_billable=2.0)
        hook, domain = "_domain_billed_elsewhere", Domain("id", "=", line.id)
        self.patch(self.registry[line._name], hook, lambda _self: domain)
        self.assertFigures(self.item_a, delivered=1.0, open=1.0)
        [hours] = self.ticket._read_hours().values()
        figures = {name: value for name, value in hours.items() if value}
        self.assertEqual(figures, {"spent": 3.0, "to_invoice": 1.0, "covered": 2.0})
        self.assertEqual(self.order_a.ticket_hours_non_billable, 0.0)

    def test_open_then_billed(self):
        self._log(self.ticket, 2.5)
        self._log(self.ticket, 1.0)
        self.assertFigures(self.item_a, delivered=3.5, open=3.5)
        invoice = self._invoice(self.order_a)
        self.assertFigures(self.item_a, delivered=3.5, billed=3.5)
        invoice.action_post()
        self._log(self.ticket, 0.75)
        self.assertFigures(self.item_a, delivered=4.25, billed=3.5, open=0.75)

    def test_cancelled_invoice_opens_the_time_again(self):
        self._log(self.ticket, 2.0)
        self._invoice(self.order_a).button_cancel()
        self.assertFigures(self.item_a, delivered=2.0, open=2.0)

    def test_credited_in_full(self):
        self._log(self.ticket, 2.0)
        invoice = self._invoice(self.order_a)
        invoice.action_post()
        self._credit(invoice, 2.0)
        self.assertFigures(self.item_a, delivered=2.0, open=2.0)

    def test_credited_in_part(self):
        """One of three hours is credited; the line of three hours cannot be split, so
        the hour is not billed again."""
        self._log(self.ticket, 3.0)
        invoice = self._invoice(self.order_a)
        invoice.action_post()
        self._credit(invoice, 1.0)
        self.assertFigures(self.item_a, delivered=3.0, billed=2.0, credited=1.0)

    def test_prepaid_pack_is_covered(self):
        item = self._new_item(self.customer_a, self.prepaid, 5.0)
        self.ticket.sale_line_id = item
        self._log(self.ticket, 6.0)
        self.assertFigures(item, delivered=6.0, covered=6.0)

    def test_milestones_are_covered(self):
        item = self._new_item(self.customer_a, self.milestones, 1.0)
        self.ticket.sale_line_id = item
        self._log(self.ticket, 6.0)
        self.assertFigures(item, delivered=6.0, covered=6.0)

    def test_cancelled_order(self):
        """What was billed stays billed, nobody will bill the rest."""
        self._log(self.ticket, 2.0)
        self._invoice(self.order_a).action_post()
        self._log(self.ticket, 1.0)
        self.order_a.with_user(self.salesman).with_context(
            disable_cancel_warning=True
        ).action_cancel()
        self.assertFigures(self.item_a, delivered=3.0, billed=2.0, cancelled=1.0)

    def test_not_billable_time_is_beside(self):
        self._log(self.ticket, 2.0)
        self._log(self.ticket, 0.5, so_line=False, is_so_line_edited=True)
        self.assertFigures(self.item_a, delivered=2.0, open=2.0, non_billable=0.5)

    def test_time_without_ticket_counts(self):
        self._log(self.ticket, 2.0)
        task = self.env["project.task"].create(
            {
                "name": "Task",
                "project_id": self.project.id,
                "partner_id": self.customer_a.id,
                "sale_line_id": self.item_a.id,
            }
        )
        self.env["account.analytic.line"].create(
            {
                "task_id": task.id,
                "project_id": self.project.id,
                "employee_id": self.employee.id,
                "unit_amount": 1.0,
            }
        )
        self.assertFigures(self.item_a, delivered=3.0, open=3.0)

    def test_unit_of_the_item(self):
        """Twelve hours on an item sold in days are one and a half days."""
        product = self._new_service("Day", "delivered_timesheet", self.day, 700.0)
        item = self._new_item(self.customer_a, product, 2.0)
        self.ticket.sale_line_id = item
        self._log(self.ticket, 12.0)
        statement = self.assertFigures(item, delivered=12.0, open=12.0)
        self.assertEqual(statement.uom_id, self.day)
        self.assertEqual(statement.delivered_qty, 1.5)
        self._invoice(item.order_id)
        statement = self.assertFigures(item, delivered=12.0, billed=12.0)
        self.assertEqual(statement.billed_qty, 1.5)

    def test_rounding_is_no_alarm(self):
        """Twenty minutes, three times, on an item in days: each figure is rounded."""
        product = self._new_service("Day", "delivered_timesheet", self.day, 700.0)
        item = self._new_item(self.customer_a, product, 2.0)
        self.ticket.sale_line_id = item
        for _i in range(3):
            self._log(self.ticket, 1 / 3)
        self._invoice(item.order_id).action_post()
        self._log(self.ticket, 1 / 3)
        self.assertFalse(self._statement(item).alarm)

    # === ALARM === #

    def test_alarm_invoice_lowered_by_hand(self):
        self._log(self.ticket, 3.0)
        invoice = self._invoice(self.order_a)
        invoice.invoice_line_ids.quantity = 1.0
        statement = self.assertFigures(
            self.item_a, alarm=True, delivered=3.0, billed=1.0
        )
        self.assertEqual(statement.difference_hours, 2.0)
        self.assertIn("02:00", statement.alarm)
        self.assertIn("lowered", statement.alarm)

    def test_alarm_invoice_raised_by_hand(self):
        self._log(self.ticket, 3.0)
        invoice = self._invoice(self.order_a)
        invoice.invoice_line_ids.quantity = 4.0
        statement = self.assertFigures(
            self.item_a, alarm=True, delivered=3.0, billed=4.0
        )
        self.assertEqual(statement.difference_hours, -1.0)
        self.assertIn("raised", statement.alarm)

    def test_alarm_on_the_order_and_in_the_search(self):
        self._log(self.ticket, 3.0)
        self._log(self.ticket_b, 1.0)
        invoice = self._invoice(self.order_a)
        order = self.order_a.with_user(self.salesman)
        self.assertFalse(order.time_statement_alarm)
        invoice.invoice_line_ids.quantity = 1.0
        self._statement(self.item_a)
        self.assertTrue(order.time_statement_alarm)
        Statement = self.env["helpdesk.time.statement"].with_user(self.salesman)
        wrong = Statement.search([("alarm", "!=", False)])
        self.assertIn(self.item_a.id, wrong.ids)
        self.assertNotIn(self.item_b.id, wrong.ids)
        right = Statement.search([("alarm", "=", False)])
        self.assertNotIn(self.item_a.id, right.ids)
        self.assertIn(self.item_b.id, right.ids)

    # === WAYS IN === #

    def test_lines_behind_the_figures(self):
        billed = self._log(self.ticket, 2.0)
        self._invoice(self.order_a)
        opened = self._log(self.ticket, 1.0)
        free = self._log(self.ticket, 0.5, so_line=False, is_so_line_edited=True)
        statement = self._statement(self.item_a)
        Line = self.env["account.analytic.line"]
        for method, lines in (
            ("action_view_time", billed | opened),
            ("action_view_billed", billed),
            ("action_view_open", opened),
            ("action_view_non_billable", free),
        ):
            action = getattr(statement, method)()
            self.assertEqual(Line.search(action["domain"]), lines, method)
        action = statement.action_view_invoices()
        self.assertEqual(action["res_id"], billed.timesheet_invoice_id.id)

    def test_from_the_order(self):
        self._log(self.ticket, 2.0)
        order = self.order_a.with_user(self.salesman)
        action = order.action_view_time_statement()
        self.assertEqual(action["res_id"], self.item_a.id)
        self._new_second_item()
        action = order.action_view_time_statement()
        self.assertNotIn("res_id", {k for k, v in action.items() if v})
        statements = self.env["helpdesk.time.statement"].search(action["domain"])
        self.assertEqual(len(statements), 2)

    def _new_second_item(self):
        self.order_a.order_line = [
            Command.create({"product_id": self.prepaid.id, "product_uom_qty": 5.0})
        ]

    def test_over_rpc(self):
        self._log(self.ticket, 2.0)
        self.env.flush_all()
        Statement = self.env["helpdesk.time.statement"].with_user(self.salesman)
        [figures] = Statement.search_read(
            [("order_id", "=", self.order_a.id)],
            ["delivered_hours", "open_hours", "alarm"],
        )
        self.assertEqual(figures["delivered_hours"], 2.0)
        self.assertEqual(figures["open_hours"], 2.0)
        self.assertFalse(figures["alarm"])

    def test_who_sees_it(self):
        """Salespersons their own orders, accountants all, agents and customers none."""
        self._log(self.ticket, 2.0)
        self.assertFigures(self.item_a, user=self.accountant, delivered=2.0, open=2.0)
        own = self._new_user("hd_sales_own", SALESMAN, name="Otto Own")
        self.order_a.user_id = self.salesman
        self.env.flush_all()
        Statement = self.env["helpdesk.time.statement"]
        of_order = [("order_id", "=", self.order_a.id)]
        self.assertFalse(Statement.with_user(own).search(of_order))
        self.order_a.user_id = own
        self.env.flush_all()
        self.assertTrue(Statement.with_user(own).search(of_order))
        for user in (self.agent, self.portal_a):
            with self.assertRaises(AccessError):
                Statement.with_user(user).search(of_order)

    def test_another_company(self):
        self._log(self.ticket, 2.0)
        company = self.env["res.company"].create({"name": "Sister"})
        self.salesman.company_ids |= company
        Statement = self.env["helpdesk.time.statement"].with_user(self.salesman)
        Statement = Statement.with_context(allowed_company_ids=company.ids)
        self.assertFalse(Statement.search([("order_id", "=", self.order_a.id)]))

    def test_queries_do_not_grow_with_the_items(self):
        items = self.item_a | self.item_b
        for _i in range(4):
            items |= self._new_item(self.customer_a, quantity=3.0)
        for item in items[2:]:
            self.ticket_a2.sale_line_id = item
            self._log(self.ticket_a2, 1.0, date=fields.Date.today())
        self._log(self.ticket, 1.0)
        statements = self._statement(items[0]).browse(items.ids)
        few = self._count_queries(statements[:2].mapped, "delivered_hours")
        many = self._count_queries(statements.mapped, "delivered_hours")
        self.assertLessEqual(many, few)

    # === WHAT IS SHOWN TO WHOM === #

    def test_time_opens_in_the_views_of_timesheets(self):
        """The views of analytic items show costs, to bookkeepers."""
        action = self._statement(self.item_a).action_view_time()
        views = {type_: id_ for id_, type_ in action["views"]}
        expected = {
            "list": "timesheet_view_tree_user",
            "form": "hr_timesheet_line_form",
            "kanban": "view_kanban_account_analytic_line",
            "pivot": "view_hr_timesheet_line_pivot",
        }
        for type_, name in expected.items():
            view = self.env.ref(f"hr_timesheet.{name}")
            self.assertEqual(views[type_], view.id, type_)
        self.salesman.group_ids |= self.env.ref("hr_timesheet.group_hr_timesheet_user")
        Line = self.env["account.analytic.line"].with_user(self.salesman)
        for type_ in ("list", "form", "kanban"):
            arch = etree.fromstring(Line.get_view(views[type_], type_)["arch"])
            shown = arch.xpath("//field[@name='amount'][not(@invisible)]")
            self.assertFalse(shown, type_)
