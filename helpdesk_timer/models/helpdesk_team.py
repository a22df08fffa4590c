from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HelpdeskTeam(models.Model):
    """How long a timer may run before its person is asked."""

    _inherit = "helpdesk.team"

    timer_limit_hours = fields.Float(
        string="Timer Limit",
        default=10.0,
        help="A timer that runs longer was forgotten: its person is asked how long the "
        "work took, and what was measured is never recorded by itself. Zero for no limit.",
    )

    @api.constrains("timer_limit_hours")
    def _check_timer_limit_hours(self):
        for team in self:
            if not 0 <= team.timer_limit_hours <= 24:
                raise ValidationError(
                    self.env._(
                        "A timer is asked about after 24 hours at most; zero is no limit."
                    )
                )
