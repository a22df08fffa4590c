import logging
from email.message import EmailMessage

from odoo import api, models
from odoo.tools import email_normalize, email_split

from ..tools import copy_readable, flatten_source, mend_message, read_bytes

_logger = logging.getLogger(__name__)

# A sender's name and address; longer ones are no address, but an attempt.
_MAX_SENDER = 1000
# How many characters of copied addresses a ticket keeps.
MAX_COPIES = 15_000

_AUTOREPLY_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_process(self, model, message, *args, **kwargs):
        """Take a mail whose parts are nested deeper than Python reads, too: its text is
        what it was sent as.

        :param str model: see the stock method, like all others
        :param message: source of the mail, ``bytes``, ``str`` or ``xmlrpc`` binary
        :return: as the stock method
        """
        try:
            return super().message_process(model, message, *args, **kwargs)
        except RecursionError:
            _logger.info("A mail is nested too deep: its source is taken as text.")
        flat = flatten_source(getattr(message, "data", message))
        return super().message_process(model, flat, *args, **kwargs)

    @api.model
    def message_parse(self, message, save_original=False):
        """Take what can be read of a mail: none is refused for what it contains. Where
        something had to be guessed or cut, the mail itself is attached.

        :param message: the ``email.message.EmailMessage``
        :param bool save_original: whether to attach the mail in any case
        :return: values as the stock method gives them
        :rtype: dict
        """
        if not isinstance(message, EmailMessage):
            return super().message_parse(message, save_original=save_original)
        original = read_bytes(message)
        guessed = mend_message(message)
        try:
            values = super().message_parse(message, save_original=save_original)
        except Exception:  # noqa: BLE001 pylint: disable=broad-except
            _logger.info("A mail was read as plain text.", exc_info=True)
            guessed = True
            values = super().message_parse(copy_readable(message))
        return self._fit_mail_values(values, original, guessed, save_original)

    @api.model
    def _fit_mail_values(self, values, original, guessed, save_original):
        """Leave out of the values of a mail what the database cannot take.

        :param dict values: as parsed
        :param bytes original: the mail as it came
        :param bool guessed: whether its content had to be guessed already
        :param bool save_original: whether it is attached already
        :rtype: dict
        """
        for name, value in values.items():
            if isinstance(value, str) and "\x00" in value:
                values[name] = value.replace("\x00", "")
        for name in ("email_from", "from"):
            sender = values.get(name) or ""
            if len(sender) > _MAX_SENDER:
                guessed = True
                values[name] = sender[:_MAX_SENDER]
        copies = (values.get("to") or "", values.get("cc") or "")
        if sum(map(len, copies)) > MAX_COPIES:
            guessed = True
        if guessed and not save_original:
            values["attachments"] = [
                *(values.get("attachments") or []),
                self._Attachment("original_email.eml", original, {}),
            ]
        return values

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
        return routes

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
            and self._is_helpdesk_alias(sender)
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
    def _is_helpdesk_alias(self, email):
        """Whether the address is a team's own: it would answer itself for ever."""
        return bool(
            self.env["mail.alias"]
            .sudo()
            .search_count(
                [
                    ("alias_full_name", "=", email),
                    ("alias_model_id.model", "=", "helpdesk.ticket"),
                ],
                limit=1,
            )
        )

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
