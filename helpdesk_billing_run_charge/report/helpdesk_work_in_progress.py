from odoo import fields, models
from odoo.tools import SQL


class HelpdeskWorkInProgress(models.Model):
    """Open time by kind of work."""

    _inherit = "helpdesk.work.in.progress"
    _depends = {
        "account.analytic.line": ["unit_amount", "work_type_id"],
    }

    work_type_id = fields.Many2one(
        comodel_name="helpdesk.work.type", string="Kind of Work", readonly=True
    )
    hours_worked = fields.Float(readonly=True)

    def _get_columns(self, kind):
        return {
            **super()._get_columns(kind),
            "work_type_id": SQL("entry.work_type_id"),
            "hours_worked": SQL("entry.unit_amount"),
        }
