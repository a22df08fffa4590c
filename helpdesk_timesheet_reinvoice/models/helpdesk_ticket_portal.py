from odoo import models
from odoo.fields import Domain


class HelpdeskTicket(models.Model):
    """What a customer sees of the time of a ticket."""

    _inherit = "helpdesk.ticket"

    def _shows_time_in_portal(self):
        """Tell whether the customer of the ticket sees its time.

        Meant for override by addons that let customers choose.

        :rtype: bool
        """
        self.ensure_one()
        team = self.sudo().team_id
        return team.use_helpdesk_timesheet and team.portal_show_timesheets

    def _domain_portal_time(self):
        """Time of these tickets that belongs to the customer they have today.

        Time billed to a former customer stays on the ticket, and is nobody else's
        business.

        :rtype: Domain
        """
        domain = Domain.FALSE
        for customer, tickets in self.sudo().grouped("commercial_partner_id").items():
            own = Domain("helpdesk_commercial_partner_id", "=", customer.id)
            domain |= Domain("helpdesk_ticket_id", "in", tickets.ids) & own
        return domain & Domain("project_id", "!=", False)

    def _get_portal_timesheets(self):
        """Time to list on the portal page of the ticket, the newest first.

        :return: time lines with superuser rights; show date, person, description and
            hours of them, nothing else
        :rtype: account.analytic.line
        """
        self.ensure_one()
        Line = self.env["account.analytic.line"].sudo()
        if not self._shows_time_in_portal():
            return Line
        return Line.search(self._domain_portal_time(), order="date desc, id desc")

    def _read_portal_hours(self):
        """Hours to show in the portal's list of tickets, in one query.

        :return: hours by ticket id; tickets without time are missing
        :rtype: dict
        """
        if not self:
            return {}
        groups = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                self._domain_portal_time(), ["helpdesk_ticket_id"], ["unit_amount:sum"]
            )
        )
        return {ticket.id: hours for ticket, hours in groups}

    def _get_portal_pack(self):
        """Prepaid item whose remaining time the customer of the ticket sees.

        :return: a ``sale.order.line`` with superuser rights, empty for none
        :rtype: sale.order.line
        """
        self.ensure_one()
        item = self.sudo().sale_line_id
        shown = (
            self._shows_time_in_portal()
            and self.use_helpdesk_sale_timesheet
            and item.remaining_hours_available
        )
        return item if shown else item.browse()
