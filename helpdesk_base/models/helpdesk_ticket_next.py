from odoo import api, models
from odoo.fields import Domain

# As many are gone through from one ticket to the next.
_LOOK_AHEAD = 100


class HelpdeskTicket(models.Model):
    """What an agent does next."""

    _inherit = "helpdesk.ticket"

    # === ACTION METHODS === #

    def action_next_ticket(self):
        """Open the ticket that the user does next: of the own open ones, then of those
        that nobody has in the user's teams, by :meth:`_get_next_order`. Snoozed and
        blocked ones are passed over, and those that wait for their customer.

        Called on a ticket, the one after it opens, so that it can be passed over, too.

        :return: a window action on ``helpdesk.ticket``, or a notification that nothing
            is left to do
        :rtype: dict
        """
        ticket = self._find_next()
        if not ticket:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "success",
                    "message": self.env._(
                        "Nothing is left to do: all your tickets wait for somebody else."
                    ),
                },
            }
        return {
            "type": "ir.actions.act_window",
            "name": ticket.display_name,
            "res_model": self._name,
            "res_id": ticket.id,
            "views": [[False, "form"]],
        }

    # === HOOKS === #

    @api.model
    def _get_next_order(self):
        """In which order tickets are done: what is most urgent first, then the oldest.
        Meant for override by addons that know a deadline, which comes before it.

        :return: an order of stored fields
        :rtype: str
        """
        return "priority desc, create_date, id"

    @api.model
    def _domain_next(self):
        """Tickets somebody could go on with now. Meant for override by addons that know
        of others that wait.

        :rtype: odoo.fields.Domain
        """
        return (
            Domain("is_closed", "=", False)
            & Domain("kanban_state", "!=", "blocked")
            & Domain("is_snoozed", "!=", True)
            & Domain("waiting_since", "=", False)
        )

    # === BUSINESS METHODS === #

    def _find_next(self):
        """See :meth:`action_next_ticket`.

        :rtype: helpdesk.ticket
        """
        queue = self._read_queue()
        if self and self[0] in queue:
            place = queue.ids.index(self[0].id)
            queue = queue[place + 1 :] | queue[:place]
        return (queue - self)[:1]

    @api.model
    def _read_queue(self):
        """What the user could do now, in its order.

        :rtype: helpdesk.ticket
        """
        order = self._get_next_order()
        own = Domain("user_id", "=", self.env.uid)
        free = Domain("user_id", "=", False)
        free &= Domain("team_id.member_ids", "in", self.env.uid)
        queue = self.browse()
        for domain in (own, free):
            queue |= self.search(
                domain & self._domain_next(), order=order, limit=_LOOK_AHEAD
            )
        return queue
