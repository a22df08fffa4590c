import csv
import io
from datetime import date, datetime

from openpyxl import Workbook

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ImportCommon

ZAMMAD = """\
#,Title,State,Priority,Group,Owner,Customer,Organization,Create Channel,Sender,Tags,Time Units Total,Created at,Updated at,Closed at,First response at
31093,Till prints no receipts,closed,3 high,Care,Ada Agent,Alice Alpha,Alpha Bakery,phone,Customer,"printer, ribbon",1.5,2024-03-04T08:15:00.000Z,2024-03-06T16:00:00.000Z,2024-03-06T16:00:00.000Z,2024-03-04T09:00:00.000Z
31094,Scanner is slow,pending reminder,1 low,Care,-,-,,email,Customer,,,2024-05-02T10:00:00.000Z,2024-05-02T10:00:00.000Z,,
"""
ZAMMAD_TIME = """\
Ticket#,Title,Customer,Organization,Agent,Time Units,Time Units Total,Created at
31093,Till prints no receipts,Alice Alpha,Alpha Bakery,Ada Agent,1.0,1.5,2024-03-04 08:40:00 UTC
31093,Till prints no receipts,Alice Alpha,Alpha Bakery,Ada Agent,0.5,1.5,2024-03-05 08:40:00 UTC
"""
FRESHDESK = """\
Ticket ID,Subject,Status,Priority,Source,Type,Agent,Group,Created time,Due by Time,Resolved time,Closed time,Last update time,Initial response time,Time tracked,Tags,Full name,Email,Tags
93,Till prints no receipts,Closed,Urgent,Phone,Problem,Ada Agent,Care,2024-03-04 08:15:00,2024-03-05 08:15:00,2024-03-06 16:00:00,2024-03-07 16:00:00,2024-03-07 16:00:00,2024-03-04 09:00:00,01:30,"printer,ribbon",Alice,alice@alpha.example,vip
94,Scanner is slow,Waiting on Customer,Low,Email,,No Agent,Care,2024-05-02 10:00:00,,,,,,00:00,,Wanda Wander,wanda@nowhere.example,
"""
FRESHDESK_TIME = """\
Ticket ID,Ticket,Customer,Agent,Date,Hours,Notes,Billable/Non-Billable
93,Till prints no receipts,Alice,Ada Agent,"04 Mar, 2024",01:00,Replaced the ribbon,Billable
93,Till prints no receipts,Alice,Ada Agent,"04 Mar, 2024",00:30,,Billable
"""
JIRA = """\
Summary,Issue key,Issue id,Issue Type,Status,Project key,Project name,Priority,Resolution,Assignee,Reporter,Created,Updated,Resolved,Labels,Labels,Description,Log Work,Log Work,Comment
Till prints no receipts,HELP-93,10093,Incident,Resolved,HELP,Care,Highest,Done,Ada Agent,Alice Alpha,04/Mar/24 8:15 AM,06/Mar/24 4:00 PM,06/Mar/24 4:00 PM,printer,ribbon,"Since the storm,
no < paper","Looked; found, and fixed;04/Mar/24 8:40 AM;ada;3600",;05/Mar/24 1:05 PM;ada;1800,Thanks
Scanner is slow,HELP-94,10094,Incident,Waiting for customer,HELP,Care,Low,,,,02/May/24 10:00 AM,,,,,,,,
"""


def spreadsheet(text):
    """The same export as a spreadsheet, in which dates are dates."""
    book = Workbook()
    for row in csv.reader(io.StringIO(text)):
        book.active.append(list(map(cell, row)))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def cell(text):
    """What a spreadsheet has for a text of a CSV."""
    try:
        return datetime.strptime(text.removesuffix("Z"), "%Y-%m-%dT%H:%M:%S.%f")
    except ValueError:
        return float(text) if text.replace(".", "", 1).isdigit() else text


@tagged("post_install", "-at_install")
class TestOtherDesks(ImportCommon):
    """Exports of other desks come as they are, by tables that anybody extends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.write(
            {
                "stage_ids": [
                    Command.link(cls.env.ref(f"helpdesk_base.stage_{name}").id)
                    for name in ("new", "in_progress", "on_hold", "solved", "cancelled")
                ]
            }
        )
        cls.Mapping = cls.env["helpdesk.import.mapping"]

    def _bring(self, model, content, **options):
        result = self._import(model, content, **options)
        self.assertFalse(result["messages"])
        return self.env[model].browse(result["ids"])

    def _bring_tickets(self, content):
        return self._bring("helpdesk.ticket", content)

    def _bring_time(self, content):
        return self._bring("account.analytic.line", content)

    def _age(self, records):
        """Make a write of these records show."""
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE {records._table} SET write_date = '2025-01-01' WHERE id = ANY(%s)",
            [records.ids],
        )
        records.invalidate_recordset()

    def assertSame(self, bring, content, records):
        """A second import finds the records, and changes nothing."""
        self._age(records)
        self.assertEqual(bring(content), records)
        self.assertEqual(set(records.mapped("write_date")), {datetime(2025, 1, 1)})

    def assertTickets(self, closed, waiting, numbers):
        """What all three desks export of the same two tickets."""
        self.assertEqual([closed.ticket_ref, waiting.ticket_ref], numbers)
        self.assertEqual(closed.name, "Till prints no receipts")
        self.assertEqual((closed | waiting).team_id, self.team)
        self.assertEqual(closed.stage_id, self.env.ref("helpdesk_base.stage_solved"))
        self.assertEqual(waiting.stage_id, self.env.ref("helpdesk_base.stage_on_hold"))
        self.assertEqual(closed.create_date, datetime(2024, 3, 4, 8, 15))
        self.assertEqual(closed.close_date, datetime(2024, 3, 6, 16))
        self.assertEqual(closed.user_id, self.agent)
        self.assertFalse(waiting.user_id)
        self.assertEqual(closed.partner_id, self.contact_a)
        self.assertEqual(set(closed.tag_ids.mapped("name")), {"printer", "ribbon"})
        self.assertEqual(waiting.priority, "0")

    def assertTime(self, lines, ticket, names):
        self.assertEqual(lines.helpdesk_ticket_id, ticket)
        self.assertEqual(lines.employee_id, self.employee)
        self.assertEqual(lines.mapped("unit_amount"), [1, 0.5])
        self.assertEqual(lines[0].date, date(2024, 3, 4))
        self.assertEqual(lines.mapped("name"), names)

    # === THE DESKS === #

    def test_zammad(self):
        closed, waiting = self._bring_tickets(ZAMMAD)
        self.assertTickets(closed, waiting, ["31093", "31094"])
        self.assertEqual(closed.priority, "2")
        self.assertEqual(closed.first_response_date, datetime(2024, 3, 4, 9))
        self.assertSame(self._bring_tickets, ZAMMAD, closed | waiting)
        lines = self._bring_time(ZAMMAD_TIME)
        self.assertTime(lines, closed, [closed.name] * 2)
        self.assertSame(self._bring_time, ZAMMAD_TIME, lines)

    def test_zammad_as_spreadsheet(self):
        closed, waiting = self._bring_tickets(spreadsheet(ZAMMAD))
        self.assertTickets(closed, waiting, ["31093", "31094"])
        # the numbers are the key, in whatever format they come
        self.assertSame(self._bring_tickets, ZAMMAD, closed | waiting)

    def test_times_are_those_of_who_imports(self):
        """Zammad says UTC, and the import screen takes its own time zone."""
        self.importer.tz = "Asia/Tokyo"
        closed, _waiting = self._bring_tickets(ZAMMAD)
        self.assertEqual(closed.create_date, datetime(2024, 3, 4, 8, 15))
        late = ZAMMAD_TIME.replace("2024-03-04 08:40:00", "2024-03-03 23:00:00")
        self.assertEqual(self._bring_time(late)[0].date, date(2024, 3, 4))

    def test_freshdesk(self):
        closed, waiting = self._bring_tickets(FRESHDESK)
        self.assertTickets(closed, waiting, ["93", "94"])
        self.assertEqual(closed.priority, "3")
        self.assertEqual(waiting.partner_email, "wanda@nowhere.example")
        self.assertEqual(waiting.partner_name, "Wanda Wander")
        self.assertSame(self._bring_tickets, FRESHDESK, closed | waiting)
        lines = self._bring_time(FRESHDESK_TIME)
        # one person, one day, one ticket: two pieces of work, and both come once
        self.assertTime(lines, closed, ["Replaced the ribbon", closed.name])
        self.assertSame(self._bring_time, FRESHDESK_TIME, lines)

    def test_jira(self):
        closed, waiting = self._bring_tickets(JIRA)
        self.assertTickets(closed, waiting, ["HELP-93", "HELP-94"])
        self.assertEqual(closed.priority, "3")
        self.assertIn("no &lt; paper", closed.description)
        self.assertSame(self._bring_tickets, JIRA, closed | waiting)
        self.assertRefused(self._import("account.analytic.line", JIRA), "ada")
        person = self.Mapping.search(
            [("desk", "=", "Jira"), ("field_name", "=", "employee_id")]
        )
        person.with_user(self.manager).words = "ada = Ada Agent"
        lines = self._bring_time(JIRA)
        self.assertTime(lines, closed, ["Looked; found, and fixed", closed.name])
        self.assertSame(self._bring_time, JIRA, lines)

    def test_headings_are_those_of_the_file(self):
        self._bring_tickets(FRESHDESK)
        result = self._import("account.analytic.line", FRESHDESK_TIME, dryrun=True)
        names = [
            "Ticket ID + Agent + Date",
            "Ticket ID",
            "Date",
            "Agent",
            "Notes",
            "Hours",
        ]
        self.assertEqual(result["headings"][:6], names)
        # what the tables say nothing of comes last, for a person to choose
        self.assertEqual(result["unknown"], ["Customer", "Billable/Non-Billable"])

    def test_billed_time_is_refused(self):
        closed, _waiting = self._bring_tickets(ZAMMAD)
        closed.sale_line_id = self.item_a
        lines = self._bring_time(ZAMMAD_TIME)
        self._invoice(self.order_a)
        self.assertEqual(self._bring_time(ZAMMAD_TIME), lines)
        other = ZAMMAD_TIME.replace("Agent,1.0", "Agent,2.0")
        result = self._import("account.analytic.line", other)
        self.assertRefused(result, "is billed on .*already invoiced")
        self.assertEqual(lines.mapped("unit_amount"), [1, 0.5])

    def test_all_of_it_was_billed(self):
        """A row of the table says so for each row of a file that has no such column."""
        self.Mapping.with_user(self.manager).create(
            {
                "desk": "Zammad",
                "res_model": "account.analytic.line",
                "column_name": "Billed Elsewhere",
                "field_name": "billed_elsewhere",
                "words": "= 1",
            }
        )
        closed, _waiting = self._bring_tickets(ZAMMAD)
        closed.sale_line_id = self.item_a
        lines = self._bring_time(ZAMMAD_TIME)
        self.assertEqual(lines.mapped("billed_elsewhere"), [True, True])
        self.assertDelivered(self.item_a, 0)

    # === THE TABLES === #

    def test_another_desk(self):
        """A desk is a few rows of a table, and own stages are words of one of them."""
        table = """\
desk,res_model,column_name,is_sign,field_name,value_format,words
Ours,Tickets,Case No,1,id,,
Ours,Tickets,Case No,0,ticket_ref,,
Ours,Tickets,What + Where,1,name,,
Ours,Tickets,State,0,stage_id,,fini = Finished; = Incoming
Ours,Tickets,Desk,0,team_id,,= Care
Ours,Tickets,Day,0,opened_date,%d.%m.%Y,
"""
        rows = self._bring("helpdesk.import.mapping", table, user=self.manager)
        self.assertEqual(rows.mapped("desk"), ["Ours"] * 6)
        file = "Case No,What,Where,State,Day,Else\nA/1,Till,Bar,Fini,24.12.2023,x\nA/2,Mop,,,,\n"
        done, new = self._bring_tickets(file)
        self.assertEqual(done.ticket_ref, "A/1")
        self.assertEqual(done.name, "Till Bar")
        self.assertEqual(done.team_id, self.team)
        self.assertEqual(done.create_date, datetime(2023, 12, 24))
        self.assertEqual((done | new).mapped("stage_id.name"), ["Finished", "Incoming"])
        key = self.env.ref("__import__.ours_ticket_a_1")
        self.assertEqual(key, done)
        rows.active = False
        with mute_logger("odoo.sql_db"):
            result = self._import("helpdesk.ticket", file)
        self.assertIn("Case No", result["unknown"])

    def test_what_cannot_be_read_is_named(self):
        unknown = ZAMMAD.replace("pending reminder", "asleep")
        result = self._import("helpdesk.ticket", unknown)
        self.assertRefused({"ids": False, **result}, "asleep")
        strange = ZAMMAD.replace("2024-05-02T10:00:00.000Z", "yesterday")
        result = self._import("helpdesk.ticket", strange)
        self.assertRefused({"ids": False, **result}, "yesterday")
        hours = ZAMMAD_TIME.replace("Agent,0.5", "Agent,half")
        self._bring_tickets(ZAMMAD)
        result = self._import("account.analytic.line", hours)
        self.assertRefused({"ids": False, **result}, "half")

    def test_opened_again(self):
        """Desks keep when a ticket was closed that is open again."""
        again = ZAMMAD.replace("closed,3", "open,3")
        tickets = self._bring_tickets(again)
        self.assertEqual(tickets.mapped("is_closed"), [False, False])
        self.assertEqual(tickets.mapped("close_date"), [False, False])
        self.assertSame(self._bring_tickets, again, tickets)

    def test_rehearsal_writes_nothing(self):
        count = self.env["helpdesk.ticket"].search_count([])
        tags = self.env["helpdesk.tag"].search_count([])
        self.assertFalse(
            self._import("helpdesk.ticket", ZAMMAD, dryrun=True)["messages"]
        )
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), count)
        self.assertEqual(self.env["helpdesk.tag"].search_count([]), tags)

    def test_hours_by_the_marks_of_the_screen(self):
        """Whoever chose a decimal comma for the file gets the same hours."""
        mapping = self.Mapping.new(
            {
                "res_model": "account.analytic.line",
                "field_name": "unit_amount",
                "value_format": "minutes",
            }
        )
        convert = mapping._get_type_converter(
            mapping._get_field(), {"float_decimal_separator": ","}
        )
        self.assertEqual(
            [convert(text) for text in ("90", "45.0", "1:30", "0")],
            ["1,5", "0,75", "0,025", "0"],
        )

    def test_who_changes_a_table(self):
        mapping = self.Mapping.search([], limit=1)
        self.assertTrue(mapping.with_user(self.agent).desk)
        with self.assertRaises(AccessError):
            mapping.with_user(self.agent).words = "a = b"

    def test_malformed_rows(self):
        values = {"desk": "Ours", "column_name": "X", "field_name": "name"}
        for wrong, sentence in (
            ({"field_name": "colour"}, "Tickets have no field colour"),
            ({"field_name": "name/id"}, "have no field"),
            ({"value_format": "hours"}, "Only dates and amounts"),
            ({"field_name": "opened_date", "value_format": "%Q"}, "No date is written"),
            ({"words": "open"}, "their word = ours"),
            (
                {
                    "res_model": "account.analytic.line",
                    "field_name": "unit_amount",
                    "value_format": "days",
                },
                "not as days",
            ),
        ):
            with self.assertRaisesRegex(ValidationError, sentence):
                self.Mapping.create(values | wrong)

    def test_tables_are_loaded_once(self):
        """What an administrator changed stays, also when the addon is updated."""
        mapping = self.env.ref("helpdesk_import.mapping_zammad_ticket_priority")
        mapping.words = "1 low = 1"
        count = self.Mapping.search_count([])
        self.Mapping._load_tables()
        self.assertEqual(mapping.words, "1 low = 1")
        self.assertEqual(self.Mapping.search_count([]), count)

    def test_a_row_as_people_read_it(self):
        rows = self.Mapping.search([("desk", "=", "Zammad")]).grouped("field_name")
        stage, priority = rows["stage_id"], rows["priority"]
        self.assertEqual(stage.field_label, "Stage")
        self.assertIn("closed → Solved", stage.words_label.splitlines())
        self.assertIn("3 high → High", priority.words_label.splitlines())
        self.assertEqual(rows["user_id"].words_label, "- → (empty)")
        self.assertEqual(rows["id"].mapped("field_label"), ["External ID"] * 2)

    def test_tables_are_offered(self):
        offered = self.Mapping.get_import_templates()
        self.assertEqual(
            [template["label"] for template in offered],
            ["Table of Freshdesk", "Table of Jira", "Table of Zammad"],
        )
