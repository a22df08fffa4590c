from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    rounded_line_ids = fields.One2many(
        comodel_name="account.analytic.line",
        inverse_name="rounded_ticket_id",
        export_string_translation=False,
        groups="base.group_system",
    )
    items_of_kinds = fields.Many2many(
        comodel_name="sale.order.line",
        compute="_compute_items_of_kinds",
        compute_sudo=True,
        export_string_translation=False,
        groups="base.group_system",
        help="Sales order items of the customer that sell kinds of work.",
    )

    # === COMPUTE METHODS === #

    @api.depends("commercial_partner_id", "company_id", "sale_line_id")
    def _compute_items_of_kinds(self):
        """In one query for many tickets: those on the order of the ticket first, then
        the newest."""
        SaleLine = self.env["sale.order.line"]
        kinds = self.env["helpdesk.work.type"].with_context(active_test=False)
        products = kinds.search([("product_id", "!=", False)]).product_id
        items = products and SaleLine.search(
            SaleLine._domain_helpdesk_sale_line()
            & Domain("product_id", "in", products.ids)
            & Domain(
                "helpdesk_commercial_partner_id", "in", self.commercial_partner_id.ids
            ),
            order="id DESC",
        )
        items = (items or SaleLine).grouped(
            lambda item: (item.helpdesk_commercial_partner_id, item.company_id)
        )
        for ticket in self:
            key = (ticket.commercial_partner_id._origin, ticket.company_id._origin)
            order = ticket.sale_line_id.order_id._origin
            of_customer = items.get(key, SaleLine)
            on_order = of_customer & order.order_line
            ticket.items_of_kinds = on_order.sorted() + (of_customer - on_order)

    # === BUSINESS METHODS === #

    def _get_default_work_type(self):
        """Kind of work on this ticket unless somebody says otherwise: that of its type,
        if the team uses it, else that of the team.

        :rtype: helpdesk.work.type
        """
        ticket = self.sudo()
        kind = ticket.ticket_type_id.default_work_type_id
        if kind.active and ticket.team_id._allows_work_type(kind):
            return kind
        return ticket.team_id.default_work_type_id

    def _get_items_of_product(self, product):
        """Items of the customer that may bill this ticket and sell a product, best first.

        :param product: ``product.product`` that a kind of work is sold as
        :rtype: sale.order.line
        """
        return self.sudo().items_of_kinds.filtered(
            lambda item: (
                item.product_id == product
                and not item._get_helpdesk_refusal(
                    self.commercial_partner_id, self.company_id
                )
            )
        )

    @api.model
    def _forget_items_of_kinds(self):
        """Look for items again: some were sold or confirmed meanwhile."""
        self.invalidate_model(["items_of_kinds"], flush=False)

    @api.model
    def _get_fields_for_time(self):
        """The type of a ticket may give the kind of work."""
        return [*super()._get_fields_for_time(), "ticket_type_id"]

    # === TIME RECORDED AT ONCE === #

    def _settle_rounding(self, _team_ids=()):
        """Share rounded hours among all open time that is committed by now. Whoever
        records time on these tickets at this moment is waited for, and does the same.
        The ORM does not wait: it only locks rows that are free."""
        if not self:
            return
        self.env.execute_query(
            SQL(
                "SELECT id FROM helpdesk_ticket WHERE id IN %s ORDER BY id"
                " FOR NO KEY UPDATE",
                tuple(self.ids),
            )
        )
        Line = self.env["account.analytic.line"].sudo()
        lines = Line.search(
            Domain("rounded_ticket_id", "in", self.ids) & ~Line._domain_time("billed")
        )
        lines._round_again()

    # === RECORDING TIME === #

    def _get_time_entry_fields(self):
        """The kind of work, where there is a choice."""
        entry_fields = super()._get_time_entry_fields()
        kinds = self.team_id and self.team_id._get_work_types()
        if not kinds:
            return entry_fields
        field = self.env["account.analytic.line"]._fields["work_type_id"]
        return [
            *entry_fields,
            {
                "name": "work_type_id",
                "label": field._description_string(self.env),
                "options": [[kind.id, kind.display_name] for kind in kinds],
                "value": self._get_default_work_type().id,
            },
        ]

    @api.model
    def _get_started_values(self, started):
        """Work that was measured is looked at by the clock: it may be out of hours."""
        return {**super()._get_started_values(started), "start_datetime": started}
