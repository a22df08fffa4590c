{
    "name": "Helpdesk SLA by Contract",
    "version": "19.0.3.0.0",
    "category": "Services/Helpdesk",
    "sequence": 113,
    "summary": "Promises for tickets whose sales order item is of some product",
    "author": "Helpdesk Billing contributors",
    "license": "LGPL-3",
    "depends": ["helpdesk_sla", "helpdesk_timesheet_reinvoice"],
    "data": ["views/helpdesk_sla_views.xml"],
    "auto_install": True,
}
