"""What salespersons and accountants do with orders and invoices of a world."""

from odoo.fields import Command

from .orders import OrderWorld
from .world import day


class MoneyWorld(OrderWorld):
    """A world with invoices."""

    # === MAKING INVOICES === #

    def invoice_orders(self, first, count, start, end):
        """Invoice one order or several that follow each other, through the wizard."""
        places = {(first + step) % len(self.orders) for step in range(count)}
        orders = self.orders.browse(self.orders[place].id for place in sorted(places))
        orders = orders.with_user(self.seller)
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_user(self.seller)
            .create(
                {
                    "sale_order_ids": [Command.set(orders.ids)],
                    "advance_payment_method": "delivered",
                    "date_start_invoice_timesheet": day(start),
                    "date_end_invoice_timesheet": day(end),
                }
            )
        )
        wizard._create_invoices(orders)

    def pay_down(self, order, percentage, amount):
        """Invoice a down payment of an order, a percentage of it or an amount."""
        confirmed = self.orders.filtered(lambda order: order.state == "sale")
        chosen = self._pick(confirmed, order).with_user(self.seller)
        method, field = "fixed", "fixed_amount"
        if percentage:
            method, field = "percentage", "amount"
        wizard = self.env["sale.advance.payment.inv"].with_user(self.seller)
        wizard.create(
            {
                "sale_order_ids": [Command.set(chosen.ids)],
                "advance_payment_method": method,
                field: amount,
            }
        )._create_invoices(chosen)

    def duplicate(self, move):
        """Duplicate a document that is not cancelled."""
        self._as_accountant(["draft", "posted"], move).copy()

    def switch_type(self, move):
        """Turn a draft invoice into a credit note, or back."""
        self._as_accountant(["draft"], move).action_switch_move_type()

    # === STATES OF AN INVOICE === #

    def _as_accountant(self, states, move, kinds=("out_invoice", "out_refund")):
        record = self._pick(self._moves(states, kinds), move)
        return record.with_user(self.accountant)

    def post(self, move):
        """Post a draft."""
        self._as_accountant(["draft"], move).action_post()

    def delete_draft(self, move):
        """Delete a draft."""
        self._as_accountant(["draft"], move).unlink()

    def cancel_draft(self, move):
        """Cancel a draft."""
        self._as_accountant(["draft"], move).button_cancel()

    def reset_posted(self, move):
        """Set a posted document to draft."""
        self._as_accountant(["posted"], move).button_draft()

    def reset_cancelled(self, move):
        """Set a cancelled document to draft."""
        self._as_accountant(["cancel"], move).button_draft()

    # === LINES OF A DRAFT === #

    def _draft_line(self, move, line):
        """A draft and one of its order lines, empty if there is none."""
        draft = self._as_accountant(["draft"], move)
        lines = draft.invoice_line_ids.filtered("sale_line_ids").sorted("id")
        return draft, self._pick(lines, line) if lines else lines

    def delete_draft_line(self, move, line):
        """Delete a line of a draft."""
        draft, chosen = self._draft_line(move, line)
        draft.write({"invoice_line_ids": [Command.delete(bill.id) for bill in chosen]})

    def change_quantity(self, move, line, factor):
        """Change the quantity of a line of a draft by hand.

        :return: the item whose quantity was changed
        """
        draft, chosen = self._draft_line(move, line)
        draft.write(
            {
                "invoice_line_ids": [
                    Command.update(bill.id, {"quantity": bill.quantity * factor})
                    for bill in chosen
                ]
            }
        )
        return chosen.sale_line_ids.id

    # === CREDITING === #

    def _reverse(self, move):
        invoice = self._as_accountant(["posted"], move, ["out_invoice"])
        wizard = self.env["account.move.reversal"].with_user(self.accountant)
        return wizard.with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"journal_id": invoice.journal_id.id, "reason": "Wrong"})

    def credit(self, move, post):
        """Credit an invoice, and post the credit note or leave it a draft."""
        wizard = self._reverse(move)
        wizard.refund_moves()
        if post:
            wizard.new_move_ids.with_user(self.accountant).action_post()

    def credit_part(self, move, line, factor):
        """Credit a part of one line of an invoice.

        :return: the item that was credited
        """
        wizard = self._reverse(move)
        wizard.refund_moves()
        note = wizard.new_move_ids.with_user(self.accountant)
        lines = note.invoice_line_ids.filtered("sale_line_ids").sorted("id")
        chosen = self._pick(lines, line) if lines else lines
        commands = [Command.delete(other.id) for other in lines - chosen]
        commands += [
            Command.update(bill.id, {"quantity": bill.quantity * factor})
            for bill in chosen
        ]
        note.write({"invoice_line_ids": commands})
        note.action_post()
        return chosen.sale_line_ids.id

    def modify(self, move):
        """Reverse an invoice and create it anew."""
        self._reverse(move).modify_moves()
