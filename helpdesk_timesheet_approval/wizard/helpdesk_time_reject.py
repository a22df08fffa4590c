from odoo import fields, models


class HelpdeskTimeReject(models.TransientModel):
    """Ask why time is rejected."""

    _name = "helpdesk.time.reject"
    _description = "Reject Time"
    _inherit = ["helpdesk.input.mixin"]

    line_ids = fields.Many2many("account.analytic.line", string="Time", required=True)
    reason = fields.Char(required=True, help="Whoever recorded the time reads it.")

    # === ACTION METHODS === #

    def action_reject(self):
        """Reject the lines, see ``action_reject`` of the time.

        :return: an action that closes the form
        :rtype: dict
        """
        self.ensure_one()
        self.line_ids.action_reject(self.reason)
        return {"type": "ir.actions.act_window_close"}
