from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from odoo.addons.helpdesk_base.models.helpdesk_ticket_form import MAX_FILES, MAX_TEXT

#: Size of a file that a browser sends, in MB.
MAX_MEGABYTES = 10


def _sitemap(env, _rule, query):
    website = env["website"].get_current_website()
    for team in website._get_helpdesk_teams():
        if not query or query.lower() in team.website_url:
            yield {"loc": team.website_url}


class HelpdeskWebsite(http.Controller):
    """The pages of the teams on a website."""

    @http.route(
        "/helpdesk",
        type="http",
        auth="public",
        website=True,
        sitemap=True,
        readonly=True,
        list_as_website_content="Helpdesk",
    )
    def helpdesk_teams(self, **_options):
        """The teams to choose from; where there is one, its page."""
        teams = request.website._get_helpdesk_teams()
        if len(teams) == 1:
            return request.redirect(teams.website_url)
        return request.render("helpdesk_website.teams", {"teams": teams})

    @http.route(
        "/helpdesk/<string:slug>",
        type="http",
        auth="public",
        website=True,
        sitemap=_sitemap,
        readonly=True,
    )
    def helpdesk_team(self, slug, **_options):
        """The form of a team."""
        team = self._find_team(slug)
        values = self._prepare_website_form_values(team)
        return request.render("helpdesk_website.team", values)

    @http.route(
        "/helpdesk/<string:slug>/thank-you",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        readonly=True,
    )
    def helpdesk_thank_you(self, slug, **_options):
        """Number and address of the ticket this visitor made; no way to open it but for
        who is logged in, with that person's own rights."""
        team = self._find_team(slug)
        ticket = request.env["helpdesk.ticket"].sudo()
        if request.session.get("form_builder_model_model") == ticket._name:
            ticket = ticket.browse(
                request.session.get("form_builder_id") or []
            ).exists()
        own = ticket.with_user(request.env.user)
        shown = bool(ticket) and team.privacy_visibility == "portal"
        opens = shown and own.has_access("read")
        values = {"team": team, "ticket": ticket, "opens": opens, "main_object": team}
        return request.render("helpdesk_website.thank_you", values)

    def _find_team(self, slug):
        """The team of a page.

        :raise NotFound: unless this website has a form of it
        """
        _name, team_id = request.env["ir.http"]._unslug(slug)
        teams = request.website._get_helpdesk_teams()
        team = teams.filtered(lambda team: team.id == team_id)
        if not team:
            raise NotFound()
        return team

    def _prepare_website_form_values(self, team):
        """Values of the page of a team. Meant for override.

        :param team: the ``helpdesk.team``
        :rtype: dict
        """
        types = request.env["helpdesk.ticket.type"].sudo()
        return {
            "team": team,
            "main_object": team,
            "types": types.search([]) if team.website_form_type else types,
            "properties": team._get_website_form_properties(),
            "is_visitor": request.env.user._is_public(),
            "max_files": MAX_FILES,
            "max_megabytes": MAX_MEGABYTES,
            "files_help": request.env._(
                "Up to %(limit)s files, of %(size)s MB each.",
                limit=MAX_FILES,
                size=MAX_MEGABYTES,
            ),
            "max_text": MAX_TEXT,
        }
