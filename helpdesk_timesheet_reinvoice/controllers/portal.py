from odoo.http import request

from odoo.addons.helpdesk_base.controllers.portal import HelpdeskCustomerPortal


class HelpdeskTimesheetCustomerPortal(HelpdeskCustomerPortal):
    """The time of a ticket, on its portal page and in the list of tickets."""

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        """Add the time of the ticket, and what is left of its pack, where the team
        shows them."""
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        timesheets = ticket._get_portal_timesheets()
        item = ticket._get_portal_pack()
        values.update(
            show_ticket_time=ticket._shows_time_in_portal(),
            ticket_timesheets=timesheets,
            ticket_hours=sum(timesheets.mapped("unit_amount")),
            ticket_pack=item,
            is_uom_day=timesheets._is_timesheet_encode_uom_day(),
        )
        return values

    def _prepare_my_tickets_values(self, *args, **kwargs):
        """Add the hours of the tickets on the page whose team shows them."""
        values = super()._prepare_my_tickets_values(*args, **kwargs)
        tickets = values["tickets"].filtered(
            lambda ticket: ticket._shows_time_in_portal()
        )
        values.update(
            show_ticket_hours=bool(tickets),
            ticket_hours=tickets._read_portal_hours(),
            is_uom_day=request.env[
                "account.analytic.line"
            ]._is_timesheet_encode_uom_day(),
        )
        return values
