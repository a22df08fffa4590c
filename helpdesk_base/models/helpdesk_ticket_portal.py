from odoo import models


class HelpdeskTicket(models.Model):
    """The page of a ticket in the portal, and the signed links that open it."""

    _inherit = "helpdesk.ticket"

    # === COMPUTE METHODS === #

    def _compute_access_url(self):
        super()._compute_access_url()
        for ticket in self:
            ticket.access_url = f"/my/ticket/{ticket.id}"

    # === BUSINESS METHODS === #

    def _get_thread_with_access(self, thread_id, **kwargs):
        """A signed link opens no conversation whose page it does not open."""
        thread = super()._get_thread_with_access(thread_id, **kwargs)
        if thread and thread.env.su and not self.env.su and not thread._opens_by_link():
            return self.browse()
        return thread

    def _opens_by_link(self):
        """Tell whether signed links of this ticket work: page and answers alike.

        :rtype: bool
        """
        self.ensure_one()
        ticket = self.sudo()
        is_there = ticket.active or bool(ticket.merged_into_id)
        return is_there and ticket.team_id.privacy_visibility == "portal"

    def _withdraw_hidden_links(self):
        """Signed links stop working on tickets of teams that customers may not see."""
        self.sudo().filtered(
            lambda ticket: (
                ticket.access_token and ticket.team_id.privacy_visibility != "portal"
            )
        ).write({"access_token": False})
