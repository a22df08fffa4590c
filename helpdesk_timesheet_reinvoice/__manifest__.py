{
    "name": "Helpdesk Time Reinvoicing",
    "version": "19.0.3.0.0",
    "category": "Services/Helpdesk",
    "sequence": 115,
    "summary": "Record time on tickets, bill it through sales orders",
    "author": "Helpdesk Billing contributors",
    "license": "LGPL-3",
    "depends": [
        "helpdesk_base",
        "sale_management",
        "sale_timesheet",
        "sale_timesheet_contention",
    ],
    "data": [
        "security/ir.model.access.csv",
        "security/account_analytic_line_security.xml",
        "security/helpdesk_ticket_security.xml",
        "report/report_timesheet_templates.xml",
        "report/timesheets_analysis_report_views.xml",
        "wizard/helpdesk_time_credit_views.xml",
        "views/account_analytic_line_views.xml",
        "views/account_analytic_line_invoice_views.xml",
        "views/helpdesk_team_views.xml",
        "views/helpdesk_ticket_views.xml",
        "views/project_project_views.xml",
        "views/project_task_views.xml",
        "views/sale_order_views.xml",
        "views/account_move_views.xml",
        "views/helpdesk_ticket_templates.xml",
        "views/res_config_settings_views.xml",
        "views/res_partner_views.xml",
        "views/timesheet_templates.xml",
    ],
    "demo": [
        "demo/helpdesk_timesheet_reinvoice_demo.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "helpdesk_timesheet_reinvoice/static/src/**/*",
        ],
        "web.assets_unit_tests": [
            "helpdesk_timesheet_reinvoice/static/tests/**/*.test.js",
        ],
        "web.assets_tests": [
            "helpdesk_timesheet_reinvoice/static/tests/tours/**/*",
        ],
    },
}
