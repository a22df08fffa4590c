{
    "name": "Helpdesk Time Statements",
    "version": "19.0.3.0.0",
    "category": "Services/Helpdesk",
    "sequence": 116,
    "summary": "What became of the hours of each order item, and whether it adds up",
    "author": "Helpdesk Billing contributors",
    "license": "LGPL-3",
    "depends": ["helpdesk_timesheet_reinvoice"],
    "data": [
        "security/ir.model.access.csv",
        "security/helpdesk_time_statement_security.xml",
        "report/helpdesk_time_statement_views.xml",
        "views/sale_order_views.xml",
    ],
    "assets": {
        "web.assets_tests": [
            "helpdesk_timesheet_statement/static/tests/tours/**/*",
        ],
    },
}
