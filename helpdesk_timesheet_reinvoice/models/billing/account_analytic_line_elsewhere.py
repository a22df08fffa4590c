from odoo import api, models
from odoo.fields import Domain


class AccountAnalyticLine(models.Model):
    """Time that somebody else has billed: it has no item, and nobody misses it."""

    _inherit = "account.analytic.line"

    # === WHAT BECAME OF TIME === #

    @api.model
    def _domain_billed_elsewhere(self):
        """Time without item that somebody else billed; it is ``covered``, not
        ``non_billable``. None by default; meant for override by addons that bring in
        such time.

        :rtype: Domain
        """
        return Domain.FALSE

    @api.model
    def _domain_time(self, fate):
        """See :meth:`_domain_billed_elsewhere`."""
        domain = super()._domain_time(fate)
        if fate == "covered":
            return domain | self._domain_billed_elsewhere()
        if fate == "non_billable":
            return domain & ~self._domain_billed_elsewhere()
        return domain

    @api.model
    def _read_billing_hours(self, domain, groupby):
        """Time that was billed elsewhere takes a query of its own, if there may be any."""
        result = super()._read_billing_hours(domain, groupby)
        elsewhere = domain & self._domain_billed_elsewhere()
        if elsewhere.is_false():
            return result
        sums = ["unit_amount:sum", "billable_hours:sum", "hours_written_off:sum"]
        for record, spent, hours, off in self.sudo()._read_group(
            elsewhere, [groupby], sums
        ):
            result[record.id]["non_billable"] += (off or 0.0) - spent
            result[record.id]["covered"] += hours
        return result
