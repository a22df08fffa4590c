{
    "name": "Helpdesk Moving In",
    "version": "19.0.3.0.0",
    "category": "Services/Helpdesk",
    "sequence": 121,
    "summary": "Tickets and their time come from another desk, and nobody is told",
    "author": "Helpdesk Billing contributors",
    "license": "LGPL-3",
    "depends": ["base_import", "helpdesk_timesheet_reinvoice"],
    "data": [
        "security/ir.model.access.csv",
        "security/helpdesk_migration_security.xml",
        "data/helpdesk_import_mapping_data.xml",
        "data/ir_cron_data.xml",
        "views/account_analytic_line_views.xml",
        "views/helpdesk_import_mapping_views.xml",
        "views/helpdesk_migration_views.xml",
    ],
}
