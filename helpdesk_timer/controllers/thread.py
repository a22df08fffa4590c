from odoo import http
from odoo.http import request

from odoo.addons.mail.controllers.thread import ThreadController


class HelpdeskThreadController(ThreadController):
    """Time that is sent along with an answer."""

    @http.route()
    def mail_message_post(
        self, thread_model, thread_id, post_data, context=None, **kwargs
    ):
        """Record the time beside the answer with the answer: both, or none of them.

        :param dict kwargs: ``helpdesk_time`` holds what was entered, see
            ``action_log_time`` of the ticket
        """
        entry = kwargs.pop("helpdesk_time", None)
        if entry and thread_model == "helpdesk.ticket" and self._may_log_time():
            ticket = request.env[thread_model].browse(int(thread_id))
            ticket._log_entered_time(entry)
        return super().mail_message_post(
            thread_model, thread_id, post_data, context=context, **kwargs
        )

    def _may_log_time(self):
        return request.env.user._is_internal()
