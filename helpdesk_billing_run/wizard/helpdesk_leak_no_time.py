from odoo import fields, models


class HelpdeskLeakNoTime(models.TransientModel):
    """Ask why tickets need no time."""

    _name = "helpdesk.leak.no.time"
    _description = "No Time Needed"
    _inherit = ["helpdesk.input.mixin"]

    ticket_ids = fields.Many2many("helpdesk.ticket", string="Tickets", required=True)
    reason = fields.Char(required=True)

    # === ACTION METHODS === #

    def action_apply(self):
        """Note the reason on the tickets, with the rights of the user.

        :return: True, which closes the window
        :rtype: bool
        :raise UserError: without a reason
        """
        self.ensure_one()
        self.ticket_ids._set_no_time_needed(self.reason)
        return True
