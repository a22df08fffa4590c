from unittest.mock import patch

from odoo.tests import Form, tagged

from odoo.addons.bus.models.bus_listener_mixin import BusListenerMixin

from .run_common import RunCommon


@tagged("post_install", "-at_install")
class TestLeaksAtClosing(RunCommon):
    """Who closes a ticket sees what of its time is not billed, and may close it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.closed = cls.team.stage_ids.filtered("fold")[:1]
        cls.ticket_a2.sale_line_id = False
        cls.quiet = cls.ticket_a2.copy({"name": "Nothing was done"})

    def _close(self, tickets, user=None):
        """Close tickets as the agent.

        :return: what the agent was told, or False
        """
        sent = []

        def send(_record, kind, message, **_options):
            if kind == "simple_notification":
                sent.append(message["message"])

        with patch.object(BusListenerMixin, "_bus_send", send):
            tickets.with_user(user or self.agent).stage_id = self.closed
        self.assertTrue(all(tickets.mapped("is_closed")))
        return sent[0] if sent else False

    def test_no_time(self):
        self.assertFalse(self.quiet.leak_notice, "not closed yet")
        self.assertIn("Nobody recorded time", self._close(self.quiet))
        self.assertIn("Nobody recorded time", self.quiet.leak_notice)
        with Form(self.quiet.with_user(self.agent)) as form:
            self.assertIn("Nobody recorded time", form.leak_notice)
        self.quiet.close_without_time_reason = "Spam"
        self.env.invalidate_all()
        self.assertFalse(self.quiet.leak_notice)

    def test_time_without_item(self):
        line = self._log(self.ticket_a2, 1.5)
        self.assertIn("1.5 h have no sales order item", self._close(self.ticket_a2))
        self.ticket_a2.sale_line_id = self.item_a
        self.assertFalse(self.ticket_a2.leak_notice)
        line.with_user(self.agent).write({"so_line": False, "is_so_line_edited": True})
        self.assertFalse(self.ticket_a2.leak_notice, "a person said so")

    def test_what_a_worker_has_to_do(self):
        Line = type(self.env["account.analytic.line"])
        with patch.object(Line, "_get_worker_task", lambda line: "Say what was done"):
            self.assertIn("10.0 h wait. Say what was done", self._close(self.ticket))

    def test_nothing_to_tell(self):
        self.assertFalse(self._close(self.ticket))
        self.assertFalse(self.ticket.leak_notice)
        self.assertFalse(self._close(self.quiet, self.env.ref("base.user_root")))

    def test_many_at_once(self):
        tickets = self.quiet.union(
            *(self.quiet.copy({"name": f"Quiet {number}"}) for number in range(4))
        )
        self.assertIn("2 more tickets", self._close(tickets))

    def test_queries(self):
        """As many for one ticket as for ten."""
        counts = []
        for number in (1, 10):
            tickets = self.env["helpdesk.ticket"].union(
                *(self.quiet.copy({"name": "Quiet"}) for _ticket in range(number))
            )
            for ticket in tickets:
                self._log(ticket, 1.0)
            counts.append(self._count_queries(tickets.sudo()._get_leak_sentences))
        self.assertLessEqual(counts[1], counts[0] + 1)
