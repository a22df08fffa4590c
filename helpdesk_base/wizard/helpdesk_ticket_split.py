from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import html2plaintext


class HelpdeskTicketSplit(models.TransientModel):
    _name = "helpdesk.ticket.split"
    _description = "Split Messages off a Ticket"
    _inherit = ["helpdesk.input.mixin"]
    _input_max_length = {"name": 500}

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        required=True,
        readonly=True,
        default=lambda self: self._default_ticket_id(),
    )
    message_ids = fields.Many2many(
        "mail.message",
        string="Messages",
        compute="_compute_message_ids",
        store=True,
        readonly=False,
        domain="[('id', 'in', available_message_ids)]",
    )
    available_message_ids = fields.Many2many(
        "mail.message", compute="_compute_available_message_ids"
    )
    name = fields.Char(
        string="Subject",
        compute="_compute_name",
        store=True,
        readonly=False,
        required=True,
    )
    team_id = fields.Many2one(
        "helpdesk.team",
        string="Helpdesk Team",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        required=True,
    )

    @api.model
    def _default_ticket_id(self):
        if self.env.context.get("active_model") == "helpdesk.ticket":
            return self.env.context.get("active_id")
        return False

    # === COMPUTE METHODS === #

    @api.depends("ticket_id")
    def _compute_available_message_ids(self):
        for wizard in self:
            wizard.available_message_ids = self.env["mail.message"].search(
                Domain("model", "=", "helpdesk.ticket")
                & Domain("res_id", "=", wizard.ticket_id.id)
                & Domain("message_type", "in", ("comment", "email"))
            )

    @api.depends("ticket_id")
    def _compute_message_ids(self):
        """Propose the last message of somebody outside."""
        for wizard in self:
            messages = wizard.available_message_ids.filtered(
                lambda message: not wizard.ticket_id._is_ours(message)  # noqa: B023
            )
            wizard.message_ids = messages.sorted("id")[-1:]

    @api.depends("message_ids")
    def _compute_name(self):
        """Propose the first words: the subject is that of this ticket, most likely."""
        for wizard in self:
            message = wizard.message_ids._origin.sorted("id")[:1]
            words = html2plaintext(message.body or "").split("\n")[0].strip()[:80]
            wizard.name = words or wizard.ticket_id.name

    @api.depends("ticket_id")
    def _compute_team_id(self):
        for wizard in self:
            wizard.team_id = wizard.ticket_id.team_id

    # === ACTION METHODS === #

    def action_split(self):
        """Make the new ticket, and open it.

        :return: a window action on the new ``helpdesk.ticket``
        :rtype: dict
        :raise UserError: if the messages do not belong together
        """
        self.ensure_one()
        values = {"name": self.name}
        if self.team_id != self.ticket_id.team_id:
            values.update(team_id=self.team_id.id, user_id=False)
        ticket = self.ticket_id._split(self.message_ids, values)
        return {
            "type": "ir.actions.act_window",
            "name": ticket.display_name,
            "res_model": "helpdesk.ticket",
            "res_id": ticket.id,
            "views": [[False, "form"]],
        }
