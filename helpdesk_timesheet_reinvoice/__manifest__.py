{
    "name": "Helpdesk Time Reinvoicing",
    "version": "19.0.1.0.0",
    "category": "Services/Helpdesk",
    "sequence": 115,
    "summary": "Record time on tickets, bill it through sales orders",
    "author": "Helpdesk Billing contributors",
    "license": "LGPL-3",
    "depends": ["helpdesk_base", "sale_management", "sale_timesheet"],
    "data": [
        "security/ir.model.access.csv",
        "security/helpdesk_ticket_security.xml",
        "data/ir_cron_data.xml",
        "views/account_analytic_line_views.xml",
        "views/helpdesk_team_views.xml",
        "views/helpdesk_ticket_views.xml",
        "views/project_project_views.xml",
        "views/project_task_views.xml",
        "views/sale_order_views.xml",
        "views/account_move_views.xml",
    ],
    "demo": [
        "demo/helpdesk_timesheet_reinvoice_demo.xml",
    ],
    "assets": {
        "web.assets_tests": [
            "helpdesk_timesheet_reinvoice/static/tests/tours/**/*",
        ],
    },
}
