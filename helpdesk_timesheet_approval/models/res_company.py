from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "helpdesk.gate"]
    # What is looked at here before stock looks at it.
    _lock_values = frozenset({"helpdesk_lock_date", "helpdesk_lock_grace_days"})

    helpdesk_lock_date = fields.Date(
        string="Time Closed until",
        help="Time up to this day, inclusive, is neither recorded nor changed any more.",
    )
    helpdesk_lock_grace_days = fields.Integer(
        string="Days of Grace",
        help="So many days after that day, its period may still be completed.",
    )
    helpdesk_lock_before = fields.Date(
        export_string_translation=False,
        help="What was closed before the day above, and stays so during its grace.",
    )
    helpdesk_lock_all_time = fields.Boolean(
        string="Close All Timesheets",
        help="Close the time of projects, too, and not that of tickets only.",
    )
    helpdesk_approve_others = fields.Boolean(
        string="Nobody Approves Own Time",
        help="Who approves time leaves the own to a colleague.",
    )

    # === CRUD METHODS === #

    def write(self, vals):
        """A period that was closed stays so during the grace of the next."""
        given = self._lock_values & vals.keys()
        vals = {**vals, **{name: self._clean_value(name, vals[name]) for name in given}}
        if vals.get("helpdesk_lock_grace_days", 0) < 0:
            raise ValidationError(self.env._("Days of grace are 0 or more."))
        if "helpdesk_lock_date" in vals and "helpdesk_lock_before" not in vals:
            day = fields.Date.to_date(vals["helpdesk_lock_date"])
            for company in self:
                closed = company._get_helpdesk_lock_date()
                keeps = closed and day and closed < day
                company.helpdesk_lock_before = closed if keeps else False
        return super().write(vals)

    # === BUSINESS METHODS === #

    def _get_helpdesk_lock_date(self):
        """Last day on which time is closed today, all grace considered.

        :rtype: date | bool
        """
        self.ensure_one()
        day = self.helpdesk_lock_date
        if not day:
            return False
        days = self.helpdesk_lock_grace_days
        if days and fields.Date.context_today(self) <= day + timedelta(days=days):
            return self.helpdesk_lock_before
        return day
