import json

from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import plaintext2html

from odoo.addons.helpdesk_base.tools import Private
from odoo.addons.website.controllers.form import WebsiteForm

TICKET = "helpdesk.ticket"
#: A field that people do not see; what fills it in is a machine.
HONEYPOT = "company_fax"


class HelpdeskWebsiteForm(WebsiteForm):
    """Tickets from forms of the website: the pages of the teams, and any form that is
    built to make tickets."""

    def _handle_website_form(self, model_name, **kwargs):
        """A machine is told that all went well, and no ticket is made."""
        if model_name == TICKET and kwargs.pop(HONEYPOT, None):
            request.session.pop("form_builder_id", None)
            return json.dumps({"id": 1})
        return super()._handle_website_form(model_name, **kwargs)

    def extract_data(self, model_sudo, values):
        data = super().extract_data(model_sudo, values)
        if model_sudo.model != TICKET:
            return data
        teams = request.website._get_helpdesk_teams()
        team = teams.filtered(lambda team: team.id == data["record"].get("team_id"))
        if not team:
            raise UserError(
                request.env._("This form is not in use any more. Write us an e-mail.")
            )
        data["record"] = request.env[TICKET]._prepare_website_values(
            team, data["record"], len(data["attachments"]), data["custom"]
        )
        return data

    def insert_record(self, request, model_sudo, values, custom, meta=None):
        if model_sudo.model != TICKET:
            return super().insert_record(request, model_sudo, values, custom, meta=meta)
        request.update_context(helpdesk_website_form=Private(True))
        if custom:  # fields that a form was given besides those of tickets
            description = values.get("description") or ""
            values["description"] = description + plaintext2html(custom)
        ticket_id = super().insert_record(request, model_sudo, values, "", meta=meta)
        request.env[TICKET].sudo().browse(ticket_id)._confirm_website_ticket()
        return ticket_id

    def insert_attachment(self, model_sudo, id_record, files):
        """Files are of the customer, who finds them in the portal."""
        if model_sudo.model != TICKET or not files:
            return super().insert_attachment(model_sudo, id_record, files)
        ticket = request.env[TICKET].sudo().browse(id_record)
        author = {"author_id": ticket.partner_id.id}
        if not ticket.partner_id:
            author = {"author_id": False, "email_from": ticket.partner_email}
        ticket.message_post(
            attachments=[(file.filename, file.read()) for file in files],
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            **author,
        )
        return None
