import logging
from email.message import EmailMessage

from odoo import api, models

from ..tools import (
    clean_text,
    copy_readable,
    find_forwarded,
    flatten_source,
    fold_forwarded,
    mend_message,
    read_bytes,
    read_header,
    read_recipients,
)

_logger = logging.getLogger(__name__)

# A sender's name and address; longer ones are no address, but an attempt.
_MAX_SENDER = 1000
# A longer subject is cut.
MAX_SUBJECT = 500
# How many characters of copied addresses a ticket keeps.
MAX_COPIES = 15_000


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
        forwarded = find_forwarded(message)
        if forwarded and not self._detect_is_bounce(
            message, self._read_addresses(message)
        ):
            fold_forwarded(forwarded)
        try:
            values = super().message_parse(message, save_original=save_original)
        except Exception:  # noqa: BLE001 pylint: disable=broad-except
            _logger.info("A mail was read as plain text.", exc_info=True)
            guessed = True
            values = super().message_parse(copy_readable(message))
        # stock joins all of them, in any order, before it splits them
        values["recipients"] = ",".join(read_recipients(message))
        return self._fit_mail_values(values, original, guessed, save_original)

    @api.model
    def _read_addresses(self, message):
        """What tells a bounce, of a mail that is not parsed yet."""
        return {
            "to": read_header(message, "To"),
            "email_from": read_header(message, "From"),
        }

    @api.model
    def _fit_attachment(self, fname, content, info):
        """What a mail carries, as bytes: stock cannot write all that it can read."""
        if isinstance(content, EmailMessage):
            content = read_bytes(content)
        elif isinstance(content, str):
            content = clean_text(content, keep_nul=True)
        return self._Attachment(clean_text(str(fname)), content, info)

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
            if isinstance(value, str):
                values[name] = clean_text(value)
        values["attachments"] = [
            self._fit_attachment(*attachment)
            for attachment in values.get("attachments") or []
        ]
        for name in ("email_from", "from"):
            sender = values.get(name) or ""
            if len(sender) > _MAX_SENDER:
                guessed = True
                values[name] = sender[:_MAX_SENDER]
        if len(values.get("subject") or "") > MAX_SUBJECT:
            guessed = True
        copies = (values.get("to") or "", values.get("cc") or "")
        if sum(map(len, copies)) > MAX_COPIES:
            guessed = True
        if guessed and not save_original:
            values["attachments"] = [
                *(values.get("attachments") or []),
                self._Attachment("original_email.eml", original, {}),
            ]
        return values
