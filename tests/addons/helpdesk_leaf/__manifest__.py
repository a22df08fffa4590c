{
    "name": "Leaf",
    "version": "19.0.1.0.0",
    "summary": "Proof: a capability is added without touching a file of the house",
    "author": "Helpdesk Billing contributors",
    "license": "LGPL-3",
    "depends": ["helpdesk_timesheet_reinvoice"],
    "data": ["views/helpdesk_views.xml"],
}
