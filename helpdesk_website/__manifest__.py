{
    "name": "Helpdesk Website Form",
    "version": "19.0.3.0.0",
    "category": "Services/Helpdesk",
    "sequence": 112,
    "summary": "A public page for each team whose form makes a ticket, without a log-in",
    "author": "Helpdesk Billing contributors",
    "license": "LGPL-3",
    "depends": ["helpdesk_base", "website"],
    "data": [
        "data/mail_template_data.xml",
        "data/website_form_data.xml",
        "views/helpdesk_team_views.xml",
        "views/website_templates.xml",
    ],
    "demo": ["demo/helpdesk_website_demo.xml"],
    "uninstall_hook": "_close_form",
    "assets": {
        "web.assets_tests": ["helpdesk_website/static/tests/tours/**/*"],
        "web.assets_frontend": ["helpdesk_website/static/src/scss/*.scss"],
        "website.website_builder_assets": ["helpdesk_website/static/src/js/*.js"],
    },
}
