from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal


class HelpdeskAgreementPortal(CustomerPortal):
    """The page on which a customer agrees to time or questions it, by signed link."""

    def _get_agreement(self, agreement_id, access_token):
        """The agreement behind a signed link, with superuser rights.

        :raise AccessError: without the right token; nobody but colleagues reads it so
        :raise MissingError: no such agreement
        """
        return self._document_check_access(
            "helpdesk.time.agreement", agreement_id, access_token
        ).sudo()

    @http.route("/my/time/<int:agreement_id>", type="http", auth="public", website=True)
    def portal_time_agreement(self, agreement_id, access_token=None, **kwargs):
        """Page with the time to agree to."""
        try:
            agreement = self._get_agreement(agreement_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        lines = agreement._get_lines_to_show()
        values = {
            "page_name": "time_agreement",
            "agreement": agreement,
            "detail": agreement.commercial_partner_id.helpdesk_time_detail,
            "tickets": lines.grouped("helpdesk_ticket_id"),
            "asked": lines.filtered(lambda line: line.customer_state == "asked"),
            "error": kwargs.get("error") and request.session.pop("time_error", ""),
            "access_token": access_token,
        }
        return request.render(
            "helpdesk_timesheet_approval.portal_time_agreement", values
        )

    @http.route(
        "/my/time/<int:agreement_id>/answer",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_time_answer(
        self, agreement_id, access_token=None, line_ids="", question=None, **kwargs
    ):
        """Agree to lines, to all that are asked if none are named, or question them."""
        try:
            agreement = self._get_agreement(agreement_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        url = agreement.get_portal_url()
        if not all(isinstance(text, str) for text in (line_ids, question or "")):
            return request.redirect(url)  # a file: no form of ours sends one
        shown = agreement._get_lines_to_show()
        named = {word for word in line_ids.split(",") if word}
        lines = shown.filtered(
            lambda line: (
                str(line.id) in named if named else line.customer_state == "asked"
            )
        )
        name = self._get_name_of_answer(agreement)
        try:
            if question is None:
                agreement._agree(lines, name)
            else:
                agreement._question(lines, question, name)
        except UserError as error:
            request.session["time_error"] = str(error)
            return request.redirect(f"{url}&error=1")
        return request.redirect(url)

    def _get_name_of_answer(self, agreement):
        """Who answers: the person who is logged in, else the contact who was asked."""
        user = request.env.user
        return (agreement if user._is_public() else user).partner_id.name
