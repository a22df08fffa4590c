from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.models import MAGIC_COLUMNS
from odoo.tools.misc import formatLang

from odoo.addons.helpdesk_timesheet_reinvoice.models.invoicing.helpdesk_ticket import (
    INVOICE_READERS,
)


class HelpdeskBillingRunLine(models.Model):
    """One order item in a run: what is billed, or left out and why."""

    _name = "helpdesk.billing.run.line"
    _description = "Billing Run Line"
    _inherit = ["helpdesk.input.mixin"]
    _order = "partner_id, order_id, sale_line_id, id"
    _rec_name = "sale_line_id"

    run_id = fields.Many2one(
        comodel_name="helpdesk.billing.run",
        string="Billing Run",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    run_state = fields.Selection(related="run_id.state", string="State of the Run")
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True, index=True
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Sales Order",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    order_user_id = fields.Many2one(
        related="order_id.user_id", string="Salesperson", store=True
    )
    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Sales Order Item",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    kind = fields.Selection(
        [
            ("bill", "To bill"),
            ("period", "Outside of the period"),
            ("team", "Other team"),
            ("waiting", "Waits"),
            ("below", "Below zero"),
            ("free", "Free of charge"),
            ("billed", "Nothing left to bill"),
            ("covered", "Covered by the order"),
            ("no_item", "No sales order item"),
            ("by_hand", "Item removed by hand"),
            ("order", "Order not confirmed"),
            ("no_team", "Team bills no time"),
            ("since", "Came after the rehearsal"),
            ("gone", "Nothing this time"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    decision = fields.Selection(
        [("bill", "Bill"), ("leave", "Leave")],
        required=True,
        default="leave",
        help="Leave: its time stays open, for another run.",
    )
    reason = fields.Char(
        compute="_compute_reason", help="Why the time is left out, and what to do."
    )
    hours = fields.Float(string="Hours to Bill", readonly=True)
    hours_worked = fields.Float(readonly=True)
    quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="What is billed, in the unit of the item.",
    )
    uom_id = fields.Many2one(related="sale_line_id.product_uom_id", string="Unit")
    currency_id = fields.Many2one(related="order_id.currency_id")
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount = fields.Monetary(
        readonly=True,
        groups=INVOICE_READERS,
        help="Without taxes, in the currency of the order.",
    )
    amount_tax = fields.Monetary(string="Taxes", readonly=True, groups=INVOICE_READERS)
    amount_total = fields.Monetary(
        string="Total with Taxes", readonly=True, groups=INVOICE_READERS
    )
    amount_company = fields.Monetary(
        string="Amount in Company Currency",
        currency_field="company_currency_id",
        readonly=True,
        groups=INVOICE_READERS,
        help="Without taxes, at the rate of today.",
    )
    amount_total_company = fields.Monetary(
        string="Total in Company Currency",
        currency_field="company_currency_id",
        readonly=True,
        groups=INVOICE_READERS,
        help="With taxes, at the rate of today.",
    )
    # What is in it that a customer may ask about.
    hours_added = fields.Float(
        string="Added by Rules",
        readonly=True,
        help="Hours that are billed beyond those that were worked: what rounding, "
        "minimums and factors add, less what was written off.",
    )
    amount_added = fields.Monetary(
        string="Amount of Rules",
        currency_field="company_currency_id",
        readonly=True,
        groups=INVOICE_READERS,
        help="What these hours cost, without taxes, in the currency of the company.",
    )
    hours_late = fields.Float(
        string="Late Hours",
        readonly=True,
        help="Hours to bill of days up to which the order was billed already.",
    )
    amount_late = fields.Monetary(
        string="Amount of Late Hours",
        currency_field="company_currency_id",
        readonly=True,
        groups=INVOICE_READERS,
        help="What these hours cost, without taxes, in the currency of the company.",
    )
    # Beside the period before.
    hours_before = fields.Float(
        readonly=True,
        help="Hours of the period before, of the same length, that were billed.",
    )
    hours_change = fields.Float(
        string="Change in Hours", readonly=True, help="Compared with the period before."
    )
    amount_before = fields.Monetary(
        readonly=True,
        groups=INVOICE_READERS,
        help="Billed for the period before, without taxes, in the currency of the order.",
    )
    amount_before_company = fields.Monetary(
        string="Amount Before in Company Currency",
        currency_field="company_currency_id",
        readonly=True,
        groups=INVOICE_READERS,
    )
    amount_change = fields.Monetary(
        string="Change in Amount",
        currency_field="company_currency_id",
        readonly=True,
        groups=INVOICE_READERS,
        help="Compared with the period before, in the currency of the company.",
    )
    is_changed = fields.Boolean(
        string="Changed Much",
        readonly=True,
        help="The hours of the order differ by half, and by two hours or more, from those "
        "of the period before.",
    )
    # What became of it.
    is_done = fields.Boolean(readonly=True)
    move_id = fields.Many2one(
        comodel_name="account.move",
        string="Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups=INVOICE_READERS,
    )
    hours_billed = fields.Float(readonly=True)
    quantity_billed = fields.Float(digits="Product Unit", readonly=True)
    amount_billed = fields.Monetary(readonly=True, groups=INVOICE_READERS)
    amount_billed_company = fields.Monetary(
        string="Billed in Company Currency",
        currency_field="company_currency_id",
        readonly=True,
        groups=INVOICE_READERS,
    )
    error = fields.Char(readonly=True, help="Why the customer could not be billed.")
    has_error = fields.Boolean(compute="_compute_has_error", store=True)
    differs = fields.Boolean(
        string="Not as Rehearsed",
        readonly=True,
        help="Other hours or another amount were billed than were rehearsed.",
    )
    unsent_reason = fields.Char(
        string="Not Sent",
        compute="_compute_unsent_reason",
        compute_sudo=True,
        help="Why the invoice is not sent, where the run sends invoices.",
    )
    result = fields.Char(
        compute="_compute_result", help="What was billed, if it is not as rehearsed."
    )

    # === COMPUTE METHODS === #

    @api.depends("error")
    def _compute_has_error(self):
        for line in self:
            line.has_error = bool(line.error)

    @api.depends("decision", "is_done", "kind", "move_id", "run_id.send_invoices")
    def _compute_unsent_reason(self):
        """Of lines to bill as things are now; of billed ones as their invoice is."""
        for line in self:
            move, is_taken = line.move_id, line.kind == "bill" == line.decision
            reason = False
            if move and move.is_move_sent:
                is_taken = False
            if is_taken and line.run_id.send_invoices and (move or not line.is_done):
                partner = move.partner_id or line.order_id.partner_invoice_id
                reason = partner._get_invoice_unsent_reason(line.company_id)
            line.unsent_reason = reason

    @api.depends("decision", "kind")
    def _compute_reason(self):
        sentences = self._get_reasons()
        for line in self:
            reason = sentences.get(line.kind, False)  # a form without a kind
            if line.kind == "bill" and line.decision == "leave":
                reason = self.env._("Left by hand: stays open.")
            line.reason = reason

    @api.depends("differs", "quantity", "quantity_billed", "uom_id")
    def _compute_result(self):
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        for line in self:
            line.result = line.differs and self.env._(
                "Rehearsed: %(rehearsed)s %(unit)s, billed: %(billed)s %(unit)s.",
                rehearsed=formatLang(self.env, line.quantity, digits=digits),
                billed=formatLang(self.env, line.quantity_billed, digits=digits),
                unit=line.sudo().uom_id.name or "",
            )

    # === CRUD METHODS === #

    def write(self, vals):
        """A person decides what is left, until it is run, and nothing else."""
        vals = self._clean_input(vals)
        if not self.env.su and "decision" in vals:
            self._check_may_decide(vals["decision"])
        return super().write(vals)

    # === ACTION METHODS === #

    def action_leave(self):
        """Leave these lines to another run: their time stays open.

        :return: True
        :rtype: bool
        :raise UserError: if their run has started
        """
        self.filtered(lambda line: line.kind == "bill").write({"decision": "leave"})
        return True

    def action_bill(self):
        """Bill these lines after all, as far as they can be billed.

        :return: True
        :rtype: bool
        :raise UserError: if their run has started
        """
        self.filtered(lambda line: line.kind == "bill").write({"decision": "bill"})
        return True

    def action_view_time(self):
        """Open the time of these items that is not billed.

        :return: a window action on ``account.analytic.line``
        :rtype: dict
        """
        self.check_access("read")
        Line = self.env["account.analytic.line"]
        domain = ~Line._domain_time("billed") & self._domain_time_lines()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_billing_run.account_analytic_line_action_open"
        )
        return {**action, "domain": list(domain), "context": {"create": False}}

    # === BUSINESS METHODS === #

    def _domain_time_lines(self):
        """Time on tickets that these lines are about, whatever its day and team."""
        items = self.sudo().sale_line_id
        domain = Domain("so_line", "in", items.ids)
        without = self.filtered(lambda line: not line.sale_line_id)
        if without:
            domain |= Domain("so_line", "=", False) & Domain(
                "helpdesk_commercial_partner_id",
                "in",
                without.partner_id.ids or [False],
            )
        return domain & Domain("helpdesk_ticket_id", "!=", False)

    @api.model
    def _get_reasons(self):
        """A sentence for each kind of line.

        :rtype: dict[str, str]
        """
        return {
            "bill": False,
            "period": self.env._("Recorded for a day outside of the period."),
            "team": self.env._("Time of a team that is not chosen."),
            "waiting": self.env._(
                "Waits: it has to be approved, agreed or completed before it counts."
            ),
            "below": self.env._(
                "Corrected to less than nothing: make a credit note from the order."
            ),
            "free": self.env._(
                "Free of charge: the next invoice of its item lists it."
            ),
            "billed": self.env._(
                "Nothing is left of its item: an invoice was raised by hand, or a draft "
                "credit note waits to be posted."
            ),
            "covered": self.env._(
                "Paid by what was ordered: a pack, a fixed price or milestones."
            ),
            "no_item": self.env._(
                "Its ticket has no sales order item: choose one there."
            ),
            "by_hand": self.env._("Somebody said that it is not billed."),
            "order": self.env._(
                "Its order is cancelled or not confirmed: confirm it, or choose another "
                "item on the ticket."
            ),
            "no_team": self.env._("Its team does not reinvoice time."),
            "since": self.env._(
                "It came after the rehearsal: bill it with the next run."
            ),
            "gone": self.env._(
                "Time of the period before was billed; nothing is open now."
            ),
        }

    def _get_ruled_fields(self):
        """All but what a person decides."""
        return super()._get_ruled_fields() | {
            name
            for name, field in self._fields.items()
            if field.store and name not in (*MAGIC_COLUMNS, "decision")
        }

    def _check_may_decide(self, decision):
        """What cannot be billed is not; what was run is decided.

        :raise UserError: saying so
        """
        changed = self.filtered(lambda line: line.decision != decision)
        if changed.filtered(lambda line: line.run_id.state != "rehearsed"):
            raise UserError(self.env._("The run has started: its lines are decided."))
        fixed = changed.filtered(lambda line: line.kind != "bill")
        if fixed:
            raise UserError(
                self.env._(
                    "%(item)s cannot be billed. %(reason)s",
                    item=fixed[0].sale_line_id.sudo().display_name or "-",
                    reason=fixed[0].reason,
                )
            )

    def _bill(self):
        """Bill these lines, all of one customer, and note what became of it.

        :return: whether that was done; not, if somebody else is at their orders
        :rtype: bool
        """
        run = self.run_id
        orders = self.order_id
        try:
            with self.env.cr.savepoint():
                if orders.try_lock_for_update(allow_referencing=True) != orders:
                    return False
                self._note_billed(run._make_invoices(self).sudo())
        except Exception as error:  # noqa: BLE001 it stops this customer only
            if run._is_concurrent(error):
                return False
            self.write({"error": run._get_error_sentence(error), "is_done": True})
        return True

    def _note_billed(self, moves):
        """Note what the invoices bill of these items, and whether that is what was
        rehearsed: its quantity and its amount.

        :param moves: ``account.move``, with raised rights
        """
        hours = dict(
            self.env["account.analytic.line"]._read_group(
                [("timesheet_invoice_id", "in", moves.ids)],
                ["so_line"],
                ["billable_hours:sum"],
            )
        )
        by_item = moves.invoice_line_ids.grouped("sale_line_ids")
        for line in self:
            own = by_item.get(line.sale_line_id, moves.invoice_line_ids.browse())
            amount = -sum(own.mapped("amount_currency"))
            quantity = line.sale_line_id._sum_quantity(own)
            is_same = not line.uom_id.compare(quantity, line.quantity)
            is_same &= not line.currency_id.compare_amounts(amount, line.amount)
            line.write(
                {
                    "is_done": True,
                    "move_id": own.move_id[:1].id,
                    "hours_billed": hours.get(line.sale_line_id, 0.0),
                    "quantity_billed": quantity,
                    "amount_billed": amount,
                    "amount_billed_company": -sum(own.mapped("balance")),
                    "differs": not is_same,
                }
            )
