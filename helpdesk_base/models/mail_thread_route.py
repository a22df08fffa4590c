import logging

from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import email_normalize, email_split
from odoo.tools.mail import email_split_and_format

from ..tools import read_header

_logger = logging.getLogger(__name__)

_AUTOREPLY_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")


class MailThread(models.AbstractModel):
    """Where mail for teams goes."""

    _inherit = "mail.thread"

    @api.model
    def message_route(
        self, message, message_dict, model=None, thread_id=None, custom_values=None
    ):
        self._add_untagged_recipients(message_dict)
        routes = super().message_route(
            message, message_dict, model, thread_id, custom_values
        )
        if not any(route[0] == "helpdesk.ticket" for route in routes or ()):
            return routes
        if self._is_automatic_answer(message, message_dict):
            self._log_automatic_answer(message_dict, routes)
            return [route for route in routes if route[0] != "helpdesk.ticket"]
        routes = [self._route_by_subject(message_dict, route) for route in routes]
        if any(self._opens_ticket(route) for route in routes):
            self._take_reply_to(message, message_dict)
        return [
            route
            for route in routes
            if not self._answer_for_archived_team(message, message_dict, route)
        ]

    @api.model
    def _opens_ticket(self, route):
        """Whether a route of the gateway makes a new ticket."""
        return route[0] == "helpdesk.ticket" and not route[1]

    @api.model
    def _route_by_subject(self, message_dict, route):
        """A mail that names a ticket of its sender in the subject belongs there, also
        when the sender's program lost what tells the thread.

        :param dict message_dict: the parsed values of the mail
        :param tuple route: model, thread, values, user and alias, see ``message_route``
        :rtype: tuple
        """
        if not self._opens_ticket(route):
            return route
        ticket = self.env["helpdesk.ticket"]._find_named_in_subject(
            message_dict, route[2]
        )
        if not ticket:
            return route
        return (route[0], ticket.id, *route[2:])

    @api.model
    def _take_reply_to(self, message, message_dict):
        """The customer of a web form's mail is whom its sender wants answered
        (``Reply-To``, RFC 5322 3.6.2), not the machine that sent it. A mailing list
        names itself there: that is nobody's customer.

        :param message: the ``email.message.EmailMessage``
        :param dict message_dict: its parsed values, changed in place
        """
        if message.get("List-Id"):
            return
        sender = email_normalize(message_dict.get("email_from"))
        for reply_to in email_split_and_format(read_header(message, "Reply-To")):
            email = email_normalize(reply_to)
            if not email or email == sender or self._is_own_address(email):
                continue
            contact = self._partner_find_from_emails_single([reply_to], no_create=True)
            message_dict.update(email_from=reply_to, author_id=contact.id)
            return

    @api.model
    def _answer_for_archived_team(self, message, message_dict, route):
        """Nobody looks at an archived team: its address says so to who writes there,
        and the team says who wrote.

        :param message: the ``email.message.EmailMessage``
        :param dict message_dict: its parsed values
        :param tuple route: see :meth:`_route_by_subject`
        :return: whether the mail was answered, and makes no ticket
        :rtype: bool
        """
        if not self._opens_ticket(route):
            return False
        team_id = (route[2] or {}).get("team_id")
        team = self.env["helpdesk.team"].sudo().browse(team_id or [])
        if not team or team.active:
            return False
        body = self.env._(
            "Your message to %(address)s was not taken: this address is not in use any "
            "more. Please write to %(company)s another way.",
            address=team.alias_email,
            company=team.company_id.email_formatted or team.company_id.name,
        )
        self._routing_create_bounce_email(
            message_dict["email_from"],
            Markup("<p>%s</p>") % body,
            message,
            references=message_dict["message_id"],
        )
        team._note_mail_not_taken(message_dict)
        return True

    @api.model
    def _is_automatic_answer(self, message, message_dict):
        """Tell whether a machine answered: out-of-office notes, receipts, echoes.

        RFC 3834 asks automatic responders to say so in ``Auto-Submitted`` and never
        to answer one another. Monitoring systems mark their alerts as
        ``auto-generated``: those are welcome as tickets unless they answer a mail.

        :param message: the ``email.message.EmailMessage``
        :param dict message_dict: its parsed values
        :rtype: bool
        """
        submitted = str(message.get("Auto-Submitted") or "no").strip().lower()
        is_answer = bool(message_dict["in_reply_to"] or message_dict["references"])
        if submitted.startswith("auto-replied") or (submitted != "no" and is_answer):
            return True
        if str(message.get("Precedence") or "").strip().lower() == "auto_reply":
            return True
        if any(message.get(header) for header in _AUTOREPLY_HEADERS):
            return True
        if str(message.get("Return-Path") or "").strip() == "<>":
            return True
        # contacts are never looked up by the address of an alias
        sender = email_normalize(message_dict["email_from"])
        return (
            bool(sender)
            and not message_dict.get("author_id")
            and self._is_own_address(sender)
        )

    @api.model
    def _add_untagged_recipients(self, message_dict):
        """Mail to ``support+tag@`` a team is mail to ``support@`` (RFC 5233)."""
        recipients = message_dict.get("recipients") or ""
        for plain in self._find_untagged_aliases(email_split(recipients)).values():
            message_dict["recipients"] += f",{plain}"

    @api.model
    def _find_untagged_aliases(self, emails):
        """Addresses of teams that tagged addresses stand for, in one query.

        :param emails: plain addresses, or False
        :return: the team's address by the tagged one
        :rtype: dict
        """
        plain = {}
        for email in filter(None, emails):
            local, _at, domain = email.lower().rpartition("@")
            if "+" in local:
                plain[email] = f"{local.partition('+')[0]}@{domain}"
        if not plain:
            return {}
        aliases = self.env["mail.alias"].sudo()
        aliases = aliases.search_fetch(
            [
                ("alias_full_name", "in", list(set(plain.values()))),
                ("alias_model_id.model", "=", "helpdesk.ticket"),
            ],
            ["alias_full_name"],
        )
        known = set(aliases.mapped("alias_full_name"))
        return {email: alias for email, alias in plain.items() if alias in known}

    @api.model
    def _is_own_address(self, email):
        """Whether the address is a team's own, or one from which Odoo itself writes or
        to which it is answered: it would answer itself for ever.

        :param str email: a normalized address
        :rtype: bool
        """
        teams = Domain("alias_model_id.model", "=", "helpdesk.ticket")
        return bool(self._find_own_addresses([email], teams))

    @api.model
    def _find_own_addresses(self, emails, aliases=Domain.TRUE):
        """Those addresses that lead to this database, in two queries.

        :param emails: normalized addresses
        :param Domain aliases: which ``mail.alias`` records count
        :rtype: set[str]
        """
        emails = set(filter(None, emails))
        own = set()
        hosts = list({email.rpartition("@")[2] for email in emails})
        domains = (
            self.env["mail.alias.domain"]
            .sudo()
            .search(
                Domain("name", "in", hosts) | Domain("default_from", "in", list(emails))
            )
        )
        for name in ("bounce_email", "catchall_email", "default_from_email"):
            own |= emails & set(domains.mapped(name))
        found = self.env["mail.alias"].sudo()
        found = found.search_fetch(
            Domain("alias_full_name", "in", list(emails)) & aliases, ["alias_full_name"]
        )
        return own | set(found.mapped("alias_full_name"))

    @api.model
    def _log_automatic_answer(self, message_dict, routes):
        """Keep the answer as a silent note on its ticket; nobody is notified."""
        for model, thread_id, *_rest in routes:
            if model != "helpdesk.ticket" or not thread_id:
                continue
            self.env[model].sudo().browse(thread_id)._message_log(
                body=message_dict.get("body") or "",
                subject=message_dict.get("subject"),
                author_id=message_dict.get("author_id"),
                email_from=message_dict.get("email_from"),
            )
        _logger.info(
            "Automatic answer from %s to %s with Message-Id %s: no ticket made",
            message_dict.get("email_from"),
            message_dict.get("to"),
            message_dict.get("message_id"),
        )
