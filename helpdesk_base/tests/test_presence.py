from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .mail_common import HelpdeskMailCommon


@tagged("post_install", "-at_install")
class TestPresence(HelpdeskMailCommon):
    """Who else looks at or writes on a ticket."""

    def _get_channels(self, user, *names):
        return self.env["ir.websocket"].with_user(user)._get_presence_channels(names)

    def test_colleagues_hear_of_it(self):
        payload = {
            "ticket_id": self.ticket.id,
            "user_id": self.agent.id,
            "name": "Ada Agent",
            "state": "writing",
        }
        channel = (self.cr.dbname, "helpdesk.ticket", self.ticket.id, "presence")
        message = {"type": "helpdesk.ticket/presence", "payload": payload}
        with self.assertBus([channel], [message]):
            self.ticket.with_user(self.agent).tell_presence("writing")

    def test_who_may_listen(self):
        name = f"helpdesk.ticket_presence:{self.ticket_private.id}"
        self.assertEqual(
            self._get_channels(self.agent, name, "other"),
            [(self.ticket_private, "presence")],
        )
        for user in (self.outsider, self.portal_a, self.colleague):
            with self.subTest(user.login):
                self.assertFalse(self._get_channels(user, name))
        for bad in ("helpdesk.ticket_presence:x", f"{name}9999999", f"x{name}", 5):
            with self.subTest(bad):
                self.assertFalse(self._get_channels(self.agent, bad))

    def test_who_and_what_is_refused(self):
        for state in ("dancing", 5, ["viewing"]):
            with self.subTest(state), self.assertRaises(ValidationError):
                self.ticket.with_user(self.agent).tell_presence(state)
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.portal_a).tell_presence("viewing")
        with self.assertRaises(AccessError):
            self.ticket_private.with_user(self.outsider).tell_presence("viewing")


@tagged("post_install", "-at_install")
class TestUnseenAnswers(HelpdeskMailCommon):
    """The customer wrote while an answer was typed."""

    def test_only_what_came_later_and_from_outside(self):
        ticket = self.ticket.with_user(self.agent)
        known = self._answer(self.ticket, "Which one?")
        self._answer(self.ticket, "The left one?")
        self.assertEqual(ticket.get_unseen_answers(known.id), [])
        self._receive(headers={"In-Reply-To": known.message_id}, body="Both!")
        self.assertEqual(
            [
                (new["author"], new["preview"])
                for new in ticket.get_unseen_answers(known.id)
            ],
            [("Alice Alpha", "Both!")],
        )
        last = ticket.message_ids.sorted("id")[-1].id
        self.assertEqual(ticket.get_unseen_answers(last), [])

    def test_who_and_what_is_refused(self):
        for last in ("x", [1], float("nan")):
            with self.subTest(last), self.assertRaises(ValidationError):
                self.ticket.with_user(self.agent).get_unseen_answers(last)
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.portal_a).get_unseen_answers(0)
