from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import ReinvoiceCommon


@tagged("post_install", "-at_install")
class TestTimeEntry(ReinvoiceCommon):
    """Time in one row: what a screen asks, what is recorded, what is said of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket.sale_line_id = cls.item_a
        cls.as_agent = cls.ticket.with_user(cls.agent)

    def _record(self, **values):
        line_id = self.as_agent.action_log_time(values)
        return self.env["account.analytic.line"].browse(line_id)

    def test_time_is_recorded_as_any_other(self):
        line = self._record(name="Call", hours="90m", date="2026-03-02")
        self.assertEqual(line.helpdesk_ticket_id, self.ticket)
        self.assertEqual(line.name, "Call")
        self.assertAlmostEqual(line.unit_amount, 1.5)
        self.assertEqual(str(line.date), "2026-03-02")
        self.assertEqual(line.employee_id, self.employee)
        self.assertEqual(line.so_line, self.item_a)
        self.assertDelivered(self.item_a, 1.5)

    def test_time_without_text_says_what_it_was_about(self):
        self.assertEqual(self._record(hours=0.5).name, self.ticket.name)

    def test_what_makes_no_sense_is_refused(self):
        for values, sentence in (
            ({"hours": "90"}, "more than a day"),
            ({"hours": "soon"}, "no duration"),
            ({"hours": 0}, "more than no time"),
            ({"hours": -1}, "more than no time"),
            ({"hours": None}, "no duration"),
            ({}, "no duration"),
            ({"hours": 1, "unit_amount": 2}, "unit_amount"),
            ({"hours": 1, "so_line": self.item_b.id}, "so_line"),
            ({"hours": 1, "date": "tomorrow"}, "YYYY-MM-DD"),
            ({"hours": 1, "name": ["a"]}, "a text"),
            ("1:30", "by name"),
        ):
            with self.subTest(values=values):
                with self.assertRaisesRegex(ValidationError, sentence):
                    self.as_agent.action_log_time(values)
        self.assertFalse(self.ticket.timesheet_ids)

    def test_row_of_who_may_record(self):
        entry = self.as_agent.get_time_entry()
        self.assertEqual(
            entry,
            {
                "can_log": True,
                "refusal": "",
                "hours": 0.0,
                "placeholder": "",
                "fields": [],
                "notice": {},
            },
        )

    def test_row_asks_for_what_an_addon_adds(self):
        offered = {"name": "so_line", "label": "Item", "options": [], "value": False}
        self.patch(
            self.registry["helpdesk.ticket"],
            "_get_time_entry_fields",
            lambda _ticket: [offered],
        )
        other = self._new_item(self.customer_a)
        values = {"hours": 1, "so_line": other.id}
        self.assertEqual(self.as_agent.get_time_entry()["fields"], [offered])
        self.assertIn(other.order_id.name, self.as_agent.preview_time(values))
        self.assertEqual(self._record(**values).so_line, other)

    def test_row_says_why_there_is_none(self):
        employees = self.agent.sudo().employee_ids
        for refuse, sentence in (
            (lambda: self.team.write({"use_helpdesk_timesheet": False}), "no time"),
            (lambda: employees.write({"active": False}), "employee"),
        ):
            refuse()
            self.env.invalidate_all()
            entry = self.as_agent.get_time_entry()
            self.assertFalse(entry["can_log"])
            self.assertIn(sentence, entry["refusal"])
        without = self.ticket.with_user(self.outsider)
        self.assertFalse(without.browse().get_time_entry()["can_log"])

    def test_row_of_a_hidden_ticket(self):
        hidden = self.ticket_private.with_user(self.agent_2)
        for call in (
            hidden.get_time_entry,
            lambda: hidden.preview_time({"hours": 1}),
            lambda: hidden.action_log_time({"hours": 1}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_sentence_says_where_time_is_billed(self):
        sentence = self.as_agent.preview_time({"name": "Call", "hours": "20m"})
        self.assertEqual(sentence, f"0:20 on {self.order_a.name} Support")
        self.assertFalse(self.ticket.timesheet_ids)

    def test_sentence_says_why_time_is_not_billed(self):
        self.ticket.sale_line_id = False
        self.assertEqual(
            self.as_agent.preview_time({"hours": 0.5}),
            "0:30. Not billable: ticket has no sales order item",
        )

    def test_sentence_of_a_rate_of_the_person(self):
        special = self._new_item(
            self.customer_a, self._new_service("Expert", "delivered_timesheet")
        )
        self.project.sale_line_employee_ids = [
            (0, 0, {"employee_id": self.employee.id, "sale_line_id": special.id})
        ]
        self.assertIn("Expert", self.as_agent.preview_time({"hours": 1}))
        self.assertEqual(self._record(hours=1).so_line, special)

    def test_sentence_of_what_makes_no_sense(self):
        self.assertIn("no duration", self.as_agent.preview_time({"hours": "soon"}))
        self.assertIn("more than a day", self.as_agent.preview_time({"hours": "90"}))
        self.assertEqual(self.as_agent.preview_time({"hours": ""}), "")

    def test_sentence_costs_little(self):
        self.as_agent.preview_time({"hours": 1})
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(40):
            self.as_agent.preview_time({"hours": 1})
