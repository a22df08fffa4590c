from odoo.http import request

from odoo.addons.hr_timesheet.controllers.portal import TimesheetCustomerPortal


class HelpdeskTimesheetPortal(TimesheetCustomerPortal):
    """The ticket in the list of timesheets, which is the list of an order and of an
    invoice, too."""

    def _get_searchbar_inputs(self):
        _ = request.env._
        return super()._get_searchbar_inputs() | {
            "helpdesk_ticket_id": {
                "input": "helpdesk_ticket_id",
                "label": _("Search in Ticket"),
                "sequence": 45,
            },
        }

    def _get_searchbar_groupby(self):
        _ = request.env._
        return super()._get_searchbar_groupby() | {
            "helpdesk_ticket_id": {"label": _("Ticket"), "sequence": 55},
        }

    def _get_searchbar_sortings(self):
        _ = request.env._
        return super()._get_searchbar_sortings() | {
            "helpdesk_ticket_id": {"label": _("Ticket")},
        }
