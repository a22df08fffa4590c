from odoo import models


class AccountEdiXmlUbl21(models.AbstractModel):
    """Lines of support say from when to when it was worked."""

    _inherit = "account.edi.xml.ubl_21"

    def _add_invoice_line_nodes(self, document_node, vals):
        periods = vals["invoice"]._get_line_periods()
        super()._add_invoice_line_nodes(
            document_node, {**vals, "helpdesk_periods": periods}
        )

    def _add_invoice_line_period_nodes(self, line_node, vals):
        """Unless somebody else has set one."""
        super()._add_invoice_line_period_nodes(line_node, vals)
        line = vals["base_line"].get("record")
        period = line and vals.get("helpdesk_periods", {}).get(line.id)
        is_invoice = vals["document_type"] in ("invoice", "credit_note")
        if period and is_invoice and not line_node.get("cac:InvoicePeriod"):
            line_node["cac:InvoicePeriod"] = {
                "cbc:StartDate": {"_text": period[0]},
                "cbc:EndDate": {"_text": period[1]},
            }
