import re
from ast import literal_eval
from datetime import datetime
from pathlib import Path

from odoo.fields import Command
from odoo.tests import tagged

from .common import ImportCommon

PAGE = Path(__file__).parents[2] / "docs" / "moving-in.md"
FILES = Path(__file__).parents[1] / "static" / "csv"


@tagged("post_install", "-at_install")
class TestMovingInPage(ImportCommon):
    """What the page *Moving in* shows works, word for word."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        text = PAGE.read_text(encoding="utf-8")
        cls.tickets_file, cls.time_file = re.findall(
            r"```csv\n(.*?)```", text, re.DOTALL
        )
        cls.desks = {
            tuple(words.split()): example
            for words, example in re.findall(
                r"```csv ([a-z ]+)\n(.*?)```", text, re.DOTALL
            )
        }
        cls.calls = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]
        cls.env["res.partner"].create(
            {"name": "Harbour Bakery Till", "email": "till@harbour-bakery.example"}
        )
        nora = cls._new_user("hd_nora", cls.agent_groups, name="Nora Lindqvist")
        cls.env["hr.employee"].create({"name": nora.name, "user_id": nora.id})
        care = cls.env.ref("helpdesk_base.helpdesk_team_customer_care")
        care.write(
            {"use_helpdesk_timesheet": True, "member_ids": [Command.link(nora.id)]}
        )

    def _import_page(self):
        tickets = self._import("helpdesk.ticket", self.tickets_file)
        self.assertEqual((tickets["messages"], tickets["unknown"]), ([], []))
        time = self._import("account.analytic.line", self.time_file)
        self.assertEqual((time["messages"], time["unknown"]), ([], []))
        return (
            self.env["helpdesk.ticket"].browse(tickets["ids"]),
            self.env["account.analytic.line"].browse(time["ids"]),
        )

    def test_files(self):
        tickets, lines = self._import_page()
        self.assertEqual(tickets.mapped("ticket_ref"), ["00093", "00094"])
        self.assertEqual(tickets[0].create_date, datetime(2024, 3, 4, 8, 15))
        self.assertEqual(tickets[0].close_date, datetime(2024, 3, 6, 16))
        self.assertEqual(tickets.mapped("is_closed"), [True, False])
        self.assertEqual(lines.helpdesk_ticket_id, tickets)
        self.assertEqual(lines.mapped("unit_amount"), [1.5, 0.75])
        self.assertEqual(lines.mapped("billed_elsewhere"), [True, False])
        self.assertEqual(self._import_page(), (tickets, lines))

    def test_rehearsal_writes_nothing(self):
        domain = [("ticket_ref", "in", ["00093", "00094"])]
        self._import("helpdesk.ticket", self.tickets_file, dryrun=True)
        self.assertFalse(self.env["helpdesk.ticket"].search(domain))

    def _import_desk(self, model, *words):
        result = self._import(model, self.desks.pop(words))
        self.assertFalse(result["messages"])
        return self.env[model].browse(result["ids"])

    def test_other_desks(self):
        """Each example comes without a word, and all of them are looked at."""
        self.env["helpdesk.import.mapping"].search(
            [("column_name", "=", "Log Work[3]"), ("field_name", "=", "employee_id")]
        ).words = "nora = Nora Lindqvist"
        jira = self.desks.pop(("jira", "both"))
        self.desks.update({("jira", "tickets"): jira, ("jira", "time"): jira})
        for desk, numbers in (
            ("zammad", ["31093", "31094"]),
            ("freshdesk", ["93", "94"]),
            ("jira", ["HELP-93", "HELP-94"]),
        ):
            tickets = self._import_desk("helpdesk.ticket", desk, "tickets")
            self.assertEqual(tickets.mapped("ticket_ref"), numbers)
            self.assertEqual(tickets.mapped("is_closed"), [True, False])
            self.assertEqual(tickets[0].partner_id.name, "Harbour Bakery Till")
            lines = self._import_desk("account.analytic.line", desk, "time")
            self.assertEqual(lines.helpdesk_ticket_id, tickets[0])
            self.assertEqual(sum(lines.mapped("unit_amount")), 1.5)
        self._import_desk("helpdesk.import.mapping", "table")
        ticket = self._import_desk("helpdesk.ticket", "casebook", "tickets")
        self.assertEqual(ticket.name, "Till is dead at the bar")
        self.assertEqual(ticket.team_id.name, "Customer Care")
        self.assertTrue(ticket.is_closed)
        self.assertFalse(self.desks)

    def test_calls(self):
        for text in re.findall(r"call(\(.*?\]\]\))", self.calls, re.DOTALL):
            model, method, names, rows = literal_eval(text)
            self.assertEqual(method, "load")
            self.assertTrue(self._load(model, names, *rows)["ids"])
        ticket = self.env["helpdesk.ticket"].search([("ticket_ref", "=", "00095")])
        self.assertEqual(ticket.sudo().hours_covered, 0.5)

    def test_templates_are_the_examples(self):
        for model, name, text in (
            ("helpdesk.ticket", "tickets.csv", self.tickets_file),
            ("account.analytic.line", "time.csv", self.time_file),
        ):
            offered = self.env[model].get_import_templates()
            path = f"/helpdesk_import/static/csv/{name}"
            self.assertIn(path, [template["template"] for template in offered])
            self.assertEqual((FILES / name).read_text(encoding="utf-8"), text)
