import math

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .rule_common import RuleCommon


@tagged("post_install", "-at_install")
class TestGate(RuleCommon):
    """What is given to time passes the gate if it is time of a ticket, and then by
    whichever way the ticket is found; all other time, and what sells it, is as stock
    has it."""

    def setUp(self):
        super().setUp()
        self.task = self._new_task(partner_id=self.customer_a.id)
        self.ticket.task_id = self.task
        self.Line = self.env["account.analytic.line"].with_user(self.agent)

    def _create(self, Line=None, **values):
        Line = self.Line if Line is None else Line
        return Line.create(
            {
                "name": "Work",
                "employee_id": self.employee.id,
                "unit_amount": 1.0,
                **values,
            }
        )

    def test_malformed_values_of_ticket_time(self):
        screen = self.Line.with_context(default_helpdesk_ticket_id=self.ticket.id)
        line = self._create(helpdesk_ticket_id=self.ticket.id)
        plain = self._create(project_id=self.project.id)
        for vals in (
            {"unit_amount": math.nan},
            {"unit_amount": "a lot"},
            {"name": ["list"]},
            {"date": "yesterday"},
            {"nope": 1},
        ):
            for attempt in (
                lambda vals=vals: self._create(
                    helpdesk_ticket_id=self.ticket.id, **vals
                ),
                lambda vals=vals: self._create(screen, **vals),
                lambda vals=vals: self._create(task_id=self.task.id, **vals),
                lambda vals=vals: line.write(vals),
                lambda vals=vals: plain.write(
                    {"helpdesk_ticket_id": self.ticket.id, **vals}
                ),
                lambda vals=vals: plain.write({"task_id": self.task.id, **vals}),
            ):
                with self.subTest(vals=vals), self.assertRaises(ValidationError):
                    with self.env.cr.savepoint():
                        attempt()
        self.assertFalse(plain.helpdesk_ticket_id)

    def test_ruled_values_of_ticket_time(self):
        """Neither on the ticket, nor together with the way to it."""
        self._create(helpdesk_ticket_id=self.ticket.id)
        invoice = self._invoice(self.order_a)
        line = self._create(helpdesk_ticket_id=self.ticket.id)
        plain = self._create(project_id=self.project.id)
        for vals in (
            {"timesheet_invoice_id": invoice.id},
            {"so_line_user_id": self.manager.id},
            {"order_id": self.order_b.id},
            {"timesheet_invoice_type": "billable_fixed"},
            {"helpdesk_commercial_partner_id": self.customer_b.id},
            {"partner_id": self.customer_b.id},
        ):
            for attempt in (
                lambda vals=vals: self._create(
                    helpdesk_ticket_id=self.ticket.id, **vals
                ),
                lambda vals=vals: self._create(task_id=self.task.id, **vals),
                lambda vals=vals: line.write(vals),
                lambda vals=vals: plain.write(
                    {"helpdesk_ticket_id": self.ticket.id, **vals}
                ),
                lambda vals=vals: plain.write({"task_id": self.task.id, **vals}),
            ):
                with self.subTest(vals=vals), self.assertRaises(UserError):
                    with self.env.cr.savepoint():
                        attempt()
        line.write(
            {
                "order_id": self.order_a.id,
                "partner_id": self.customer_a.id,
                "timesheet_invoice_id": False,
            }
        )
        self.assertEqual(line.so_line, self.item_a)

    def test_no_number_is_no_duration(self):
        """Whoever writes it: the server is not asked at the gate."""
        line = self._create(helpdesk_ticket_id=self.ticket.id).sudo()
        for hours in (math.nan, math.inf, -math.inf, 1e12):
            with self.subTest(hours=hours), self._refused("hours at most"):
                line.unit_amount = hours

    def test_plain_time_and_items_are_as_stock_has_them(self):
        long = "x" * 30_000
        line = self._create(project_id=self.project.id, name=long)
        self.assertEqual(line.name, long)
        line.write({"name": f"More {long}", "partner_id": self.customer_b.id})
        self.assertEqual(line.partner_id, self.customer_b)
        vals = {"name": 5}
        self.assertIs(line._clean_input(vals), vals)
        item = self.item_b.with_user(self.salesman)
        item.name = long
        self.assertEqual(item.name, long)
