from odoo import http
from odoo.http import request
from odoo.tools import plaintext2html

from ..models.helpdesk_ticket_form import MAX_FILES, MAX_TEXT
from ..tools import clean_text
from .portal import HelpdeskCustomerPortal


class HelpdeskPortalForm(HelpdeskCustomerPortal):
    """The form by which customers open tickets."""

    def _prepare_ticket_form_values(self, teams, post, errors):
        """Values of the portal form.

        :param teams: the ``helpdesk.team`` records to choose from
        :param dict post: what was typed so far
        :param dict errors: field name -> sentence
        :return: rendering values of ``helpdesk_base.portal_helpdesk_ticket_form``
        :rtype: dict
        """
        values = self._prepare_portal_layout_values()
        values.update(
            page_name="new_ticket",
            teams=teams,
            types=request.env["helpdesk.ticket.type"].sudo().search([]),
            post=post,
            errors=errors,
            files_help=request.env._("Up to %(limit)s files.", limit=MAX_FILES),
            max_text=MAX_TEXT,
        )
        return values

    def _parse_ticket_form(self, teams, post):
        """Check what was typed.

        :return: values for ``helpdesk.ticket.create``, and field name -> sentence
        :rtype: tuple
        """
        _ = request.env._
        name = clean_text(post.get("name") or "").strip()
        text = clean_text(post.get("description") or "").strip()
        team = teams.filtered(lambda t: str(t.id) == post.get("team_id"))
        errors = request.env["helpdesk.ticket"]._check_form_texts(name, text)
        if not team:
            errors["team_id"] = _("Choose who shall help you.")
        types = request.env["helpdesk.ticket.type"].sudo().search([])
        ticket_type = types.filtered(lambda t: str(t.id) == post.get("ticket_type_id"))
        values = {
            "name": name,
            "description": plaintext2html(text),
            "team_id": team.id,
            "ticket_type_id": ticket_type.id,
            "partner_id": request.env.user.partner_id.id,
        }
        return values, errors

    @http.route(
        "/my/tickets/new",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def portal_helpdesk_ticket_new(self, **post):
        """Form that opens a ticket."""
        teams = self._get_portal_form_teams()
        if not teams:
            return request.redirect("/my/tickets")
        errors = {}
        if request.httprequest.method == "POST":
            values, errors = self._parse_ticket_form(teams, post)
            errors.update(self._check_ticket_form_volume(errors))
            if not errors:
                ticket = self._create_portal_ticket(values)
                return request.redirect(f"/my/ticket/{ticket.id}?created=1")
        values = self._prepare_ticket_form_values(teams, post, errors)
        return request.render("helpdesk_base.portal_helpdesk_ticket_form", values)

    def _get_portal_form_files(self):
        """Files that came with the form."""
        files = request.httprequest.files.getlist("files")
        return [file for file in files if file.filename]

    def _check_ticket_form_volume(self, errors):
        """Refuse more than one person writes, see the rule of the ticket.

        :param dict errors: what is wrong with the form so far
        :return: field name -> sentence
        :rtype: dict
        """
        files = self._get_portal_form_files()
        refused = request.env["helpdesk.ticket"]._check_form_volume(
            len(files), request.env.user.email
        )
        if refused:
            return refused
        if errors and files:
            # browsers do not send a form with the files of before
            return {
                "files": request.env._("Choose your files again: they were not kept.")
            }
        return {}

    def _create_portal_ticket(self, values):
        """Create the ticket and post the files that came with it."""
        team = request.env["helpdesk.team"].sudo().browse(values["team_id"])
        Ticket = request.env["helpdesk.ticket"].sudo().with_company(team.company_id)
        ticket = Ticket.with_context(mail_create_nosubscribe=True).create(values)
        files = self._get_portal_form_files()
        attachments = [(file.filename, file.read()) for file in files]
        if attachments:
            ticket.message_post(
                author_id=values["partner_id"],
                attachments=attachments,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        return ticket
