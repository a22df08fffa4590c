from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tests import tagged

from .run_common import RunCommon


@tagged("post_install", "-at_install")
class TestRehearsal(RunCommon):
    """What would be billed, to the cent, and what is left out, each with one reason."""

    def test_lists_what_is_open_in_the_period(self):
        run = self._new_run()
        self.assertEqual(run.state, "rehearsed")
        lines = self._bill_lines(run)
        self.assertEqual(lines.sale_line_id, self.item_a | self.item_b)
        figures = {line.sale_line_id: (line.hours, line.amount) for line in lines}
        self.assertEqual(figures[self.item_a], (6.0, 600.0))
        self.assertEqual(figures[self.item_b], (3.0, 300.0))
        self.assertEqual(self._kinds(run), {"period": 4.0})
        self.assertEqual((run.hours_to_bill, run.hours_left_out), (9.0, 4.0))
        self.assertEqual((run.customer_count, run.amount_to_bill), (2, 900.0))

    def test_writes_nothing_else(self):
        sequence = self.env["account.move"].search_count([])
        before = self.order_a.order_line.read(["qty_to_invoice", "qty_invoiced"])
        self._new_run()
        self.env.flush_all()
        self.env.invalidate_all()
        after = self.order_a.order_line.read(["qty_to_invoice", "qty_invoiced"])
        self.assertEqual(before, after)
        self.assertEqual(self.env["account.move"].search_count([]), sequence)
        self.assertFalse((self.line_1 | self.line_2).timesheet_invoice_id)

    def _new_world_of_reasons(self):
        """One hour of February for each reason not to be billed; -2 of them below zero."""
        team = self.team.copy({"name": "Elsewhere"})
        team.write(
            {"use_helpdesk_timesheet": True, "use_helpdesk_sale_timesheet": True}
        )
        own, below, free, dead = (self._new_item(self.customer_a) for _n in range(4))
        items = {
            "team": own,
            "covered": self._new_item(self.customer_a, self.prepaid),
            "order": dead,
            "no_item": own.browse(),
            "by_hand": own,
            "free": free,
        }
        february = {"date": date(2026, 2, 3)}
        for name, item in items.items():
            ticket = self.env["helpdesk.ticket"].create(
                {
                    "name": name,
                    "team_id": (team if name == "team" else self.team).id,
                    "partner_id": self.ticket.partner_id.id,
                }
            )
            ticket.sale_line_id = item
            line = self._log(ticket, 1.0, **february)
            if name == "by_hand":
                line.write({"so_line": False, "is_so_line_edited": True})
            if name == "free":
                line.action_write_off(1.0, "Goodwill")
        dead.order_id._action_cancel()
        self._log(self.ticket_a2, -2.0, **february).so_line = below

    def test_every_hour_has_one_reason(self):
        self._new_world_of_reasons()
        run = self._new_run()
        self.assertEqual(
            self._kinds(run),
            {
                "below": -2.0,
                "by_hand": 1.0,
                "covered": 1.0,
                "free": 0.0,
                "no_item": 1.0,
                "order": 1.0,
                "period": 4.0,
            },
        )
        self.assertTrue(
            all(line.reason for line in run.line_ids if line.kind != "bill")
        )
        chosen = self._new_run(self.lead, team_ids=self.team.ids)
        self.assertEqual(chosen.with_user(self.accountant).team_names, self.team.name)
        self.assertEqual(self._kinds(chosen)["team"], 1.0)
        # nothing is forgotten: the lines hold all that is not billed
        Line = self.env["account.analytic.line"]
        domain = run._domain_scope() & ~Line._domain_time("billed")
        total = sum(Line.search(domain).mapped("unit_amount"))
        for rehearsal in (run, chosen):
            worked = sum(rehearsal.sudo().line_ids.mapped("hours_worked"))
            self.assertAlmostEqual(worked, total)

    def test_billed_elsewhere_is_left_out_of_it(self):
        line = self._log(self.ticket, 1.0, date=date(2026, 2, 3))
        line.write({"so_line": False, "is_so_line_edited": True})
        self.assertEqual(self._kinds(self._new_run()).get("by_hand"), 1.0)
        hook, domain = "_domain_billed_elsewhere", Domain("id", "=", line.id)
        self.patch(self.registry[line._name], hook, lambda _self: domain)
        kinds = self._kinds(self._new_run())
        self.assertFalse({"by_hand", "covered"} & kinds.keys())

    def test_leave_is_kept(self):
        run = self._new_run()
        line = self._bill_lines(run).filtered(lambda x: x.order_id == self.order_a)
        line.with_user(self.accountant).action_leave()
        self.assertEqual((run.hours_to_bill, run.amount_to_bill), (3.0, 300.0))
        run.action_rehearse()
        line = self._bill_lines(run).filtered(lambda x: x.order_id == self.order_a)
        self.assertEqual(line.decision, "leave")
        line.with_user(self.accountant).action_bill()
        self.assertEqual(run.hours_to_bill, 9.0)

    def test_only_decisions_are_written(self):
        run = self._new_run()
        line = self._bill_lines(run)[0].with_user(self.accountant)
        for values in ({"hours": 1.0}, {"amount": 1.0}, {"kind": "free"}):
            with self.assertRefused("cannot be written", ValidationError):
                line.write(values)
        left = run.line_ids.filtered(lambda line: line.kind == "period")
        with self.assertRefused("cannot be billed"):
            left.decision = "bill"
        with self.assertRefused("cannot be written", ValidationError):
            run.state = "done"

    def test_a_form_of_a_new_line(self):
        lines = self.env["helpdesk.billing.run.line"].with_user(self.accountant)
        self.assertFalse(lines.new({}).reason)

    def test_another_period_is_rehearsed_anew(self):
        run = self._new_run()
        run.date_from = "2026-01-01"
        self.assertEqual((run.state, len(run.line_ids)), ("draft", 0))
        with self.assertRefused("Rehearse"):
            run.action_run()
        with self.assertRefused("Swap the dates", ValidationError):
            run.date_from = "2026-03-01"

    def test_who_sees_what(self):
        run = self._new_run(self.lead)
        lines = run.line_ids
        self.assertEqual(sum(lines.mapped("hours")), 13.0)
        with self.assertRaises(AccessError):
            lines.read(["amount"])
        with self.assertRaises(AccessError):
            run.read(["amount_to_bill"])
        with self.assertRefused("not invoice", AccessError):
            run.action_run()
        with self.assertRaises(AccessError):
            self.Run.with_user(self.agent).search([])
        self.order_b.user_id = self.salesman
        own = self._new_run(self.seller)
        self.assertEqual(own.line_ids.order_id, self.order_a)
        self.assertEqual(own.amount_to_bill, 600.0)
        with self.assertRefused("may not invoice", AccessError):
            run.with_user(self.seller).action_run()

    def test_by_call(self):
        """What a client gets survives XML-RPC."""
        run = self._new_run()
        results = [
            run.action_view_lines(),
            run.action_view_errors(),
            run.action_view_changed(),
            run.action_view_unsent(),
            run.action_view_invoices(),
            run.line_ids[0].action_view_time(),
            run.action_rehearse(),
            run.read([]),
            run.line_ids.read([]),
        ]

        def has_none(value):
            if isinstance(value, dict):
                value = list(value.values())
            if isinstance(value, list | tuple):
                return any(map(has_none, value))
            return value is None

        self.assertFalse([result for result in results if has_none(result)])

    def test_chosen_lines_from_a_list(self):
        action = self.env.ref("helpdesk_billing_run.action_invoice_lines")
        context = {
            "active_model": "account.analytic.line",
            "active_ids": self.line_2.ids,
        }
        result = action.with_user(self.seller).with_context(**context).run()
        invoice = self.env["account.move"].browse(result["res_id"])
        self.assertBilled(invoice, self.line_2)
        with self.assertRaises(AccessError):
            action.with_user(self.agent).with_context(**context).run()

    def test_queries(self):
        """Ten orders cost what two cost."""
        for _number in range(10):
            item = self._new_item(self.customer_a)
            ticket = self.ticket.copy({"name": "More"})
            ticket.sale_line_id = item
            self._log(ticket, 1.0, date=date(2026, 2, 4))
        run = self._new_run()
        few = self._new_run(partner_ids=[Command.set(self.customer_b.ids)])
        counts = [self._count_queries(each.action_rehearse) for each in (few, run)]
        self.assertEqual(len(self._bill_lines(run)), 12)
        self.assertLessEqual(counts[1], counts[0] + 6, counts)

    def test_started_once(self):
        run = self._new_run()
        run.action_run()
        with self.assertRefused("running already"):
            run.action_run()
        for name in ("action_rehearse", "unlink"):
            with self.assertRefused("has been run", UserError):
                getattr(run, name)()
        with self.assertRefused("has started"):
            self._bill_lines(run).with_user(self.accountant).action_leave()

    def test_time_that_waits(self):
        """Whatever lets time wait: it is listed apart, never billed, and leaks in the
        end."""
        Line = self.env.registry["account.analytic.line"]
        counts = Line._domain_counts
        waits = self._log(self.ticket_b, 2.5, date=date(2026, 2, 21), name="Wait")

        def let_wait(lines):
            return counts(lines) & Domain("name", "!=", "Wait")

        with patch.object(Line, "_domain_counts", let_wait):
            self.env.add_to_compute(self.item_b._fields["qty_delivered"], self.item_b)
            self.item_b.modified(["qty_delivered"])
            self.env.flush_all()
            run = self._new_run()
            self.assertEqual(self._kinds(run), {"period": 4.0, "waiting": 2.5})
            self.assertEqual(run.hours_to_bill, 9.0)
            leak = self.env["helpdesk.leak"].search(
                [("kind", "=", "waiting"), ("ticket_id", "=", self.ticket_b.id)]
            )
            self.assertEqual(leak.hours, 2.5)
            work = self.env["helpdesk.work.in.progress"].browse(waits.id)
            self.assertEqual(
                (work.kind, work.hours, work.amount), ("waiting", 2.5, 0.0)
            )
            self._run(run)
            self.assertAsRehearsed(run)
            self.assertFalse(waits.timesheet_invoice_id)
