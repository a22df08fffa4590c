import json

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .mail_common import HelpdeskMailCommon


@tagged("post_install", "-at_install")
class TestOverview(HelpdeskMailCommon):
    """What an agent and a lead look at each morning."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.as_agent = cls.team.with_user(cls.agent)

    def _open(self, action):
        return (
            self.env[action["res_model"]].with_user(self.agent).search(action["domain"])
        )

    def test_my_figures_open_their_tickets(self):
        (self.ticket | self.ticket_a2 | self.ticket_b).user_id = self.agent
        self._answer(self.ticket)
        self.ticket_a2.snoozed_until = "2999-01-01"
        self.ticket_b.with_user(self.agent).stage_id = self.stage_done
        figures = {f["name"]: f["value"] for f in self.as_agent.get_my_figures()}
        expected = {
            "todo": self.ticket_assigned,
            "assigned": self.ticket
            | self.ticket_a2
            | self.ticket_b
            | self.ticket_assigned,
            "answered": self.ticket,
            "closed": self.ticket_b,
        }
        for name, tickets in expected.items():
            with self.subTest(name):
                action = self.as_agent.action_view_my_figure(name)
                self.assertEqual(self._open(action), tickets)
                self.assertEqual(figures[name], len(tickets))

    def test_today_is_that_of_the_user(self):
        self.agent.tz = "Pacific/Auckland"  # 12 hours ahead in June
        team = self.as_agent.with_context(tz=self.agent.tz)
        with freeze_time("2026-06-10 13:00:00"):
            self.assertEqual(str(team._get_start_of_today()), "2026-06-10 12:00:00")
        with freeze_time("2026-06-10 11:00:00"):
            self.assertEqual(str(team._get_start_of_today()), "2026-06-09 12:00:00")

    def test_who_and_what_is_refused(self):
        for name in ("nothing", 5, ["todo"]):
            with self.subTest(name), self.assertRaises(ValidationError):
                self.as_agent.action_view_my_figure(name)
        with self.assertRaises(AccessError):
            self.team.with_user(self.colleague).get_my_figures()

    def test_waiting_for_customer(self):
        self._answer(self.ticket)
        self._answer(self.ticket_b)
        self.ticket_b.with_user(self.agent).stage_id = self.stage_done
        self.assertEqual(self.as_agent.waiting_ticket_count, 1)
        action = self.as_agent.with_context(
            search_default_waiting=1
        ).action_view_tickets()
        self.assertTrue(action["context"]["search_default_waiting"])

    def test_trend_of_eight_weeks(self):
        """Weeks from Monday to Sunday; now is a Wednesday."""
        stage = self.stage_done
        for created, closed in (
            ("2026-06-08 00:00:00", "2026-06-09 10:00:00"),
            ("2026-06-07 23:00:00", "2026-06-08 10:00:00"),
            ("2026-01-01 10:00:00", "2026-06-02 10:00:00"),
        ):
            ticket = self._new_ticket("Old", stage_id=stage.id)
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE helpdesk_ticket SET create_date = %s WHERE id = %s",
                (created, ticket.id),
            )
            ticket.invalidate_recordset()
            ticket.close_date = closed
        self.env["res.lang"]._lang_get("en_US").week_start = "1"
        with freeze_time("2026-06-10 12:00:00"):
            trend = json.loads(self.as_agent.trend_graph)
            opened, closed = (series["data"] for series in trend["series"])
            self.assertEqual(opened[-2:], [1, 1])
            self.assertEqual(closed[-2:], [1, 2])
            self.assertEqual((len(trend["labels"]), sum(opened)), (8, 2))
            action = self.as_agent.action_view_trend()
            self.assertEqual(len(self._open(action)), 2 + 5)
