from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .mail_common import HelpdeskMailCommon


@tagged("post_install", "-at_install")
class TestUndo(HelpdeskMailCommon):
    """Dropped into the wrong stage, and taken back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.as_agent = cls.ticket.with_user(cls.agent)
        cls.ticket.write({"kanban_state": "blocked", "snoozed_until": "2999-01-01"})
        cls.flush_tracking(cls)

    def _move(self, stage, user=None):
        self.ticket.with_user(user or self.agent).stage_id = stage
        self.flush_tracking()

    def test_goes_back_with_what_followed_from_the_stage(self):
        self._move(self.stage_done)
        self.assertTrue(self.ticket.close_date)
        self.assertIs(self.as_agent.action_undo_stage(), True)
        self.assertEqual(self.ticket.stage_id, self.stage_new)
        self.assertEqual(self.ticket.kanban_state, "blocked")
        self.assertEqual(str(self.ticket.snoozed_until), "2999-01-01")
        self.assertFalse(self.ticket.close_date)

    def test_only_by_who_did_it(self):
        self._move(self.stage_done)
        with self.assertRaises(UserError):
            self.ticket.with_user(self.agent_2).action_undo_stage()
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.portal_a).action_undo_stage()

    def test_not_past_what_somebody_else_did(self):
        self._move(self.stage_done)
        self._move(self.stage_work, self.agent_2)
        with self.assertRaises(UserError):
            self.as_agent.action_undo_stage()
        self.assertEqual(self.ticket.stage_id, self.stage_work)

    def test_within_a_minute(self):
        self._move(self.stage_done)
        self.ticket.message_ids.filtered("tracking_value_ids").date = "2020-01-01"
        with self.assertRaises(UserError):
            self.as_agent.action_undo_stage()

    def test_nothing_to_undo(self):
        with self.assertRaises(UserError):
            self.ticket_b.with_user(self.agent).action_undo_stage()

    def test_offered_on_screens_alone(self):
        Ticket = type(self.env["helpdesk.ticket"])
        payload = {
            "ids": self.ticket.ids,
            "stage": "Finished",
            "is_mailed": False,
        }
        channel = (self.cr.dbname, "res.partner", self.agent.partner_id.id)
        message = {"type": "helpdesk.ticket/moved", "payload": payload}
        with (
            patch.object(Ticket, "_is_moved_on_screen", lambda tickets: True),
            self.assertBus([channel], [message]),
        ):
            self.as_agent.stage_id = self.stage_done
        self.assertFalse(self.as_agent._is_moved_on_screen(), "no request")
