from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal


class HelpdeskPackPortal(CustomerPortal):
    """The customer's packs of hours: bought, used, left, and renewed."""

    def _domain_own_packs(self):
        """Packs of the company of who is logged in.

        :rtype: Domain
        """
        items = request.env["sale.order.line"].sudo()
        partner = request.env.user.partner_id.commercial_partner_id
        return items._domain_packs() & Domain(
            "helpdesk_commercial_partner_id", "=", partner.id
        )

    def _search_packs(self, domain=Domain.TRUE):
        """Packs of the customer; with superuser rights, as they tell no price."""
        items = request.env["sale.order.line"].sudo()
        return items.search(self._domain_own_packs() & domain)

    def _get_own_packs(self):
        """The packs that are shown, those with hours left first, by their end."""
        return self._search_packs().sorted(
            lambda pack: (pack._get_pack_state() == "empty", pack._get_pack_order())
        )

    def _get_own_pack(self, pack_id):
        """One of the packs.

        :raise MissingError: if there is none, or it is somebody else's
        """
        pack = self._search_packs(Domain("id", "=", pack_id))
        if not pack:
            raise MissingError(request.env._("This pack does not exist."))
        return pack

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "pack_count" in counters:
            items = request.env["sale.order.line"].sudo()
            values["pack_count"] = items.search_count(self._domain_own_packs())
        return values

    @http.route("/my/packs", type="http", auth="user", website=True)
    def portal_my_packs(self, **kwargs):
        """List of the customer's packs."""
        return request.render(
            "helpdesk_prepaid.portal_my_packs",
            {"page_name": "pack", "packs": self._get_own_packs()},
        )

    @http.route("/my/packs/<int:pack_id>", type="http", auth="user", website=True)
    def portal_my_pack(self, pack_id, report_type=None, download=False, **kwargs):
        """Statement of one pack, also as PDF."""
        try:
            pack = self._get_own_pack(pack_id)
        except (AccessError, MissingError):
            return request.redirect("/my/packs")
        if report_type in ("html", "pdf", "text"):
            return self._show_report(
                pack, report_type, "helpdesk_prepaid.action_report_pack", download
            )
        return request.render(
            "helpdesk_prepaid.portal_my_pack",
            {
                "page_name": "pack",
                "pack": pack,
                "figures": pack._get_pack_figures(),
                "tickets": pack._get_pack_time(),
            },
        )

    @http.route(
        "/my/packs/<int:pack_id>/renew",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_renew_pack(self, pack_id, **kwargs):
        """Make a quotation that renews a pack, to be signed online."""
        try:
            pack = self._get_own_pack(pack_id)
        except (AccessError, MissingError):
            return request.redirect("/my/packs")
        return request.redirect(pack._get_renewal().get_portal_url())
