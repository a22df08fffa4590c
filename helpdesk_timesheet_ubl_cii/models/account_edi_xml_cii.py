from odoo import models


class AccountEdiXmlCii(models.AbstractModel):
    """Lines of support say from when to when it was worked."""

    _inherit = "account.edi.xml.cii"

    def _export_invoice_vals(self, invoice):
        """The period of the document holds those of its lines."""
        vals = super()._export_invoice_vals(invoice)
        periods = invoice._get_line_periods()
        for line_vals in vals["invoice_line_vals_list"]:
            period = periods.get(line_vals["line"].id)
            if not period or line_vals.get("billing_start"):
                continue
            line_vals["billing_start"], line_vals["billing_end"] = period
            vals["billing_start"] = min(
                vals.get("billing_start") or period[0], period[0]
            )
            vals["billing_end"] = max(vals.get("billing_end") or period[1], period[1])
        return vals
