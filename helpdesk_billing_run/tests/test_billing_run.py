from datetime import date
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .run_common import RunCommon


@tagged("post_install", "-at_install")
class TestBillingRun(RunCommon):
    """What was rehearsed is billed, once, whatever happens in between."""

    # === AS REHEARSED === #

    def test_as_rehearsed(self):
        run = self._new_run()
        moves = self._run(run)
        self.assertAsRehearsed(run)
        self.assertEqual(set(moves.mapped("state")), {"draft"})
        self.assertEqual(len(moves), 2)
        self.assertBooks(self.item_a, 10.0, 6.0)
        self.assertBooks(self.item_b, 3.0, 3.0)
        self.assertEqual(self.line_2.timesheet_invoice_id.invoice_user_id, self.seller)
        self.assertFalse(self.line_1.timesheet_invoice_id)
        self.assertEqual((run.progress, run.error_count), (100.0, 0))
        self.assertEqual((run.hours_billed, run.amount_billed), (9.0, 900.0))

    def _new_prices(self):
        """Four orders: discounts, included and excluded taxes, a foreign currency, days,
        thirds of an hour, and lines for each ticket."""
        currency = self.env["res.currency"].create(
            {
                "name": "XTS",
                "symbol": "x",
                "rounding": 0.05,
                "rate_ids": [Command.create({"name": "2026-01-01", "rate": 1.7})],
            }
        )
        foreign = self.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": currency.id}
        )
        added, included = self.env["account.tax"].create(
            [
                {
                    "name": "21",
                    "amount": 21.0,
                    "price_include_override": "tax_excluded",
                },
                {
                    "name": "19",
                    "amount": 19.0,
                    "price_include_override": "tax_included",
                },
            ]
        )
        days = self._new_service("Day", "delivered_timesheet", self.day, 777.77)
        split = self.team.copy({"name": "Split"})
        split.write(
            {"use_helpdesk_timesheet": True, "use_helpdesk_sale_timesheet": True}
        )
        split.split_invoice_by_ticket = True
        return (
            (self.team, self.service, added, {}),
            (self.team, self.service, included, {"pricelist_id": foreign.id}),
            (split, days, added, {}),
            (split, self.service, included, {}),
        )

    def _log_on_three_tickets(self, team, item):
        for part in range(3):
            ticket = self.env["helpdesk.ticket"].create(
                {
                    "name": f"{item.id}.{part}",
                    "team_id": team.id,
                    "partner_id": self.customer_a.id,
                }
            )
            ticket.sale_line_id = item
            for day in (3, 4):
                self._log(ticket, 1 / 3 + part / 7, date=date(2026, 2, day))

    def test_prices_units_and_taxes(self):
        """All to the cent."""
        for number, (team, product, tax, values) in enumerate(self._new_prices()):
            line = {
                "product_id": product.id,
                "discount": 7.5 * number,
                "price_unit": 99.99 + number / 3,
                "tax_ids": tax.ids,
            }
            order = self._new_order(self.customer_a, line, **values)
            self._log_on_three_tickets(team, order.order_line)
        for method in ("round_per_line", "round_globally"):
            with self.subTest(method), self.env.cr.savepoint() as savepoint:
                self.env.company.tax_calculation_rounding_method = method
                run = self._new_run()
                self.assertEqual(len(self._bill_lines(run)), 6)
                moves = self._run(run)
                self.assertAsRehearsed(run)
                self.assertEqual(len(moves), 3)  # the foreign currency stands alone
                savepoint.rollback()
                self.env.invalidate_all()

    def test_one_invoice_for_each_order(self):
        item = self._new_item(self.customer_a)
        self.ticket_a2.sale_line_id = item
        self._log(self.ticket_a2, 2.0, date=date(2026, 2, 5))
        together = self._new_run()
        apart = self._new_run(grouping="order")
        together.line_ids.action_leave()
        self.assertEqual(len(self._run(apart)), 3)
        self.assertAsRehearsed(apart)

    def test_posted(self):
        with self.assertRefused("may not post", AccessError):
            self._new_run(self.seller, post_invoices=True).action_run()
        run = self._new_run(post_invoices=True, send_invoices=True)
        moves = self._run(run)
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        self.assertEqual(
            moves[0].sending_data["author_user_id"], self.accountant.id, "sent by stock"
        )

    # === WHAT CHANGED MEANWHILE === #

    def test_differences_are_named(self):
        run = self._new_run()
        self._log(self.ticket, 1.0, date=date(2026, 2, 17))
        late = self._new_item(self.customer_b)
        self.ticket_b.copy({"name": "New"}).sale_line_id = late
        ticket = late.helpdesk_ticket_ids
        self._log(ticket, 2.0, date=date(2026, 2, 18))
        self._run(run)
        line = run.line_ids.filtered(lambda line: line.sale_line_id == self.item_a)
        line = line.filtered(lambda line: line.kind == "bill")
        self.assertTrue(line.differs)
        self.assertEqual(line.result, "Rehearsed: 6.00 Hours, billed: 7.00 Hours.")
        self.assertEqual(run.difference_count, 1)
        self.assertEqual(self._kinds(run)["since"], 2.0)
        self.assertBooks(late, 2.0, 0.0)

    def test_billed_meanwhile(self):
        run = self._new_run()
        self._bill(self.order_a)
        self._run(run)
        line = self._bill_lines(run).filtered(lambda x: x.order_id == self.order_a)
        self.assertTrue(line.differs)
        self.assertEqual((line.hours_billed, line.error), (0.0, False))
        self.assertBooks(self.item_a, 10.0, 10.0)

    def test_what_is_left_stays_open(self):
        run = self._new_run()
        self._bill_lines(run).filtered(
            lambda line: line.order_id == self.order_a
        ).action_leave()
        self._run(run)
        self.assertBooks(self.item_a, 10.0, 0.0)
        self.assertBooks(self.item_b, 3.0, 3.0)
        rest = self._new_run()
        self.assertEqual(self._bill_lines(rest).order_id, self.order_a)

    # === WHAT GOES WRONG === #

    def test_an_error_is_a_row(self):
        run = self._new_run()
        run.action_run()
        create = self.env.registry["account.move"].create

        def fail(moves, vals_list):
            if any(
                vals.get("invoice_origin") == self.order_a.name for vals in vals_list
            ):
                raise UserError(self.env._("No journal for Alpha"))
            return create(moves, vals_list)

        with patch.object(self.env.registry["account.move"], "create", fail):
            self._work()
        self.assertEqual((run.state, run.error_count), ("done", 1))
        failed = run.line_ids.filtered("error")
        self.assertEqual(failed.error, "No journal for Alpha")
        self.assertBooks(self.item_a, 10.0, 0.0)
        self.assertBooks(self.item_b, 3.0, 3.0)
        self._run(run)
        self.assertEqual(run.error_count, 0)
        self.assertBooks(self.item_a, 10.0, 6.0)
        self.assertBooks(self.item_b, 3.0, 3.0)

    def test_a_customer_that_was_deleted_since(self):
        """Its order stays with a contact, without time: nothing to bill, and no run that
        never ends."""
        company = self.customer_b.copy({"name": "Gamma Garden"})
        contact = company.copy({"name": "Carl", "is_company": False})
        contact.parent_id = company
        ticket = self._new_ticket("Hose leaks", partner_id=contact.id)
        ticket.sale_line_id = self._new_item(contact)
        line = self._log(ticket, 2.0, date=date(2026, 2, 20))
        run = self._new_run(partner_ids=(self.customers | company).ids)
        line.unlink()
        contact.parent_id = False
        company.unlink()
        self._run(run)
        lost = self._bill_lines(run).filtered(
            lambda row: row.order_id.ticket_ids == ticket
        )
        self.assertTrue(lost.is_done and lost.differs)
        self.assertBooks(self.item_b, 3.0, 3.0)

    def test_killed_and_started_again(self):
        run = self._new_run()
        run.action_run()
        Line = self.env.registry["helpdesk.billing.run.line"]
        bill, calls = Line._bill, []

        def die(lines):
            if calls:
                raise KeyboardInterrupt
            calls.append(bill(lines))
            return calls[0]

        killed = False
        with patch.object(Line, "_bill", die):
            try:  # assertRaises would take back what was committed
                self._work()
            except KeyboardInterrupt:
                killed = True
        self.assertTrue(killed)
        self.env.invalidate_all()
        self.assertEqual((run.state, run.done_count), ("running", 1))
        first = run.line_ids.move_id
        self._work()
        self.assertEqual((run.state, run.done_count), ("done", 2))
        self.assertAsRehearsed(run)
        self.assertIn(first, run.line_ids.move_id)
        self.assertBooks(self.item_a, 10.0, 6.0)
        self.assertBooks(self.item_b, 3.0, 3.0)

    def test_two_runs_of_the_same(self):
        runs = self._new_run() | self._new_run()
        runs.action_run()
        self._work()
        self.assertEqual(set(runs.mapped("state")), {"done"})
        self.assertBooks(self.item_a, 10.0, 6.0)
        self.assertBooks(self.item_b, 3.0, 3.0)
        self.assertEqual(set(runs[1].line_ids.mapped("hours_billed")), {0.0})

    def test_busy_orders_are_tried_again(self):
        run = self._new_run()
        run.action_run()
        Order = self.env.registry["sale.order"]
        lock, calls = Order.try_lock_for_update, []

        def busy(orders, **options):
            calls.append(orders)
            free = lock(orders, **options)
            return free[:0] if len(calls) == 1 else free

        with patch.object(Order, "try_lock_for_update", busy):
            self._work()
        self.assertEqual(run.state, "done")
        self.assertAsRehearsed(run)

    def test_rights_are_those_of_who_started(self):
        run = self._new_run(self.seller)
        run.action_run()
        self.order_b.user_id = self.salesman
        self._work()
        failed = run.sudo().line_ids.filtered("error")
        self.assertEqual(failed.order_id, self.order_b)
        self.assertIn("may not invoice", failed.error)
        self.assertBooks(self.item_b, 3.0, 0.0)
        self.assertBooks(self.item_a, 10.0, 6.0)

    def test_queries_of_a_customer(self):
        """Six orders of a customer cost hardly more than an invoice does."""
        for _number in range(5):
            item = self._new_item(self.customer_b)
            ticket = self.ticket_b.copy({"name": "More"})
            ticket.sale_line_id = item
            self._log(ticket, 1.0, date=date(2026, 2, 4))
        run = self._new_run()
        run.sudo().write({"user_id": self.accountant.id})
        counts = []
        for customer in (self.customer_a, self.customer_b):
            with self._one_request():
                lines = run._get_lines_to_do(customer.commercial_partner_id.id)
                self.assertTrue(lines._bill())
            counts.append(self.query_count)
        self.assertAsRehearsed(run)
        self.assertLessEqual(counts[1], 130, counts)  # the first one warms up

    def test_default_period_is_the_month_before(self):
        run = self.Run.with_user(self.accountant).create({})
        today = fields.Date.today()
        self.assertEqual(
            run.date_to, fields.Date.subtract(today.replace(day=1), days=1)
        )
