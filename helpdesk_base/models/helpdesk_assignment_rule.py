from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HelpdeskAssignmentRule(models.Model):
    """Tickets of a type, or with a tag, go to certain members first."""

    _name = "helpdesk.assignment.rule"
    _description = "Helpdesk Assignment Rule"
    _inherit = ["helpdesk.input.mixin"]
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    team_id = fields.Many2one(
        "helpdesk.team", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="team_id.company_id")
    ticket_type_ids = fields.Many2many(
        "helpdesk.ticket.type", string="Types", help="Any of them; empty for any type."
    )
    tag_ids = fields.Many2many(
        "helpdesk.tag", string="Tags", help="One of them is enough; empty for any."
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Members",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        required=True,
        help="One of them who is there and has room gets the ticket; else the other "
        "members, as the team assigns.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("ticket_type_ids", "tag_ids", "user_ids")
    def _check_complete(self):
        for rule in self.sudo():
            if not rule.user_ids or not (rule.ticket_type_ids or rule.tag_ids):
                raise ValidationError(
                    self.env._(
                        "A rule of assignment needs a type or a tag, and the members who"
                        " get such tickets."
                    )
                )

    # === BUSINESS METHODS === #

    def _get_wishes(self, ticket_type, tags):
        """Members that these rules, in their order, name for a ticket.

        :param ticket_type: ``helpdesk.ticket.type``, may be empty
        :param tags: ``helpdesk.tag``, may be empty
        :return: the members of the first rule that fits and names one; empty for none
        :rtype: res.users
        """
        for rule in self:
            if rule.ticket_type_ids and ticket_type not in rule.ticket_type_ids:
                continue
            if rule.tag_ids and not (rule.tag_ids & tags):
                continue
            members = rule.user_ids & rule.team_id.member_ids
            if members:
                return members
        return self.env["res.users"]
