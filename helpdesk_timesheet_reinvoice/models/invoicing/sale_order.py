import dataclasses

from odoo import models
from odoo.exceptions import AccessError

from .time_run import get_run

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
        """An invoice of chosen tickets or lines takes the items of their time, with the
        sections they stand in and the notes of the order."""
        lines, run = super()._get_invoiceable_lines(final), get_run(self.env)
        if not run.is_limited:
            return lines
        items = lines.filtered(lambda line: line.id in run.hours)
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

    def _invoice_time(self, run):
        """Create the draft invoices of a run on these orders: the one door for tickets,
        chosen lines, periods and what addons plan.

        :param TimeRun run: what it takes
        :return: the drafts, with the rights of the user
        :rtype: account.move
        :raise UserError: if there is nothing to invoice
        :raise AccessError: if the user may not invoice these orders
        """
        self._check_may_invoice_time()
        orders = run.put_into(self).with_context(
            timesheet_start_date=run.date_from or False,
            timesheet_end_date=run.date_to or False,
        )
        return orders._create_invoices(grouped=run.grouped).with_env(self.env)

    def _get_time_run(self):
        """The run under way; the stock wizard gives a period through the context.

        :rtype: TimeRun
        """
        run, context = get_run(self.env), self.env.context
        return dataclasses.replace(
            run,
            date_from=context.get("timesheet_start_date") or None,
            date_to=context.get("timesheet_end_date") or None,
        )

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Limit the invoice to what the run takes, explain ticket time on its lines, and
        leave each item with its true quantity to invoice."""
        run = self._get_time_run()
        orders = run.put_into(self)
        items = orders.order_line
        if run.is_limited:
            items._recompute_qty_to_invoice(run.date_from, run.date_to)
        elif not (run.date_from or run.date_to):
            items._complete_qty_delivered()
            items._hold_back_credited_quantity()
        items._read_hours_to_explain(run)
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
