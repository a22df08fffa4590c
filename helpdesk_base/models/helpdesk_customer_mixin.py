from odoo import api, models


class HelpdeskCustomerMixin(models.AbstractModel):
    """The company of a document's customer, kept from when the customer was chosen.

    People change their employer, contacts are merged, departments become companies: work
    done for a company stays that company's. Only a person who chooses another customer
    on the document moves it; see also ``_follow_to_company`` of the contacts.
    """

    _name = "helpdesk.customer.mixin"
    _inherit = ["helpdesk.gate"]
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
        same = self
        if "partner_id" in vals:
            partner_id = vals["partner_id"] or False
            same = self.filtered(lambda document: document.partner_id.id == partner_id)
        if name in vals and not self.env.su:
            company_id = vals[name] or False
            vals = vals | {}
            del vals[name]
            self._check_customer_company(company_id, same, vals)
        if "partner_id" not in vals:
            return super().write(vals)
        with self.env.protecting([self._fields[name]], same):
            return super().write(vals)

    # === BUSINESS METHODS === #

    def _get_present_customer(self):
        """Whom to address for the company of this document: its contact, or the company
        itself once the contact has left it.

        :rtype: res.partner
        """
        self.ensure_one()
        if self._has_contact_left():
            return self[self._customer_company_field]
        return self.partner_id

    def _has_contact_left(self):
        """Tell whether the contact belongs to another company than this document.

        :rtype: bool
        """
        self.ensure_one()
        company = self[self._customer_company_field]
        return bool(company) and self.partner_id.commercial_partner_id != company

    def _check_customer_company(self, company_id, same, vals):
        """Nobody gives a document to a company past the contact it follows from.

        :param company_id: id of the company that a person or a remote call names
        :param same: those of the documents that keep their contact
        :param dict vals: values on their way to ``write``
        :raise ValidationError: if a document has, or gets, another company
        """
        companies = same.sudo().mapped(self._customer_company_field)
        if self - same:
            partner = self.env["res.partner"].sudo().browse(vals["partner_id"] or [])
            companies |= partner.commercial_partner_id
        if companies.ids != [company_id] and (companies or company_id):
            raise self._get_follows_error(self._customer_company_field, "partner_id")
