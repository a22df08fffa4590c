from odoo import api, models
from odoo.exceptions import ValidationError


class HelpdeskCustomerMixin(models.AbstractModel):
    """The company of a document's customer, kept from when the customer was chosen.

    People change their employer, contacts are merged, departments become companies: work
    done for a company stays that company's. Only a person who chooses another customer
    on the document moves it; see also ``_follow_to_company`` of the contacts.
    """

    _name = "helpdesk.customer.mixin"
    _description = "Document of a Customer's Company"

    # Stored field of the model that holds the company, computed by
    # :meth:`_compute_customer_company`.
    _customer_company_field = "commercial_partner_id"

    # === COMPUTE METHODS === #

    @api.depends("partner_id")
    def _compute_customer_company(self):
        name = self._customer_company_field
        for document in self:
            origin = document._origin
            kept = not isinstance(document.id, int) and (
                origin.partner_id == document.partner_id._origin
            )
            # an open form shows what is kept while it names the same contact
            document[name] = (kept and origin[name]) or (
                document.partner_id.commercial_partner_id
            )

    # === CRUD METHODS === #

    def write(self, vals):
        """The same contact given once more, by an import say, is no choice."""
        name = self._customer_company_field
        given = not self.env.su and name in vals
        if given:
            company_id = vals[name]
            vals = {key: value for key, value in vals.items() if key != name}
        same = self.browse()
        if "partner_id" in vals:
            partner_id = vals["partner_id"] or False
            same = self.filtered(lambda document: document.partner_id.id == partner_id)
        with self.env.protecting([self._fields[name]], same):
            result = super().write(vals)
        if given:
            self._check_customer_company(company_id)
        return result

    # === BUSINESS METHODS === #

    def _check_customer_company(self, company_id):
        """Nobody gives a document to a company past the contact it follows from.

        :param company_id: id of the company that the documents should have
        :raise ValidationError: if one of them has another
        """
        if self.env.su:
            return
        field = self._fields[self._customer_company_field]
        if any(document[field.name].id != (company_id or False) for document in self):
            raise ValidationError(
                self.env._(
                    "“%(field)s” follows from “%(origin)s”. Change that instead.",
                    field=field._description_string(self.env),
                    origin=self._fields["partner_id"]._description_string(self.env),
                )
            )
