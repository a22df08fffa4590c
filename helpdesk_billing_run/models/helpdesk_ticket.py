from odoo import api, fields, models
from odoo.exceptions import UserError


class HelpdeskTicket(models.Model):
    """Since when a ticket needs no time."""

    _inherit = "helpdesk.ticket"

    no_time_date = fields.Datetime(
        compute="_compute_no_time_date",
        store=True,
        groups="base.group_user",
        export_string_translation=False,
        help="When somebody said why there is no time: later answers are a leak again.",
    )

    # === COMPUTE METHODS === #

    @api.depends("close_without_time_reason")
    def _compute_no_time_date(self):
        now = fields.Datetime.now()
        for ticket in self:
            reason = (ticket.close_without_time_reason or "").strip()
            ticket.no_time_date = now if reason else False

    # === BUSINESS METHODS === #

    def _set_no_time_needed(self, reason):
        """Close the leak of tickets without time, until a colleague answers again.

        :param str reason: why there is none
        :raise UserError: without a reason
        """
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why no time is needed."))
        same = self.filtered(lambda ticket: ticket.close_without_time_reason == reason)
        if same:  # said again, after new answers
            same.check_access("write")
            same.sudo().no_time_date = fields.Datetime.now()
        (self - same).write({"close_without_time_reason": reason})
