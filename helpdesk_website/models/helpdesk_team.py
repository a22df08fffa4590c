from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

#: Types of properties that a visitor can fill in; others open lists of records.
PROPERTY_TYPES = {
    "boolean",
    "char",
    "date",
    "datetime",
    "float",
    "integer",
    "selection",
    "tags",
    "text",
}


class HelpdeskTeam(models.Model):
    _name = "helpdesk.team"
    _inherit = ["website.published.multi.mixin", "helpdesk.team"]

    website_form_phone = fields.Boolean(string="Phone Number")
    website_form_type = fields.Boolean(string="Type of Ticket")
    website_form_files = fields.Boolean(string="Attachments", default=True)
    website_form_properties = fields.Boolean(
        string="Properties of Tickets",
        help="Texts, numbers, dates, check boxes and choices; properties that name "
        "records of yours are left out.",
    )

    # === COMPUTE METHODS === #

    @api.depends("name")
    def _compute_website_url(self):
        super()._compute_website_url()
        slug = self.env["ir.http"]._slug
        for team in self.filtered("id"):
            team.website_url = f"/helpdesk/{slug(team)}"

    @api.depends_context("uid")
    def _compute_can_publish(self):
        """Who configures the team decides about its page."""
        self.can_publish = self.env.su or self.has_access("write")

    # === CONSTRAINT METHODS === #

    @api.constrains("website_id", "company_id")
    def _check_website_id(self):
        """The form would be on no website at all."""
        for team in self.sudo():
            if team.website_id and team.website_id.company_id != team.company_id:
                raise ValidationError(
                    self.env._(
                        "The website “%(website)s” is of another company than the team "
                        "“%(team)s”. Choose a website of %(company)s.",
                        website=team.website_id.name,
                        team=team.name,
                        company=team.company_id.name,
                    )
                )

    # === CRUD METHODS === #

    def write(self, vals):
        return super().write(self._clean_input(vals))  # before stock looks at them

    # === BUSINESS METHODS === #

    @api.model
    def _domain_on_website(self, website):
        """Teams whose form a website shows: published, of the company of the website,
        and not kept for another website.

        :param website: the ``website``
        :rtype: odoo.fields.Domain
        """
        return (
            Domain("is_published", "=", True)
            & Domain("company_id", "=", website.company_id.id)
            & Domain("website_id", "in", [False, website.id])
        )

    def _get_website_form_properties(self):
        """Definitions of the properties that the form asks for.

        :rtype: list[dict]
        """
        self.ensure_one()
        definitions = self.ticket_properties if self.website_form_properties else []
        return [
            definition
            for definition in definitions or []
            if definition.get("type") in PROPERTY_TYPES
            and (definition["type"] != "selection" or definition.get("selection"))
            and (definition["type"] != "tags" or definition.get("tags"))
        ]

    def _get_website_form_fields(self):
        """Names of what the form of the team takes. Meant for override by addons that
        add something to it.

        :rtype: set[str]
        """
        self.ensure_one()
        names = {"name", "description", "partner_name", "partner_email", "team_id"}
        if self.website_form_phone:
            names.add("partner_phone")
        if self.website_form_type:
            names.add("ticket_type_id")
        if self._get_website_form_properties():
            names.add("properties")
        return names
