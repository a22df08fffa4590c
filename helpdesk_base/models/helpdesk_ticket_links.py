from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain


class HelpdeskTicket(models.Model):
    """Tickets that have to do with each other. For the team alone: the other ticket may
    be another customer's."""

    _inherit = "helpdesk.ticket"

    link_to_ids = fields.Many2many(
        "helpdesk.ticket",
        relation="helpdesk_ticket_link_rel",
        column1="ticket_id",
        column2="linked_id",
        copy=False,
        export_string_translation=False,
        groups="base.group_user",
    )
    link_from_ids = fields.Many2many(
        "helpdesk.ticket",
        relation="helpdesk_ticket_link_rel",
        column1="linked_id",
        column2="ticket_id",
        copy=False,
        export_string_translation=False,
        groups="base.group_user",
    )
    related_ticket_ids = fields.Many2many(
        "helpdesk.ticket",
        string="Related Tickets",
        compute="_compute_related_ticket_ids",
        inverse="_inverse_related_ticket_ids",
        search="_search_related_ticket_ids",
        copy=False,
        groups="base.group_user",
        help="Each of them shows this one, too. Customers see none of it.",
    )
    duplicate_of_id = fields.Many2one(
        "helpdesk.ticket",
        string="Duplicate of",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
        domain="[('id', '!=', id), ('duplicate_of_id', '=', False), ('company_id', '=', company_id)]",
        check_company=True,
        help="Closes this ticket with a note. Its conversation and its time stay here; "
        "merge the tickets to move the conversation.",
    )
    duplicate_ids = fields.One2many(
        "helpdesk.ticket",
        "duplicate_of_id",
        string="Duplicates",
        groups="base.group_user",
    )
    related_count = fields.Integer(
        string="Related",
        compute="_compute_related_count",
        groups="base.group_user",
    )

    # === COMPUTE METHODS === #

    @api.depends("link_to_ids", "link_from_ids")
    def _compute_related_ticket_ids(self):
        for ticket in self:
            ticket.related_ticket_ids = ticket.link_to_ids | ticket.link_from_ids

    def _inverse_related_ticket_ids(self):
        """A link that is there in one direction is not made in the other."""
        for ticket in self:
            wanted = ticket.related_ticket_ids
            to_ids, from_ids = ticket.link_to_ids, ticket.link_from_ids
            ticket.link_from_ids = [Command.unlink(t.id) for t in from_ids - wanted]
            ticket.link_to_ids = [
                *(Command.unlink(t.id) for t in to_ids - wanted),
                *(Command.link(t.id) for t in wanted - to_ids - from_ids - ticket),
            ]

    @api.model
    def _search_related_ticket_ids(self, operator, value):
        if operator not in ("in", "any", "="):
            return NotImplemented
        domain = Domain("link_to_ids", operator, value)
        return domain | Domain("link_from_ids", operator, value)

    @api.depends("link_to_ids", "link_from_ids", "duplicate_ids", "duplicate_of_id")
    def _compute_related_count(self):
        for ticket in self:
            ticket.related_count = len(ticket._get_related())

    # === CONSTRAINT METHODS === #

    @api.constrains("duplicate_of_id")
    def _check_duplicate_of_id(self):
        if self._has_cycle("duplicate_of_id"):
            raise ValidationError(
                self.env._(
                    "Two tickets cannot be duplicates of each other. Choose the one that"
                    " you go on with."
                )
            )

    # === ACTION METHODS === #

    def action_view_related(self):
        """Open the tickets that have to do with this one.

        :return: a window action on ``helpdesk.ticket``
        :rtype: dict
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_base.helpdesk_ticket_action"
        )
        related = self._get_related()
        action.update(
            name=self.env._("Related Tickets"),
            domain=[("id", "in", related.ids)],
            context={"active_test": False, "create": False},
        )
        if len(related) == 1:
            action.update(views=[(False, "form")], res_id=related.id)
        return action

    # === BUSINESS METHODS === #

    def _get_related(self):
        """Related tickets, duplicates, and the one that this is a duplicate of.

        :rtype: helpdesk.ticket
        """
        self.ensure_one()
        related = self.related_ticket_ids | self.duplicate_ids | self.duplicate_of_id
        return related - self

    def _close_as_duplicate(self):
        """Close tickets that were marked as duplicates, with a note on both. As in a
        merge, nobody is asked for what else should be done before."""
        tickets = self.filtered("duplicate_of_id").sudo()
        for ticket in tickets:
            origin = ticket.duplicate_of_id
            ticket._message_log(
                body=self.env._(
                    "Closed as a duplicate of %(ticket)s.",
                    ticket=origin._get_html_link(),
                )
            )
            origin._message_log(
                body=self.env._(
                    "%(ticket)s is a duplicate of this ticket.",
                    ticket=ticket._get_html_link(),
                )
            )
        for team, own in tickets.grouped("team_id").items():
            stage = team._get_closing_stage()
            if stage:
                own.filtered(lambda t: not t.is_closed).write({"stage_id": stage.id})

    def _merge_move(self, sources):
        """What was related to a merged ticket is related to the one that is kept."""
        result = super()._merge_move(sources)
        related = sources.related_ticket_ids - sources - self
        if related:
            self.related_ticket_ids = [Command.link(ticket.id) for ticket in related]
        duplicates = sources.duplicate_ids - self
        if duplicates:
            duplicates.duplicate_of_id = self
        return result
