from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class HelpdeskTicket(models.Model):
    """Who of the helpdesk users may see a ticket."""

    _inherit = "helpdesk.ticket"

    user_has_access = fields.Boolean(
        compute="_compute_user_has_access",
        search="_search_user_has_access",
        export_string_translation=False,
        groups="base.group_user",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "user_id",
        "message_partner_ids",
        "team_id.user_has_access",
    )
    @api.depends_context("uid")
    def _compute_user_has_access(self):
        """Same rule as the search below; followers are read only if nothing else
        opens the ticket."""
        user = self.env.user
        for ticket in self:
            ticket_sudo = ticket.sudo()
            ticket.user_has_access = (
                ticket_sudo.team_id.user_has_access
                or user == ticket_sudo.user_id
                or user.partner_id in ticket_sudo.message_partner_ids
            )

    @api.model
    def _search_user_has_access(self, operator, value):
        """Tickets of teams that the user may see, own and followed ones."""
        if operator != "in" or True not in value:
            return NotImplemented
        user = self.env.user
        return Domain.OR(
            [
                Domain("team_id.user_has_access", "in", [True]),
                Domain("user_id", "=", user.id),
                Domain("message_partner_ids", "in", user.partner_id.ids),
            ]
        )

    # === CONSTRAINT METHODS === #

    @api.constrains("user_id")
    def _check_user_id(self):
        """Tickets are worked on by internal users."""
        for ticket in self.sudo():
            if ticket.user_id.share:
                raise ValidationError(
                    self.env._(
                        "%(user)s is no internal user and cannot be assigned to tickets."
                        " Choose a colleague.",
                        user=ticket.user_id.name,
                    )
                )

    def _check_team_company(self):
        """Nobody moves a ticket to a company whose tickets that person cannot see.

        No constraint of the ORM: those run as superuser.
        """
        companies = self.env.user.company_ids
        for ticket in self if not self.env.su else ():
            if ticket.sudo().company_id not in companies:
                raise ValidationError(
                    self.env._(
                        "The team “%(team)s” belongs to another company."
                        " Choose a team of a company you work for.",
                        team=ticket.sudo().team_id.name,
                    )
                )

    # === CRUD METHODS === #

    def onchange(self, values, field_names, fields_spec):
        """Name and address of the customer are read with raised rights: an open form
        tells nothing of a contact that its user may not see.

        :param dict values: values of the form
        :param list field_names: fields that changed, empty for a new form
        :param dict fields_spec: fields to return, see ``web_read``
        :return: the values that changed, and a warning if any
        :rtype: dict
        :raise AccessError: if the user may not read the contact
        """
        contact = self._get_named_in_form("partner_id", values)
        if contact:
            contact.check_access("read")
        return super().onchange(values, field_names, fields_spec)

    # === BUSINESS METHODS === #

    def _get_ruled_fields(self):
        """A number and a first answer of its own may come with an import of new
        tickets."""
        ruled = super()._get_ruled_fields() | {"access_token", "merged_into_id"}
        return ruled | {"first_response_date", "ticket_ref"} if self else ruled
