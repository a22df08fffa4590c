from odoo.addons.portal.controllers.portal import CustomerPortal


class HelpdeskPortal(CustomerPortal):
    pass
