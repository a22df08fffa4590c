from odoo import models

GROUPS = ("helpdesk_base.group_helpdesk_user", "hr_timesheet.group_hr_timesheet_user")


class IrHttp(models.AbstractModel):
    """The screen knows the timers of its user from the first moment."""

    _inherit = "ir.http"

    def session_info(self):
        """Who may start a timer gets a list of the own ones, which may be empty."""
        info = super().session_info()
        if all(self.env.user.has_group(group) for group in GROUPS):
            info["helpdesk_timers"] = self.env["helpdesk.timer"].get_timers()
        return info
