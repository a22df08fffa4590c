from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class SaleOrder(models.Model):
    """The tickets of an order, and the company that bought, kept from when the customer
    of the order was chosen. Tickets keep an order that is cancelled, new time does not
    get its items: ``_decide_by_order`` of the time."""

    _name = "sale.order"
    _inherit = ["sale.order", "helpdesk.customer.mixin"]
    _customer_company_field = "helpdesk_commercial_partner_id"

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

    helpdesk_commercial_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer Company",
        compute="_compute_customer_company",
        store=True,
        precompute=True,
        index=True,
        help="Company whose tickets this order bills, whatever becomes of its contact.",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "order_line.qty_delivered",
        "order_line.qty_invoiced",
        "order_line.used_by_tickets",
        "state",
        "ticket_ids.active",
        "ticket_ids.timesheet_ids.so_line",
    )
    def _compute_ticket_figures(self):
        """Count the tickets in use, and sum the hours on the items of the order that
        come from tickets, and the hours of its tickets that nobody pays for."""
        used = self.order_line.filtered("used_by_tickets").order_id._origin
        counts = used._count_tickets()
        hours = used._read_ticket_hours({order_id for order_id, _active in counts})
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

    def _domain_ticket_time(self):
        """Ticket time on the items of these orders.

        :rtype: Domain
        """
        return Domain("order_id", "in", self.ids) & Domain(
            "helpdesk_ticket_id", "!=", False
        )

    def _read_ticket_hours(self, with_tickets):
        """Ticket hours of the orders by what becomes of them, in two queries at most.

        :param set with_tickets: ids of those of the orders that have tickets, archived
            ones included: their time counts as well
        :return: hours by kind, see ``_read_billing_hours`` of the time lines, by order id
        :rtype: dict
        """
        Line = self.env["account.analytic.line"].sudo()
        hours = Line._read_billing_hours(self._domain_ticket_time(), "order_id")
        if not with_tickets:
            return hours
        for order, total in Line._read_group(
            Domain("helpdesk_ticket_id.sale_order_id", "in", with_tickets)
            & Domain("so_line", "=", False)
            & Domain("project_id", "!=", False)
            & ~Line._domain_billed_elsewhere(),
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
        """No ticket is billed to a customer, or by a company, to which its order was
        handed."""
        result = super().write(vals)
        if vals.get("helpdesk_ticket_id"):
            self._check_may_quote_ticket()
        if {"company_id", "partner_id"} & vals.keys():
            self.order_line._release_foreign_tickets(customer_only=True)
            self.order_line._follow_rates()
        return result

    def unlink(self):
        """Tickets without time let go of an order that is deleted."""
        if self:  # before a sentence names tickets
            self.check_access("unlink")
        self._unlink_except_with_ticket_time()
        self.order_line._release_tickets()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_ticket_time(self):
        """The database deletes the items of an order without asking them."""
        self.order_line._unlink_except_with_ticket_time()

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

    def action_confirm(self):
        """Let the confirmed order bill the ticket it was made for, and the time that was
        recorded while it was cancelled, on items that may still bill it."""
        result = super().action_confirm()
        confirmed = self.filtered(lambda order: order.state == "sale")
        for order in confirmed:
            order.sudo()._bill_origin_ticket()
        confirmed.order_line._release_foreign_tickets()
        confirmed.order_line._bill_waiting_ticket_time()
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
