from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .charge_common import ChargeCommon


@tagged("post_install", "-at_install")
class TestKindItems(ChargeCommon):
    """Which kind an hour is, and which sales order item bills it."""

    # === DEFAULT === #

    def test_default_of_team_and_type(self):
        self.assertFalse(self._log(self.ticket_2, 1.0).work_type_id)
        self._use_kinds(self.remote, self.evening, default=self.remote)
        self.assertEqual(self._log(self.ticket_2, 1.0).work_type_id, self.remote)
        kind = self.env["helpdesk.ticket.type"].create(
            {"name": "Night Watch", "default_work_type_id": self.evening.id}
        )
        self.ticket_2.ticket_type_id = kind
        line = self._log(self.ticket_2, 1.0)
        self.assertEqual(line.work_type_id, self.evening)
        self.assertFalse(line.is_work_type_chosen)
        self._use_kinds(self.remote, default=self.remote)
        self.assertEqual(self._log(self.ticket_2, 1.0).work_type_id, self.remote)

    def test_recorded_time_keeps_its_kind(self):
        self._use_kinds(self.remote, self.evening, default=self.remote)
        line, chosen = (
            self._log(self.ticket_2, 1.0),
            self._log_kind(self.evening, 1.0),
        )
        self.team.default_work_type_id = self.evening
        line.with_user(self.agent).unit_amount = 2.0
        self.assertEqual(
            (line | chosen).mapped("work_type_id"), self.remote | self.evening
        )
        self.assertTrue(chosen.is_work_type_chosen)

    def test_team_that_does_not_use_a_kind(self):
        other = self.team.copy(
            {
                "work_type_ids": [(6, 0, self.goodwill.ids)],
                "default_work_type_id": False,
            }
        )
        line = self._log_kind(self.remote, 0.2)
        self.ticket_2.team_id = other
        self.assertFalse(line.work_type_id)
        self.assertBilled(line, 0.2)
        with self.assertRaisesRegex(ValidationError, "Choose one of these: Goodwill"):
            line.with_user(self.agent).work_type_id = self.remote
        with self.assertRaisesRegex(ValidationError, "none of the kinds of work"):
            other.default_work_type_id = self.remote

    def test_plain_time_has_no_kind(self):
        line = self.env["account.analytic.line"].with_user(self.agent)
        line = line.create(
            {"name": "Plain", "project_id": self.project.id, "unit_amount": 1}
        )
        self.assertFalse(line.work_type_id)
        self.assertEqual(line.billable_hours, 1.0)
        with self.assertRaisesRegex(ValidationError, "for time on tickets"):
            line.work_type_id = self.remote

    def test_screen_sends_the_proposal_along(self):
        self._use_kinds(self.remote, self.evening, default=self.remote)
        with Form(self.ticket_2.with_user(self.agent)) as form:
            with form.timesheet_ids.new() as line:
                line.name = "By hand"
                line.unit_amount = 0.2
                self.assertEqual(line.work_type_id, self.remote)
        line = self.ticket_2.timesheet_ids
        self.assertFalse(line.is_work_type_chosen)
        self.assertBilled(line, 0.5)

    # === ITEM === #

    def test_item_on_the_order_of_the_ticket_comes_first(self):
        elsewhere = self._new_item(self.customer_a, self.evening_service)
        line = self._log_kind(self.evening, 1.0)
        self.assertEqual(line.so_line, elsewhere)
        self.assertEqual(line.so_line_reason, "Kind of work: Evening")
        own = self.order_a.order_line.create(
            {"order_id": self.order_a.id, "product_id": self.evening_service.id}
        )
        later = self._log_kind(self.evening, 1.0)
        self.assertEqual((line.so_line, later.so_line), (elsewhere, own))
        self.assertDelivered(own, 1.0)

    def test_item_of_another_customer_is_none(self):
        self._new_item(self.customer_b, self.evening_service)
        line = self._log_kind(self.evening, 1.0)
        self.assertEqual(line.so_line, self.item_a)
        self.assertEqual(
            line.so_line_reason, "Ticket's item: Evening is not sold to them"
        )

    def test_time_comes_to_an_item_that_is_sold_later(self):
        line = self._log_kind(self.evening, 1.0)
        order = self._new_order(
            self.customer_a, (self.evening_service, 1), confirm=False
        )
        self.assertEqual(line.so_line, self.item_a)
        order.action_confirm()
        self.assertEqual(line.so_line, order.order_line)
        self.assertDelivered(order.order_line, 1.0)
        self.assertDelivered(self.item_a, 0.0)

    def test_kind_before_rate_and_after_hand(self):
        self._new_item(self.customer_a, self.evening_service)
        rate_item = self._new_item(self.customer_a)
        self.project.sale_line_employee_ids.create(
            {
                "project_id": self.project.id,
                "employee_id": self.employee.id,
                "sale_line_id": rate_item.id,
            }
        )
        evening, plain = self._log_kind(self.evening, 1.0), self._log_kind(None, 1.0)
        self.assertEqual(evening.so_line.product_id, self.evening_service)
        self.assertEqual(plain.so_line, rate_item)
        evening.with_user(self.agent).so_line = self.item_a
        self.assertEqual(evening.so_line, self.item_a)

    def test_ticket_without_item_stays_unbilled(self):
        self._new_item(self.customer_a, self.evening_service)
        self.ticket_2.sale_line_id = False
        self.assertFalse(self._log_kind(self.evening, 1.0).so_line)

    def test_changed_product_of_a_kind(self):
        line = self._log_kind(self.remote, 1.0)
        item = self._new_item(self.customer_a, self.evening_service)
        self.remote.product_id = self.evening_service
        self.assertEqual(line.so_line, item)
        self.assertDelivered(item, 1.0)

    # === ADDED TO THE ORDER === #

    def test_item_is_added_where_the_order_allows_it(self):
        self.order_a.add_work_types = True
        lines = self._log_kind(self.evening, 1.0) | self._log_kind(self.evening, 0.5)
        item = lines.so_line
        self.assertEqual(item.order_id, self.order_a)
        self.assertEqual(item.product_id, self.evening_service)
        self.assertEqual((item.price_unit, item.product_uom_qty), (150.0, 0.0))
        self.assertDelivered(item, 1.5)
        self.assertIn("Evening", self.order_a.message_ids[0].body)
        self._invoice(self.order_a)
        self.assertEqual(self.order_a.invoice_ids.amount_untaxed, 225.0)

    def test_locked_order_gets_no_item(self):
        self.order_a.write({"add_work_types": True, "locked": True})
        self.assertEqual(self._log_kind(self.evening, 1.0).so_line, self.item_a)
        self.assertEqual(self.order_a.order_line, self.item_a)

    # === INVOICE === #

    def test_invoice_explains_kinds(self):
        self._log_kind(self.remote, 0.35)
        self._log_kind(self.goodwill, 1.5)
        self._log_kind(self.meeting, 2.0)
        invoice = self._invoice(self.order_a)
        text = invoice.invoice_line_ids.name
        self.assertIn("1.85 h worked, 0.50 h billed", text)
        self.assertIn("Remote: 0.35 h, steps of 15 min, at least 30 min", text)
        self.assertIn("Goodwill: 1.5 h, free of charge", text)
        self.assertNotIn("Meeting", text)
        self.assertEqual(invoice.invoice_line_ids.quantity, 0.5)

    def test_work_report_proves_what_is_billed(self):
        lines = self._log_kind(self.remote, 0.35) | self._log_kind(self.goodwill, 1.5)
        invoice = self._invoice(self.order_a)
        self.assertEqual(
            lines._get_proof(),
            [
                {
                    "ticket": self.ticket_2.display_name,
                    "kind": "Remote",
                    "rule": "steps of 15 min, at least 30 min",
                    "worked": 0.35,
                    "billed": 0.5,
                },
                {
                    "ticket": self.ticket_2.display_name,
                    "kind": "Goodwill",
                    "rule": "free of charge",
                    "worked": 1.5,
                    "billed": 0.0,
                },
            ],
        )
        report = (
            self.env["ir.actions.report"]
            ._render_qweb_html(
                "sale_timesheet.timesheet_report_account_move", invoice.ids
            )[0]
            .decode()
        )
        for text in ("Worked and billed", "free of charge", "at least 30 min"):
            self.assertIn(text, report)

    def test_report_of_what_rules_added(self):
        self._log_kind(self.remote, 0.35)
        self._log_kind(self.goodwill, 1.5)
        self.env.flush_all()
        groups = self.env["timesheets.analysis.report"]._read_group(
            [("helpdesk_ticket_id", "=", self.ticket_2.id)],
            ["work_type_id"],
            ["unit_amount:sum", "billable_hours:sum", "hours_added:sum"],
        )
        figures = {kind: [round(x or 0, 2) for x in values] for kind, *values in groups}
        self.assertEqual(
            figures,
            {self.remote: [0.35, 0.5, 0.15], self.goodwill: [1.5, 0.0, 0.0]},
        )

    # === THE ROW === #

    def test_row_asks_for_the_kind_and_says_what_is_billed(self):
        self._use_kinds(self.remote, self.evening, default=self.remote)
        ticket = self.ticket_2.with_user(self.agent)
        (field,) = ticket.get_time_entry()["fields"]
        self.assertEqual(
            (field["name"], field["value"]), ("work_type_id", self.remote.id)
        )
        self.assertEqual(
            [name for _id, name in field["options"]], ["Remote", "Evening"]
        )
        values = {"name": "Call", "hours": "0:20", "work_type_id": self.remote.id}
        sentence = ticket.preview_time(values)
        self.assertIn("billed as 0:30", sentence)
        self.assertIn("steps of 15 min, at least 30 min", sentence)
        line = self.env["account.analytic.line"].browse(ticket.action_log_time(values))
        self.assertEqual(line.work_type_id, self.remote)
        self.assertFalse(line.is_work_type_chosen, "what was proposed is no choice")
        values["work_type_id"] = self.evening.id
        line = line.browse(ticket.action_log_time(values))
        self.assertTrue(line.is_work_type_chosen)
        values["work_type_id"] = self.goodwill.id
        with self.assertRaisesRegex(ValidationError, "none of the kinds of work"):
            ticket.action_log_time(values)

    def test_row_asks_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer_a.lang = "fr_FR"
        entry = self.ticket_2.with_user(self.agent).get_time_entry()
        self.assertIn("French", entry["placeholder"])
