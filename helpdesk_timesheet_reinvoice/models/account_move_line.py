from odoo import api, fields, models
from odoo.fields import Domain


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    helpdesk_ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        string="Ticket",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Ticket whose time alone this invoice line bills.",
    )

    # === CRUD METHODS === #

    def unlink(self):
        """Removing the line of one ticket from a draft frees the time of that ticket;
        the time that the other lines of the same item bill stays on the invoice."""
        lines = self.filtered("helpdesk_ticket_id")
        if not lines:
            return super().unlink()
        kept = lines._search_time_of_other_lines(self)
        result = super().unlink()
        for invoice, timesheets in kept:
            timesheets.write({"timesheet_invoice_id": invoice.id})
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _timesheet_domain_get_invoiced_lines(self, sale_line_delivery):
        """Limit the time an invoice takes to the tickets it is made from.

        Lines without hours, such as a running timer, bill nothing and stay free.
        """
        domain = super()._timesheet_domain_get_invoiced_lines(sale_line_delivery)
        ticket_ids = self.env.context.get("helpdesk_invoice_ticket_ids")
        if not ticket_ids:
            return domain
        return Domain(domain) & Domain("helpdesk_ticket_id", "in", ticket_ids)

    def _search_time_of_other_lines(self, deleted):
        """Time that invoice lines bill which are not deleted with these.

        :param deleted: all invoice lines about to be deleted
        :return: pairs of draft invoice and time lines
        :rtype: list[tuple]
        """
        result = []
        for invoice in self.move_id:
            own = self.filtered(lambda line, move=invoice: line.move_id == move)
            remaining = invoice.invoice_line_ids - deleted
            timesheets = (
                self.env["account.analytic.line"]
                .sudo()
                .search(
                    [
                        ("timesheet_invoice_id", "=", invoice.id),
                        ("so_line", "in", own.sale_line_ids.ids),
                    ]
                )
            )
            kept = timesheets.filtered(
                lambda time, own=own, remaining=remaining: remaining._bills_time(time, own)
            )
            if kept:
                result.append((invoice, kept))
        return result

    def _bills_time(self, timesheet, deleted):
        """Tell whether one of these invoice lines bills a time line, once the deleted
        ones are gone."""
        same_item = self.filtered(lambda line: timesheet.so_line in line.sale_line_ids)
        ticket = timesheet.helpdesk_ticket_id
        if ticket and ticket in same_item.helpdesk_ticket_id:
            return True
        common = same_item.filtered(lambda line: not line.helpdesk_ticket_id)
        return bool(common) and ticket not in deleted.helpdesk_ticket_id
