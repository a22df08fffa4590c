from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .run_common import RunCommon


@tagged("post_install", "-at_install")
class TestLeaks(RunCommon):
    """Work that does not become an invoice is listed until that is mended."""

    def _leaks(self, kind, user=None, **reference):
        self.env.flush_all()
        self.env.invalidate_all()
        domain = [("kind", "=", kind)]
        domain += [(name, "=", record.id) for name, record in reference.items()]
        return self.env["helpdesk.leak"].with_user(user or self.lead).search(domain)

    def test_answered_without_time(self):
        ticket = self.ticket.copy({"name": "Answered"})
        self.assertFalse(self._leaks("no_time", ticket_id=ticket))
        closed = self.env["helpdesk.stage"].search([("fold", "=", True)], limit=1)
        ticket.stage_id = closed
        self.assertFalse(self._leaks("no_time", ticket_id=ticket), "nobody answered")
        ticket.with_user(self.agent).message_post(
            body="Done", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        leak = self._leaks("no_time", ticket_id=ticket)
        self.assertEqual(leak.partner_id, ticket.commercial_partner_id)
        self.assertEqual(leak.action_open()["res_id"], ticket.id)
        ticket.close_without_time_reason = "Spam"
        self.assertFalse(self._leaks("no_time", ticket_id=ticket))
        ticket.close_without_time_reason = False
        self._log(ticket, 0.5)
        self.assertFalse(self._leaks("no_time", ticket_id=ticket))

    def test_idle_without_time(self):
        ticket = self.ticket.copy({"name": "Idle"})
        message = ticket.with_user(self.agent).message_post(
            body="On it", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertFalse(self._leaks("no_time", ticket_id=ticket))
        message.sudo().date = fields.Datetime.now() - timedelta(days=10)
        self.assertEqual(self._leaks("no_time", ticket_id=ticket).age_days, 10)

    def test_no_time_needed(self):
        """Said for many at once, with a reason; a new answer is a leak again."""
        tickets = self.ticket.copy({"name": "One"}) | self.ticket.copy({"name": "Two"})
        stage = self.env["helpdesk.stage"].search([("fold", "=", True)], limit=1)
        tickets.stage_id = stage
        for ticket in tickets:
            self._answer(ticket)
        leaks = sum(
            (self._leaks("no_time", ticket_id=t) for t in tickets), self._none()
        )
        self.assertEqual(len(leaks), 2)
        action = leaks.action_no_time_needed()
        Wizard = self.env[action["res_model"]].with_user(self.lead)
        wizard = Wizard.with_context(**action["context"]).create({"reason": "Spam"})
        wizard.action_apply()
        self.assertEqual(set(tickets.mapped("close_without_time_reason")), {"Spam"})
        for ticket in tickets:
            self.assertFalse(self._leaks("no_time", ticket_id=ticket))
        message = self._answer(tickets[0])
        message.sudo().date = fields.Datetime.now() + timedelta(minutes=5)
        self.assertTrue(self._leaks("no_time", ticket_id=tickets[0]))
        self.assertFalse(self._leaks("no_time", ticket_id=tickets[1]))

    def _none(self):
        return self.env["helpdesk.leak"].with_user(self.lead)

    def _answer(self, ticket):
        return ticket.with_user(self.agent).message_post(
            body="Done", message_type="comment", subtype_xmlid="mail.mt_comment"
        )

    def test_no_time_needed_for_other_leaks(self):
        self.order_b._action_cancel()
        with self.assertRefused("answered without time only"):
            self._leaks("order", ticket_id=self.ticket_b).action_no_time_needed()
        with self.assertRefused("Say why"):
            self.ticket_b._set_no_time_needed(" ")

    def test_days_are_settings(self):
        ticket = self.ticket.copy({"name": "Idle"})
        self._answer(ticket).sudo().date = fields.Datetime.now() - timedelta(days=5)
        self.assertFalse(self._leaks("no_time", ticket_id=ticket))
        self.company.helpdesk_leak_idle_days = 4
        self.assertTrue(self._leaks("no_time", ticket_id=ticket))
        for days in (-1, 4000):
            with self.assertRefused("0 to 3,650 days", ValidationError):
                self.company.helpdesk_leak_idle_days = days

    def test_late_time(self):
        self._bill(self.order_a)
        self.assertFalse(self._leaks("late", ticket_id=self.ticket))
        self._log(self.ticket, 1.5, date=date(2026, 2, 16))
        self._log(self.ticket, 2.0, date=date(2026, 2, 17))
        self.assertEqual(self._leaks("late", ticket_id=self.ticket).hours, 1.5)

    def test_credited_and_not_billed_again(self):
        invoice = self._post(self._bill())
        note = self._post(invoice._create_time_credit(self.line_2, "Mistake"))
        self.assertFalse(self._leaks("credited", ticket_id=self.ticket))
        self.company.helpdesk_leak_credited_days = 3
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET date = date - 4 WHERE id = %s", [note.id]
        )
        leak = self._leaks("credited", ticket_id=self.ticket)
        self.assertEqual((leak.hours, leak.sale_line_id), (6.0, self.item_a))
        self._bill(self.order_a)
        self.assertFalse(self._leaks("credited", ticket_id=self.ticket))

    def test_time_without_item(self):
        self.ticket_a2.sale_line_id = False
        self._log(self.ticket_a2, 1.5, date=date(2026, 2, 1))
        leak = self._leaks("no_item", ticket_id=self.ticket_a2)
        self.assertEqual((leak.hours, leak.date), (1.5, date(2026, 2, 1)))
        self.assertFalse(self._leaks("no_order", ticket_id=self.ticket_a2))
        self.ticket_a2.sale_line_id = self.item_a
        self.assertFalse(self._leaks("no_item", ticket_id=self.ticket_a2))

    def test_customer_without_order(self):
        customer = self.env["res.partner"].create({"name": "Gamma", "is_company": True})
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "New", "team_id": self.team.id, "partner_id": customer.id}
        )
        self._log(ticket, 2.0)
        self.assertEqual(self._leaks("no_order", ticket_id=ticket).hours, 2.0)
        self.assertFalse(self._leaks("no_item", ticket_id=ticket))

    def test_cancelled_order(self):
        self.order_b._action_cancel()
        leak = self._leaks("order", ticket_id=self.ticket_b)
        self.assertEqual((leak.hours, leak.sale_line_id), (3.0, self.item_b))
        self.ticket_b.sale_line_id = self._new_item(self.customer_b)
        self.assertFalse(self._leaks("order", ticket_id=self.ticket_b))

    def test_pack_used_up(self):
        pack = self._new_item(self.customer_a, self.prepaid, 5.0)
        self.ticket_a2.sale_line_id = pack
        self._log(self.ticket_a2, 5.0)
        self.assertFalse(self._leaks("pack", sale_line_id=pack))
        self._log(self.ticket_a2, 1.25)
        leak = self._leaks("pack", self.accountant, sale_line_id=pack)
        self.assertEqual(leak.hours, 1.25)
        self.assertEqual(leak.action_open()["res_model"], "sale.order")
        lead = leak.with_user(self.lead)
        self.assertEqual(lead.action_open()["res_id"], self.ticket_a2.id)

    def test_old_draft(self):
        invoice = self._bill(self.order_b)
        self.assertFalse(self._leaks("draft", self.accountant, move_id=invoice))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET create_date = now() - interval '20 days'"
            " WHERE id = %s",
            [invoice.id],
        )
        leak = self._leaks("draft", self.accountant, move_id=invoice)
        self.assertEqual((leak.hours, leak.age_days), (3.0, 20))
        self.assertEqual(leak.action_open()["res_id"], invoice.id)
        self._post(invoice)
        self.assertFalse(self._leaks("draft", self.accountant, move_id=invoice))

    def test_stuck_hours(self):
        invoice = self._bill(self.order_b)
        self._set_quantities(invoice, [8.0])
        self._log(self.ticket_b, 1.0)
        invoice = self._post(invoice)
        self._log(self.ticket_b, 2.0)
        leak = self._leaks("stuck", sale_line_id=self.item_b)
        self.assertTrue(leak)
        run = self._new_run(date_from=False, date_to=False)
        self.assertEqual(self._kinds(run)["billed"], leak.hours)

    def test_who_sees_leaks(self):
        with self.assertRaises(AccessError):
            self._leaks("order", self.agent)
        self.order_b._action_cancel()
        self.order_b.user_id = self.salesman
        self.assertFalse(self._leaks("order", self.seller, ticket_id=self.ticket_b))
        self.assertTrue(self._leaks("order", self.salesman, ticket_id=self.ticket_b))

    def test_card_of_the_team(self):
        self.order_b._action_cancel()
        self.env.flush_all()
        team = self.team.with_user(self.lead)
        count = self.env["helpdesk.leak"].search_count([("team_id", "=", team.id)])
        self.assertEqual(team.leak_count, count)
        self.assertTrue(count)
        self.assertEqual(
            team.action_view_leaks()["domain"], [("team_id", "in", team.ids)]
        )

    def test_queries(self):
        """Listed with a constant number of queries."""
        Leak = self.env["helpdesk.leak"].with_user(self.lead)
        self._log(self.ticket.copy({"name": "x", "sale_line_id": False}), 1.0)
        columns = ["kind", "ticket_id", "partner_id", "hours"]
        few = self._count_queries(Leak.search_read, [], columns, 0, 80)
        for number in range(20):
            self._log(
                self.ticket.copy({"name": f"{number}", "sale_line_id": False}), 1.0
            )
        many = self._count_queries(Leak.search_read, [], columns, 0, 80)
        self.assertLessEqual(many, few + 2)
