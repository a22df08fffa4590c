import logging

from odoo import api, models
from odoo.tools import email_normalize

_logger = logging.getLogger(__name__)

_AUTOREPLY_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_route(
        self, message, message_dict, model=None, thread_id=None, custom_values=None
    ):
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
