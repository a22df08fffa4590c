from odoo import models
from odoo.tools import format_date

from .account_analytic_line import LateHours


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_ticket_description(self, group):
        """Late time is billed with its own day."""
        text = super()._get_ticket_description(group)
        late = [part for part in group.details if isinstance(part, LateHours)]
        if not late:
            return text
        return self.env._(
            "%(text)s, of which late: %(hours)s",
            text=text,
            hours=", ".join(
                self.env._(
                    "%(hours)s h of %(day)s",
                    hours=self._format_hours(part.hours),
                    day=format_date(self.env, part.day),
                )
                for part in sorted(late)
            ),
        )
