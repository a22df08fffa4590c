from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class HelpdeskTicketSnooze(models.TransientModel):
    _name = "helpdesk.ticket.snooze"
    _description = "Snooze Tickets"
    _inherit = ["helpdesk.input.mixin"]

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
    choice = fields.Selection(
        [
            ("1", "Tomorrow"),
            ("2", "In two days"),
            ("monday", "Next Monday"),
            ("7", "In a week"),
            ("day", "Another day"),
        ],
        string="Until",
        default="1",
        required=True,
    )
    date = fields.Date(
        string="Day", compute="_compute_date", store=True, readonly=False
    )

    # === COMPUTE METHODS === #

    @api.depends("choice")
    def _compute_date(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            if wizard.choice == "monday":
                wizard.date = today + timedelta(days=7 - today.weekday())
            elif wizard.choice and wizard.choice.isdigit():
                wizard.date = today + timedelta(days=int(wizard.choice))

    # === ACTION METHODS === #

    def action_snooze(self):
        """Put the tickets aside until the chosen day.

        :return: an action that closes the window
        :rtype: dict
        :raise UserError: if the day is not in the future
        """
        self.ensure_one()
        if not self.date or self.date <= fields.Date.context_today(self):
            raise UserError(self.env._("Choose a day that is still to come."))
        self.ticket_ids.action_snooze(fields.Date.to_string(self.date))
        return {"type": "ir.actions.act_window_close"}
