from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .invoice_common import ACCOUNTANT
from .rule_common import APPROVER, RuleCommon


@tagged("post_install", "-at_install")
class TestAccessByCall(RuleCommon):
    """What screens never send, but remote calls may: it is refused, changes nothing and
    tells nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order_a.user_id = cls.salesman
        cls.order_b.user_id = cls.own_salesman
        cls.accountant = cls._new_user("hd_books", f"{ACCOUNTANT},{APPROVER}")

    def _read(self, ticket):
        """Figures of a ticket and of both orders, freshly read."""
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            ticket.hours_to_invoice,
            ticket.hours_invoiced,
            ticket.sale_line_id,
            ticket.sale_order_id,
            ticket.commercial_partner_id,
            self.order_a.ticket_hours_to_invoice,
            self.order_b.ticket_hours_to_invoice,
            self.item_a.qty_delivered,
            self.item_b.qty_delivered,
        )

    def assertRefused(self, record, values, sentence):
        before = self._read(self.ticket)
        with self.subTest(values=values), self._refused(sentence):
            record.write(values)
        self.assertEqual(self._read(self.ticket), before)

    # --- time lines

    def test_order_and_kind_of_time_follow_from_its_item(self):
        billed = self._log(self.ticket, 2.0)
        self._bill(billed)
        line = self._log(self.ticket, 1.0)
        approver = self._new_user("hd_approver", APPROVER)
        for user in (self.agent, approver):
            for values in (
                {"order_id": self.order_b.id},
                {"timesheet_invoice_type": "non_billable"},
            ):
                for record in (line, billed):
                    self.assertRefused(record.with_user(user), values, "another item")

    def test_agent_hands_no_time_to_a_colleague(self):
        billed = self._log(self.ticket, 2.0)
        self._bill(billed)
        line = self._log(self.ticket, 1.0)
        name = "your own time"
        self.assertRefused(
            line.with_user(self.agent), {"employee_id": self.employee_2.id}, name
        )
        for record in (line, billed):
            self.assertRefused(
                record.with_user(self.agent), {"user_id": self.agent_2.id}, name
            )
        self.assertEqual((line | billed).user_id, self.agent)
        line.with_user(self.agent).write({"employee_id": self.employee.id})
        approver = self._new_user("hd_approver", APPROVER)
        line.with_user(approver).employee_id = self.employee_2
        self.assertEqual(line.user_id, self.agent_2)

    def test_time_marked_as_billed_gets_no_ticket(self):
        """Plain project time is nobody's business here, until it is given a ticket."""
        self._log(self.ticket, 2.0)
        invoice = self._invoice(self.order_a)
        line = self._create_plain_line(self.agent)
        line.write({"so_line": self.item_a.id})
        line.write({"timesheet_invoice_id": invoice.id})
        self.assertRefused(line, {"helpdesk_ticket_id": self.ticket.id}, "is billed on")
        self.assertFalse(line.helpdesk_ticket_id)

    def _create_plain_line(self, user):
        Line = self.env["account.analytic.line"].with_user(user)
        return Line.create(
            {"project_id": self.project.id, "name": "Plain", "unit_amount": 1.0}
        )

    def test_form_of_time_tells_nothing_of_a_hidden_ticket(self):
        """Not whose ticket it is, neither as a value nor as a default."""
        Line = self.env["account.analytic.line"].with_user(self.project_user)
        name = {"fields": {"display_name": {}}}
        spec = {"partner_id": name, "project_id": name, "so_line_reason": {}}
        ticket_id = self.ticket_private.id
        for value in (ticket_id, {"id": ticket_id}):
            with self.assertRaises(AccessError):
                Line.onchange(
                    {"helpdesk_ticket_id": value}, ["helpdesk_ticket_id"], spec
                )
        with self.assertRaises(AccessError):
            Line.with_context(default_helpdesk_ticket_id=ticket_id).onchange(
                {}, [], spec
            )
        agent_lines = Line.with_user(self.agent)
        result = agent_lines.onchange(
            {"helpdesk_ticket_id": ticket_id}, ["helpdesk_ticket_id"], spec
        )
        self.assertEqual(result["value"]["partner_id"]["id"], self.contact_a.id)

    def test_form_of_own_time_on_the_task_of_a_ticket(self):
        """Without helpdesk rights the ticket of a line that is there is no secret."""
        task = self._new_task()
        self.ticket.task_id = task
        Line = self.env["account.analytic.line"].with_user(self.project_user)
        line = Line.create({"task_id": task.id, "name": "Work", "unit_amount": 1.0})
        values = {"helpdesk_ticket_id": self.ticket.id, "unit_amount": 2.0}
        line.onchange(values, ["unit_amount"], {"unit_amount": {}})

    # --- tickets

    def test_order_of_a_ticket_follows_from_its_item(self):
        self._log(self.ticket, 1.0)
        ticket = self.ticket.with_user(self.agent)
        self.assertRefused(ticket, {"sale_order_id": self.order_b.id}, "follows from")
        foreign = {"commercial_partner_id": self.customer_b.id}
        self.assertRefused(
            ticket, {**foreign, "sale_line_id": self.item_b.id}, "follows from"
        )
        ticket.write({"sale_order_id": self.order_a.id})

    def test_documents_of_others_name_no_tickets_and_invoices(self):
        invoice = self._bill(self._log(self.ticket, 1.0))
        for user in (self.portal_b, self.colleague, self.own_salesman):
            with self.assertRaises(AccessError):
                invoice.with_user(user).action_view_tickets()
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.own_salesman).action_view_invoices()
        action = invoice.with_user(self.salesman).action_view_tickets()
        self.assertEqual(action["domain"], [("id", "in", self.ticket.ids)])
        action = self.ticket.with_user(self.salesman).action_view_invoices()
        self.assertEqual(action["res_id"], invoice.id)

    # --- orders and invoices

    def test_order_is_not_made_for_a_hidden_ticket(self):
        """It would tell the name of the ticket, and open it once it is confirmed."""
        self.ticket_private.sale_line_id = False
        Order = self.env["sale.order"].with_user(self.own_salesman)
        values = {"partner_id": self.customer_a.id}
        order = Order.create(values)
        for attempt in (
            lambda: order.write({"helpdesk_ticket_id": self.ticket_private.id}),
            lambda: Order.create(
                {**values, "helpdesk_ticket_id": self.ticket_private.id}
            ),
            lambda: Order.with_context(
                default_helpdesk_ticket_id=self.ticket_private.id
            ).create(values),
        ):
            with self._refused("may not see this ticket"):
                attempt()
        self.ticket.sale_line_id = self.item_b.copy(
            {"order_id": self._new_order(self.customer_a, user_id=order.user_id.id).id}
        )
        order.write({"helpdesk_ticket_id": self.ticket.id})

    def test_orders_without_ticket_need_no_right_to_tickets(self):
        """Nor do those whose company took that right away from its salespersons."""
        rights = self.env["ir.model.access"].search(
            [
                ("model_id.model", "=", "helpdesk.ticket"),
                ("group_id", "in", self.own_salesman.all_group_ids.ids),
            ]
        )
        rights.active = False
        clerk = self.own_salesman
        self.assertFalse(self.ticket.with_user(clerk).has_access("read"))
        Order = self.env["sale.order"].with_user(clerk)
        order = Order.create({"partner_id": self.customer_a.id})
        order.write({"helpdesk_ticket_id": False, "client_order_ref": "By phone"})
        self.assertEqual(order.client_order_ref, "By phone")
        with self._refused("may not see this ticket"):
            order.write({"helpdesk_ticket_id": self.ticket.id})

    def test_credited_time_is_not_written(self):
        self._log(self.ticket, 1.0)
        line_b = self._log(self.ticket_b, 1.0)
        invoice = self._invoice(self.order_a)
        books = invoice.with_user(self.accountant)
        command = {"credited_timesheet_ids": [Command.link(line_b.id)]}
        with self._refused("cannot be written"):
            books.write(command)
        with self._refused("cannot be written"):
            books.create({"move_type": "out_refund", **command})
        self.assertFalse(invoice.credited_timesheet_ids)

    def test_ticket_of_an_invoice_line_is_not_written(self):
        invoice = self._bill(self._log(self.ticket, 1.0))
        draft = self._invoice_again()
        for move in (invoice, draft):
            line = move.invoice_line_ids[:1]
            values = {"helpdesk_ticket_id": self.ticket_private.id}
            with self._refused("cannot be written"):
                line.with_user(self.accountant).write(values)
            with self._refused("cannot be written|on a posted move"):
                move.with_user(self.accountant).write(
                    {"invoice_line_ids": [Command.update(line.id, values)]}
                )
            self.assertFalse(line.helpdesk_ticket_id)

    def test_new_invoice_line_names_no_ticket(self):
        """It would tell the name of the ticket, and credit or free its time."""
        self._bill(self._log(self.ticket, 1.0))
        draft = self._invoice_again()
        before = draft.invoice_line_ids
        product = before[:1].product_id
        for ticket in (self.ticket, self.ticket_private):
            for items in (False, self.item_a):
                values = {
                    "product_id": product.id,
                    "helpdesk_ticket_id": ticket.id,
                    "sale_line_ids": [Command.set(items.ids if items else [])],
                }
                with self._refused("cannot be written"):
                    draft.with_user(self.accountant).write(
                        {"invoice_line_ids": [Command.create(values)]}
                    )
        self.assertEqual(draft.invoice_line_ids, before)

    def _invoice_again(self):
        self._log(self.ticket, 1.0)
        return self._invoice(self.order_a)

    # --- what the search bar offers

    def test_orders_are_searched_by_who_may_see_them(self):
        for model, xmlid in (
            ("account.analytic.line", "hr_timesheet.hr_timesheet_line_search"),
            ("timesheets.analysis.report", "hr_timesheet.hr_timesheet_report_search"),
        ):
            for user, offered in (
                (self.agent, False),
                (self.project_user, True),
                (self.accountant, True),
            ):
                records = self.env[model].with_user(user)
                view = records.get_view(self.env.ref(xmlid).id, "search")
                names = etree.fromstring(view["arch"]).xpath("//search/field/@name")
                self.assertEqual("order_id" in names, offered, user.name)
                if offered:
                    records.search([("order_id", "ilike", "S0")])
                else:
                    with self.assertRaises(UserError):
                        records.search([("order_id", "ilike", "S0")])
