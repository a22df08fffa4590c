from odoo.tests import tagged

from .common import SlaCommon


@tagged("post_install", "-at_install")
class TestWarnings(SlaCommon):
    """The job only warns, once at 80 % and once at the breach."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.sla_user_id = cls.manager

    def _run(self, text):
        self._at(text)
        with self.enter_registry_test_mode():
            self.env.ref("helpdesk_sla.ir_cron_warn").method_direct_trigger()
        self.env.invalidate_all()

    def _get_todos(self, ticket):
        kind = self.env.ref("helpdesk_sla.mail_activity_sla")
        return ticket.activity_ids.filtered(lambda a: a.activity_type_id == kind)

    def test_at_risk_and_broken_once_each(self):
        ticket = self._arrive(user_id=self.agent.id)
        self._run("Mon 15:23")
        self.assertFalse(self._get_todos(ticket))
        self._run("Mon 15:24")
        todo = self._get_todos(ticket)
        self.assertEqual(todo.user_id, self.agent)
        self.assertIn("Solution is promised until", todo.summary)
        mails = ticket.message_ids + self.env["mail.message"].search(
            [("res_id", "=", ticket.id), ("message_type", "=", "user_notification")]
        )
        self.assertIn(self.agent.partner_id, mails.notified_partner_ids)
        todo.action_done()
        self._run("Mon 16:30")
        self.assertFalse(self._get_todos(ticket))
        self._run("Tue 09:00")
        todos = self._get_todos(ticket)
        self.assertEqual(todos.user_id, self.agent | self.manager)
        self.assertIn("was promised", todos[0].summary)
        todos.action_done()
        self._run("Wed 09:00")
        self.assertFalse(self._get_todos(ticket))

    def test_nobody_assigned(self):
        ticket = self._arrive()
        self._run("Mon 16:00")
        self.assertEqual(self._get_todos(ticket).user_id, self.manager)
        self.team.sla_user_id = False
        other = self._arrive()
        self._run("Mon 16:00")
        self.assertEqual(self._get_todos(other).user_id, self.agent)

    def test_what_is_kept_needs_no_todo(self):
        for end in (
            lambda ticket: ticket.write({"stage_id": self.stage_done.id}),
            lambda ticket: ticket.action_archive(),
        ):
            ticket = self._arrive(user_id=self.agent.id)
            self._run("Mon 16:00")
            self.assertTrue(self._get_todos(ticket))
            end(ticket)
            self.assertFalse(self._get_todos(ticket))

    def test_who_waits_is_not_warned(self):
        ticket = self._arrive(user_id=self.agent.id)
        self._move(ticket, self.stage_waiting, "Mon 10:00")
        self._run("Fri 10:00")
        self.assertFalse(self._get_todos(ticket))

    def test_no_deadline_in_sight_keeps_no_warning_from_others(self):
        """A day off that never ends, by a typing error, begins near the deadline."""
        self._new_day_off("2026-03-02 16:00:00", "2036-03-01 00:00:00", self.office)
        elsewhere = {"team_id": self.team_private.id, "exclude_stage_ids": False}
        self.team_private.use_sla = True
        self._new_policy("Solved in an hour", "close", 1, **elsewhere)
        ticket = self._arrive(user_id=self.agent.id)
        other = self._arrive(user_id=self.agent.id, team_id=self.team_private.id)
        self._run("Mon 16:00")
        self.assertFalse(self._get_todos(ticket))
        self.assertState(ticket, "ongoing")
        self.assertTrue(self._get_todos(other))

    def test_in_batches(self):
        """All of them in several commits; what was told is not told again."""
        tickets = self.env["helpdesk.ticket"]
        for _number in range(5):
            tickets |= self._arrive(user_id=self.agent.id)
        self._at("Mon 16:00")
        self.assertEqual(self._warn(batch=2)[-3:], [2, 2, 1])
        self.assertEqual(self._warn(batch=2), [])
        self.assertEqual([len(self._get_todos(t)) for t in tickets], [1] * 5)
