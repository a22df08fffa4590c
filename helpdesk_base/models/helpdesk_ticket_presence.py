from odoo import models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

from ..tools.values import as_integer

# What somebody does on a ticket.
_STATES = ("viewing", "writing", "left")
_MAX_NEW = 5


class HelpdeskTicket(models.Model):
    """Who of the colleagues looks at a ticket or writes on it, told from screen to screen
    and stored nowhere; and what the customer wrote meanwhile."""

    _inherit = "helpdesk.ticket"

    # === ACTION METHODS === #

    def tell_presence(self, state):
        """Tell the colleagues who have this ticket open what the user does on it.

        :param str state: viewing, writing or left
        :return: True
        :raise ValidationError: if it is none of these
        :raise AccessError: for who may not read the ticket, and for customers
        """
        self.ensure_one()
        self._check_may_be_present()
        if not isinstance(state, str) or state not in _STATES:
            raise ValidationError(
                self.env._(
                    "Nobody can be that on a ticket. Choose one of %(states)s.",
                    states=", ".join(_STATES),
                )
            )
        user = self.env.user
        self.env["bus.bus"]._sendone(
            (self, "presence"),
            "helpdesk.ticket/presence",
            {
                "ticket_id": self.id,
                "user_id": user.id,
                "name": user.name,
                "state": state,
            },
        )
        return True

    def get_unseen_answers(self, last_message_id):
        """What somebody outside wrote after a message, so that an answer is not sent
        past it. A question of screens: it stops no call that sends.

        :param int last_message_id: the last message that is known
        :return: for each message, newest first, its ``id``, ``author`` and ``preview``
        :rtype: list[dict]
        :raise ValidationError: if it is no whole number
        :raise AccessError: for who may not read the ticket, and for customers
        """
        self.ensure_one()
        self._check_may_be_present()
        try:
            last = as_integer(last_message_id or 0)
        except (OverflowError, TypeError, ValueError):
            raise ValidationError(
                self.env._("The last message must be given as a whole number.")
            ) from None
        messages = self.env["mail.message"].sudo()
        messages = messages.search(
            self._domain_public_messages()
            & Domain("res_id", "=", self.id)
            & Domain("id", ">", last),
            order="id desc",
            limit=_MAX_NEW,
        )
        return [
            {
                "id": message.id,
                "author": message.author_id.name or message.email_from or "",
                "preview": message.preview or "",
            }
            for message in messages
            if not self._is_ours(message)
        ]

    # === BUSINESS METHODS === #

    def _check_may_be_present(self):
        """
        :raise AccessError: for who may not read the ticket, and for customers
        """
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Only the team sees who is on a ticket."))
        self.check_access("read")
