from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_ticket_time(self):
        """Ticket time must not become non-billable behind everybody's back."""
        Line = self.env["account.analytic.line"].sudo()
        line = Line.search(
            Domain("helpdesk_ticket_id.partner_id", "in", self.ids)
            | Domain("helpdesk_commercial_partner_id", "in", self.ids),
            order="id",
            limit=1,
        )
        if line:
            ticket = line.helpdesk_ticket_id
            raise UserError(
                self.env._(
                    "Time is recorded on ticket %(ticket)s of %(contact)s. Archive the "
                    "contact instead, or choose another customer for the ticket first.",
                    ticket=ticket.display_name,
                    contact=ticket.partner_id.display_name,
                )
            )

    # === BUSINESS METHODS === #

    @api.model
    def _get_customer_documents(self):
        """Time comes after its tickets."""
        documents = super()._get_customer_documents()
        return {**documents, "account.analytic.line": "helpdesk_commercial_partner_id"}
