from odoo import api, fields, models


class TimesheetsAnalysisReport(models.Model):
    _inherit = "timesheets.analysis.report"

    # asked by the filter of the time lists, which this report shares
    billed_elsewhere = fields.Boolean(readonly=True)

    @api.model
    def _select(self):
        return super()._select() + ", A.billed_elsewhere AS billed_elsewhere"
