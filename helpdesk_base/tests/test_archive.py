import csv
import io
import zipfile

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from odoo.addons.helpdesk_base.tools.archive import find_models, write_archive

NAME = 'A "ticket", with a comma'
#: What comes first has nothing that the others bring.
ORDER = ("helpdesk.tag", "helpdesk.ticket.type", "helpdesk.team", "helpdesk.ticket")


@tagged("post_install", "-at_install")
class TestArchive(TransactionCase):
    """What would be lost with the addons is written to tables that can be imported."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["helpdesk.tag"].create({"name": "Archived Tag"})
        cls.type = cls.env["helpdesk.ticket.type"].create({"name": "Archived Type"})
        cls.team = cls.env["helpdesk.team"].create({"name": "Archived Team"})
        cls.partner = cls.env["res.partner"].create({"name": "Archived Customer"})
        cls.ticket = cls.env["helpdesk.ticket"].create(
            {
                "name": NAME,
                "team_id": cls.team.id,
                "partner_id": cls.partner.id,
                "tag_ids": [Command.link(cls.tag.id)],
                "ticket_type_id": cls.type.id,
                "description": "<p>Two<br/>lines</p>",
                "active": False,
            }
        )
        cls.ticket.message_post(
            body="It leaks", message_type="comment", attachments=[("leak.txt", b"wet")]
        )
        # what was created is tracked before it goes
        cls.cr.flush()
        packed = io.BytesIO()
        cls.written = write_archive(cls.env, packed)
        cls.archive = zipfile.ZipFile(packed)

    def rows(self, model):
        """Return the rows of a table as dicts."""
        text = io.TextIOWrapper(self.archive.open(f"{model}.csv"), "utf-8")
        return list(csv.DictReader(text))

    def find(self, model, record):
        """Return the row of a record."""
        [row] = [x for x in self.rows(model) if x["Database ID"] == str(record.id)]
        return row

    def test_archived_ticket_with_its_talk_and_files(self):
        row = self.find("helpdesk.ticket", self.ticket)
        self.assertEqual(row["name"], self.ticket.name)
        self.assertEqual(row["ticket_ref"], self.ticket.ticket_ref)
        self.assertEqual(row["active"], "False")
        self.assertEqual(row["team_id/id"], self.find("helpdesk.team", self.team)["id"])
        said = [
            x["body"]
            for x in self.rows("mail.message")
            if (x["model"], x["res_id"]) == ("helpdesk.ticket", str(self.ticket.id))
        ]
        self.assertIn("<p>It leaks</p>", said)
        [file] = [x for x in self.rows("ir.attachment") if x["name"] == "leak.txt"]
        self.assertEqual(self.archive.read(file["file"]), b"wet")
        self.assertEqual(file["res_id"], str(self.ticket.id))

    def test_numbers_are_those_of_the_tables(self):
        own, added = find_models(self.env)
        self.assertLessEqual(set(ORDER), set(own))
        self.assertNotIn("res.partner", own)
        for model in (*own, *added):
            self.assertEqual(len(self.rows(model)), self.written[model], model)

    def test_no_key_to_a_ticket_is_written(self):
        self.ticket._portal_ensure_token()
        self.assertNotIn("access_token", self.find("helpdesk.ticket", self.ticket))

    def test_external_ids_of_what_goes_do_not_stay(self):
        left = self.env["ir.model.data"].search(
            [("module", "=", "__export__"), ("model", "in", ORDER)]
        )
        self.assertFalse(left)
        self.assertTrue(self.partner.get_external_id()[self.partner.id])

    def test_import_brings_it_back(self):
        """The columns that docs/upgrading.md names."""
        (self.ticket | self.ticket.search([("team_id", "=", self.team.id)])).unlink()
        for gone in (self.team, self.type, self.tag):
            gone.unlink()
        wanted = {
            "helpdesk.team": ["id", "name"],
            "helpdesk.ticket": [
                "id", "name", "team_id/id", "stage_id/id", "partner_id/id",
                "ticket_type_id/id", "tag_ids/id", "description", "active",
            ],
        }  # fmt: skip
        for model in ORDER:
            head = wanted.get(model, ["id", "name"])
            rows = [
                [row[name] for name in head]
                for row in self.rows(model)
                if "Archived" in row["name"] or "comma" in row["name"]
            ]
            done = self.env[model].load(head, rows)
            self.assertEqual(done["messages"], [])
        [again] = self.env[model].with_context(active_test=False).browse(done["ids"])
        self.assertEqual(again.name, NAME)
        self.assertEqual(again.team_id.name, "Archived Team")
        self.assertEqual(again.tag_ids.name, "Archived Tag")
        self.assertEqual(again.ticket_type_id.name, "Archived Type")
        self.assertEqual(again.partner_id, self.partner)
        self.assertFalse(again.active)
