import itertools
from unittest.mock import patch

from odoo.fields import Domain
from odoo.tests import tagged

from .common import ReinvoiceCommon

# What each fate is called where hours are summed up.
FIGURES = {
    "billed": "invoiced",
    "open": "to_invoice",
    "free": "to_invoice",
    "waiting": "waiting",
    "covered": "covered",
    "non_billable": "non_billable",
}
ORDER_STATES = ("sale", "cancel", "draft")
# State and payment state; none for time without invoice.
INVOICES = (
    None,
    ("draft", "not_paid"),
    ("posted", "not_paid"),
    ("cancel", "not_paid"),
    ("cancel", "invoicing_legacy"),
)
# Worked, and written off.
HOURS = ((2.0, 0.0), (2.0, 0.5), (2.0, 2.0), (-1.0, 0.0))


@tagged("post_install", "-at_install")
class TestFates(ReinvoiceCommon):
    """Time has one fate, and searches and figures agree about it.

    One line, each on a ticket of its own, for every combination of what is sold, the
    state of its order, the invoice it is on, and its hours.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.items, cls.moves = cls._new_items(), cls._new_moves()
        combinations = list(itertools.product(cls.items, cls.moves, HOURS))
        cls.tickets = cls.env["helpdesk.ticket"].create(
            [{"name": "Ticket", "team_id": cls.team.id} for _one in combinations]
        )
        cls.tickets.partner_id = cls.contact_a
        cls.lines = cls.env["account.analytic.line"].create(
            [
                {
                    "name": "Late" if index % 2 else "Work",
                    "helpdesk_ticket_id": ticket.id,
                    "employee_id": cls.employee.id,
                    "unit_amount": hours,
                    "so_line": item.id,
                    "is_so_line_edited": True,
                    "billable_hours": hours - off,
                    "billable_hours_reason": "Agreed",
                }
                for index, (ticket, (item, _move, (hours, off))) in enumerate(
                    zip(cls.tickets, combinations, strict=True)
                )
            ]
        )
        cls._put_into_states(combinations)

    @classmethod
    def _new_items(cls):
        """An item of each product and order state, and none."""
        products = (cls.service, cls.prepaid, cls.milestones, cls.manual)
        items = [
            cls._new_item(cls.customer_a, product)
            for product, _state in itertools.product(products, ORDER_STATES)
        ]
        return [*items, cls.env["sale.order.line"]]

    @classmethod
    def _new_moves(cls):
        Move = cls.env["account.move"]
        values = {"move_type": "out_invoice", "partner_id": cls.customer_a.id}
        return [Move.create(values) if states else Move for states in INVOICES]

    @classmethod
    def _put_into_states(cls, combinations):
        """Whatever the way to such a state is, and whether there is one today."""
        cls.env.flush_all()
        execute = cls.env.cr.execute
        for line, (_item, move, _hours) in zip(cls.lines, combinations, strict=True):
            execute(
                "UPDATE account_analytic_line SET timesheet_invoice_id = %s WHERE id = %s",
                [move.id or None, line.id],
            )
        for move, states in zip(cls.moves, INVOICES, strict=True):
            execute(
                "UPDATE account_move SET state = %s, payment_state = %s WHERE id = %s",
                [*(states or (None, None)), move.id or None],
            )
        for item, state in zip(cls.items, itertools.cycle(ORDER_STATES), strict=False):
            for table, record in (
                ("sale_order_line", item),
                ("sale_order", item.order_id),
            ):
                execute(
                    f"UPDATE {table} SET state = %s WHERE id = %s",
                    [state, record.id or None],
                )
        cls.env.invalidate_all()

    def _read_fates(self):
        """Fate of each line, as searches tell it."""
        Line = self.env["account.analytic.line"]
        fates = {line: [] for line in self.lines}
        for fate in FIGURES:
            own = Domain("id", "in", self.lines.ids)
            for line in Line.search(own & Line._domain_time(fate)):
                fates[line].append(fate)
        for line, found in fates.items():
            self.assertEqual(len(found), 1, (line.so_line, found))
        return {line: found[0] for line, found in fates.items()}

    def _check_figures(self):
        """Figures say the same as searches. Return which fates there are."""
        fates = self._read_fates()
        figures = self.env["account.analytic.line"]._read_billing_hours(
            Domain("id", "in", self.lines.ids), "helpdesk_ticket_id"
        )
        for line, fate in fates.items():
            expected = dict.fromkeys(FIGURES.values(), 0.0)
            expected["spent"] = line.unit_amount
            if fate == "non_billable":
                expected[fate] = line.unit_amount
            else:
                expected[FIGURES[fate]] = line.billable_hours
                expected["non_billable"] = line.hours_written_off
            found = figures[line.helpdesk_ticket_id.id]
            self.assertEqual({name: found[name] for name in expected}, expected, fate)
        return set(fates.values())

    def test_figures_and_searches_agree(self):
        self.assertEqual(self._check_figures(), FIGURES.keys() - {"waiting"})

    def test_figures_and_searches_agree_about_time_that_waits(self):
        Line = self.registry["account.analytic.line"]
        counts = Domain("name", "!=", "Late")
        with patch.object(Line, "_domain_counts", lambda _self: counts):
            self.assertEqual(self._check_figures(), set(FIGURES))

    def test_status_of_tickets_is_found_as_it_is_shown(self):
        Ticket = self.env["helpdesk.ticket"]
        shown = self.tickets.grouped("invoice_status")
        self.assertEqual(set(shown), {"no", "to invoice", "invoiced"})
        for status, tickets in shown.items():
            found = Ticket.search(
                [("id", "in", self.tickets.ids), ("invoice_status", "=", status)]
            )
            self.assertEqual(found, tickets.sorted(), status)
