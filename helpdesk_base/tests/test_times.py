from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.helpdesk_base.tools import Private

from .calendar_common import CalendarMixin
from .common import HelpdeskCommon

CREATED = "2026-03-06 16:00:00"  # a Friday, an hour before the office closes


@tagged("post_install", "-at_install")
class TestTimes(HelpdeskCommon, CalendarMixin):
    """Waiting times by the clock and in working hours, and the first response."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.resource_calendar_id = cls._new_calendar()
        tickets = cls.ticket | cls.ticket_b
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE helpdesk_ticket SET create_date = %s WHERE id IN %s",
            (CREATED, tickets._ids),
        )
        tickets.invalidate_recordset(["create_date"])

    def _answer(self, user, **values):
        message = {"body": "Look here", "message_type": "comment", **values}
        message.setdefault("subtype_xmlid", "mail.mt_comment")
        self.ticket.with_user(user).message_post(**message)
        return self.ticket.first_response_date

    def test_hours_by_the_clock_and_by_the_calendar(self):
        with freeze_time("2026-03-09 10:00:00"):
            self.ticket.write({"user_id": self.agent.id})
            self._answer(self.agent)
            self.ticket.stage_id = self.stage_done
            self.env.flush_all()
        for event in ("assign", "first_response", "close"):
            self.assertEqual(self.ticket[f"{event}_hours"], 66.0)
            self.assertEqual(self.ticket[f"{event}_working_hours"], 2.0)
        self.team.resource_calendar_id = False
        self.env.flush_all()
        self.assertEqual(self.ticket.close_working_hours, 2.0, "the past stays")
        self.ticket.stage_id = self.stage_work
        self.assertFalse(self.ticket.close_hours or self.ticket.close_working_hours)

    def test_averages_leave_out_what_waits(self):
        with freeze_time("2026-03-09 10:00:00"):
            self._answer(self.agent)
        names = ["first_response_hours:avg", "first_response_working_hours:avg"]
        tickets = self.ticket | self.ticket_b
        [averages] = tickets._read_group([("id", "in", tickets.ids)], [], names)
        self.assertEqual(averages, (66.0, 2.0))

    def test_no_query_per_ticket(self):
        tickets = self.env["helpdesk.ticket"].create(
            [{"name": f"T{n}", "team_id": self.team.id} for n in range(30)]
        )
        tickets.stage_id = self.stage_done
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(12):
            tickets._compute_close_hours()

    # === FIRST RESPONSE === #

    def test_first_answer_of_a_colleague(self):
        with freeze_time("2026-03-09 10:00:00"):
            self.assertTrue(self._answer(self.agent))
        first = self.ticket.first_response_date
        self.assertEqual(str(first), "2026-03-09 10:00:00")
        with freeze_time("2026-03-09 11:00:00"):
            self._answer(self.agent_2)
        self.assertEqual(self.ticket.first_response_date, first)
        self.assertFalse(self.ticket.copy().first_response_date)

    def test_mail_of_a_colleague_answers_too(self):
        values = {"author_id": self.agent_2.partner_id.id, "message_type": "email"}
        self.assertTrue(self._answer(self.env.user, **values))

    def test_what_is_no_answer(self):
        bot = self.env.ref("base.partner_root").id
        colleague = self.agent_2.partner_id
        for values in (
            {"subtype_xmlid": "mail.mt_note"},
            {"message_type": "notification"},
            {"message_type": "auto_comment"},
            {"author_id": self.contact_a.id},
            {"author_id": bot},
            {"author_id": False, "email_from": "zoe@nowhere.example"},
        ):
            with self.subTest(**values):
                self.assertFalse(self._answer(self.env.user, **values))
        self.assertFalse(self._answer(self.portal_a))
        self.ticket.partner_id = colleague
        self.assertFalse(self._answer(self.agent_2), "a colleague who is the customer")

    def test_mail_on_behalf_of_the_customer_is_no_answer(self):
        """A colleague's mail that a ticket is made from."""
        ticket = self.ticket.with_context(helpdesk_mail_of_description=Private(True))
        ticket.message_post(
            body="She cannot log in",
            author_id=self.agent.partner_id.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertFalse(self.ticket.first_response_date)

    def test_nobody_writes_it(self):
        ticket = self.ticket.with_user(self.manager)
        with self.assertRaisesRegex(ValidationError, "cannot be written"):
            ticket.first_response_date = "2026-03-06 16:00:00"

    def test_opened_at_another_desk(self):
        with freeze_time("2026-03-09 10:00:00"):
            self.ticket.with_user(self.agent).stage_id = self.stage_done
            with self.assertRaisesRegex(ValidationError, "in the future"):
                self.ticket._set_opened(datetime(2026, 3, 10))
            with self.assertRaises(AccessError):
                self.ticket.with_user(self.colleague)._set_opened(datetime(2026, 3, 6))
            self.ticket._set_opened(datetime(2026, 3, 6, 15))
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.ticket.create_date, datetime(2026, 3, 6, 15))
        self.assertEqual(self.ticket.close_hours, 67)
        self.assertEqual(self.ticket.close_working_hours, 3)
