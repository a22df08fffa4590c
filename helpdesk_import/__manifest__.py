{
    "name": "Helpdesk Moving In",
    "version": "19.0.3.0.0",
    "category": "Services/Helpdesk",
    "sequence": 121,
    "summary": "Tickets and their time come from another desk, by file, and nobody is told",
    "author": "Helpdesk Billing contributors",
    "license": "LGPL-3",
    "depends": ["base_import", "helpdesk_timesheet_reinvoice"],
    "data": ["views/account_analytic_line_views.xml"],
}
