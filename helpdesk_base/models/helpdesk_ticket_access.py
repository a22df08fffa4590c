from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

OPEN_TO_USERS = ("internal", "portal")


class HelpdeskTicket(models.Model):
    """Who of the helpdesk users may see a ticket."""

    _inherit = "helpdesk.ticket"

    # What only the server writes; a number of its own may come with an import.
    _guarded_fields = frozenset({"access_token", "merged_into_id", "ticket_ref"})

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
        "team_id.privacy_visibility",
        "team_id.member_ids",
        "team_id.message_partner_ids",
    )
    @api.depends_context("uid")
    def _compute_user_has_access(self):
        """Same rule as the search below; followers are read only if nothing else
        opens the ticket."""
        user = self.env.user
        for ticket in self:
            ticket_sudo = ticket.sudo()
            team = ticket_sudo.team_id
            ticket.user_has_access = (
                team.privacy_visibility in OPEN_TO_USERS
                or user == ticket_sudo.user_id
                or user in team.member_ids
                or user.partner_id in team.message_partner_ids
                or user.partner_id in ticket_sudo.message_partner_ids
            )

    @api.model
    def _search_user_has_access(self, operator, value):
        """Tickets of teams open to all users, of own teams, own and followed ones."""
        if operator != "in" or True not in value:
            return NotImplemented
        user = self.env.user
        return Domain.OR(
            [
                Domain("team_id.privacy_visibility", "in", OPEN_TO_USERS),
                Domain("team_id.member_ids", "in", user.ids),
                Domain("team_id.message_partner_ids", "in", user.partner_id.ids),
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

    @api.model_create_multi
    def create(self, vals_list):
        self._check_not_from_outside(
            self._guarded_fields - {"ticket_ref"},
            *vals_list,
            self._get_context_defaults(),
        )
        return super().create(vals_list)

    def write(self, vals):
        """Record rules look at company and customer: nobody writes them past the team
        and the contact they follow from."""
        self._check_not_from_outside(self._get_changed_guarded_fields(vals), vals)
        result = super().write(vals)
        self._check_follows(self._fields[name] for name in vals)
        return result

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

    @api.model
    def _get_context_defaults(self):
        """Values that the context gives to new records, by field name."""
        prefix = "default_"
        return {
            key.removeprefix(prefix): value
            for key, value in self.env.context.items()
            if key.startswith(prefix)
        }

    def _get_changed_guarded_fields(self, vals):
        """Guarded fields to which these values give anything else than the tickets
        have: an import may name the number a ticket has.

        :param dict vals: values on their way to ``write``
        :rtype: set[str]
        """
        if self.env.su or not isinstance(vals, dict):
            return set()
        return {
            name
            for name in self._guarded_fields & vals.keys()
            if any(
                (self._fields[name].convert_to_write(ticket[name], ticket) or False)
                != (vals[name] or False)
                for ticket in self.sudo()
            )
        }

    def _check_not_from_outside(self, names, *vals_list):
        """Screens show these fields read-only, which binds screens alone.

        :param set names: fields that only the server writes
        :param dict vals_list: values that a person or a remote call gives
        :raise ValidationError: if they give one of the fields
        """
        if self.env.su:
            return
        for name in sorted(names):
            given = [vals for vals in vals_list if isinstance(vals, dict)]
            # an existing ticket loses them by an empty value as well
            if any(vals.get(name) or (self and name in vals) for vals in given):
                raise ValidationError(
                    self.env._(
                        "“%(field)s” of a ticket cannot be written. Leave it out.",
                        field=self._input_label(self._fields[name]),
                    )
                )

    def _check_follows(self, written):
        """Stock marks stored related fields read-only, which binds screens alone.

        :param written: fields that were written
        :raise ValidationError: if one of them tells anything else than its source
        """
        for field in written:
            if self.env.su or not (field.related and field.store and field.readonly):
                continue
            source = self._fields[field.related.split(".")[0]]
            if any(t[field.name] != t.mapped(field.related) for t in self.sudo()):
                raise ValidationError(
                    self.env._(
                        "“%(field)s” of a ticket follows from “%(origin)s”. Change that "
                        "instead.",
                        field=self._input_label(field),
                        origin=self._input_label(source),
                    )
                )

    def _get_thread_with_access(self, thread_id, **kwargs):
        """A signed link opens no conversation whose page it does not open."""
        thread = super()._get_thread_with_access(thread_id, **kwargs)
        if thread and thread.env.su and not self.env.su and not thread._opens_by_link():
            return self.browse()
        return thread

    def _opens_by_link(self):
        """Tell whether signed links of this ticket work: page and answers alike.

        :rtype: bool
        """
        self.ensure_one()
        ticket = self.sudo()
        is_there = ticket.active or bool(ticket.merged_into_id)
        return is_there and ticket.team_id.privacy_visibility == "portal"

    def _withdraw_hidden_links(self):
        """Signed links stop working on tickets of teams that customers may not see."""
        self.sudo().filtered(
            lambda ticket: (
                ticket.access_token and ticket.team_id.privacy_visibility != "portal"
            )
        ).write({"access_token": False})
