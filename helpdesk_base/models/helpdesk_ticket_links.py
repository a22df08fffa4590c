from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command


class HelpdeskTicket(models.Model):
    """Tickets that have to do with each other. For the team alone: the other ticket may
    be another customer's."""

    _inherit = "helpdesk.ticket"

    related_ticket_ids = fields.Many2many(
        "helpdesk.ticket",
        relation="helpdesk_ticket_link_rel",
        column1="ticket_id",
        column2="linked_id",
        string="Related Tickets",
        copy=False,
        groups="base.group_user",
        help="Each of them shows this one, too. Customers see none of it.",
    )
    # the same table from its other side
    related_from_ids = fields.Many2many(
        "helpdesk.ticket",
        relation="helpdesk_ticket_link_rel",
        column1="linked_id",
        column2="ticket_id",
        copy=False,
        export_string_translation=False,
        groups="base.group_user",
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

    @api.depends("related_ticket_ids", "duplicate_of_id")
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
        """Related tickets, and the one that this is a duplicate of.

        :rtype: helpdesk.ticket
        """
        self.ensure_one()
        return self.related_ticket_ids | self.duplicate_of_id

    def _mirror_links(self):
        """What is related to a ticket has it as related, too."""
        for ticket in self.sudo():
            if ticket in ticket.related_ticket_ids:
                ticket.related_ticket_ids = [Command.unlink(ticket.id)]
            others = ticket.related_ticket_ids
            if others != ticket.related_from_ids:
                ticket.related_from_ids = [Command.set(others.ids)]

    def _get_ruled_fields(self):
        return super()._get_ruled_fields() | {"related_from_ids"}

    def _close_as_duplicate(self):
        """Close tickets that were marked as duplicates, with a note on both. As in a
        merge, nobody is asked for what else should be done before."""
        tickets = self.filtered("duplicate_of_id").sudo()
        for ticket in tickets:
            origin = ticket.duplicate_of_id
            ticket.related_ticket_ids = [Command.link(origin.id)]
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
