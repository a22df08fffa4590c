from odoo import api, models


class AccountAnalyticLine(models.Model):
    """Malformed values are refused before any other extension looks at them.

    Imported last of the files on this model, so that its methods are called first.
    """

    _inherit = "account.analytic.line"
    # Stock fills in the company and the unit where a caller leaves them empty.
    _input_required_types = ("selection",)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self._clean_input_list(vals_list))

    def write(self, vals):
        return super().write(self._clean_input(vals))

    def onchange(self, values, field_names, fields_spec):
        """What follows from a ticket, such as its customer, is read with raised rights:
        an open form tells nothing of a ticket that its user may not see.

        :param dict values: values of the form
        :param list field_names: fields that changed, empty for a new form
        :param dict fields_spec: fields to return, see ``web_read``
        :return: the values that changed, and a warning if any
        :rtype: dict
        :raise AccessError: if the user may not read the ticket
        """
        # a dictionary stands for the form of the ticket around the line
        ticket = self._get_named_in_form("helpdesk_ticket_id", values)
        if ticket:
            ticket.check_access("read")
        return super().onchange(values, field_names, fields_spec)

    # === BUSINESS METHODS === #

    def _clean_value(self, name, value):
        """Time may be recorded without a description; it gets a slash, as stock does."""
        if name == "name" and not value:
            return value
        return super()._clean_value(name, value)
