import os

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .mail_common import HelpdeskMailCommon

PARSING = (
    "odoo.addons.helpdesk_base.models.mail_thread",
    "odoo.addons.mail.models.mail_thread",  # warns of odd content types
)
STAGES = "odoo.addons.helpdesk_base.models.helpdesk_ticket_mail"
HEAD = b"From: %s\r\nTo: %s\r\nMessage-Id: <%d@content.example>\r\n"
MAILS_TO_TRY = int(os.environ.get("HELPDESK_MAILS", "50"))
PLAIN = b"Content-Type: text/plain; charset=%s\r\n\r\n%s\r\n"


@tagged("post_install", "-at_install", "mail_gateway")
class TestMailContent(HelpdeskMailCommon):
    """No mail to a team is lost for what it contains."""

    number = 0

    def _receive_bytes(self, headers=b"", rest=PLAIN % (b"utf-8", b"Cold"), **people):
        """Let the gateway process a mail that no library would write.

        :return: the tickets it made
        """
        type(self).number += 1
        sender = people.get("sender", "alice@alpha.example")
        to = people.get("to", self.alias)
        head = HEAD % (sender.encode(), to.encode(), self.number)
        if b"Subject:" not in headers:
            headers += b"Subject: Help\r\n"
        Ticket = self.env["helpdesk.ticket"]
        last = Ticket.search([], order="id desc", limit=1).id
        with self.mock_mail_gateway(), mute_logger(*PARSING):
            self.env["mail.thread"].message_process(False, head + headers + rest)
            self.flush_tracking()
        return Ticket.search([("id", ">", last)])

    def _get_files(self, ticket):
        return ticket.message_ids.attachment_ids.mapped("name")

    def test_charset_python_does_not_know(self):
        for charset, content, text in (
            (b"x-mac-roman", b"Caf\x8e", "Caf\u00e9"),
            (b"no-such-charset", "Caf\u00e9".encode(), "Caf\u00e9"),
            (b"no-such-charset", b"Caf\xff", "Caf"),
        ):
            with self.subTest(charset=charset):
                ticket = self._receive_bytes(rest=PLAIN % (charset, content))
                self.assertEqual(ticket.partner_id, self.contact_a)
                self.assertIn(text, ticket.description)
                self.assertIn("original_email.eml", self._get_files(ticket))

    def test_text_that_is_not_what_it_says(self):
        """Read as what it most likely is; the mail itself is kept."""
        for charset, content, text in (
            (b"", "Caf\u00e9 \U0001f600".encode(), "Caf\u00e9 \U0001f600"),
            (b"us-ascii", "Caf\u00e9".encode(), "Caf\u00e9"),
            (b"utf-8", b"Caf\xe9 \x80", "Caf\u00e9 \u20ac"),
            (b"utf-8", b"Caf\xe9 \x81", "Caf\u00e9"),
        ):
            rest = PLAIN % (charset, content)
            if not charset:
                rest = b"\r\n" + content
            with self.subTest(charset=charset, content=content):
                ticket = self._receive_bytes(rest=rest)
                self.assertIn(text, ticket.description)
                self.assertIn("original_email.eml", self._get_files(ticket))
        ticket = self._receive_bytes(rest=PLAIN % (b"utf-8", "Caf\u00e9".encode()))
        self.assertFalse(self._get_files(ticket))
        ticket = self._receive_bytes(b"Subject: " + b"long " * 200 + b"\r\n")
        self.assertEqual(len(ticket.name), 500)
        self.assertIn("original_email.eml", self._get_files(ticket))

    def test_nul_in_headers_and_text(self):
        ticket = self._receive_bytes(
            b"Subject: Co\x00ld\r\nReferences: <a\x00b@c.example>\r\n",
            PLAIN % (b"utf-8", b"a\x00b"),
        )
        self.assertEqual(ticket.name, "Cold")

    def test_thousands_in_copy(self):
        copies = ", ".join(f"person.{n}@many.example" for n in range(3000))
        ticket = self._receive_bytes(b"Cc: %s\r\n" % copies.encode())
        self.assertEqual(len(ticket), 1)
        self.assertIn("person.0@many.example", ticket.email_cc)
        self.assertNotIn("person.2999@", ticket.email_cc)
        self.assertIn("original_email.eml", self._get_files(ticket))

    def test_what_is_read_well_has_no_copy(self):
        self.assertFalse(self._get_files(self._receive_bytes()))

    def test_tagged_address(self):
        ticket = self._receive_bytes(to=self.alias.replace("@", "+printer@"))
        self.assertEqual(ticket.team_id, self.team)
        self.assertFalse(ticket.email_cc)

    def test_broken_structures(self):
        multipart = b"Content-Type: multipart/mixed; boundary=X\r\n\r\n"
        shallow, deep, deepest = (
            b"".join(
                b"Content-Type: multipart/mixed; boundary=B%d\r\n\r\n--B%d\r\n" % (n, n)
                for n in range(levels)
            )
            for levels in (60, 600, 3000)
        )
        for rest in (
            multipart,
            multipart + b"--X\r\nContent-Type: text/plain; charset=x\r\n\r\na",
            multipart + b"--X\r\nContent-Transfer-Encoding: base64\r\n\r\n*\r\n--X--",
            b"Content-Type: message/rfc822\r\n\r\nnothing",
            b"Content-Type: ;;;\r\n\r\na",
            b"Content-Type: text/html; charset=\r\n\r\n<p",
            shallow + b"\r\nend",
            deep + b"\r\nend",
            deepest + b"\r\nend",
        ):
            with self.subTest(rest=rest[:60]):
                # one sender may not send many
                sender = f"sender.{self.number}@structure.example"
                self.assertEqual(len(self._receive_bytes(b"", rest, sender=sender)), 1)

    def test_any_mail(self):
        """Every mail is a ticket, or its sender is told why not: who is to be answered
        may send no more than others do. ``HELPDESK_MAILS=2000`` tries more of them."""
        from hypothesis import HealthCheck, Phase, given, settings

        from .any_mail import MAILS

        @settings(
            max_examples=MAILS_TO_TRY,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(MAILS)
        def receive(mail):
            head, rest = mail
            sender = f"sender.{self.number}@any.example"
            ticket = self._receive_bytes(head, rest, sender=sender)
            told = self._new_mails.filtered(
                lambda m: "a@b.example" in (m.email_to or "")
            )
            self.assertTrue(len(ticket) == 1 or told)

        receive()

    def test_odd_copies_hide_no_team(self):
        for copies in (b'"', b'x"@)((', b"(a@b.example", b'<"\t,', b'"a, b@c.example'):
            for header in (b"Cc: " + copies, b"To: " + copies):
                with self.subTest(header=header):
                    ticket = self._receive_bytes(header + b"\r\n")
                    self.assertEqual(len(ticket), 1)
        to = f'"broken <{self.alias}>, ('
        self.assertEqual(len(self._receive_bytes(to=to)), 1)

    # === GUESSES === #

    def test_address_of_two_companies_is_nobodys(self):
        self.contact_b.email = self.contact_a.email
        ticket = self._receive_bytes()
        self.assertFalse(ticket.partner_id)
        self.assertEqual(ticket.partner_email, "alice@alpha.example")
        by_call = self.env["helpdesk.ticket"].with_user(self.agent)
        by_call = by_call.create({"name": "x", "partner_email": "alice@alpha.example"})
        self.assertFalse(by_call.partner_id)

    # === MAIL OF A STAGE === #

    def test_mail_that_cannot_be_rendered_stops_nothing(self):
        template = self.env["mail.template"].create(
            {
                "name": "Broken",
                "model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                "subject": "{{ object.name[3] }}",
                "body_html": "<p>Hello</p>",
            }
        )
        self.stage_new.template_id = template
        with mute_logger(STAGES, "odoo.addons.mail.models.mail_render_mixin"):
            ticket = self._receive_bytes(b"Subject: x\r\n")
        self.assertEqual(len(ticket), 1)
        self.assertIn("could not be sent", " ".join(ticket.message_ids.mapped("body")))

    def test_template_of_another_model(self):
        template = self.env["mail.template"].create(
            {"name": "Other", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        with self.assertRaisesRegex(ValidationError, "not made for tickets"):
            self.stage_new.template_id = template

    def test_style_of_the_sender(self):
        html = b'<div style="position:fixed; width:100vw">x</div>'
        ticket = self._receive_bytes(rest=b"Content-Type: text/html\r\n\r\n" + html)
        self.assertNotIn("position", ticket.description)

    # === PEOPLE === #

    def test_tickets_of_a_leaver_come_back(self):
        closed = self.team.stage_ids.filtered("fold")[:1]
        mine = self.env["helpdesk.ticket"].create(
            [
                {"name": "Open", "team_id": self.team.id, "user_id": self.agent.id},
                {
                    "name": "Closed",
                    "team_id": self.team.id,
                    "user_id": self.agent.id,
                    "stage_id": closed.id,
                },
            ]
        )
        self.team.assign_method = "manual"
        self.agent.active = False
        self.assertFalse(mine[0].user_id)
        self.assertEqual(mine[1].user_id, self.agent)
        self.team.write({"assign_method": "balanced", "member_ids": self.agent_2.ids})
        mine[0].user_id = self.outsider
        self.outsider.active = False
        self.assertEqual(mine[0].user_id, self.agent_2)
