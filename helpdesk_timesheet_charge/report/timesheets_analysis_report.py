from odoo import api, fields, models


class TimesheetsAnalysisReport(models.Model):
    _inherit = "timesheets.analysis.report"

    work_type_id = fields.Many2one(
        comodel_name="helpdesk.work.type", string="Kind of Work", readonly=True
    )
    billable_hours = fields.Float(string="Hours to Bill", readonly=True)
    hours_added = fields.Float(
        string="Added by Rules",
        readonly=True,
        help="Hours that factors, steps and minimums add to those that were worked.",
    )
    hours_written_off = fields.Float(string="Written Off", readonly=True)
    # asked by filters of the time lists, which this report shares
    so_line_rule = fields.Char(readonly=True, export_string_translation=False)
    waits_for_text = fields.Boolean(readonly=True, export_string_translation=False)

    @api.model
    def _select(self):
        return (
            super()._select()
            + """,
            A.work_type_id AS work_type_id,
            A.so_line_rule AS so_line_rule,
            A.waits_for_text AS waits_for_text,
            CASE WHEN A.so_line IS NOT NULL THEN A.billable_hours END AS billable_hours,
            CASE WHEN A.so_line IS NOT NULL AND kind.charge = 'bill' THEN
                A.billable_hours + COALESCE(A.hours_written_off, 0) - A.unit_amount
            END AS hours_added,
            CASE WHEN A.so_line IS NOT NULL THEN A.hours_written_off
            END AS hours_written_off
        """
        )

    @api.model
    def _from(self):
        return (
            super()._from()
            + " LEFT JOIN helpdesk_work_type kind ON kind.id = A.work_type_id"
        )
