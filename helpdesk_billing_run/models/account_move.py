from odoo import models


class AccountMove(models.Model):
    """Invoices of a billing run."""

    _inherit = "account.move"

    def _send_by_run(self, user):
        """Have the stock job send these posted invoices, as it sends chosen ones.

        :param user: who is their author
        """
        self.sudo().sending_data = {
            "author_user_id": user.id,
            "author_partner_id": user.partner_id.id,
        }
        self.env.ref("account.ir_cron_account_move_send").sudo()._trigger()
