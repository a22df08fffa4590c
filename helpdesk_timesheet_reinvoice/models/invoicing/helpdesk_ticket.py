from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.helpdesk_base.tools import as_date

from .time_run import TimeRun, get_period_domain

# Who reads what is invoiced.
INVOICE_READERS = (
    "sales_team.group_sale_salesman,account.group_account_readonly,"
    "account.group_account_invoice"
)


class HelpdeskTicket(models.Model):
    """From the ticket to the invoice."""

    _inherit = "helpdesk.ticket"

    invoice_ids = fields.Many2many(
        comodel_name="account.move",
        string="Invoices",
        compute="_compute_invoice_ids",
        compute_sudo=True,
        groups=INVOICE_READERS,
        help="Invoices that bill time of this ticket.",
    )

    invoice_count = fields.Integer(
        compute="_compute_invoice_ids",
        compute_sudo=True,
        groups=INVOICE_READERS,
        export_string_translation=False,
    )

    # === COMPUTE METHODS === #

    @api.depends("timesheet_ids.timesheet_invoice_id")
    def _compute_invoice_ids(self):
        groups = self.env["account.analytic.line"]._read_group(
            [
                ("helpdesk_ticket_id", "in", self.ids),
                ("timesheet_invoice_id", "!=", False),
            ],
            ["helpdesk_ticket_id"],
            ["timesheet_invoice_id:recordset"],
        )
        invoices = {ticket.id: moves for ticket, moves in groups}
        for ticket in self:
            moves = invoices.get(ticket._origin.id, self.env["account.move"])
            ticket.invoice_ids = moves
            ticket.invoice_count = len(moves)

    # === ACTION METHODS === #

    def action_view_invoices(self):
        """Open the invoices that bill time of these tickets.

        :return: a window action on ``account.move``
        :rtype: dict
        :raise AccessError: if the user may not read the tickets or invoices
        """
        self.check_access("read")
        invoices = self.invoice_ids
        return invoices._get_helpdesk_action()

    def action_create_invoice(self, date_start=False, date_end=False):
        """Bill the open time of these tickets, and of no other ticket.

        :param date_start: first day to bill, inclusive, or False for no limit
        :param date_end: last day to bill, inclusive, or False for no limit
        :return: a window action on the draft invoices (``account.move``)
        :rtype: dict
        :raise UserError: if there is no open time to bill
        :raise AccessError: if the user may not invoice
        """
        self.check_access("read")
        start = self._parse_period_date(date_start)
        end = self._parse_period_date(date_end)
        if start and end and start > end:
            raise UserError(
                self.env._(
                    "The period starts on %(start)s, after it ends on %(end)s. Swap the "
                    "dates.",
                    start=start,
                    end=end,
                )
            )
        orders = self._search_orders_to_invoice(start, end)
        run = TimeRun(ticket_ids=tuple(self.ids), date_from=start, date_to=end)
        return orders._invoice_time(run)._get_helpdesk_action()

    # === BUSINESS METHODS === #

    @api.model
    def _parse_period_date(self, value):
        """Return the date a caller gave, False for none.

        :raise UserError: if it is no date
        """
        if value is None or value is False or value == "":
            return False
        try:
            return as_date(value)
        except (TypeError, ValueError) as error:
            raise UserError(
                self.env._(
                    "%(value)s is not a date. Give dates as YYYY-MM-DD.",
                    value=str(value)[:50],
                )
            ) from error

    def _search_orders_to_invoice(self, start, end):
        """Orders with open time of these tickets.

        :raise UserError: if there are none
        """
        Line = self.env["account.analytic.line"].sudo()
        domain = Line._domain_of_tickets(self) & Line._domain_time("open")
        domain &= get_period_domain(start, end)
        groups = Line._read_group(domain, ["order_id"])
        orders = self.env["sale.order"].browse(order.id for (order,) in groups)
        if not orders:
            raise UserError(
                self.env._(
                    "There is no open time to bill on %(tickets)s. Record time, choose "
                    "an item of a confirmed order that is billed on timesheets, or "
                    "widen the period.",
                    tickets=", ".join(self.sudo().mapped("display_name")),
                )
            )
        return orders

    # === TIME THAT INVOICES HOLD === #

    def _filter_to_adopt(self, orphans):
        """An invoice with a line for a ticket alone billed other time without it."""
        billed = self.env["account.move.line"].sudo()
        billed = billed.search([("helpdesk_ticket_id", "in", self.ids)])
        apart = {(line.helpdesk_ticket_id, line.move_id) for line in billed}
        return {
            ticket: time.filtered(
                lambda line, ticket=ticket: (
                    (ticket, line.timesheet_invoice_id) not in apart
                )
            )
            for ticket, time in super()._filter_to_adopt(orphans).items()
        }

    def _merge_move(self, sources):
        """Invoice lines of one ticket hold its time: they stay together."""
        result = super()._merge_move(sources)
        invoice_lines = self.env["account.move.line"].sudo()
        invoice_lines.search([("helpdesk_ticket_id", "in", sources.ids)]).write(
            {"helpdesk_ticket_id": self.id}
        )
        return result
