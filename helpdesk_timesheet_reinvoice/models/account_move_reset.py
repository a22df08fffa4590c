from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.helpdesk_base.tools import format_hours


class AccountMove(models.Model):
    """Documents that count again or change their type: their hours come and go."""

    _inherit = "account.move"

    # === CANCELLED DOCUMENTS === #

    def _check_not_billed_again(self):
        """Check that what cancelled documents bill or credit is still open.

        Credit notes of an invoice are checked by :meth:`_prepare_credit_undo`; those
        that an order made for corrected hours are checked here.

        :raise UserError: if an item would be invoiced beyond what was delivered, or
            credited below it
        """
        quantities = defaultdict(float)
        for move in self.sudo():
            if move.move_type not in ("out_invoice", "out_refund"):
                continue
            if move.move_type == "out_refund" and move.reversed_entry_id:
                continue
            sign = 1 if move.move_type == "out_invoice" else -1
            items = move.invoice_line_ids.sale_line_ids
            for item in items.filtered(lambda i: i._is_helpdesk_delivered_timesheet()):
                quantity = item._sum_quantity(move._get_lines_of_item(item))
                quantities[item] += sign * quantity
        for item, quantity in quantities.items():
            self._check_left(item, quantity)

    def _check_left(self, item, quantity):
        """Check that a quantity of an item is still left to bill or, below zero, to
        credit; see :meth:`_check_not_billed_again`."""
        left = item.qty_delivered - item.qty_invoiced
        if quantity < 0:
            quantity, left = -quantity, -left
        left = max(left, 0.0) + 0.0  # never "-0.0"
        if item.product_uom_id.compare(quantity, left) <= 0:
            return
        moves = self.filtered(lambda m: item in m.sudo().invoice_line_ids.sale_line_ids)
        raise UserError(
            self.env._(
                "%(invoice)s is about %(quantity)s %(unit)s of %(item)s, but only "
                "%(left)s are left: since it was cancelled, its hours were billed "
                "again, moved or changed. Create a new invoice from the order instead "
                "of resetting this one to draft.",
                invoice=", ".join(moves.mapped("display_name")),
                quantity=format_hours(self.env, quantity),
                unit=item.product_uom_id.name,
                item=item.display_name,
                left=format_hours(self.env, left),
            )
        )

    def _take_time_again(self):
        """A cancelled document that is a draft again bills hours again, but not those
        that went to another item in the meantime."""
        for move in self.sudo():
            items = move.invoice_line_ids.sale_line_ids
            gone = move.timesheet_ids.filtered(
                lambda line, items=items: (
                    line.helpdesk_ticket_id and line.so_line not in items
                )
            )
            if gone:
                gone.write({"timesheet_invoice_id": False})
            if move.move_type == "out_invoice":
                move._settle_time(move._get_ticket_time_items())

    def _check_not_credited(self):
        """Check that no credit note is left alone when its invoice goes.

        :raise UserError: if a posted credit note credits ticket time of these invoices
        """
        for move in self.sudo().filtered(lambda move: move.move_type == "out_invoice"):
            notes = move._get_posted_credits()
            if not notes or not notes._get_credited_items():
                continue
            raise UserError(
                self.env._(
                    "%(notes)s credits hours of %(invoice)s. Cancel the credit note "
                    "first, otherwise it would credit hours that nobody billed.",
                    notes=", ".join(notes.mapped("display_name")),
                    invoice=move.display_name,
                )
            )

    def _check_no_credit_in_draft(self):
        """Check that no draft credit note waits for invoices that are reset, cancelled
        or deleted: it counts as credited already, so its hours could be billed twice.

        :raise UserError: if a draft credit note credits ticket time of these invoices
        """
        for move in self.sudo().filtered(lambda move: move.move_type == "out_invoice"):
            notes = (move.reversal_move_ids - self.sudo())._filter_time_credits()
            notes = notes.filtered(lambda note: note.state == "draft")
            if notes and notes._get_credited_items():
                raise UserError(
                    self.env._(
                        "%(notes)s is to credit hours of %(invoice)s and is a draft "
                        "still. Post or delete it first, otherwise its hours could be "
                        "billed twice.",
                        notes=", ".join(notes.mapped("display_name")),
                        invoice=move.display_name,
                    )
                )

    # === CHANGE OF TYPE === #

    def _free_time_of_switched(self, move_type):
        """A draft invoice that a person turns into a credit note bills no hours; it
        remembers those it sets free.

        :param str move_type: the type the documents are about to get
        :return: those that change their type
        :rtype: account.move
        """
        switched = self.filtered(lambda move: move.move_type != move_type)
        for move in switched.sudo():
            timesheets = move.timesheet_ids.filtered("helpdesk_ticket_id")
            if timesheets:
                timesheets.write({"timesheet_invoice_id": False})
                move.credited_timesheet_ids = [Command.set(timesheets.ids)]
        return switched

    def _bill_time_of_switched(self):
        """Turned back into an invoice, it bills them again, as far as they are open
        still. Stock counts the quantities of the former type until something else
        changes.

        :raise UserError: if those hours are billed by other invoices
        """
        items = self.sudo().invoice_line_ids.sale_line_ids
        items.modified(["invoice_lines"])
        for move in self.sudo().filtered(lambda move: move.move_type == "out_invoice"):
            own = move.invoice_line_ids.sale_line_ids
            move.credited_timesheet_ids.filtered(
                lambda line, own=own: line.so_line in own and line._is_not_billed()
            ).write({"timesheet_invoice_id": move.id})
            move.credited_timesheet_ids = [Command.clear()]
            move._settle_time(move._get_ticket_time_items())
            move._check_not_billed_elsewhere()

    def _check_not_billed_elsewhere(self):
        """Check that a document that became an invoice bills no hours that other
        invoices bill. A quantity that a person raised on the only invoice may stay.

        :raise UserError: if an item would be invoiced beyond what was delivered
        """
        self.ensure_one()
        for item in self._get_ticket_time_items():
            if item.product_uom_id.compare(item.qty_invoiced, item.qty_delivered) <= 0:
                continue
            others = item.invoice_lines.move_id.filtered(
                lambda move: move.move_type == "out_invoice" and move.state != "cancel"
            )
            if others - self.sudo():
                raise UserError(
                    self.env._(
                        "As an invoice, this document would bill hours of %(item)s that "
                        "are billed already: %(invoiced)s invoiced, %(delivered)s "
                        "delivered. Keep it a credit note, or delete it and create an "
                        "invoice from the order.",
                        item=item.display_name,
                        invoiced=format_hours(self.env, item.qty_invoiced),
                        delivered=format_hours(self.env, item.qty_delivered),
                    )
                )
