{
    "name": "Timesheets on One Order Item at Once",
    "version": "19.0.3.0.0",
    "category": "Services/Timesheets",
    "summary": "Nobody is turned away when colleagues record time on the same item",
    "author": "Helpdesk Billing contributors",
    "license": "LGPL-3",
    "depends": ["sale_timesheet"],
    "data": [
        "security/ir.model.access.csv",
        "data/ir_cron_data.xml",
    ],
}
