{
    "name": "Helpdesk Time in Electronic Invoices",
    "version": "19.0.3.0.0",
    "category": "Services/Helpdesk",
    "sequence": 121,
    "summary": "The service period of each invoice line in UBL and Factur-X",
    "author": "Helpdesk Billing contributors",
    "license": "LGPL-3",
    "depends": ["account_edi_ubl_cii", "helpdesk_timesheet_reinvoice"],
    "auto_install": True,
}
