from odoo import models


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _get_template_email_from(self):
        """Sender of the stage mails: the team's address, else the company's.

        :return: formatted address
        :rtype: str
        """
        self.ensure_one()
        team = self.team_id.sudo()
        return team.alias_email or team.company_id.email_formatted or ""
