from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class AccountMove(models.Model):
    """Credit notes: they free the hours they credit, and bill them again when undone."""

    _inherit = "account.move"

    credited_timesheet_ids = fields.Many2many(
        comodel_name="account.analytic.line",
        relation="account_move_credited_timesheet_rel",
        column1="move_id",
        column2="timesheet_id",
        string="Credited Timesheets",
        readonly=True,
        copy=False,
        help="Time that this credit note sets free to be billed again, once it is "
        "posted.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_credited_time_not_given(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_credited_time_not_given(vals)
        return super().write(vals)

    # === BUSINESS METHODS === #

    def _check_credited_time_not_given(self, *vals_list):
        """Which hours a credit note frees follows from how it was made; undone, it puts
        them back on its invoice.

        :raise UserError: if a person writes them
        """
        if self.env.su:
            return
        default = self.env.context.get("default_credited_timesheet_ids")
        # an empty value clears what an existing note remembers
        if default or any(
            vals.get("credited_timesheet_ids")
            or (self and "credited_timesheet_ids" in vals)
            for vals in vals_list
        ):
            raise UserError(
                self.env._(
                    "Which time a credit note frees cannot be written. Choose the time "
                    "in the list of timesheets of the invoice, and credit it there."
                )
            )

    def _filter_time_credits(self):
        """Credit notes of an invoice that hold no time of their own.

        A credit note made by the order for hours corrected below zero holds those
        hours itself and frees no others.

        :rtype: account.move
        """
        return self.sudo().filtered(
            lambda move: (
                move.move_type == "out_refund"
                and move.reversed_entry_id
                and not move.timesheet_ids
            )
        )

    def _get_credited_items(self):
        """Items that are credited, with a quantity, by these credit notes.

        :rtype: sale.order.line
        """
        lines = self.sudo().invoice_line_ids.filtered("quantity")
        return lines.sale_line_ids._filter_with_ticket_time()

    def _free_credited_time(self):
        """Free the hours of posted credit notes, as many as they credit.

        The stock method frees all time of a credited item, so that hours that were not
        credited could be billed a second time. Hours that a person chose to credit go
        first, then the newest.
        """
        for note in self._filter_time_credits():
            items = note._get_credited_items()
            if not items or note.state != "posted":
                continue
            invoice, chosen = note.reversed_entry_id, note.credited_timesheet_ids
            freed = invoice._settle_time(items, take=False, first=chosen)
            freed |= chosen.filtered(
                lambda line, invoice=invoice: line.timesheet_invoice_id != invoice
            )
            note.credited_timesheet_ids = [Command.set(freed.ids)]

    def _prepare_credit_undo(self, state):
        """Check that credit notes can be reset or cancelled.

        :param str state: the state they are about to get
        :return: the credit notes whose hours go back to the invoice
        :rtype: account.move
        :raise UserError: if those hours were billed again
        """
        notes = self._filter_time_credits()
        if state == "cancel":
            notes._check_credit_not_billed_again()
        undone = notes.filtered(lambda note: note.state == "posted")
        undone._check_credited_time_is_free()
        return undone

    def _undo_credit(self):
        """Put the hours of undone credit notes back on the invoices they came from."""
        for note in self.sudo():
            invoice, timesheets = note.reversed_entry_id, note.credited_timesheet_ids
            note.credited_timesheet_ids = [Command.clear()]
            if invoice.state == "cancel":
                continue
            timesheets.filtered(lambda line: line._is_not_billed()).write(
                {"timesheet_invoice_id": invoice.id}
            )
            items = note._get_credited_items()
            if items:
                invoice._settle_time(items)

    def _check_credited_time_is_free(self):
        """Check that hours freed by these credit notes are neither billed again nor
        moved to another item.

        :raise UserError: naming where they went
        """
        for note in self.sudo():
            items = note.reversed_entry_id.invoice_line_ids.sale_line_ids
            gone = note.credited_timesheet_ids.filtered(
                lambda line, items=items: (
                    not line._is_not_billed() or line.so_line not in items
                )
            )
            if gone:
                names = gone.timesheet_invoice_id.mapped("display_name")
                names += (gone.so_line - items).mapped("display_name")
                note._raise_credit_billed_again(
                    ", ".join(names) or self.env._("another item")
                )

    def _check_credit_not_billed_again(self):
        """Check that the quantity of credit notes was not invoiced again since.

        :raise UserError: naming the newer invoices
        """
        for note in self._filter_time_credits():
            if note.state == "cancel":
                continue
            for item in note._get_credited_items():
                credited = item._sum_quantity(note._get_lines_of_item(item))
                newer = item.invoice_lines.move_id.filtered(
                    lambda move, note=note: (
                        # imported documents come in any order
                        (move.id > note.id or move.date > note.date)
                        and move.move_type == "out_invoice"
                        and move.state != "cancel"
                    )
                )
                invoiced, unit = item.qty_invoiced + credited, item.product_uom_id
                if newer and unit.compare(invoiced, item.qty_delivered) > 0:
                    note._raise_credit_billed_again(
                        ", ".join(newer.mapped("display_name"))
                    )

    def _raise_credit_billed_again(self, where):
        raise UserError(
            self.env._(
                "The hours that %(note)s credits are billed again: %(where)s. Cancel or "
                "credit that first, otherwise the customer would pay them twice.",
                note=self.display_name,
                where=where,
            )
        )
