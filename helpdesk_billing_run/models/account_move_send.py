from odoo import models

WORK_REPORT = "sale_timesheet.timesheet_report_account_move"


class AccountMoveSend(models.AbstractModel):
    """The work report goes along with invoices of time, in the customer's language."""

    _inherit = "account.move.send"

    def _get_placeholder_mail_template_dynamic_attachments_data(
        self, move, mail_template, pdf_report=None
    ):
        """With the work report where the run wants it, or the mail template; but never
        for an invoice without time."""
        result = super()._get_placeholder_mail_template_dynamic_attachments_data(
            move, mail_template, pdf_report=pdf_report
        )
        report = self.env.ref(WORK_REPORT)
        others = [
            data for data in result if data["dynamic_report"] != report.report_name
        ]
        if not move.sudo().timesheet_ids:
            return others
        is_wanted = (move.sending_data or {}).get("helpdesk_work_report")
        if others != result or not is_wanted:
            return result
        return [*result, self._get_work_report_data(move, report, pdf_report)]

    def _get_work_report_data(self, move, report, pdf_report):
        """The work report of an invoice as an attachment to be made.

        :rtype: dict
        """
        pdf_report = pdf_report or self._get_default_pdf_report_id(move)
        lang = move.partner_id.lang or self.env.lang
        name = (
            f"{report.with_context(lang=lang).name} "
            f"{move._get_invoice_report_filename(report=pdf_report)}"
        )
        return {
            "id": f"placeholder_{name}",
            "name": name,
            "mimetype": "application/pdf",
            "placeholder": True,
            "dynamic_report": report.report_name,
        }

    def _generate_dynamic_reports(self, moves_data):
        """In the language of each customer: reports that name none, as the work report,
        would come in that of the job."""
        for move, data in moves_data.items():
            lang = move.partner_id.lang or self.env.lang
            sender = self.with_context(lang=lang)
            super(AccountMoveSend, sender)._generate_dynamic_reports({move: data})
