from odoo import models
from odoo.fields import Command

from odoo.addons.helpdesk_base.tools import Private, read_private


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    # === BUSINESS METHODS === #

    def reverse_moves(self, is_modify=False):
        """Reverse and Create Invoice: the new draft bills the same hours, so they go
        onto it. The stock method sets them free, and they would be billed again."""
        if not is_modify:
            return super().reverse_moves(is_modify)
        invoices = self.move_ids
        billed = {
            invoice: invoice.sudo().timesheet_ids
            for invoice in invoices
            if invoice.move_type == "out_invoice" and invoice._get_ticket_time_items()
        }
        former = {invoice: invoice.reversal_move_ids for invoice in invoices}
        replaced = []
        wizard = self.with_context(helpdesk_replaced_invoices=Private(replaced))
        result = super(AccountMoveReversal, wizard).reverse_moves(is_modify)
        # The drafts were created in the order in which their values were asked for.
        drafts = self.new_move_ids.sorted("id")
        for invoice, draft in zip(replaced, drafts, strict=True):
            timesheets = billed.get(invoice)
            if timesheets:
                timesheets.write({"timesheet_invoice_id": draft.id})
                note = (invoice.reversal_move_ids - former[invoice]).sudo()
                note.credited_timesheet_ids = [Command.set(timesheets.ids)]
        return result

    def _modify_default_reverse_values(self, origin_move):
        """The new draft stays with the salesperson of the invoice it replaces."""
        replaced = read_private(self.env, "helpdesk_replaced_invoices")
        if replaced is not None:
            replaced.append(origin_move)
        values = super()._modify_default_reverse_values(origin_move)
        if origin_move.move_type == "out_invoice":
            values["invoice_user_id"] = origin_move.invoice_user_id.id
        return values
