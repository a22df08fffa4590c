from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_cron import IrCron

from .mail_common import HelpdeskMailCommon

# a Monday, 16:00
ANSWERED = fields.Datetime.to_datetime("2026-06-08 16:00:00")


@tagged("post_install", "-at_install", "mail_gateway")
class TestAutoClose(HelpdeskMailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.write(
            {
                "auto_close_days": 5,
                "auto_close_reminder_days": 3,
                "auto_close_from_stage_ids": [Command.set(cls.stage_work.ids)],
                "auto_close_stage_id": cls.stage_done.id,
            }
        )
        cls.cron = cls.env.ref("helpdesk_base.ir_cron_auto_close")

    def setUp(self):
        super().setUp()
        self._answer_at(ANSWERED)

    def _answer_at(self, moment, ticket=None):
        ticket = ticket or self.ticket
        with freeze_time(moment):
            ticket.stage_id = self.stage_work
            self._answer(ticket)
            self.flush_tracking()
        ticket.date_last_stage_update = moment

    def _write_as_customer(self, ticket, moment, **values):
        with freeze_time(moment), self.mock_mail_gateway():
            ticket.with_user(self.portal_a).sudo().message_post(
                body="Still broken",
                message_type="comment",
                author_id=self.contact_a.id,
                subtype_xmlid="mail.mt_comment",
                **values,
            )

    def _run(self, days):
        """Let the job run that many days after the answer.

        :return: number of reminders that left
        """
        with (
            freeze_time(ANSWERED + timedelta(days=days)),
            self.enter_registry_test_mode(),
            self.mock_mail_gateway(),
        ):
            self.cron.method_direct_trigger()
            self.flush_tracking()
        return len([m for m in self._new_mails if "Is anything left" in m.subject])

    def test_reminder_then_closing(self):
        self.assertEqual(self._run(2.9), 0)
        self.assertEqual(self._run(3.1), 1)
        self.assertEqual(self._new_mails.recipient_ids, self.contact_a)
        self.assertEqual(self._run(3.2), 0, "never twice for one wait")
        self.assertEqual(self.ticket.stage_id, self.stage_work)
        self._run(5.2)
        self.assertEqual(self.ticket.stage_id, self.stage_done)
        self.assertFalse(self.ticket_b.is_closed, "nobody answered it yet")

    def test_never_closed_before_the_reminder_had_its_time(self):
        """The job was off for a month."""
        self.assertEqual(self._run(30), 1)
        self.assertFalse(self.ticket.is_closed)
        self.assertEqual(self._run(31), 0)
        self.assertFalse(self.ticket.is_closed)
        self._run(32.1)
        self.assertTrue(self.ticket.is_closed)

    def test_without_reminder(self):
        self.team.auto_close_reminder_days = 0
        self.assertEqual(self._run(5.1), 0)
        self.assertTrue(self.ticket.is_closed)

    def test_a_word_of_the_customer_begins_anew(self):
        self._run(3.1)
        later = ANSWERED + timedelta(days=4)
        self._write_as_customer(self.ticket, later)
        self.assertEqual(self._run(20), 0, "our turn")
        self.assertFalse(self.ticket.is_closed)
        self._answer_at(ANSWERED + timedelta(days=20))
        self.assertEqual(self._run(23.1), 1, "another wait, another reminder")
        self._run(25.2)
        self.assertTrue(self.ticket.is_closed)
        self._write_as_customer(self.ticket, ANSWERED + timedelta(days=26))
        self.assertFalse(self.ticket.is_closed, "and it opens again")

    def test_notes_and_other_stages_do_not_count(self):
        with freeze_time(ANSWERED + timedelta(days=2)):
            self.ticket.with_user(self.agent).message_post(body="A note")
        self.assertEqual(self._run(3.1), 1, "a note is no answer")
        self.ticket.stage_id = self.stage_new
        self._run(9)
        self.assertFalse(self.ticket.is_closed)

    def test_the_wait_begins_with_the_stage(self):
        self.ticket.date_last_stage_update = ANSWERED + timedelta(days=2)
        self.assertEqual(self._run(4), 0)
        self.assertEqual(self._run(5.1), 1)

    def test_open_activities_and_blocked_tickets_keep_it_open(self):
        activity = self.ticket.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.agent.id
        )
        self.assertEqual(self._run(9), 0)
        activity.unlink()
        self.ticket.kanban_state = "blocked"
        self.assertEqual(self._run(9), 0)
        self.ticket.kanban_state = "normal"
        self.assertEqual(self._run(9), 1)

    def test_working_days(self):
        """Three working days after a Monday, with a holiday on the Wednesday."""
        calendar = self.env["resource.calendar"].create({"name": "Desk", "tz": "UTC"})
        self.team.resource_calendar_id = calendar
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": calendar.id,
                "date_from": "2026-06-10 00:00:00",
                "date_to": "2026-06-10 23:59:59",
            }
        )
        self.assertEqual(self._run(3.5), 0, "Friday, 4:00")
        self.assertEqual(self._run(3.8), 1, "Friday, 11:12")
        self._run(6.5)
        self.assertFalse(self.ticket.is_closed, "the weekend does not count")
        self._run(8.7)
        self.assertTrue(self.ticket.is_closed, "Tuesday, 8:48")

    def test_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("helpdesk_base.mail_template_ticket_idle")
        template.with_context(lang="fr_FR").subject = "Is anything left, en français"
        self.contact_a.lang = "fr_FR"
        self.assertEqual(self._run(3.1), 1)
        self.assertIn("en français", self._new_mails.subject)

    def test_one_that_fails_stops_no_other(self):
        self._answer_at(ANSWERED, self.ticket_a2)
        self.team.auto_close_reminder_days = 0
        Ticket = type(self.env["helpdesk.ticket"])
        close = Ticket._close_as_idle
        bad = self.ticket.id

        def fail(ticket):
            if ticket.id == bad:
                raise ValueError("no")
            return close(ticket)

        with (
            patch.object(Ticket, "_close_as_idle", fail),
            mute_logger("odoo.addons.helpdesk_base.models.helpdesk_ticket_idle"),
        ):
            self._run(6)
        self.assertFalse(self.ticket.is_closed)
        self.assertTrue(self.ticket_a2.is_closed)

    def test_a_killed_run_goes_on(self):
        tickets = self.ticket | self.ticket_a2
        self._answer_at(ANSWERED, self.ticket_a2)
        self.team.auto_close_reminder_days = 0
        path = "odoo.addons.helpdesk_base.models.helpdesk_team_auto_close._BATCH"
        with (
            patch.object(IrCron, "_commit_progress", lambda cron, *args, **kw: 0),
            patch(path, 1),
            freeze_time(ANSWERED + timedelta(days=6)),
        ):
            self.env["helpdesk.team"]._cron_auto_close()
            self.assertEqual(len(tickets.filtered("is_closed")), 1, "out of time")
            self.env["helpdesk.team"]._cron_auto_close()
        self.assertTrue(all(tickets.mapped("is_closed")))

    def test_settings_that_cannot_work(self):
        for values in (
            {"auto_close_reminder_days": 5},
            {"auto_close_from_stage_ids": [Command.clear()]},
            {"auto_close_from_stage_ids": [Command.link(self.stage_done.id)]},
            {"auto_close_stage_id": self.stage_new.id},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.team.with_user(self.manager).write(values)

    def test_queries_of_many(self):
        """What is due is read at once, however many tickets wait."""
        few = self._count_queries(self._look_for_idle_work)
        tickets = self.env["helpdesk.ticket"].create(
            [
                {
                    "name": f"T{number}",
                    "team_id": self.team.id,
                    "partner_id": self.contact_a.id,
                }
                for number in range(30)
            ]
        )
        for ticket in tickets:
            self._answer_at(ANSWERED, ticket)
        self.assertEqual(self._count_queries(self._look_for_idle_work), few)

    def _look_for_idle_work(self):
        with freeze_time(ANSWERED + timedelta(days=4)):
            self.assertTrue(self.team._get_idle_work())
