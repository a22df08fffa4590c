from odoo import api, fields, models


class HelpdeskTicketMerge(models.TransientModel):
    _name = "helpdesk.ticket.merge"
    _description = "Merge Tickets"

    @api.model
    def _default_ticket_ids(self):
        if self.env.context.get("active_model") == "helpdesk.ticket":
            return self.env.context.get("active_ids")
        return []

    ticket_ids = fields.Many2many(
        "helpdesk.ticket",
        string="Tickets",
        required=True,
        default=lambda self: self._default_ticket_ids(),
    )
    target_id = fields.Many2one(
        "helpdesk.ticket",
        string="Ticket to Keep",
        compute="_compute_target_id",
        store=True,
        readonly=False,
        required=True,
    )

    # === COMPUTE METHODS === #

    @api.depends("ticket_ids")
    def _compute_target_id(self):
        """Propose the oldest open ticket."""
        for wizard in self:
            tickets = wizard.ticket_ids._origin.sorted("id")
            if wizard.target_id not in tickets:
                open_tickets = tickets.filtered(lambda ticket: not ticket.is_closed)
                wizard.target_id = (open_tickets or tickets)[:1]

    # === ACTION METHODS === #

    def action_merge(self):
        """Merge the chosen tickets into the one to keep, and open that one.

        :return: a window action on the surviving ``helpdesk.ticket``
        :rtype: dict
        """
        self.ensure_one()
        self.target_id._merge(self.ticket_ids - self.target_id)
        return {
            "type": "ir.actions.act_window",
            "name": self.target_id.display_name,
            "res_model": "helpdesk.ticket",
            "res_id": self.target_id.id,
            "views": [[False, "form"]],
        }
