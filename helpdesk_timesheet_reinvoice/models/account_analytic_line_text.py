from odoo import api, models


class AccountAnalyticLine(models.Model):
    """What a line says of the work. Stock stores a slash where nobody wrote anything;
    the customer reads the time of tickets."""

    _inherit = "account.analytic.line"

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if {"helpdesk_ticket_id", "name", "task_id"} & vals.keys():
            self._name_after_ticket()
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _is_without_text(self, name):
        """Tell whether a line says nothing of the work: stock stores a slash then.

        :param name: description of a line, or nothing
        :rtype: bool
        """
        return (name or "/").strip() in ("", "/")

    def _name_after_ticket(self):
        """Ticket time that says nothing of the work says at least what it was about:
        the customer reads it."""
        silent = self.sudo().filtered(
            lambda line: line.helpdesk_ticket_id and line._is_without_text(line.name)
        )
        for ticket, lines in silent.grouped("helpdesk_ticket_id").items():
            lines.write({"name": ticket.name})
