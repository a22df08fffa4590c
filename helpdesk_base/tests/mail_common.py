from email.message import EmailMessage
from email.utils import make_msgid

from odoo.addons.mail.tests.common import MailCase

from .common import HelpdeskCommon


class HelpdeskMailCommon(HelpdeskCommon, MailCase):
    """Helpdesk world with a mail gateway: real MIME in, recorded mails out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._init_mail_gateway()
        cls.team.write({"alias_name": "care"})
        cls.alias = cls.team.alias_email

    def _build_mail(self, sender="alice@alpha.example", to=None, **options):
        """An ``EmailMessage``; ``options``: subject, body, html, files, headers."""
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = to or self.alias
        mail["Subject"] = options.get("subject", "Help please")
        mail["Message-Id"] = options.get("message_id") or make_msgid()
        for name, value in options.get("headers", {}).items():
            mail[name] = value
        mail.set_content(options.get("body", "The oven stays cold."))
        if options.get("html"):
            mail.add_alternative(options["html"], subtype="html")
        for name, content in options.get("files", {}).items():
            mail.add_attachment(
                content, maintype="application", subtype="octet-stream", filename=name
            )
        return mail

    def _receive(self, *args, **options):
        """Let the gateway process a mail.

        :return: the tickets it made
        """
        Ticket = self.env["helpdesk.ticket"]
        last = Ticket.search([], order="id desc", limit=1).id
        mail = options.pop("mail", None) or self._build_mail(*args, **options)
        with self.mock_mail_gateway():
            self.env["mail.thread"].message_process(False, mail.as_bytes())
            self.flush_tracking()
        return Ticket.search([("id", ">", last)])

    def _answer(self, ticket, body="I am on it", **kwargs):
        """Post an answer of the agent to the customer."""
        with self.mock_mail_gateway():
            return ticket.with_user(self.agent).message_post(
                body=body,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                **kwargs,
            )
