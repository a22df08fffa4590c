import re
from pathlib import Path

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import file_path

from .invoice_common import ACCOUNTANT
from .rule_common import RuleCommon

KEY = re.compile(r"[\"(\s](helpdesk_\w+)(?:\"|=Private)")
ADDONS = ("helpdesk_base", "helpdesk_timesheet_reinvoice")
FORGED = (True, 1, [1], {"1": [[1, 1.0]]}, "x")


def get_context_keys():
    """Every context key of ours that the code sets for itself."""
    keys = set()
    for addon in ADDONS:
        for path in Path(file_path(addon)).glob("[mwrc]*/**/*.py"):
            text = path.read_text()
            for read in re.findall(r'read_private\(\s*self\.env, "(\w+)"', text):
                keys.add(read)
    return keys


@tagged("post_install", "-at_install")
class TestForgedCalls(RuleCommon):
    """A client sends what it likes along with a call: nothing comes of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket.sale_line_id = cls.item_a
        cls.accountant = cls._new_user("hd_books", ACCOUNTANT)

    def _create(self, context=None, **values):
        Line = self.env["account.analytic.line"].with_user(self.agent)
        return Line.with_context(**context or {}).create(
            {
                "name": "Work",
                "employee_id": self.employee.id,
                "unit_amount": 1,
                **values,
            }
        )

    def test_all_keys_are_private(self):
        """A key that is read in another way than by ``read_private`` could be sent."""
        self.assertGreaterEqual(len(get_context_keys()), 5)
        for addon in ADDONS:
            for path in Path(file_path(addon)).glob("[mwrc]*/**/*.py"):
                self.assertNotRegex(path.read_text(), r'context\.get\(\s*"helpdesk_')
                self.assertNotRegex(path.read_text(), r"helpdesk_\w+=(True|self\.ids)")

    def test_keys_on_time(self):
        for value in FORGED:
            context = dict.fromkeys(get_context_keys(), value)
            with self.subTest(value=value):
                work = {"helpdesk_ticket_id": self.ticket.id}
                values = {
                    "name": "Work",
                    "employee_id": self.employee.id,
                    "unit_amount": 1.0,
                    **work,
                }
                Line = self.env["account.analytic.line"].with_user(self.agent)
                lines = Line.with_context(**context).create([values, dict(values)])
                self.assertEqual(lines.mapped("amount"), [-40.0, -40.0])
                lines[0].with_context(**context).unit_amount = 2.0
                self.assertEqual(lines[0].amount, -80.0)
                self.assertDelivered(self.item_a, 3.0)
                lines.with_context(**context).unlink()
                self.assertDelivered(self.item_a, 0.0)

    def test_keys_on_invoices(self):
        for value in FORGED:
            context = dict.fromkeys(get_context_keys(), value)
            with self.subTest(value=value):
                line = self._create(helpdesk_ticket_id=self.ticket.id, unit_amount=2.0)
                order = self.order_a.with_user(self.accountant).with_context(**context)
                invoice = order._create_invoices()
                self.assertEqual(line.timesheet_invoice_id.id, invoice.id)
                self.assertEqual(sum(invoice.invoice_line_ids.mapped("quantity")), 2.0)
                product = invoice.invoice_line_ids.filtered("sale_line_ids")
                product.with_context(**context).quantity = 0.0
                self.assertFalse(line.sudo().timesheet_invoice_id)
                invoice.with_context(**context).unlink()
                line.unlink()

    def test_keys_on_posted_documents(self):
        for value in FORGED:
            context = dict.fromkeys(get_context_keys(), value)
            with self.subTest(value=value):
                line = self._create(helpdesk_ticket_id=self.ticket.id, unit_amount=2.0)
                order = self.order_a.with_user(self.accountant)
                invoice = order._create_invoices().with_context(**context)
                invoice.action_post()
                self.assertEqual(line.sudo().timesheet_invoice_id.id, invoice.id)
                with self._refused("billed|invoiced"):
                    line.with_context(**context).unit_amount = 5.0
                Wizard = self.env["account.move.reversal"].with_user(self.accountant)
                wizard = Wizard.with_context(**context).create(
                    {"move_ids": invoice.ids, "journal_id": invoice.journal_id.id}
                )
                wizard.refund_moves()
                wizard.new_move_ids.with_context(**context).action_post()
                self.assertFalse(line.sudo().timesheet_invoice_id)
                self.assertDelivered(self.item_a, 2.0)
                self.assertEqual(self.item_a.qty_invoiced, 0.0)
                line.unlink()

    # === DEFAULTS === #

    def test_guarded_defaults(self):
        invoice = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.customer_a.id}
        )
        for name, value in (
            ("timesheet_invoice_id", invoice.id),
            ("so_line_user_id", self.manager.id),
        ):
            with self.subTest(name), self.assertRaises(UserError):
                self._create(
                    {f"default_{name}": value}, helpdesk_ticket_id=self.ticket.id
                )

    def test_screens_choose_no_item(self):
        other = self._new_item(self.customer_a)
        context = {
            "default_so_line": other.id,
            "default_is_so_line_edited": True,
            "default_partner_id": self.customer_b.id,
            "default_order_id": self.order_b.id,
        }
        line = self._create(context, helpdesk_ticket_id=self.ticket.id)
        self.assertEqual(line.so_line, self.item_a)
        self.assertFalse(line.is_so_line_edited)
        self.assertEqual(line.sudo().order_id, self.order_a)
        self.assertEqual(line.partner_id, self.ticket.partner_id)

    def test_screens_beside_plain_time(self):
        """Plain lines of the same call keep what the screen proposes."""
        task = self.env["project.task"].create(
            {"name": "Plain", "project_id": self.project.id}
        )
        Line = self.env["account.analytic.line"].with_user(self.agent)
        values = {"employee_id": self.employee.id, "unit_amount": 1.0}
        plain, own = Line.with_context(default_task_id=task.id).create(
            [
                {**values, "name": "p", "project_id": self.project.id},
                {**values, "name": "t", "helpdesk_ticket_id": self.ticket.id},
            ]
        )
        self.assertEqual((plain.task_id, plain.helpdesk_ticket_id.id), (task, False))
        self.assertEqual(own.task_id, self.ticket.task_id)

    def test_billed_time_remembers_who_chose_its_item(self):
        line = self._create(helpdesk_ticket_id=self.ticket.id)
        self.order_a.with_user(self.accountant)._create_invoices()
        with self._refused("billed on"):
            line.write({"is_so_line_edited": True})
        self.assertFalse(line.sudo().is_so_line_edited)
        self.assertFalse(line.sudo().so_line_user_id)

    def test_credit_note_forgets_no_time(self):
        self._create(helpdesk_ticket_id=self.ticket.id)
        invoice = self.order_a.with_user(self.accountant)._create_invoices()
        for empty in (False, []):
            with self._refused("cannot be written"):
                invoice.write({"credited_timesheet_ids": empty})

    # === CALENDAR === #

    def test_days_off_of_the_calendar(self):
        """Stock leaves out the days on which nobody works."""
        Line = self.env["account.analytic.line"].with_user(self.agent)
        Line = Line.with_context(timesheet_calendar=True)
        for work in (
            {"project_id": self.project.id},
            {"helpdesk_ticket_id": self.ticket.id},
        ):
            with self.subTest(work=work):
                lines = Line.create(
                    [
                        {
                            "name": day,
                            "date": day,
                            "employee_id": self.employee.id,
                            "unit_amount": 1.0,
                            **work,
                        }
                        for day in ("2026-03-06", "2026-03-08", "2026-03-09")
                    ]
                )
                self.assertEqual(lines.mapped("name"), ["2026-03-06", "2026-03-09"])

    # === FIGURES OF AN ITEM === #

    def test_item_follows_its_time(self):
        self._create(helpdesk_ticket_id=self.ticket.id, unit_amount=4.0)
        item = self.item_a.with_user(self.salesman)
        for values in (
            {"order_id": self.order_b.id},
            {"order_partner_id": self.customer_b.id},
            {"invoice_lines": [(5,)]},
            {"qty_delivered": 99.0},
            {"qty_invoiced": 4.0},
            {"qty_delivered_method": "manual"},
        ):
            with self.subTest(values=values), self._refused("follow from that time"):
                item.write(values)
            with self.subTest(values=values), self._refused("follow from that time"):
                self.order_a.with_user(self.salesman).write(
                    {"order_line": [(1, item.id, values)]}
                )
            self.assertDelivered(self.item_a, 4.0)
        item.write({"qty_delivered": 4.0, "order_id": self.order_a.id, "price_unit": 9})

    def test_invoice_line_stays_on_its_item(self):
        line = self._create(helpdesk_ticket_id=self.ticket.id, unit_amount=4.0)
        order = self.order_a.with_user(self.accountant)
        invoice = order._create_invoices().with_user(self.accountant)
        billed = invoice.invoice_line_ids.filtered("quantity")
        for command in ((5,), (3, self.item_a.id), (4, self.item_b.id)):
            self._log(self.ticket_b, 1.0)
            with self.subTest(command=command), self._refused("Remove the line"):
                billed.write({"sale_line_ids": [command]})
        billed.write({"sale_line_ids": [(6, 0, self.item_a.ids)], "quantity": 0.0})
        self.assertFalse(line.timesheet_invoice_id)

    def test_hours_on_a_contact_are_those_of_own_orders(self):
        self._log(self.ticket, 2.0)
        own = self._new_item(self.customer_a, user_id=self.own_salesman.id)
        self.ticket_a2.sale_line_id = own
        self._log(self.ticket_a2, 1.0)
        self.order_a.user_id = self.salesman
        for user, hours in ((self.salesman, 3.0), (self.own_salesman, 1.0)):
            contact = self.contact_a.with_user(user)
            self.assertEqual(contact.ticket_hours_to_invoice, hours)

    # === TEXTS === #

    def test_no_slash_and_no_empty_line(self):
        for name in (False, "", "/", " / "):
            line = self._create(helpdesk_ticket_id=self.ticket.id, name=name)
            self.assertEqual(line.name, self.ticket.name)
            line.write({"name": name})
            self.assertEqual(line.name, self.ticket.name)
        plain = self._create(name="/", task_id=self._new_task().id)
        self.assertEqual(plain.name, "/")
        plain.write({"helpdesk_ticket_id": self.ticket.id, "task_id": False})
        self.assertEqual(plain.name, self.ticket.name)
        before = self.ticket.timesheet_ids
        row = {"employee_id": self.employee.id, "date": "2026-03-02"}
        self.ticket.with_user(self.agent).write(
            {
                "timesheet_ids": [
                    (0, 0, {**row, "name": "/", "unit_amount": 0.0}),
                    (0, 0, {**row, "name": "", "unit_amount": 0.5}),
                    (0, 0, {**row, "name": "Called", "unit_amount": 0.0}),
                ]
            }
        )
        added = self.ticket.timesheet_ids - before
        self.assertEqual(set(added.mapped("unit_amount")), {0.0, 0.5})
        self.assertEqual(len(added), 2)

    # === OTHER DOORS === #

    def test_companies_of_others(self):
        company = self.env["res.company"].create({"name": "Company B"})
        Item = self.env["sale.order.line"].with_user(self.agent)
        with self.assertRaises(AccessError):
            Item.with_context(allowed_company_ids=[company.id]).name_search("")

    def test_refusals_tell_nothing_of_foreign_items(self):
        company = self.env["res.company"].create({"name": "Company B"})
        buyer = self.env["res.partner"].create({"name": "Secret Customer"})
        order = self.env["sale.order"].with_company(company)
        order = order.create({"partner_id": buyer.id, "company_id": company.id})
        item = self.item_b.copy({"order_id": order.id})
        order.action_confirm()
        line = self._create(helpdesk_ticket_id=self.ticket.id)
        ticket = self.ticket.with_user(self.agent)
        for record, field in ((ticket, "sale_line_id"), (line, "so_line")):
            with self.assertRaises(UserError) as refusal, self.env.cr.savepoint():
                record.write({field: item.id})
                self.env.flush_all()
            self.assertIn("one of the offered items", str(refusal.exception))
            self.assertNotIn("Secret", str(refusal.exception))

    def test_customers_search_no_hours(self):
        Ticket = self.env["helpdesk.ticket"].with_user(self.portal_a)
        with self.assertRaises(AccessError):
            Ticket.search([("total_hours_spent", ">", 1.0)])
        agent = Ticket.with_user(self.agent)
        self.assertFalse(agent.search([("total_hours_spent", ">", 99.0)]))

    def test_customer_below_a_holding_is_its_own(self):
        """A subsidiary that is a customer of its own shows its time to its own people,
        as it does with its tickets."""
        self.team.portal_show_timesheets = True
        line = self._create(helpdesk_ticket_id=self.ticket.id)
        Line = self.env["account.analytic.line"]
        self.customer_a.parent_id = self.customer_b
        self.assertEqual(self.customer_a.commercial_partner_id, self.customer_a)
        for user, seen in ((self.portal_a, line), (self.portal_b, Line)):
            own = Line.with_user(user)
            domain = own._timesheet_get_portal_domain() & Domain("id", "=", line.id)
            self.assertEqual(Line.search(domain), seen)
        rule = self.env.ref(
            "helpdesk_timesheet_reinvoice.account_analytic_line_rule_portal"
        )
        self.assertIn("commercial_partner_id', '='", rule.domain_force)

    def test_no_time_on_merged_tickets(self):
        merged = self.ticket.copy({"partner_id": self.ticket.partner_id.id})
        self.ticket._merge(merged)
        with self.assertRaisesRegex(ValidationError, self.ticket.ticket_ref):
            self._create(helpdesk_ticket_id=merged.id)

    # === ACCOUNTS === #

    def test_revenue_meets_cost(self):
        line = self._create(helpdesk_ticket_id=self.ticket.id, unit_amount=2.0)
        account = line.account_id
        self.assertTrue(account)
        invoice = self.order_a.with_user(self.accountant)._create_invoices()
        billed = invoice.invoice_line_ids.filtered("sale_line_ids")
        self.assertEqual(billed.analytic_distribution, {str(account.id): 100.0})
