from odoo import models


class AccountMove(models.Model):
    """Invoices of a billing run."""

    _inherit = "account.move"

    def _get_unsent_reason(self):
        """Why the job cannot send this invoice, see ``res.partner``.

        :rtype: str or bool
        """
        return self.partner_id._get_invoice_unsent_reason(self.company_id)

    def _send_by_run(self, run):
        """Have the stock job send these posted invoices, as it sends chosen ones; not
        those of customers that get none by mail.

        :param run: the ``helpdesk.billing.run`` that made them
        """
        invoices = self.sudo().filtered(lambda move: not move._get_unsent_reason())
        if not invoices:
            return
        invoices.sending_data = {
            "author_user_id": run.user_id.id,
            "author_partner_id": run.user_id.partner_id.id,
            "helpdesk_work_report": run.attach_work_report,
        }
        self.env.ref("account.ir_cron_account_move_send").sudo()._trigger()
