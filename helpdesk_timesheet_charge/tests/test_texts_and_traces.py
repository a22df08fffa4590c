from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_charge import _forget_kinds

from .charge_common import ChargeCommon


@tagged("post_install", "-at_install")
class TestTextsAndTraces(ChargeCommon):
    """Text before billing; changes of open time are noted on the ticket."""

    def test_time_without_text_waits(self):
        self.team.require_customer_text = True
        silent = self._log(self.ticket_2, 1.0, name="")
        told = self._log(self.ticket_2, 2.0, name="Printer mended")
        self.assertEqual(silent.name, self.ticket_2.name)
        self.assertTrue(silent.waits_for_text)
        self.assertIn("Say what was done", silent._get_worker_task())
        self.assertDelivered(self.item_a, 2.0)
        self.assertEqual(self.ticket_2.hours_to_invoice, 2.0)
        invoice = self._invoice(self.order_a)
        self.assertEqual(invoice.invoice_line_ids.quantity, 2.0)
        self.assertEqual(told.timesheet_invoice_id, invoice)
        silent.with_user(self.agent).name = "Router mended"
        self.assertDelivered(self.item_a, 3.0)

    def test_option_switched_off(self):
        self.team.require_customer_text = True
        self._log(self.ticket_2, 1.0, name="/")
        self.assertDelivered(self.item_a, 0.0)
        self.team.require_customer_text = False
        self.assertDelivered(self.item_a, 1.0)

    def test_nothing_waits_once_the_addon_is_gone(self):
        self.team.require_customer_text = True
        self._log_kind(self.remote, 0.6, name="")
        self._log(self.ticket_2, 1.0, name="")
        self.assertDelivered(self.item_a, 0.0)
        _forget_kinds(self.env)
        self.assertDelivered(self.item_a, 1.6)

    def test_internal_note_is_for_colleagues(self):
        line = self._log(self.ticket_2, 1.0, internal_note="He is angry")
        portal = self._new_user("hd_note_portal", "base.group_portal")
        with self.assertRaisesRegex(Exception, "internal_note|access"):
            line.with_user(portal).read(["internal_note"])
        self.assertNotIn("angry", self._invoice(self.order_a).invoice_line_ids.name)

    def test_change_of_open_time_leaves_a_trace(self):
        line = self._log_kind(self.remote, 1.0)
        before = self.ticket_2.message_ids
        line.with_user(self.agent).write({"unit_amount": 2.0, "name": "Longer"})
        note = self.ticket_2.message_ids - before
        self.assertEqual(len(note), 1)
        self.assertTrue(note.is_internal or note.subtype_id.internal)
        self.assertIn("1.0 → 2.0", note.body)
        self.assertIn("Work → Longer", note.body)
        line.with_user(self.agent).write({"unit_amount": 2.0})
        self.assertEqual(self.ticket_2.message_ids - before, note)

    def test_customer_sees_kind_but_nothing_internal(self):
        self.team.portal_show_timesheets = True
        shown = self._log_kind(self.goodwill, 1.5)
        self._log_kind(self.meeting, 2.0)
        self.assertEqual(self.ticket_2._get_portal_timesheets(), shown)
        self.assertEqual(self.ticket_2._read_portal_hours(), {self.ticket_2.id: 1.5})

    def test_invoice_prints_nothing_internal(self):
        self.team.time_on_invoice = "below"
        self._log_kind(self.remote, 0.1, name="Call")
        self._log_kind(self.meeting, 2.0, name="Gossip")
        invoice = self._invoice(self.order_a)
        report = self.env["ir.actions.report"]
        for name in (
            "account.report_invoice",
            "sale_timesheet.report_timesheet_account_move",
        ):
            page = report._render_qweb_html(name, invoice.ids)[0].decode()
            self.assertIn("Call", page)
            self.assertNotIn("Gossip", page)
