from odoo import api, fields, models


class HelpdeskSlaStay(models.Model):
    """When a ticket was in which stage: the log that clocks are counted from. Notes of
    changes in the chatter are no log: a call can leave them out."""

    _name = "helpdesk.sla.stay"
    _description = "Stay of a Ticket in a Stage"
    _inherit = ["helpdesk.input.mixin"]
    _order = "ticket_id, begun_at, id"
    _rec_name = "ticket_id"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, index=True, ondelete="cascade"
    )
    # no many2one: a stage that was deleted has been waited in, too
    stage_ref = fields.Integer(required=True, export_string_translation=False)
    is_closed = fields.Boolean()
    begun_at = fields.Datetime(required=True)
    ended_at = fields.Datetime()

    # === BUSINESS METHODS === #

    @api.model
    def _follow(self, tickets, now):
        """Note the stage that tickets are in now, and read what was noted.

        :param tickets: ``helpdesk.ticket`` records with superuser rights
        :param datetime now: when they came to their stage, if it is another one
        :return: the stays of each ticket, oldest first
        :rtype: dict
        """
        stays = self.sudo().search([("ticket_id", "in", tickets.ids)])
        by_ticket = dict.fromkeys(tickets, self.sudo())
        by_ticket.update(stays.grouped("ticket_id"))
        vals_list, ended = [], self.sudo()
        for ticket in tickets:
            last = by_ticket[ticket][-1:]
            stage, closed = ticket.stage_id.id or 0, ticket.is_closed
            if last and (last.stage_ref, last.is_closed) == (stage, closed):
                continue
            ended |= last
            begin = now if last else ticket._get_stage_begin(now)
            vals = {"ticket_id": ticket.id, "stage_ref": stage, "is_closed": closed}
            vals_list.append({**vals, "begun_at": begin})
        if vals_list:
            ended.write({"ended_at": now})
            for stay in self.sudo().create(vals_list):
                by_ticket[stay.ticket_id] += stay
        return by_ticket
