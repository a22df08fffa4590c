from odoo import models


class ResPartner(models.Model):
    """How customers get the invoices of a billing run."""

    _inherit = "res.partner"

    def _get_invoice_unsent_reason(self, company):
        """Why the job cannot send an invoice to this address: it has no e-mail address,
        or wants another way.

        :param company: who sends
        :return: a sentence, or False where it can
        :rtype: str or bool
        """
        self.ensure_one()
        customer = self.commercial_partner_id.with_company(company)
        method = customer.invoice_sending_method or "email"
        if method == "manual":
            return self.env._(
                "%(customer)s wants no invoices by mail: send it by hand.",
                customer=self.display_name,
            )
        if method == "email" and not self.email:
            return self.env._(
                "%(customer)s has no e-mail address: enter one, or send the invoice "
                "another way.",
                customer=self.display_name,
            )
        return False
