from odoo.tests import Form, tagged

from .rule_common import RuleCommon


@tagged("post_install", "-at_install")
class TestReason(RuleCommon):
    """Each line says in one sentence why it is billed where it is."""

    def _assert_reason(self, line, sentence):
        line = line.with_user(self.agent)
        line.invalidate_recordset()
        self.assertEqual(line.so_line_reason, sentence)

    def test_item_of_the_ticket(self):
        self._assert_reason(self._log(self.ticket, 1.0), "Ticket's item")

    def test_rate_of_a_person(self):
        self._new_rate(self.employee, self._new_item(self.customer_a))
        line = self._log(self.ticket, 1.0)
        self._assert_reason(line, "Rate of Ada Agent on Care")

    def test_item_set_by_hand(self):
        mine = self._new_item(self.customer_a)
        line = self._log(self.ticket, 1.0, so_line=mine.id)
        self._assert_reason(line, "Set by hand by Ada Agent")

    def test_item_removed_by_hand(self):
        line = self._log(self.ticket, 1.0, so_line=False)
        self._assert_reason(line, "Not billable: removed by hand by Ada Agent")

    def test_no_item_on_the_ticket(self):
        line = self._log(self.ticket_unknown, 1.0)
        self._assert_reason(line, "Not billable: ticket has no sales order item")

    def test_team_that_does_not_reinvoice(self):
        line = self._log(self.ticket, 1.0)
        self.team.use_helpdesk_sale_timesheet = False
        self._assert_reason(line, "Not billable: team does not reinvoice")

    def test_project_that_is_not_billable(self):
        line = self._log(self.ticket, 1.0)
        self.project.allow_billable = False
        self._assert_reason(line, "Not billable: project is not billable")

    def test_order_that_is_cancelled(self):
        self.order_a._action_cancel()
        line = self._log(self.ticket, 1.0)
        self._assert_reason(
            line, f"Not billable: order {self.order_a.name} is not confirmed"
        )

    def test_time_on_an_invoice(self):
        line = self._log(self.ticket, 1.0)
        invoice = self._bill(line)
        self._assert_reason(line, f"Ticket's item. Invoiced on {invoice.display_name}")

    def test_billed_time_keeps_its_reason(self):
        """Whatever becomes of ticket and rate, it says why it was billed there."""
        rate = self._new_rate(self.employee, self._new_item(self.customer_a))
        line = self._log(self.ticket, 1.0)
        invoice = self._bill(line)
        rate.unlink()
        self.ticket.sale_line_id = self._new_item(self.customer_a)
        self._assert_reason(
            line, f"Rate of Ada Agent on Care. Invoiced on {invoice.display_name}"
        )

    def test_time_that_its_invoice_lets_go(self):
        line = self._log(self.ticket, 1.0)
        invoice = self._invoice(self.order_a)
        self.ticket.sale_line_id = self._new_item(self.customer_a)
        invoice.unlink()
        self._assert_reason(line, "Kept from an earlier invoice or a merged ticket")

    def test_item_kept_in_a_merge(self):
        self.ticket_a2.sale_line_id = self._new_item(self.customer_a)
        line = self._log(self.ticket_a2, 1.0)
        self.ticket._merge(self.ticket_a2)
        self._assert_reason(line, "Kept from an earlier invoice or a merged ticket")

    def test_project_time_without_ticket_says_nothing(self):
        line = self._log(self.env["helpdesk.ticket"], 1.0, project_id=self.project.id)
        self._assert_reason(line, False)

    def test_reason_is_shown_on_the_tab_and_changes_with_the_item(self):
        self._log(self.ticket, 1.0)
        form = Form(self.ticket.with_user(self.agent))
        with form.timesheet_ids.edit(0) as line:
            self.assertEqual(line.so_line_reason, "Ticket's item")
        form.sale_line_id = self.env["sale.order.line"]
        with form.timesheet_ids.edit(0) as line:
            self.assertEqual(
                line.so_line_reason, "Not billable: ticket has no sales order item"
            )

    def test_reasons_of_many_lines_cost_no_query_each(self):
        lines = self._log(self.ticket, 1.0)
        for _index in range(20):
            lines |= self._log(self.ticket, 1.0)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(20):
            lines.mapped("so_line_reason")
