from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .charge_common import ChargeCommon


@tagged("post_install", "-at_install")
class TestKindCorners(ChargeCommon):
    """What random sequences and hostile callers found, each by the shortest way."""

    def _choose(self, line, item):
        line.with_user(self.agent).sudo(False).so_line = item

    def test_text_is_asked_of_open_time_only(self):
        """Billed time stays delivered, whatever the team asks for later."""
        line = self._log_kind(self.remote, 1.0)
        line.name = self.ticket_2.name
        self._invoice(self.order_a)
        self.team.require_customer_text = True
        self.assertDelivered(self.item_a, 1.0)
        self.assertEqual(self.item_a.qty_to_invoice, 0.0)

    def test_written_off_time_becomes_free(self):
        """What a person took off ends where nothing is billed by rule."""
        line = self._log_kind(self.remote, 1.0)
        line.with_user(self.manager).action_write_off(1.0, "Goodwill")
        self.remote.charge = "free"
        self.assertBilled(line, 0.0)
        self.assertDelivered(self.item_a, 0.0)

    def test_rounding_on_a_line_of_no_time(self):
        """No invoice takes a line of no hours: the minimum sits on the one beside it."""
        worked = self._log_kind(self.by_ticket, 0.1, date="2026-01-20")
        nothing = self._log_kind(self.by_ticket, 0.0, date="2026-01-21")
        self.assertBilled(worked | nothing, 0.5, 0.0)
        self._invoice(self.order_a)
        self.assertDelivered(self.item_a, 0.5)
        self.assertEqual(self.item_a.qty_invoiced, 0.5)

    def test_rounding_on_a_correction(self):
        """A newer line below zero takes back what it says, and bears no rounding."""
        worked = self._log_kind(self.by_ticket, 1.6, date="2026-01-20")
        less = self._log_kind(self.by_ticket, -1.0, date="2026-01-21")
        self.assertBilled(worked | less, 1.75, -1.0)
        self.assertDelivered(self.item_a, 0.75)

    def test_internal_work_is_on_no_order_by_hand(self):
        line = self._log_kind(self.remote, 1.0)
        self._choose(line, self._new_item(self.customer_a))
        self.assertTrue(line.is_so_line_edited)
        line.work_type_id = self.meeting
        self.assertFalse(line.so_line)
        with self.assertRaisesRegex(ValidationError, "Meeting is internal"):
            self._choose(line, self.item_a)

    def test_kind_becomes_internal(self):
        line = self._log_kind(self.remote, 1.0)
        self._choose(line, self._new_item(self.customer_a))
        self.remote.charge = "hidden"
        self.env.flush_all()
        self.assertFalse(line.so_line)

    def test_start_out_of_time(self):
        """Years without neighbours, and hours that nobody works, are a sentence."""
        self.evening.resource_calendar_id = self.team.company_id.resource_calendar_id
        for start, hours in (
            ("0001-01-01 00:00:00", 1.0),
            ("9999-12-31 23:59:00", 1.0),
            ("9999-12-31 23:59:00", -1.0),
            ("2026-03-16 10:00:00", 1e9),
            ("2026-03-16 10:00:00", float("nan")),
            ("2026-03-16 10:00:00", float("inf")),
            ("yesterday", 1.0),
            (7, 1.0),
        ):
            with (
                self.subTest(start=start, hours=hours),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                self._log(self.ticket_2, hours, start_datetime=start)

    def test_forged_kind(self):
        for kind in (10**9, 0, -1, "Remote", [1], {"id": 1}, float("nan")):
            with (
                self.subTest(kind=kind),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                self._log(self.ticket_2, 1.0, work_type_id=kind)
