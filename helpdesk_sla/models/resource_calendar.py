from odoo import models
from odoo.exceptions import ValidationError


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    # === BUSINESS METHODS === #

    def _check_counts_for_sla(self):
        """A promise needs hours that begin and end.

        :raise ValidationError: for flexible hours, and for none at all
        """
        for calendar in self.sudo():
            if calendar.flexible_hours or not calendar.attendance_ids:
                raise ValidationError(
                    self.env._(
                        "“%(calendar)s” does not say when work begins and ends. Choose"
                        " working hours with fixed times.",
                        calendar=calendar.name,
                    )
                )
