from odoo import models


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    # === BUSINESS METHODS === #

    def reverse_moves(self, is_modify=False):
        """Reverse and Create Invoice: the new draft bills the same hours, so they go
        onto it. The stock method sets them free, and they would be billed again."""
        if not is_modify:
            return super().reverse_moves(is_modify)
        billed = [
            (move, timesheets)
            for move in self.move_ids
            if (timesheets := move.sudo().timesheet_ids.filtered("helpdesk_ticket_id"))
        ]
        result = super().reverse_moves(is_modify)
        copies = self.new_move_ids.filtered(lambda move: move.state == "draft")
        for move, timesheets in billed:
            copy = copies.filtered(
                lambda new, move=move: new.invoice_line_ids.sale_line_ids
                == move.invoice_line_ids.sale_line_ids
                and new.amount_total == move.amount_total
            )[:1]
            if copy:
                timesheets.write({"timesheet_invoice_id": copy.id})
                copies -= copy
        return result
