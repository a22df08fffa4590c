from odoo.addons.helpdesk_base.controllers.portal import HelpdeskCustomerPortal


class HelpdeskSlaPortal(HelpdeskCustomerPortal):
    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        return {**values, "promises": ticket._get_promises_for_customer()}
