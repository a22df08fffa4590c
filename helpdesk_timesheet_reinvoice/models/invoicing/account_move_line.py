from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.helpdesk_base.tools import read_private

from .time_run import get_run


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["account.move.line", "helpdesk.gate"]

    helpdesk_ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        string="Ticket",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Ticket whose time alone this invoice line bills.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("default_helpdesk_ticket_id"):
            # proposed by a screen: which ticket a line bills is nobody's choice
            self = self.with_context(default_helpdesk_ticket_id=False)
        lines = super().create(vals_list)
        if any(vals.get("helpdesk_ticket_id") for vals in vals_list):
            lines._check_names_billed_ticket()
        return lines

    def write(self, vals):
        """The time on a draft follows a quantity that a person changes on it. Whose
        ticket a line bills is nobody's choice: it follows from how it was made."""
        self._check_ruled(self._get_ruled_names(vals))
        former, before = {}, {}
        if "sale_line_ids" in vals and not self.env.su:
            former = {line: line.sudo().sale_line_ids for line in self}
        if {"quantity", "product_uom_id"} & vals.keys() and not read_private(
            self.env, "helpdesk_quantity_follows_time"
        ):
            before = {line: line.quantity for line in self._filter_bills_time()}
        result = super().write(vals)
        changed = self.browse(
            line.id
            for line, quantity in before.items()
            if line.quantity != quantity or "product_uom_id" in vals
        )
        for move, lines in changed.grouped("move_id").items():
            move._settle_time(lines.sudo().sale_line_ids)
        self._check_keeps_items(former)
        return result

    def unlink(self):
        """Removing a line from a draft frees the time it bills, and no other: time that
        other lines of the same item bill stays on the invoice."""
        deleted = self._filter_bills_time()
        if not deleted:
            return super().unlink()
        kept = deleted._search_time_of_other_lines(self)
        credited = deleted.move_id.filtered(lambda move: move.move_type == "out_refund")
        credited = credited.timesheet_ids.filtered(
            lambda time: time.so_line in deleted.sale_line_ids
        )
        result = super().unlink()
        if credited:
            credited.write({"timesheet_invoice_id": False})
        for invoice, timesheets in kept:
            timesheets.write({"timesheet_invoice_id": invoice.id})
            invoice._settle_time(timesheets.so_line, take=False)
        return result

    def _copy_data_extend_business_fields(self, values):
        """Credit notes and their successors concern the same ticket; a mere duplicate
        bills no time and names no ticket."""
        result = super()._copy_data_extend_business_fields(values)
        values["helpdesk_ticket_id"] = self.helpdesk_ticket_id.id
        return result

    # === BUSINESS METHODS === #

    def _check_keeps_items(self, former):
        """What an invoice line bills follows from how it was made: taken off its item,
        the hours on it could be billed a second time.

        :param dict former: order items by invoice line, as they were
        :raise UserError: if a line was put on an item with time of tickets, or taken
            off it
        """
        changed = self.env["sale.order.line"].sudo()
        for line, items in former.items():
            now = line.sudo().sale_line_ids
            changed |= (items | now) - (items & now)
        used = changed._filter_with_ticket_time()
        if used:
            raise UserError(
                self.env._(
                    "Time of tickets is recorded on %(items)s: what an invoice line bills "
                    "follows from that time. Remove the line, or credit it, instead.",
                    items=", ".join(used.mapped("display_name")),
                )
            )

    def _check_names_billed_ticket(self):
        """New lines made by a person, such as those of a credit note, name a ticket only
        if the lines they were copied from do.

        :raise UserError: if no other invoice line of the same item names the ticket
        """
        if self.env.su:
            return
        lines = self.sudo().filtered("helpdesk_ticket_id")
        for line in lines:
            others = line.sale_line_ids.invoice_lines - lines
            others |= line.move_id.reversed_entry_id.invoice_line_ids
            if line.helpdesk_ticket_id not in others.helpdesk_ticket_id:
                self._check_ruled({"helpdesk_ticket_id"})

    def _get_ruled_fields(self):
        return super()._get_ruled_fields() | {"helpdesk_ticket_id"}

    def _get_ruled_reason(self, names):
        return self.env._(
            "The ticket of an invoice line cannot be written. Create the invoice from the "
            "order or the ticket."
        )

    @api.model
    def _timesheet_domain_get_invoiced_lines(self, sale_line_delivery):
        """Which time is open.

        Time of a ticket that an invoice holds is freed by what happens to that invoice,
        never by the way it was paid: a credit note that has nothing to do with the
        hours can settle it as well. Lines without hours, such as a running timer, bill
        nothing and stay free. Limited to what the run takes.
        """
        domain = Domain(
            super()._timesheet_domain_get_invoiced_lines(sale_line_delivery)
        )
        billed = self.env["account.analytic.line"]._domain_time("billed")
        domain &= Domain("helpdesk_ticket_id", "=", False) | (
            Domain("unit_amount", "!=", 0) & ~billed
        )
        return domain & get_run(self.env).get_chosen()

    def _filter_bills_time(self):
        """Lines of drafts that may hold time, with raised rights.

        :rtype: account.move.line
        """
        return self.sudo().filtered(
            lambda line: (
                line.display_type == "product"
                and line.parent_state == "draft"
                and line.move_id.is_sale_document()
                and line.sale_line_ids
            )
        )

    def _search_time_of_other_lines(self, deleted):
        """Time that invoice lines bill which are not deleted with these.

        :param deleted: all invoice lines about to be deleted
        :return: pairs of draft invoice and time lines
        :rtype: list[tuple]
        """
        result = []
        for invoice in self.move_id:
            own = self.filtered(lambda line, move=invoice: line.move_id == move)
            remaining = invoice.invoice_line_ids - deleted.sudo()
            items = own.sale_line_ids & remaining.sale_line_ids
            if not items:
                continue
            timesheets = invoice.timesheet_ids.filtered(
                lambda time, own=own, remaining=remaining, items=items: (
                    time.so_line in items and remaining._bills_time(time, own)
                )
            )
            if timesheets:
                result.append((invoice, timesheets))
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
