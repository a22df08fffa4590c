{
    "name": "Helpdesk Timer",
    "version": "19.0.3.0.0",
    "category": "Services/Helpdesk",
    "sequence": 117,
    "summary": "Start, pause and stop on tickets; time recorded with the answer",
    "author": "Helpdesk Billing contributors",
    "license": "LGPL-3",
    "depends": ["helpdesk_timesheet_reinvoice"],
    "data": [
        "security/ir.model.access.csv",
        "security/helpdesk_timer_security.xml",
        "views/account_analytic_line_views.xml",
        "views/helpdesk_team_views.xml",
        "views/helpdesk_ticket_views.xml",
        "views/helpdesk_timer_views.xml",
        "wizard/mail_compose_message_views.xml",
    ],
    "demo": [
        "demo/helpdesk_timer_demo.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "helpdesk_timer/static/src/**/*",
        ],
    },
}
