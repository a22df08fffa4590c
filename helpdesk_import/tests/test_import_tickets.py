from datetime import datetime

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ImportCommon

NAMES = [
    "id",
    "ticket_ref",
    "name",
    "team_id",
    "stage_id",
    "partner_id",
    "user_id",
    "opened_date",
    "assign_date",
    "first_response_date",
    "close_date",
]
CLOSED = [
    "old_1",
    "900093",
    "Till is dead",
    "Care",
    "Finished",
    "alice@alpha.example",
    "Ada Agent",
    "2024-03-04 08:00:00",
    "2024-03-04 09:00:00",
    "2024-03-04 10:00:00",
    "2024-03-06 08:00:00",
]


@tagged("post_install", "-at_install")
class TestImportTickets(ImportCommon):
    """Tickets come as they were, and nobody is told."""

    def _load_tickets(self, *rows, names=NAMES):
        result = self._load("helpdesk.ticket", names, *rows)
        self.assertTrue(result["ids"], result["messages"])
        return self.env["helpdesk.ticket"].browse(result["ids"])

    def _count_posts(self):
        return [
            self.env[model].search_count([])
            for model in ("mail.message", "mail.mail", "mail.activity")
        ]

    def test_as_they_were_in_silence(self):
        self.team.assign_method = "balanced"
        self.stage_done.template_id = self.env["mail.template"].search(
            [("model", "=", "helpdesk.ticket")], limit=1
        )
        self.env.flush_all()
        before = self._count_posts()
        free = ["old_2", "", "Who takes it", "Care", "Incoming", "Alpha Bakery"]
        closed, waiting = self._load_tickets(CLOSED, free + [""] * 5)
        self.env.cr.precommit.run()
        self.assertEqual(self._count_posts(), before)
        self.assertEqual(closed.ticket_ref, "900093")
        self.assertEqual(closed.user_id, self.agent)
        self.assertEqual(closed.create_date, datetime(2024, 3, 4, 8))
        self.assertEqual(closed.close_date, datetime(2024, 3, 6, 8))
        self.assertEqual(closed.close_hours, 48)
        self.assertEqual(closed.assign_hours, 1)
        self.assertEqual(closed.first_response_hours, 2)
        self.assertFalse(waiting.user_id)
        self.assertTrue(waiting.ticket_ref)
        self.assertEqual(
            closed.message_partner_ids, self.contact_a | self.agent.partner_id
        )

    def test_second_import_changes_nothing(self):
        ticket = self._load_tickets(CLOSED)
        self.env.flush_all()
        self.env.cr.execute("UPDATE helpdesk_ticket SET write_date = '2025-01-01'")
        ticket.invalidate_recordset()
        self.assertEqual(self._load_tickets(CLOSED), ticket)
        self.assertEqual(ticket.write_date, datetime(2025, 1, 1))
        changed = [*CLOSED]
        changed[NAMES.index("name")] = "Till is alive"
        changed[NAMES.index("opened_date")] = "2024-03-05 08:00:00"
        self._load_tickets(changed)
        self.assertEqual(ticket.name, "Till is alive")
        self.assertEqual(ticket.close_hours, 24)

    def test_tags_are_set_once(self):
        tags = self.env["helpdesk.tag"].create([{"name": "Old"}, {"name": "Older"}])
        names = ["id", "name", "team_id", "tag_ids"]
        row = ["old_3", "Tagged", "Care", "Old,Older"]
        ticket = self._load_tickets(row, names=names)
        self.assertEqual(ticket.tag_ids, tags)
        self.env.flush_all()
        with self.assertQueries([], flush=True):
            self.assertTrue(ticket._has_value("tag_ids", [(6, 0, tags.ids)]))
        self.assertFalse(ticket._has_value("tag_ids", [(6, 0, tags[0].ids)]))
        self.assertTrue(ticket._has_value("tag_ids", [(4, tags[0].id)]))

    def test_refused(self):
        self._load_tickets(CLOSED)
        again = ["", *CLOSED[1:]]
        with mute_logger("odoo.sql_db"):
            result = self._load("helpdesk.ticket", NAMES, again)
        self.assertRefused(result, "already in use")
        below = ["name", "timesheet_ids/name", "timesheet_ids/unit_amount"]
        with self.assertRaisesRegex(ValidationError, "a file of its own"):
            self.env["helpdesk.ticket"].load(below, [["Till", "Ribbon", "1"]])
        number = [CLOSED[0], "900094", *CLOSED[2:]]
        self.assertRefused(self._load("helpdesk.ticket", NAMES, number), "be written")
        future = ["old_4", "", *CLOSED[2:7], "2999-01-01 00:00:00", "", "", ""]
        self.assertRefused(self._load("helpdesk.ticket", NAMES, future), "the future")
        for names, rows in (
            (None, []),
            (["name"], [["a", "b"]]),
            (["name"], "a"),
            ([7], [["a"]]),
        ):
            with self.assertRaisesRegex(ValidationError, "list of field names"):
                self.env["helpdesk.ticket"].load(names, rows)

    def test_opened_by_import_only(self):
        Ticket = self.env["helpdesk.ticket"].with_user(self.manager)
        values = {"opened_date": "2024-01-01 00:00:00"}
        with self.assertRaisesRegex(ValidationError, "of an import only"):
            self.ticket.with_user(self.manager).write(values)
        forged = Ticket.with_context(helpdesk_moving_in=True)
        with self.assertRaisesRegex(ValidationError, "of an import only"):
            forged.create({"name": "New", "team_id": self.team.id, **values})
