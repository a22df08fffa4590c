import json

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import TimerCommon


@tagged("post_install", "-at_install")
class TestAnswer(TimerCommon, HttpCase):
    """Time that is sent along with an answer: both, or none of them."""

    def _post(self, login="hd_agent", ticket=None, **params):
        self.authenticate(login, f"{login:x<8}")
        self.env.flush_all()
        params = {
            "thread_model": "helpdesk.ticket",
            "thread_id": (ticket or self.ticket).id,
            "post_data": {
                "body": "It works again",
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_comment",
            },
            **params,
        }
        answer = self.url_open(
            "/mail/message/post",
            data=json.dumps({"params": params}),
            headers={"Content-Type": "application/json"},
        ).json()
        self.env.invalidate_all()
        return answer

    def _get_answers(self):
        return self.ticket.message_ids.filtered(lambda m: "It works" in m.body)

    def test_answer_and_time(self):
        self._post(helpdesk_time={"name": "Call", "hours": "20m"})
        line = self.ticket.timesheet_ids
        self.assertEqual(line.name, "Call")
        self.assertAlmostEqual(line.unit_amount, 20 / 60)
        self.assertEqual(line.employee_id, self.employee)
        self.assertEqual(len(self._get_answers()), 1)

    def test_answer_without_time(self):
        self._post()
        self._post(helpdesk_time=False)
        self.assertFalse(self.ticket.timesheet_ids)
        self.assertEqual(len(self._get_answers()), 2)

    def test_text_of_the_mail_is_not_that_of_the_time(self):
        self._post(helpdesk_time={"name": "", "hours": 0.5})
        self.assertEqual(self.ticket.timesheet_ids.name, self.ticket.name)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_refused_time_sends_nothing(self):
        for entry in ({"hours": "soon"}, {"hours": 1, "so_line": 1}, "soon"):
            with self.subTest(entry=entry):
                answer = self._post(helpdesk_time=entry)
                self.assertIn("error", answer)
        self.assertFalse(self._get_answers())
        self.assertFalse(self.ticket.timesheet_ids)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_refused_answer_records_nothing(self):
        answer = self._post(
            helpdesk_time={"hours": 1}, post_data={"attachment_ids": [999999999]}
        )
        self.assertIn("error", answer)
        self.assertFalse(self.ticket.timesheet_ids)

    def test_timer_ends_with_the_answer(self):
        self.as_agent.action_timer_start()
        self._wait(minutes=20)
        self._post(helpdesk_time={"name": "Call", "hours": "0:25"})
        line = self.ticket.timesheet_ids
        self.assertAlmostEqual(line.unit_amount, 25 / 60)
        self.assertAlmostEqual(line.timer_hours, 20 / 60)
        self.assertFalse(self._get_timers())

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_strangers_record_nothing(self):
        for login in ("hd_colleague", "hd_portal_a", "hd_portal_b"):
            self._post(login, helpdesk_time={"name": "Call", "hours": 1})
        self.assertFalse(self.ticket.timesheet_ids)

    def test_full_composer(self):
        composer = self.env["mail.compose.message"].with_user(self.agent)
        values = {
            "model": "helpdesk.ticket",
            "res_ids": str(self.ticket.ids),
            "composition_mode": "comment",
            "body": "It works again",
            "subtype_id": self.env.ref("mail.mt_note").id,
        }
        composer.create(values).action_send_mail()
        self.assertFalse(self.ticket.timesheet_ids)
        time = {
            "helpdesk_time_name": "Call",
            "helpdesk_time_hours": "90m",
            "helpdesk_time_values": {"date": "2026-03-02"},
        }
        composer.create({**values, **time}).action_send_mail()
        line = self.ticket.timesheet_ids
        self.assertEqual((line.name, line.unit_amount), ("Call", 1.5))
        self.assertEqual(str(line.date), "2026-03-02")
        self.assertEqual(len(self._get_answers()), 2)
