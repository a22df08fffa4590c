from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.helpdesk_base.tools import Private


class AccountMove(models.Model):
    """Credit notes for chosen hours, and no others."""

    _inherit = "account.move"

    # === BUSINESS METHODS === #

    def _create_time_credit(self, timesheets, reason):
        """Create the draft credit note for some of the hours this invoice bills. Posted,
        it frees these hours, see :meth:`_free_credited_time`.

        :param timesheets: ``account.analytic.line`` on this invoice
        :param str reason: why, for the reference of the credit note
        :return: the draft credit note
        :rtype: account.move
        :raise UserError: if another credit note of this invoice is a draft still
        """
        self.ensure_one()
        self._check_no_draft_credit()
        reversal = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=self.ids
        )
        reversal = reversal.create(
            {"journal_id": self.journal_id.id, "reason": reason or False}
        )
        reversal.refund_moves()
        note = reversal.new_move_ids
        commands = []
        for group in self._get_time_groups(timesheets.so_line):
            chosen = group.timesheets & timesheets
            if chosen:
                commands += self._prepare_credit_lines(note, group, chosen)
        kept = {line_id for _code, line_id, _values in commands}
        commands += [
            Command.delete(line.id)
            for line in note.invoice_line_ids
            if line.id not in kept
        ]
        note.with_context(helpdesk_quantity_follows_time=Private(True)).write(
            {"invoice_line_ids": commands}
        )
        note.sudo().credited_timesheet_ids = [Command.set(timesheets.ids)]
        return note

    def _check_no_draft_credit(self):
        drafts = self.sudo().reversal_move_ids.filtered(
            lambda move: move.move_type == "out_refund" and move.state == "draft"
        )
        if drafts:
            raise UserError(
                self.env._(
                    "%(invoice)s has a credit note already that is still a draft. Post "
                    "or delete it first, then choose from the hours that are left.",
                    invoice=self.display_name,
                )
            )

    def _prepare_credit_lines(self, note, group, chosen):
        """Commands that let the lines of a full credit note credit chosen hours only.

        :param note: draft credit note of this invoice, with the same lines
        :param TimeGroup group: lines of this invoice, with the time they bill
        :param chosen: those of the time lines that are credited
        :rtype: list
        """
        item, left = group.item, self._get_net_quantity(group)
        if chosen != group.timesheets:
            left = min(left, item._get_quantity(sum(chosen.mapped("unit_amount"))))
        lines = note._get_lines_of_item(item)
        if group.others:
            lines = lines.filtered(lambda line: line.helpdesk_ticket_id == group.ticket)
        names = item._get_renamed_lines(note, group._replace(lines=lines), chosen)
        commands = []
        for line in lines:
            quantity = min(item._sum_quantity(line), left)
            if quantity <= 0:
                continue
            left -= quantity
            values = {
                "quantity": item.product_uom_id._compute_quantity(
                    quantity, line.product_uom_id
                ),
                "name": names.get(line, line.name),
            }
            commands.append(Command.update(line.id, values))
        return commands
