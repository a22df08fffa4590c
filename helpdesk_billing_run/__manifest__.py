{
    "name": "Helpdesk Billing Runs",
    "version": "19.0.3.0.0",
    "category": "Services/Helpdesk",
    "sequence": 119,
    "summary": "Rehearse and run the month's invoices, see what is open and what leaks",
    "author": "Helpdesk Billing contributors",
    "license": "LGPL-3",
    "depends": ["helpdesk_timesheet_reinvoice"],
    "data": [
        "security/ir.model.access.csv",
        "security/helpdesk_billing_run_security.xml",
        "data/ir_cron_data.xml",
        "views/helpdesk_billing_run_line_views.xml",
        "views/helpdesk_billing_run_views.xml",
        "views/account_analytic_line_views.xml",
    ],
}
