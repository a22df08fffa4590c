from datetime import date

from odoo.addons.helpdesk_base.tests.common import MANAGER
from odoo.addons.helpdesk_timesheet_reinvoice.tests.invoice_common import (
    ACCOUNTANT,
    InvoiceCommon,
)


class RunCommon(InvoiceCommon):
    """Two customers with open time in February 2026, and one run for it.

    Alpha has 6 hours of February and 4 of January on its item at 100, Beta 3 of
    February. Lea manages the desk, Ann keeps the books, Sam sells.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Run = cls.env["helpdesk.billing.run"]
        cls.lead = cls._new_user("hd_lead", MANAGER, name="Lea Lead")
        cls.line_b = cls._log(cls.ticket_b, 3.0, date=date(2026, 2, 20))
        cls.customers = cls.customer_a | cls.customer_b

    # === HELPERS === #

    @classmethod
    def _new_run(cls, user=None, **values):
        """A run of the two customers for February, rehearsed."""
        values = {
            "date_from": "2026-02-01",
            "date_to": "2026-02-28",
            "partner_ids": cls.customers.ids,
            **values,
        }
        run = cls.Run.with_user(user or cls.accountant).create(values)
        run.action_rehearse()
        return run

    def _work(self):
        """Let the job do what was started."""
        with self.enter_registry_test_mode():
            self.env.ref("helpdesk_billing_run.ir_cron_run").method_direct_trigger()
        self.env.invalidate_all()

    def _run(self, run):
        run.action_run()
        self._work()
        self.assertEqual(run.state, "done")
        return run.sudo().line_ids.move_id

    def _bill_lines(self, run):
        return run.sudo().line_ids.filtered(lambda line: line.kind == "bill")

    def _kinds(self, run):
        """Hours of the lines that are left out, by kind."""
        kinds = {}
        for line in run.sudo().line_ids.filtered(lambda line: line.kind != "bill"):
            kinds[line.kind] = kinds.get(line.kind, 0.0) + line.hours
        return kinds

    def assertAsRehearsed(self, run):
        """Nothing changed: what was billed is what was rehearsed, to the cent."""
        lines = self._bill_lines(run)
        self.assertTrue(lines)
        self.assertFalse(lines.filtered("error").mapped("error"))
        self.assertFalse(lines.filtered("differs").mapped("result"))
        moves = lines.move_id
        for move in moves:
            own = lines.filtered(lambda line, move=move: line.move_id == move)
            self.assertAlmostEqual(sum(own.mapped("amount")), move.amount_untaxed, 6)
            self.assertAlmostEqual(sum(own.mapped("amount_tax")), move.amount_tax, 6)
            self.assertAlmostEqual(
                sum(own.mapped("amount_total")), move.amount_total, 6
            )
        for name, of_moves in (
            ("amount_company", "amount_untaxed_signed"),
            ("amount_total_company", "amount_total_signed"),
        ):
            self.assertAlmostEqual(
                sum(lines.mapped(name)), sum(moves.mapped(of_moves)), 6, name
            )


__all__ = ["ACCOUNTANT", "MANAGER", "RunCommon"]
