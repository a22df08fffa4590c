from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.invoicing.time_run import TimeRun


class HelpdeskTimeCredit(models.TransientModel):
    """Credit chosen hours. Where they were billed on the wrong item, put them right and
    bill them again in the same step."""

    _name = "helpdesk.time.credit"
    _inherit = ["helpdesk.input.mixin"]
    _description = "Credit Time on Tickets"

    @api.model
    def _default_timesheet_ids(self):
        if self.env.context.get("active_model") == "account.analytic.line":
            return self.env.context.get("active_ids")
        return []

    timesheet_ids = fields.Many2many(
        comodel_name="account.analytic.line",
        string="Timesheets",
        required=True,
        default=lambda self: self._default_timesheet_ids(),
    )
    invoice_ids = fields.Many2many(
        comodel_name="account.move",
        string="Invoices",
        compute="_compute_from_timesheets",
    )
    hours = fields.Float(compute="_compute_from_timesheets")
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        compute="_compute_from_timesheets",
        help="Empty if the time is of several customers: it cannot be billed again in "
        "one step then.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", compute="_compute_from_timesheets"
    )
    reason = fields.Char()
    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Bill on Instead",
        domain=lambda self: self.env["helpdesk.ticket"]._domain_sale_line_id(),
        help="Choose an item if the hours were billed on the wrong one: the credit note "
        "is posted, the hours move to this item, and a draft invoice bills them again; "
        "a prepaid item covers them without one. Empty: a draft credit note is all that "
        "is created.",
    )

    # === COMPUTE METHODS === #

    @api.depends("timesheet_ids")
    def _compute_from_timesheets(self):
        for wizard in self:
            lines = wizard.timesheet_ids._origin.sudo()
            customers = lines.helpdesk_ticket_id.commercial_partner_id
            wizard.invoice_ids = lines.timesheet_invoice_id.ids
            wizard.hours = sum(lines.mapped("billable_hours"))
            wizard.commercial_partner_id = customers if len(customers) == 1 else False
            wizard.company_id = lines.company_id[:1]

    # === ACTION METHODS === #

    def action_credit(self):
        """Credit the chosen time; with an item to bill on instead, bill it again.

        :return: a window action on the credit notes, and the new invoice if any
        :rtype: dict
        :raise UserError: if some of the time is not billed on a posted invoice
        :raise ValidationError: if the item may not bill the time
        :raise AccessError: if the user may not credit or invoice
        """
        self.ensure_one()
        documents = self.timesheet_ids._create_credit_notes(self.reason)
        if self.sale_line_id:
            documents.action_post()
            documents |= self._bill_again()
        return documents._get_helpdesk_action()

    # === BUSINESS METHODS === #

    def _bill_again(self):
        """Move the time, free by now, to the item, and bill the open time of its tickets
        on the order of that item. A prepaid pack or another item that is billed by what
        was ordered covers the time without an invoice.

        :return: the draft invoice, empty if the order covers the time
        :rtype: account.move
        """
        timesheets = self.timesheet_ids.sudo()
        held = timesheets.filtered(lambda line: not line._is_not_billed())
        if held:
            raise UserError(
                self.env._(
                    "A part of the chosen time was credited before, so it cannot be "
                    "freed as a whole. Credit it without an item to bill on instead."
                )
            )
        item = self.sale_line_id.sudo()
        timesheets._set_item_by_hand(item)
        if not item._is_helpdesk_delivered_timesheet():
            return self.env["account.move"]  # what was ordered pays for the hours
        order = self.sale_line_id.order_id
        run = TimeRun(ticket_ids=tuple(timesheets.helpdesk_ticket_id.ids))
        return order._invoice_time(run)
