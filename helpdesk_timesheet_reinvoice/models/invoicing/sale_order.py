from odoo import api, models
from odoo.exceptions import AccessError

from odoo.addons.helpdesk_base.tools import Private, read_private

#: The record rules of these groups show every invoice line.
SEE_ALL_INVOICES = (
    "sales_team.group_sale_salesman_all_leads",
    "account.group_account_invoice",
)


class SaleOrder(models.Model):
    """Invoices of orders with ticket time."""

    _inherit = "sale.order"

    # === ACTION METHODS === #

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

    # === BUSINESS METHODS === #

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

    # === WHO PAYS === #

    def _prepare_invoice(self):
        """The company that bought pays, also once its contact has left it."""
        values = super()._prepare_invoice()
        company = self.helpdesk_commercial_partner_id
        if self._is_left_by_contact() and self.order_line._filter_with_ticket_time():
            values["partner_id"] = company.address_get(["invoice"])["invoice"]
        return values

    def _is_left_by_contact(self):
        """Tell whether the invoice would go to the company to which the contact of this
        order has changed. An address that somebody chose to pay for it stays.

        :rtype: bool
        """
        self.ensure_one()
        payer = self.partner_invoice_id.commercial_partner_id
        is_address_of_contact = payer == self.partner_id.commercial_partner_id
        return is_address_of_contact and self._has_contact_left()
