from datetime import date

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, html2plaintext

from odoo.addons.helpdesk_base.tools import VALUE_CHECKS, clean_text, read_private

#: Longest accepted text of what a visitor tells of himself, in characters.
MAX_TYPED = 200
_TYPED = ("partner_name", "partner_email", "partner_phone")


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # === FORM === #

    @api.model
    def _prepare_website_values(self, team, values, file_count, extra=""):
        """Values of a ticket from what a visitor typed into the form of a team.

        Nobody is a customer for the address that was typed; who is logged in is. A
        contact is made of nobody.

        :param team: the ``helpdesk.team``, of the website that is visited
        :param dict values: as sent, the description as HTML
        :param int file_count: how many files came along
        :param str extra: what came along besides the fields of the form
        :return: values for ``create``
        :rtype: dict
        :raise UserError: with a sentence for the visitor
        """
        names = team._get_website_form_fields()
        values = {name: values[name] for name in names & values.keys()}
        for name in ("name", *_TYPED):
            values[name] = clean_text(values.get(name) or "").strip()
        self._set_website_customer(team, values)
        text = html2plaintext(values.get("description") or "").strip()
        errors = self._check_form_texts(values["name"], f"{text}{extra}".strip())
        email = email_normalize(values["partner_email"])
        if not email or any(len(values[name]) > MAX_TYPED for name in _TYPED):
            errors["partner_email"] = self.env._(
                "Tell us your name and an e-mail address that we can answer to."
            )
        if file_count and not team.website_form_files:
            errors["files"] = self.env._("Files cannot be sent with this form.")
        errors = errors or self._check_form_volume(file_count, email)
        if errors:
            raise UserError("\n".join(errors.values()))
        types = self.env["helpdesk.ticket.type"].sudo()
        if values.get("ticket_type_id"):
            types = types.search([("id", "=", values["ticket_type_id"])])
        values.update(team_id=team.id, ticket_type_id=types.id)
        self._clean_website_properties(team, values)
        return values

    @api.model
    def _set_website_customer(self, team, values):
        """Who is logged in is the customer, unless of another company."""
        values["partner_id"] = (
            False  # looked for by nobody: anybody can type an address
        )
        user = self.env.user
        if user._is_public():
            return
        partner = user.partner_id
        values["partner_name"] = partner.name
        values["partner_email"] = partner.email or values["partner_email"]
        values["partner_phone"] = values["partner_phone"] or partner.phone or ""
        if partner.company_id in (partner.company_id.browse(), team.company_id):
            values["partner_id"] = partner.id

    @api.model
    def _clean_website_properties(self, team, values):
        """Only properties that the form asks for, with values that they can take.

        :raise UserError: with the names of those that cannot take what was typed
        """
        known = {item["name"]: item for item in team._get_website_form_properties()}
        given = [p for p in values.pop("properties", None) or [] if p["name"] in known]
        wrong = []
        for item in given:
            definition = known[item["name"]]
            try:
                item["value"] = self._clean_website_property(definition, item["value"])
            except (OverflowError, TypeError, ValueError):
                wrong.append(definition.get("string") or "")
        if wrong:
            raise UserError(
                self.env._(
                    "Look at %(fields)s again: this cannot be.", fields=", ".join(wrong)
                )
            )
        if given:
            values["properties"] = given

    @api.model
    def _clean_website_property(self, definition, value):
        """Value of a property as it was sent.

        :raise TypeError, ValueError: if the property cannot take it
        """
        choices = definition.get(definition["type"]) or []
        if definition["type"] in ("selection", "tags"):
            wanted = {value} if isinstance(value, str) else set(value)
            if wanted - {choice[0] for choice in choices}:
                raise ValueError(value)
            return value
        checked = VALUE_CHECKS[definition["type"]](value)
        if isinstance(checked, date):
            # kept as text
            is_day = definition["type"] == "date"
            field = fields.Date if is_day else fields.Datetime
            return field.to_string(checked)
        return clean_text(checked)[:MAX_TYPED] if isinstance(checked, str) else checked

    def _confirm_website_ticket(self):
        """Tell the typed address the number of the ticket: no contact is made of it, and
        nothing that was typed is repeated, so that the form sends nobody's words."""
        self.ensure_one()
        template = self.env.ref(
            "helpdesk_website.mail_template_received", raise_if_not_found=False
        )
        if not template or (self.partner_id and self.stage_id.sudo().template_id):
            return
        template.with_user(SUPERUSER_ID).send_mail(
            self.id,
            email_values={
                "email_to": self.partner_email,
                "recipient_ids": [],
                "headers": repr({"Auto-Submitted": "auto-replied"}),
            },
        )

    # === MAIL === #

    def _track_template(self, changes):
        """The mail of the first stage would make a contact of a stranger."""
        if read_private(self.env, "helpdesk_website_form") and not self[0].partner_id:
            return {}
        return super()._track_template(changes)
