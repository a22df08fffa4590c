from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .charge_common import ChargeCommon


@tagged("post_install", "-at_install")
class TestWriteOff(ChargeCommon):
    """A person bills other hours than the rules, on many lines at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.group_ids |= cls.env.ref("hr_timesheet.group_hr_timesheet_approver")

    def _open_form(self, lines, user=None, **values):
        action = lines.with_user(user or self.manager).action_open_write_off()
        form = self.env["helpdesk.write.off"].with_user(user or self.manager)
        return form.with_context(**action["context"]).create(
            {"reason": "Goodwill", **values}
        )

    def test_all_hours_of_many_lines(self):
        lines = self._log_kind(self.remote, 0.2) | self._log_kind(None, 2.0)
        self._open_form(lines).action_write_off()
        self.assertBilled(lines, 0.0, 0.0)
        self.assertEqual(lines.mapped("unit_amount"), [0.2, 2.0])
        self.assertEqual(set(lines.mapped("billable_hours_reason")), {"Goodwill"})
        self.assertDelivered(self.item_a, 0.0)
        self.assertIn("Goodwill", self.ticket_2.message_ids[0].body)
        self._log_kind(None, 1.0)
        invoice = self._invoice(self.order_a)
        self.assertIn("1.00 h billed (Goodwill", invoice.invoice_line_ids.name)

    def test_hours_of_each_and_altogether(self):
        lines = self._log_kind(None, 2.0) | self._log_kind(None, 1.0)
        self._open_form(lines, mode="each", hours=0.5).action_write_off()
        self.assertBilled(lines, 1.5, 0.5)
        form = self._open_form(lines, mode="total", hours=1.0)
        self.assertEqual((form.hours_to_bill, form.hours_left), (2.0, 1.0))
        form.action_write_off()
        self.assertBilled(lines, 1.0, 0.0)

    def test_rule_of_the_group_is_kept_beside_it(self):
        self.by_ticket.write({"step_minutes": 60, "minimum_minutes": 60})
        line = self._log_kind(self.by_ticket, 0.5)
        self._open_form(line, mode="total", hours=0.25).action_write_off()
        self.assertBilled(line, 0.75)
        newer = self._log_kind(self.by_ticket, 0.25)
        self.assertBilled(line | newer, 0.25, 0.5)

    def test_bad_input_changes_nothing(self):
        line = self._log_kind(None, 1.0)
        for values, error in (
            ({"mode": "total", "hours": 2.0}, ValidationError),
            ({"mode": "each", "hours": -1.0}, ValidationError),
            ({"mode": "each", "hours": 0.0}, UserError),
        ):
            with self.assertRaises(error), self.cr.savepoint():
                self._open_form(line, **values).action_write_off()
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._open_form(line, user=self.agent).action_write_off()
        self._invoice(self.order_a)
        with self.assertRaises(UserError), self.cr.savepoint():
            self._open_form(line).action_write_off()
        self.assertBilled(line, 1.0)

    def test_said_hours_are_kept_to_the_digit(self):
        line = self._log_kind(None, 1.0).with_user(self.manager)
        line.write({"billable_hours": 0.1, "billable_hours_reason": "Agreed"})
        self.ticket_2.sale_line_id = self._new_item(self.customer_a)
        self.env.flush_all()
        line.invalidate_recordset()
        self.assertEqual(line.billable_hours, 0.1)
