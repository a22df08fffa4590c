{
    "name": "Helpdesk Packs of Hours: Kinds of Work",
    "version": "19.0.3.0.0",
    "category": "Services/Helpdesk",
    "sequence": 120,
    "summary": "Which kinds of work a pack of hours serves",
    "author": "Helpdesk Billing contributors",
    "license": "LGPL-3",
    "depends": ["helpdesk_prepaid", "helpdesk_timesheet_charge"],
    "data": ["views/product_template_views.xml"],
    "auto_install": True,
}
