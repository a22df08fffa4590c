from collections import OrderedDict
from operator import itemgetter

from odoo import fields, http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain
from odoo.http import request
from odoo.tools import groupby as groupbyelem

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

# What the address of a page may say besides the ticket; anything else is ignored.
PAGE_WORDS = frozenset({"created", "error", "hash", "pid", "success", "warning"})


class HelpdeskCustomerPortal(CustomerPortal):
    # === HOME === #

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "ticket_count" in counters:
            Ticket = request.env["helpdesk.ticket"]
            readable = Ticket.has_access("read")
            values["ticket_count"] = Ticket.search_count([]) if readable else 0
        return values

    # === HOOKS === #

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        """Values of the page of one ticket.

        Addons extend this method to show more on the page; ``ticket`` has superuser
        rights, so show nothing of it the customer must not see.

        :param ticket: the ``helpdesk.ticket``, with superuser rights
        :param str access_token: the token of a signed link, if any
        :return: rendering values of ``helpdesk_base.portal_helpdesk_ticket``
        :rtype: dict
        """
        team = ticket.team_id
        open_for_changes = (
            team.allow_portal_ticket_closing and not ticket.merged_into_id
        )
        values = {
            "page_name": "ticket",
            "ticket": ticket,
            "can_close": (
                open_for_changes and not ticket.is_closed and team._get_closing_stage()
            ),
            "can_reopen": open_for_changes and ticket.is_closed,
            "created": kwargs.get("created"),
            "preview_object": ticket,
        }
        return self._get_page_view_values(
            ticket, access_token, values, "my_tickets_history", False, **kwargs
        )

    def _ticket_get_searchbar_sortings(self):
        """Ways to sort the list of tickets.

        :return: key -> ``label`` (shown), ``order`` (an ``order`` of ``search``)
        :rtype: dict
        """
        _ = request.env._
        return {
            "date": {"label": _("Newest"), "order": "create_date desc, id desc"},
            "reference": {"label": _("Number"), "order": "ticket_ref desc"},
            "name": {"label": _("Subject"), "order": "name, id desc"},
            "stage": {"label": _("Stage"), "order": "stage_id, id desc"},
            "update": {"label": _("Last Update"), "order": "write_date desc, id desc"},
        }

    def _ticket_get_searchbar_filters(self):
        """Filters of the list of tickets.

        :return: key -> ``label`` (shown), ``domain``
        :rtype: dict
        """
        _ = request.env._
        return {
            "all": {"label": _("All"), "domain": Domain.TRUE},
            "open": {"label": _("Open"), "domain": Domain("is_closed", "=", False)},
            "closed": {"label": _("Closed"), "domain": Domain("is_closed", "=", True)},
        }

    def _ticket_get_searchbar_inputs(self):
        """What the list of tickets can be searched by.

        :return: key -> ``input`` (the key), ``label`` (shown)
        :rtype: dict
        """
        _ = request.env._
        labels = {
            "all": _("Search in All"),
            "name": _("Search in Subject"),
            "ticket_ref": _("Search in Number"),
            "description": _("Search in Description"),
            "messages": _("Search in Messages"),
            "user": _("Search in Assigned to"),
            "stage": _("Search in Stage"),
        }
        return {key: {"input": key, "label": label} for key, label in labels.items()}

    def _ticket_get_searchbar_groupby(self):
        """Fields the list of tickets can be grouped by.

        :return: key -> ``label`` (shown), ``field`` (of ``helpdesk.ticket``)
        :rtype: dict
        """
        _ = request.env._
        return {
            "none": {"label": _("None"), "input": "none", "field": False},
            "stage": {"label": _("Stage"), "input": "stage", "field": "stage_id"},
            "team": {"label": _("Team"), "input": "team", "field": "team_id"},
            "customer": {
                "label": _("Contact"),
                "input": "customer",
                "field": "partner_id",
            },
        }

    def _ticket_get_search_domain(self, search_in, search):
        """Domain of one search in the list of tickets.

        :param str search_in: a key of ``_ticket_get_searchbar_inputs``
        :param str search: what the customer typed
        :rtype: Domain
        """
        search = search.replace("\x00", "")
        domains = {
            "name": Domain("name", "ilike", search),
            "ticket_ref": Domain("ticket_ref", "ilike", search.strip().lstrip("#")),
            "description": Domain("description", "ilike", search),
            "messages": self._ticket_get_message_domain(search),
            "user": Domain("user_id.name", "ilike", search),
            "stage": Domain("stage_id.name", "ilike", search),
        }
        anywhere = Domain.OR(
            domains[key] for key in ("name", "ticket_ref", "description")
        )
        return domains.get(search_in, anywhere)

    def _ticket_get_message_domain(self, search):
        """Tickets with a message the customer may read that holds the text."""
        return Domain(
            "website_message_ids",
            "any",
            [
                ("body", "ilike", search),
                ("is_internal", "=", False),
                ("subtype_id.internal", "=", False),
            ],
        )

    def _ticket_get_period_domain(self, date_begin, date_end):
        """Tickets created in a period; all of them unless both ends are dates."""
        try:
            begin = fields.Datetime.to_datetime(date_begin)
            end = fields.Datetime.to_datetime(date_end)
        except ValueError:
            return Domain.TRUE
        if not (begin and end):
            return Domain.TRUE
        return Domain("create_date", ">", begin) & Domain("create_date", "<=", end)

    def _get_portal_form_teams(self):
        """Teams whose portal form the user may fill in, with superuser rights."""
        return (
            request.env["helpdesk.team"]
            .sudo()
            .search(
                [
                    ("privacy_visibility", "=", "portal"),
                    ("allow_portal_ticket_creation", "=", True),
                    ("company_id", "in", request.env.user.company_ids.ids),
                ]
            )
        )

    # === LIST === #

    def _prepare_my_tickets_values(
        self,
        page=1,
        sortby=None,
        filterby=None,
        search=None,
        search_in=None,
        groupby=None,
        date_begin=None,
        date_end=None,
        **kwargs,
    ):
        """Values of the list of tickets; anything unknown in the URL is ignored.

        :return: rendering values of ``helpdesk_base.portal_my_tickets``
        :rtype: dict
        """
        sortings = self._ticket_get_searchbar_sortings()
        filters = self._ticket_get_searchbar_filters()
        groups = self._ticket_get_searchbar_groupby()
        inputs = self._ticket_get_searchbar_inputs()
        sortby = sortby if sortby in sortings else "date"
        filterby = filterby if filterby in filters else "all"
        groupby = groupby if groupby in groups else "none"
        search_in = search_in if search_in in inputs else "all"
        domain = Domain(filters[filterby]["domain"])
        domain &= self._ticket_get_period_domain(date_begin, date_end)
        if search:
            domain &= self._ticket_get_search_domain(search_in, search)
        url_args = {
            "date_begin": date_begin,
            "date_end": date_end,
            "sortby": sortby,
            "filterby": filterby,
            "groupby": groupby,
            "search_in": search_in,
            "search": search,
        }
        values = self._prepare_portal_layout_values()
        values.update(
            self._get_my_tickets_page(
                domain,
                sortings[sortby]["order"],
                groups[groupby]["field"],
                page,
                url_args,
            ),
            page_name="ticket",
            default_url="/my/tickets",
            teams=self._get_portal_form_teams(),
            searchbar_sortings=sortings,
            searchbar_filters=OrderedDict(filters),
            searchbar_groupby=groups,
            searchbar_inputs=inputs,
            **url_args,
        )
        return values

    def _get_my_tickets_page(self, domain, order, group_field, page, url_args):
        """One page of tickets, grouped, with its pager."""
        # search with superuser rights and the user's own rules: the domain may use
        # stages and users, which customers have no right to read
        Ticket = request.env["helpdesk.ticket"]
        if not Ticket.has_access("read"):
            domain = Domain.FALSE
        domain &= Domain(request.env["ir.rule"]._compute_domain(Ticket._name, "read"))
        Ticket = Ticket.sudo()
        pager = portal_pager(
            url="/my/tickets",
            url_args=url_args,
            total=Ticket.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        tickets = Ticket.search(
            domain,
            order=f"{group_field}, {order}" if group_field else order,
            limit=self._items_per_page,
            offset=pager["offset"],
        )
        request.session["my_tickets_history"] = tickets.ids[:100]
        grouped = [tickets] if tickets else []
        if group_field:
            grouped = [
                Ticket.concat(*group)
                for _key, group in groupbyelem(tickets, itemgetter(group_field))
            ]
        return {"tickets": tickets, "grouped_tickets": grouped, "pager": pager}

    @http.route(
        ["/my/tickets", "/my/tickets/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_tickets(self, page=1, **kwargs):
        """List of the tickets of the customer's company."""
        values = self._prepare_my_tickets_values(page=page, **kwargs)
        return request.render("helpdesk_base.portal_my_tickets", values)

    # === TICKET === #

    def _get_portal_ticket(self, ticket_id, access_token=None):
        """The ticket, with superuser rights, if the visitor may see it.

        :raise AccessError: no right and no valid signed link, an archived ticket, or
            a team that does not show its tickets to customers
        :raise MissingError: no such ticket
        """
        ticket = self._document_check_access("helpdesk.ticket", ticket_id, access_token)
        if not ticket._opens_by_link() and not request.env.user._is_internal():
            raise AccessError(request.env._("This ticket is not shown in the portal."))
        return ticket

    @http.route("/my/ticket/<int:ticket_id>", type="http", auth="public", website=True)
    def portal_helpdesk_ticket(self, ticket_id, access_token=None, **kwargs):
        """Page of one ticket, by right or by signed link."""
        try:
            ticket = self._get_portal_ticket(ticket_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        words = {name: kwargs[name] for name in PAGE_WORDS & kwargs.keys()}
        values = self._ticket_get_page_view_values(ticket, access_token, **words)
        return request.render("helpdesk_base.portal_helpdesk_ticket", values)

    @http.route(
        "/my/ticket/<int:ticket_id>/<string(maxlength=6):change>",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_helpdesk_ticket_change(
        self, ticket_id, change, access_token=None, **kwargs
    ):
        """Close or reopen the ticket, where its team leaves that to customers."""
        try:
            ticket = self._get_portal_ticket(ticket_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if change not in ("close", "reopen"):
            return request.not_found()
        author = ticket.partner_id
        if not request.env.user._is_public():
            author = request.env.user.partner_id
        try:
            ticket._change_by_customer(change == "close", author)
        except UserError:
            # the team withdrew the option while the page was open
            return request.redirect(ticket.get_portal_url())
        return request.redirect(ticket.get_portal_url())
