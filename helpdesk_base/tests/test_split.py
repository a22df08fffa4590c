from datetime import datetime

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .mail_common import HelpdeskMailCommon


@tagged("post_install", "-at_install", "mail_gateway")
class TestSplit(HelpdeskMailCommon):
    """A conversation about two things becomes two tickets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.as_agent = cls.ticket.with_user(cls.agent)
        cls.first, cls.second = (
            cls.ticket.message_post(
                body=body,
                message_type="email",
                author_id=cls.contact_a.id,
                subtype_xmlid="mail.mt_comment",
                attachments=[("photo.txt", b"light")],
            )
            for body in ("The oven is cold.", "The lamp is dark.")
        )
        cls.second.date = datetime(2026, 1, 2, 3, 4)

    def _split(self, messages, **values):
        return self.as_agent._split(
            messages.with_user(self.agent), {"name": "Lamp", **values}
        )

    def test_copy_keeps_author_date_and_files(self):
        ticket = self._split(self.second)
        copy = ticket.message_ids.filtered(lambda m: "lamp" in (m.body or ""))
        self.assertEqual(copy.author_id, self.contact_a)
        self.assertEqual(copy.date, self.second.date)
        self.assertEqual(copy.message_type, "email")
        self.assertEqual(copy.attachment_ids.raw, b"light")
        self.assertEqual(copy.attachment_ids.res_id, ticket.id)
        self.assertEqual(self.second.res_id, self.ticket.id, "it stays there, too")
        self.assertEqual(self.second.attachment_ids.res_id, self.ticket.id)

    def test_customer_team_and_links(self):
        self.ticket.write({"partner_id": self.contact_a2.id, "priority": "2"})
        ticket = self._split(self.second)
        self.assertEqual(ticket.partner_id, self.contact_a, "who wrote it")
        self.assertIn(self.contact_a, ticket.message_partner_ids)
        self.assertEqual((ticket.team_id, ticket.priority), (self.team, "2"))
        self.assertIn("lamp", ticket.description)
        self.assertEqual(ticket.related_ticket_ids, self.ticket)
        for one, other in ((ticket, self.ticket), (self.ticket, ticket)):
            notes = one.message_ids.filtered(lambda m: m.is_internal)
            self.assertIn(f'data-oe-id="{other.id}"', "".join(notes.mapped("body")))

    def test_sender_without_a_contact(self):
        message = self.ticket_unknown.message_post(
            body="And another thing",
            message_type="email",
            author_id=False,
            email_from="Zoe <zoe@nowhere.example>",
            subtype_xmlid="mail.mt_comment",
        )
        ticket = self.ticket_unknown.with_user(self.agent)._split(
            message, {"name": "Another thing"}
        )
        self.assertFalse(ticket.partner_id)
        self.assertEqual(ticket.partner_email, "zoe@nowhere.example")
        self.assertEqual(ticket.partner_name, "Zoe")

    def test_customers_read_nothing_of_each_other(self):
        stranger = self.ticket.message_post(
            body="I am in copy",
            message_type="email",
            author_id=self.contact_b.id,
            subtype_xmlid="mail.mt_comment",
        )
        answer = self._answer(self.ticket, "Our price for Alpha")
        for messages in (stranger | self.second, stranger | answer):
            with self.assertRaises(UserError):
                self._split(messages)
        note = self.ticket.message_post(
            body="Between us", message_type="comment", subtype_xmlid="mail.mt_note"
        )
        ticket = self._split(stranger | note)
        self.assertEqual(ticket.partner_id, self.contact_b)
        copy = ticket.message_ids.filtered(lambda m: "Between" in (m.body or ""))
        self.assertTrue(copy.subtype_id.internal)
        self.assertEqual(self._split(answer | self.second).partner_id, self.contact_a)

    def test_what_is_refused(self):
        log = self.ticket._message_log(body="log")
        elsewhere = self.ticket_b.message_post(body="elsewhere")
        for messages in (self.second.browse(), log, elsewhere | self.second):
            with self.assertRaises(UserError):
                self._split(messages)
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.portal_a)._split(self.second, {"name": "x"})
        with self.assertRaises(ValidationError):
            self.as_agent.action_open_split({"id": 3})

    def test_wizard(self):
        other = self._new_team("Electric", self.team.stage_ids, self.agent_2)
        action = self.as_agent.action_open_split()
        wizard = self.env[action["res_model"]].with_user(self.agent)
        with Form(wizard.with_context(**action["context"])) as form:
            self.assertEqual(form.message_ids.ids, self.second.ids, "the last one")
            self.assertEqual(form.name, "The lamp is dark.")
            form.team_id = other
        action = form.save().action_split()
        ticket = self.env["helpdesk.ticket"].browse(action["res_id"])
        self.assertEqual((ticket.name, ticket.team_id), ("The lamp is dark.", other))
        action = self.as_agent.action_open_split(self.first.ids)
        with Form(wizard.with_context(**action["context"])) as form:
            self.assertEqual(form.message_ids.ids, self.first.ids)
        form.save().action_split()
        self.assertEqual(self.first.res_id, self.ticket.id, "copied, not moved")
