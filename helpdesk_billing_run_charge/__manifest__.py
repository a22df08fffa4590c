{
    "name": "Helpdesk Billing Runs: Kinds of Work",
    "version": "19.0.3.0.0",
    "category": "Services/Helpdesk",
    "sequence": 120,
    "summary": "Work in progress by kind of work",
    "author": "Helpdesk Billing contributors",
    "license": "LGPL-3",
    "depends": ["helpdesk_billing_run", "helpdesk_timesheet_charge"],
    "data": ["report/helpdesk_work_in_progress_views.xml"],
    "auto_install": True,
}
