from odoo import api, fields, models
from odoo.fields import Domain


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    hours_waiting = fields.Float(
        compute="_compute_hours_waiting",
        compute_sudo=True,
        help="Hours that are billed once they are approved, and agreed to.",
    )

    # === COMPUTE METHODS === #

    def _compute_hours_waiting(self):
        """In one query for many tickets, and in none where no team lets time wait."""
        hours = {}
        lines = self.env["account.analytic.line"].sudo()
        if self.env["helpdesk.team"]._lets_time_wait() and self._origin:
            hours = dict(
                lines._read_group(
                    lines._domain_of_tickets(self._origin)
                    & lines._domain_time("waiting"),
                    ["helpdesk_ticket_id"],
                    ["billable_hours:sum"],
                )
            )
        for ticket in self:
            ticket.hours_waiting = hours.get(ticket._origin, 0.0)

    # === CRUD METHODS === #

    def write(self, vals):
        """What a customer was asked is no business of the next one."""
        former = {ticket: ticket.sudo().commercial_partner_id for ticket in self}
        result = super().write(vals)
        moved = self.browse(
            ticket.id
            for ticket, customer in former.items()
            if ticket.sudo().commercial_partner_id != customer
        )
        if moved:
            lines = self.env["account.analytic.line"].sudo()
            lines.search(
                lines._domain_of_tickets(moved)
                & ~lines._domain_time("billed")
                & Domain("customer_state", "!=", "none")
            )._ask_again()
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _domain_may_auto_close(self):
        """A question of the customer about time is no silence."""
        questioned = Domain("customer_state", "=", "questioned")
        domain = super()._domain_may_auto_close()
        return domain & Domain("timesheet_ids", "not any", questioned)
