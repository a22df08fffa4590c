from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.helpdesk_base.tools import Private, read_private

#: The record rules of these groups show every invoice line.
SEE_ALL_INVOICES = (
    "sales_team.group_sale_salesman_all_leads",
    "account.group_account_invoice",
)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    helpdesk_ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        string="Made for Ticket",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
        help="Ticket this quotation was made from. Once confirmed, its item bills the "
        "ticket.",
    )
    ticket_ids = fields.One2many(
        comodel_name="helpdesk.ticket",
        inverse_name="sale_order_id",
        string="Tickets",
        groups="base.group_user",
    )
    ticket_count = fields.Integer(
        compute="_compute_ticket_figures",
        compute_sudo=True,
        groups="base.group_user",
        export_string_translation=False,
    )
    ticket_hours_to_invoice = fields.Float(
        string="Ticket Hours to Bill",
        compute="_compute_ticket_figures",
        compute_sudo=True,
        groups="base.group_user",
    )
    ticket_hours_invoiced = fields.Float(
        string="Ticket Hours Billed",
        compute="_compute_ticket_figures",
        compute_sudo=True,
        groups="base.group_user",
    )
    ticket_hours_covered = fields.Float(
        string="Ticket Hours Covered by Order",
        compute="_compute_ticket_figures",
        compute_sudo=True,
        groups="base.group_user",
    )
    ticket_hours_non_billable = fields.Float(
        string="Ticket Hours not Billable",
        compute="_compute_ticket_figures",
        compute_sudo=True,
        groups="base.group_user",
        help="Hours on the tickets of this order that are not billed on any item; all "
        "that is not invoiced if the order is cancelled.",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "order_line.qty_delivered",
        "order_line.qty_invoiced",
        "state",
        "ticket_ids.active",
        "ticket_ids.timesheet_ids.so_line",
    )
    def _compute_ticket_figures(self):
        """Count the tickets in use, and sum the hours on the items of the order that
        come from tickets, and the hours of its tickets that nobody pays for."""
        counts = self._count_tickets()
        hours = self._read_ticket_hours({order_id for order_id, _active in counts})
        for order in self:
            order.ticket_count = counts.get((order._origin.id, True), 0)
            figures = hours[order._origin.id]
            order.ticket_hours_to_invoice = figures["to_invoice"]
            order.ticket_hours_invoiced = figures["invoiced"]
            order.ticket_hours_covered = figures["covered"]
            order.ticket_hours_non_billable = figures["non_billable"]

    def _count_tickets(self):
        """Number of tickets by order id and whether they are active.

        :rtype: dict
        """
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        groups = tickets._read_group(
            [("sale_order_id", "in", self.ids)],
            ["sale_order_id", "active"],
            ["__count"],
        )
        return {(order.id, active): count for order, active, count in groups}

    def _read_ticket_hours(self, with_tickets):
        """Ticket hours of the orders by what becomes of them, in two queries at most.

        :param set with_tickets: ids of those of the orders that have tickets, archived
            ones included: their time counts as well
        :return: hours by kind, see ``_read_billing_hours`` of the time lines, by order id
        :rtype: dict
        """
        Line = self.env["account.analytic.line"].sudo()
        hours = Line._read_billing_hours(Line._domain_of_orders(self), "order_id")
        if not with_tickets:
            return hours
        for order, total in Line._read_group(
            [
                ("helpdesk_ticket_id.sale_order_id", "in", with_tickets),
                ("so_line", "=", False),
                ("project_id", "!=", False),
            ],
            ["helpdesk_ticket_id.sale_order_id"],
            ["unit_amount:sum"],
        ):
            hours[order.id]["non_billable"] += total
        return hours

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._check_may_quote_ticket()
        return orders

    def write(self, vals):
        result = super().write(vals)
        if vals.get("helpdesk_ticket_id"):
            self._check_may_quote_ticket()
        return result

    # === ACTION METHODS === #

    def action_view_tickets(self):
        """Open the tickets that are billed on these orders.

        :return: a window action on ``helpdesk.ticket``
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_timesheet_reinvoice.helpdesk_ticket_action_of_document"
        )
        action["domain"] = [("sale_order_id", "in", self.ids)]
        action["context"] = {"create": False}
        return action

    def action_view_invoice(self, invoices=False):
        """Keep the answer fit for XML-RPC: without payment terms the stock action, which
        invoicing an order returns, holds a None that cannot be sent."""
        action = super().action_view_invoice(invoices=invoices)
        context = action.get("context")
        if isinstance(context, dict):
            action["context"] = {
                key: False if value is None else value for key, value in context.items()
            }
        return action

    def action_confirm(self):
        """Let the confirmed order bill the ticket it was made for."""
        result = super().action_confirm()
        for order in self.filtered(lambda order: order.state == "sale"):
            order.sudo()._bill_origin_ticket()
        return result

    # === BUSINESS METHODS === #

    def _check_may_quote_ticket(self):
        """An order is made for a ticket by who may see it: it tells the name of the
        ticket, and bills it once it is confirmed.

        :raise AccessError: if a ticket is hidden from the user
        """
        ticket = self.sudo().helpdesk_ticket_id.with_env(self.env)
        if ticket and not ticket.has_access("read"):
            raise AccessError(
                self.env._(
                    "You may not see this ticket, so you cannot make an order for it. "
                    "Ask somebody of its team to start the quotation."
                )
            )

    def _bill_origin_ticket(self):
        """Put the first suitable item on the ticket this order was made for, unless
        the ticket has a living item already."""
        self.ensure_one()
        ticket = self.helpdesk_ticket_id
        if not ticket or ticket.sale_line_id.state == "sale":
            return
        for item in self.order_line:
            if not item._get_helpdesk_refusal(
                ticket.commercial_partner_id, ticket.company_id
            ):
                ticket.sale_line_id = item
                return

    def _get_invoiceable_lines(self, final=False):
        """An invoice made from tickets takes the items of their time, with the sections
        they stand in and the notes of the order."""
        lines = super()._get_invoiceable_lines(final)
        if not self._get_tickets_to_invoice():
            return lines
        explained = read_private(self.env, "helpdesk_hours_to_explain") or {}
        items = lines.filtered(lambda line: line.id in explained)
        sections = items.parent_id | items.parent_id.parent_id
        return lines.filtered(
            lambda line: (
                line in items or line in sections or line.display_type == "line_note"
            )
        )

    def _check_may_invoice_time(self):
        """Check that the user may invoice these orders: salespeople who may write them,
        and accountants.

        :raise AccessError: with the orders that somebody else has to invoice
        """
        if self.env["account.move"].has_access("create") and self.has_access("read"):
            return
        if not self.has_access("write"):
            raise AccessError(
                self.env._(
                    "You may not invoice %(orders)s. Ask the salesperson of the order or "
                    "an accountant to do it.",
                    orders=", ".join(self.sudo().mapped("name")),
                )
            )

    @api.model
    def _get_tickets_to_invoice(self):
        """Tickets to which the invoice under construction is limited, empty for all.

        :rtype: helpdesk.ticket
        """
        ids = read_private(self.env, "helpdesk_invoice_ticket_ids") or []
        return self.env["helpdesk.ticket"].browse(ids)

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Limit the invoice to some tickets where asked for, explain ticket time on
        its lines, and leave each item with its true quantity to invoice."""
        context = self.env.context
        start = context.get("timesheet_start_date")
        end = context.get("timesheet_end_date")
        items = self.order_line
        if self._get_tickets_to_invoice():
            items._recompute_qty_to_invoice(start, end)
        elif not (start or end):
            items._complete_qty_delivered()
            items._hold_back_credited_quantity()
        hours, split = items._read_hours_to_explain(start, end)
        orders = self.with_context(
            helpdesk_hours_to_explain=Private(hours),
            helpdesk_items_to_split=Private(split),
        )
        moves = super(SaleOrder, orders)._create_invoices(grouped, final, date)
        self._count_all_invoice_lines()
        self._restore_qty_to_invoice()
        return moves.with_env(self.env)

    def _count_all_invoice_lines(self):
        """Count what was invoiced on all invoices, also those the user may not see.

        A salesperson who sees own invoices only reads a part of the invoice lines of an
        item, and the stock method would count that part as all that is invoiced: the
        hours on a colleague's invoice could be billed again.
        """
        if self.env.su or any(map(self.env.user.has_group, SEE_ALL_INVOICES)):
            return
        items = self.order_line
        items.invalidate_recordset(["invoice_lines"])
        items.modified(["invoice_lines"])

    def _nothing_to_invoice_error_message(self):
        """Say what holds the hours of these orders back, if we know."""
        drafts = self.order_line._search_draft_credit_lines().move_id
        if not drafts:
            return super()._nothing_to_invoice_error_message()
        return self.env._(
            "There is nothing to invoice: the hours are on an invoice until its credit "
            "note (%(notes)s) is posted. Post or delete the credit note first.",
            notes=", ".join(drafts.mapped("display_name")),
        )

    def _restore_qty_to_invoice(self):
        """A period or a choice of tickets narrows the stored quantity to invoice; what
        was left out must be billable by the next invoice."""
        items = self.order_line.filtered(
            lambda item: item.qty_delivered_method == "timesheet"
        )
        self.env.add_to_compute(items._fields["qty_to_invoice"], items)
        items.modified(["qty_to_invoice"])
