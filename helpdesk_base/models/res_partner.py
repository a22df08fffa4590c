from odoo import fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    ticket_count = fields.Integer(
        string="Tickets",
        compute="_compute_ticket_count",
        groups="helpdesk_base.group_helpdesk_user",
    )

    def _compute_ticket_count(self):
        """Tickets of the contact and of the contacts below it."""
        counts = dict.fromkeys(self, 0)
        groups = self.env["helpdesk.ticket"]._read_group(
            self._get_tickets_domain(), ["partner_id"], ["__count"]
        )
        partners = self.browse([partner.id for partner, _count in groups])
        partners.sudo().fetch(["parent_id"])
        for partner, count in groups:
            ancestor = partner.sudo()
            while ancestor:
                own = ancestor.sudo(False)
                if own in counts:
                    counts[own] += count
                ancestor = ancestor.parent_id
        for partner in self:
            partner.ticket_count = counts[partner]

    # === ACTION METHODS === #

    def action_view_tickets(self):
        """Open the tickets of the contact and of the contacts below it.

        :return: a window action on ``helpdesk.ticket``
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_base.helpdesk_ticket_action"
        )
        action["domain"] = [("partner_id", "child_of", self.ids)]
        action["context"] = {"default_partner_id": self.id} if len(self) == 1 else {}
        return action

    # === BUSINESS METHODS === #

    def _get_tickets_domain(self):
        return Domain("partner_id", "child_of", self.ids)
