from contextlib import contextmanager
from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command

from .common import SALESMAN, ReinvoiceCommon

ACCOUNTANT = "account.group_account_invoice"


class InvoiceCommon(ReinvoiceCommon):
    """Invoices of ticket time: Sam sells his own orders, Ann posts and credits.

    ``line_1`` and ``line_2`` are 4 and 6 hours of the same ticket in January and
    February, at 100 an hour.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller, cls.accountant = cls._new_users(
            {"login": "hd_own_sales", "groups": SALESMAN, "name": "Sam Own"},
            {"login": "hd_books", "groups": ACCOUNTANT, "name": "Ann Books"},
        )
        (cls.order_a | cls.order_b).user_id = cls.seller
        cls.item = cls.item_a
        cls.ticket.sale_line_id = cls.item
        cls.ticket_a2.sale_line_id = cls.item
        cls.ticket_b.sale_line_id = cls.item_b
        cls.line_1 = cls._log(cls.ticket, 4.0, date=date(2026, 1, 15))
        cls.line_2 = cls._log(cls.ticket, 6.0, date=date(2026, 2, 16))

    # === HELPERS === #

    @classmethod
    def _bill(cls, orders=None, start=None, end=None, **values):
        """Invoice as the salesperson who may only touch own documents."""
        return cls._invoice(orders or cls.order_a, cls.seller, start, end, **values)

    @classmethod
    def _post(cls, moves):
        moves.with_user(cls.accountant).action_post()
        return moves

    @classmethod
    def _credit(cls, invoice, quantities=None, post=True, modify=False):
        """Credit an invoice as the accountant.

        :param list quantities: new quantity of each credited line, False to delete it
        :return: the credit note, or the new draft with ``modify``
        """
        Wizard = cls.env["account.move.reversal"].with_user(cls.accountant)
        wizard = Wizard.with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"journal_id": invoice.journal_id.id, "reason": "Mistake"})
        wizard.modify_moves() if modify else wizard.refund_moves()
        note = wizard.new_move_ids.with_user(cls.env.user).sudo()
        if quantities is not None:
            cls._set_quantities(note, quantities)
        return cls._post(note) if post and not modify else note

    @classmethod
    def _set_quantities(cls, move, quantities):
        lines = cls._product_lines(move)
        commands = [
            Command.delete(line.id)
            if quantity is False
            else Command.update(line.id, {"quantity": quantity})
            for line, quantity in zip(lines, quantities, strict=True)
        ]
        move.with_user(cls.accountant).write({"invoice_line_ids": commands})

    @classmethod
    def _product_lines(cls, move):
        return move.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        ).sorted("id")

    @classmethod
    def _timesheets_of(cls, move):
        return cls.env["account.analytic.line"].search(
            [("timesheet_invoice_id", "=", move.id)]
        )

    # === ASSERTIONS === #

    @contextmanager
    def assertRefused(self, text, exception=UserError):
        """Refused with this sentence, and nothing changed."""
        with self.assertRaisesRegex(exception, text), self.env.cr.savepoint():
            yield
        self.env.invalidate_all(flush=False)

    def assertBooks(self, item, delivered, invoiced, exact=True):
        """The figures of an item, and that the links tell the same story.

        Delivered is the sum of the lines in the unit of the item; invoiced and to
        invoice add up to it; with ``exact`` the hours linked to invoices that count are
        the quantity invoiced, and the open hours the quantity to invoice.
        """
        self.env.flush_all()
        self.env.invalidate_all()
        lines = self.env["account.analytic.line"].search(
            [("so_line", "=", item.id), ("project_id", "!=", False)]
        )
        self.assertAlmostEqual(item.qty_delivered, delivered, 4, "delivered")
        self.assertAlmostEqual(
            item._get_quantity(sum(lines.mapped("billable_hours"))),
            delivered,
            4,
            "lines",
        )
        documents = [
            (line.move_id.move_type, line.parent_state, line.quantity)
            for line in item.invoice_lines
        ]
        self.assertAlmostEqual(item.qty_invoiced, invoiced, 4, f"invoiced: {documents}")
        self.assertAlmostEqual(
            item.qty_to_invoice, delivered - invoiced, 4, "to invoice"
        )
        if not exact:
            return
        billed = lines.filtered(lambda line: not line._is_not_billed())
        hours = sum(billed.mapped("billable_hours"))
        self.assertAlmostEqual(item._get_quantity(hours), invoiced, 1, "billed hours")

    def assertBilled(self, move, *lines):
        """Exactly these time lines are on this invoice."""
        self.env.invalidate_all()
        expected = self.env["account.analytic.line"].union(*lines)
        self.assertEqual(self._timesheets_of(move), expected)

    def assertHours(self, ticket, to_invoice, invoiced):
        """Hours to bill and hours billed of a ticket."""
        self.env.flush_all()
        self.env.invalidate_all()
        ticket = ticket.with_user(self.agent)
        self.assertAlmostEqual(ticket.hours_to_invoice, to_invoice, 4, "hours to bill")
        self.assertAlmostEqual(ticket.hours_invoiced, invoiced, 4, "hours billed")


__all__ = ["ACCOUNTANT", "InvoiceCommon"]
