from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare


class AccountMove(models.Model):
    _inherit = "account.move"

    ticket_count = fields.Integer(
        string="Ticket Count",
        compute="_compute_ticket_count",
        export_string_translation=False,
    )

    # === COMPUTE METHODS === #

    def _compute_ticket_count(self):
        counts = dict(
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                [
                    ("timesheet_invoice_id", "in", self.ids),
                    ("helpdesk_ticket_id", "!=", False),
                ],
                ["timesheet_invoice_id"],
                ["helpdesk_ticket_id:count_distinct"],
            )
        )
        for move in self:
            move.ticket_count = counts.get(move._origin.sudo(), 0)

    # === CRUD METHODS === #

    def write(self, vals):
        """Cancelling an invoice frees its hours but chooses no new item for them."""
        if vals.get("state") != "cancel":
            return super().write(vals)
        lines = self.env["account.analytic.line"].sudo()
        lines = lines.search([("timesheet_invoice_id", "in", self.ids)])
        with lines._protect_billed_values():
            return super().write(vals)

    # === ACTION METHODS === #

    def action_view_tickets(self):
        """Open the tickets whose time is billed on these invoices.

        :return: a window action on ``helpdesk.ticket``
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_timesheet_reinvoice.helpdesk_ticket_action_of_document"
        )
        groups = self.env["account.analytic.line"].sudo()._read_group(
            [
                ("timesheet_invoice_id", "in", self.ids),
                ("helpdesk_ticket_id", "!=", False),
            ],
            ["helpdesk_ticket_id"],
        )
        action["domain"] = [("id", "in", [ticket.id for (ticket,) in groups])]
        action["context"] = {"create": False}
        return action

    def action_post(self):
        """A credit note frees as many hours as it credits, not the whole item."""
        kept = self._search_time_not_credited()
        result = super().action_post()
        for invoice, timesheets in kept:
            timesheets.write({"timesheet_invoice_id": invoice.id})
        return result

    def button_draft(self):
        """Refuse to revive a cancelled invoice whose hours were billed again."""
        self.filtered(lambda move: move.state == "cancel")._check_not_billed_again()
        return super().button_draft()

    # === BUSINESS METHODS === #

    def _get_helpdesk_action(self):
        """Window action on these invoices: the form of one, the list of several.

        :rtype: dict
        """
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoices"),
            "res_model": "account.move",
            "views": [[False, "list"], [False, "form"]],
            "domain": [("id", "in", self.ids)],
            "context": {"create": False, "default_move_type": "out_invoice"},
        }
        if len(self) == 1:
            action.update(views=[[False, "form"]], res_id=self.id)
        return action

    def _check_not_billed_again(self):
        """Check that the hours of cancelled invoices are still free.

        :raise UserError: if an item would be invoiced beyond what was delivered
        """
        for move in self.filtered(lambda move: move.move_type == "out_invoice"):
            for item in move.sudo().invoice_line_ids.sale_line_ids:
                if not item._is_helpdesk_delivered_timesheet():
                    continue
                lines = move.sudo().invoice_line_ids.filtered(
                    lambda line, item=item: item in line.sale_line_ids
                )
                quantity = item.qty_invoiced + sum(
                    line.product_uom_id._compute_quantity(
                        line.quantity, item.product_uom_id
                    )
                    for line in lines
                )
                if move._has_all_its_time(item) or (
                    float_compare(quantity, item.qty_delivered, precision_digits=2) <= 0
                ):
                    continue
                raise UserError(
                    self.env._(
                        "The hours of %(invoice)s on %(item)s are billed again on "
                        "another invoice. Create a new invoice from the order instead "
                        "of resetting this one to draft.",
                        invoice=move.display_name,
                        item=item.display_name,
                    )
                )

    def _has_all_its_time(self, item):
        """Tell whether a cancelled invoice still holds time of an item."""
        Line = self.env["account.analytic.line"].sudo()
        return bool(
            Line.search_count(
                [("timesheet_invoice_id", "=", self.id), ("so_line", "=", item.id)],
                limit=1,
            )
        )

    def _search_time_not_credited(self):
        """Time that stays billed although its item is credited in part.

        The stock method frees all time of a credited item, so that the hours that were
        not credited could be billed a second time. Here the newest lines are freed as
        long as they fit into the credited quantity.

        :return: pairs of credited invoice and time lines to keep on it
        :rtype: list[tuple]
        """
        credit_notes = self.filtered(
            lambda move: move.move_type == "out_refund"
            and move.reversed_entry_id
            and move.state == "draft"
        )
        result = []
        for invoice in credit_notes.reversed_entry_id:
            own = credit_notes.filtered(
                lambda move, invoice=invoice: move.reversed_entry_id == invoice
            )
            timesheets = (
                self.env["account.analytic.line"]
                .sudo()
                .search(
                    [
                        ("timesheet_invoice_id", "=", invoice.id),
                        ("so_line", "in", own.invoice_line_ids.sale_line_ids.ids),
                        ("project_id", "!=", False),
                    ],
                    order="date desc, id desc",
                )
            )
            kept = timesheets.browse()
            for item in timesheets.filtered("helpdesk_ticket_id").so_line:
                kept |= own._pick_time_not_credited(invoice, item, timesheets)
            if kept:
                result.append((invoice, kept))
        return result

    def _pick_time_not_credited(self, invoice, item, timesheets):
        """Time lines of one item that these credit notes leave on the invoice.

        :param invoice: the credited invoice
        :param item: the credited ``sale.order.line``
        :param timesheets: time on the invoice, newest first
        """
        timesheets = timesheets.filtered(lambda line: line.so_line == item)
        kept = timesheets.browse()
        credit_lines = self.sudo().invoice_line_ids.filtered(
            lambda line: item in line.sale_line_ids
        )
        for ticket in credit_lines.helpdesk_ticket_id or [None]:
            own = timesheets
            lines = credit_lines
            invoiced = invoice.sudo().invoice_line_ids.filtered(
                lambda line: item in line.sale_line_ids
            )
            if ticket:
                own = timesheets.filtered(
                    lambda line, ticket=ticket: line.helpdesk_ticket_id == ticket
                )
                lines, invoiced = (
                    moves.filtered(
                        lambda line, ticket=ticket: line.helpdesk_ticket_id == ticket
                    )
                    for moves in (lines, invoiced)
                )
            kept |= own._pick_beyond_credit(
                item, sum(lines.mapped("quantity")), sum(invoiced.mapped("quantity"))
            )
        if credit_lines.helpdesk_ticket_id:
            kept |= timesheets.filtered(
                lambda line: line.helpdesk_ticket_id
                not in credit_lines.helpdesk_ticket_id
            )
        return kept
