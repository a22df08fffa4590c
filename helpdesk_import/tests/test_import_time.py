from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import ImportCommon

NAMES = ["id", "helpdesk_ticket_id", "date", "employee_id", "name", "unit_amount"]
ELSEWHERE = [*NAMES, "billed_elsewhere"]


@tagged("post_install", "-at_install")
class TestImportTime(ImportCommon):
    """Time comes on tickets by number, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket.sale_line_id = cls.item_a
        cls.number = cls.ticket.ticket_ref

    def _row(self, key="time_1", hours="1.5", *more, ticket=None):
        number = ticket or f"#{self.number}"
        return [key, number, "2024-03-04", "Ada Agent", "Ribbon", hours, *more]

    def _load_time(self, *rows, names=NAMES, **options):
        result = self._load("account.analytic.line", names, *rows, **options)
        self.assertTrue(result["ids"], result["messages"])
        return self.env["account.analytic.line"].browse(result["ids"])

    def test_by_number_and_billed_here(self):
        lines = self._load_time(
            self._row(), self._row("time_2", "0.5", ticket=self.number)
        )
        self.assertEqual(lines.helpdesk_ticket_id, self.ticket)
        self.assertEqual(lines.employee_id, self.employee)
        self.assertEqual(lines.so_line, self.item_a)
        self.assertDelivered(self.item_a, 2)

    def test_second_import_and_billed_time(self):
        line = self._load_time(self._row())
        invoice = self._invoice(self.order_a)
        self.assertEqual(self._load_time(self._row()), line)
        self.assertRefused(
            self._load("account.analytic.line", NAMES, self._row(hours="2")),
            "is billed on .*already invoiced",
        )
        self.assertEqual(line.timesheet_invoice_id, invoice)
        self.assertEqual(line.unit_amount, 1.5)

    def test_refused(self):
        nowhere = self._row(ticket="#no-such-number")
        result = self._load("account.analytic.line", NAMES, nowhere)
        self.assertRefused(result, "no-such-number")
        colleague = ["time_3", f"#{self.number}", "2024-03-04", "Ben Agent", "x", "1"]
        result = self._load("account.analytic.line", NAMES, colleague, user=self.agent)
        self.assertFalse(result["ids"])
        with self.assertRaisesRegex(ValidationError, "list of field names"):
            self.env["account.analytic.line"].load("id", [["a"]])
        self.assertFalse(self.ticket.timesheet_ids)

    def test_key_where_time_would_double(self):
        """Rows without a key come once; equal ones of one file are two pieces of work."""
        own = self._row("")
        lines = self._load_time(own, own)
        self.assertEqual(len(lines), 2)
        again = self._load("account.analytic.line", NAMES, self._row(), own)
        self.assertRefused(again, "External ID")
        self.assertEqual(again["messages"][0]["rows"], {"from": 1, "to": 1})
        self.assertEqual(self.ticket.timesheet_ids, lines)
        other = self._load_time(self._row("", "2"))
        elsewhere = [self._row("", "1", "0"), self._row("", "3", "1")]
        result = self._load("account.analytic.line", ELSEWHERE, *elsewhere)
        self.assertRefused(result, "External ID")
        self.assertEqual(result["messages"][0]["record"], 1)
        self.assertEqual(self.ticket.timesheet_ids, lines | other)

    def test_plain_time_is_as_stock_has_it(self):
        names = ["project_id", "date", "employee_id", "name", "unit_amount"]
        row = [self.project.name, "2024-03-04", "Ada Agent", "Plain", "1"]
        line = self._load_time(row, names=names)
        self.assertFalse(line.helpdesk_ticket_id)

    # === BILLED ELSEWHERE === #

    def test_billed_elsewhere_is_never_billed(self):
        line = self._load_time(self._row("time_1", "1.5", "1"), names=ELSEWHERE)
        self.assertDelivered(self.item_a, 0)
        self.assertEqual(
            line.so_line_reason, "Billed elsewhere, before it was imported"
        )
        ticket = self.ticket.sudo()
        self.assertEqual(ticket.hours_covered, 1.5)
        self.assertEqual(ticket.hours_non_billable, 0)
        self.assertEqual(ticket.hours_to_invoice, 0)
        self.assertEqual(ticket.total_hours_spent, 1.5)
        self.assertEqual(self.order_a.ticket_hours_non_billable, 0)
        # the analysis shares the search of the time lists, this filter as well
        line.flush_recordset()
        found = self.env["timesheets.analysis.report"].search(
            [("billed_elsewhere", "=", True), ("so_line", "=", False)]
        )
        self.assertIn(line.id, found.ids)
        # the ticket goes to another item and back, the project stops billing and begins
        self.ticket.sale_line_id = self._new_item(self.customer_a)
        self.ticket.sale_line_id = self.item_a
        self.project.allow_billable = False
        self.project.allow_billable = True
        self.assertFalse(line.so_line)
        self.assertTrue(line.is_so_line_edited)
        self.assertDelivered(self.item_a, 0)

    def test_no_item_by_hand(self):
        line = self._load_time(self._row("time_1", "1.5", "1"), names=ELSEWHERE)
        mine = line.with_user(self.importer)
        for values in ({"so_line": self.item_a.id}, {"is_so_line_edited": False}):
            with self.assertRaisesRegex(UserError, "was billed elsewhere"):
                mine.write(values)
        mine.write({"name": "Ribbon and ink", "so_line": False})
        self.assertEqual(line.name, "Ribbon and ink")
        line.write({"so_line": self.item_a.id})
        self.assertFalse(line.so_line)

    def test_corrected_by_import(self):
        line = self._load_time(self._row("time_1", "1.5", "1"), names=ELSEWHERE)
        self._load_time(self._row("time_1", "1.5", "0"), names=ELSEWHERE)
        self.assertEqual(line.so_line, self.item_a)
        self.assertEqual(self.ticket.sudo().hours_to_invoice, 1.5)
        self._load_time(self._row("time_1", "1.5", "1"), names=ELSEWHERE)
        self.assertFalse(line.so_line)
        self.assertDelivered(self.item_a, 0)
        self._load_time(self._row("time_1", "1.5", "0"), names=ELSEWHERE)
        self._invoice(self.order_a)
        self.assertRefused(
            self._load(
                "account.analytic.line", ELSEWHERE, self._row("time_1", "1.5", "1")
            ),
            "is billed on",
        )

    def test_who_says_so(self):
        line = self._load_time(self._row())
        values = {"billed_elsewhere": True}
        for user in (self.importer, self.agent):
            forged = line.with_user(user).with_context(helpdesk_moving_in=True)
            with self.assertRaisesRegex(ValidationError, "file of an import"):
                forged.write(values)
        own = self._row("time_2", "1", "1")
        result = self._load("account.analytic.line", ELSEWHERE, own, user=self.agent)
        self.assertRefused(result, "file of an import")
        plain = {"name": "Plain", "project_id": self.project.id, "unit_amount": 1}
        with self.assertRaisesRegex(ValidationError, "of a ticket"):
            line.create({**plain, **values, "employee_id": self.employee.id})
