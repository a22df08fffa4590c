from odoo import fields, models


class AccountAnalyticLine(models.Model):
    """What was measured stays beside what was entered."""

    _inherit = "account.analytic.line"

    timer_hours = fields.Float(
        string="Measured",
        readonly=True,
        copy=False,
        help="Hours that the timer measured. Time Spent is what the person entered when "
        "the timer was stopped.",
    )

    def _get_ruled_fields(self):
        """What the timer measured is written by the timer."""
        return super()._get_ruled_fields() | {"timer_hours"}

    def _get_ruled_reason(self, names):
        if names != {"timer_hours"}:
            return super()._get_ruled_reason(names)
        return self.env._(
            "What the timer measured cannot be written. Change the time spent instead."
        )
