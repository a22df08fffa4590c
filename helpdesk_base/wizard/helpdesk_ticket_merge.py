from odoo import fields, models


class HelpdeskTicketMerge(models.TransientModel):
    _name = "helpdesk.ticket.merge"
    _description = "Merge Tickets"

    ticket_ids = fields.Many2many("helpdesk.ticket", string="Tickets", required=True)
    target_id = fields.Many2one(
        "helpdesk.ticket", string="Ticket to Keep", required=True
    )

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
