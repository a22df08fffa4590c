{
    "name": "Quick Passwords",
    "summary": "Loaded by the servers of the tests, never installed",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "author": "Helpdesk Billing contributors",
    "category": "Hidden",
    "depends": ["base"],
}
