import re

from odoo import api, models

_CHANNEL = re.compile(r"helpdesk\.ticket_presence:(\d{1,10})")
_MAX_ID = 2**31 - 1


class IrWebsocket(models.AbstractModel):
    """Whoever reads a ticket may hear who else has it open."""

    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        channels = [*channels, *self._get_presence_channels(channels)]
        return super()._build_bus_channel_list(channels)

    @api.model
    def _get_presence_channels(self, channels):
        """Channels of the tickets whose names a client sent, as far as its user may
        read them.

        :param list channels: what the client sent
        :return: pairs of a ``helpdesk.ticket`` and the name of the channel
        :rtype: list[tuple]
        """
        matches = [_CHANNEL.fullmatch(c) for c in channels if isinstance(c, str)]
        ids = [int(match[1]) for match in matches if match]
        if not ids or not self.env.user._is_internal():
            return []
        tickets = self.env["helpdesk.ticket"]
        if not tickets.has_access("read"):
            return []
        tickets = tickets.with_context(active_test=False)
        ids = [ticket_id for ticket_id in ids if ticket_id <= _MAX_ID]
        return [(ticket, "presence") for ticket in tickets.search([("id", "in", ids)])]
