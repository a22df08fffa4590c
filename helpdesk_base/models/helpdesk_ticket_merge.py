from odoo import models


class HelpdeskTicketMergeLogic(models.Model):
    _inherit = "helpdesk.ticket"
