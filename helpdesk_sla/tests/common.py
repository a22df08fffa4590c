from unittest.mock import patch

from odoo import fields
from odoo.fields import Command

from odoo.addons.helpdesk_base.tests.calendar_common import CalendarMixin, moment
from odoo.addons.helpdesk_base.tests.common import HelpdeskCommon


class SlaCommon(HelpdeskCommon, CalendarMixin):
    """The desk with an office from nine to five (UTC), a stage to wait in, a promise of
    eight hours to close, and a clock that can be moved. It is Monday, nine o'clock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = cls._new_calendar()
        cls.stage_waiting = cls.env["helpdesk.stage"].create(
            {"name": "Waiting", "sequence": 2, "team_ids": cls.team.ids}
        )
        cls.team.write({"use_sla": True, "resource_calendar_id": cls.office.id})
        cls.close_8 = cls._new_policy("Solved in a day", "close", 8)

    def setUp(self):
        super().setUp()
        self.now = moment("2026-03-02 09:00:00")
        self.patch(fields.Datetime, "now", staticmethod(lambda *_args: self.now))

    @classmethod
    def _new_policy(cls, name, target, time, **values):
        values.setdefault("team_id", cls.team.id)
        values.setdefault("exclude_stage_ids", [Command.link(cls.stage_waiting.id)])
        return cls.env["helpdesk.sla"].create(
            {"name": name, "target": target, "time": time, **values}
        )

    def _at(self, text):
        """Move the clock: ``Mon 09:00`` to ``Sun 23:59`` of the first week of March, or
        any moment."""
        day, _space, hour = text.partition(" ")
        days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
        if day in days:
            text = f"2026-03-{2 + days.index(day):02} {hour}:00"
        self.env.flush_all()
        self.now = moment(text)
        self.env.invalidate_all()

    def _arrive(self, text="Mon 09:00", **values):
        """A ticket comes in."""
        self._at(text)
        values.setdefault("partner_id", self.contact_a.id)
        return self._new_ticket("Help", **values)

    def _move(self, ticket, stage, text):
        self._at(text)
        ticket.with_user(self.agent).stage_id = stage

    def _answer(self, ticket, text, user=None, **values):
        self._at(text)
        ticket.with_user(user or self.agent).message_post(
            body="Look here",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            **values,
        )

    def _warn(self, batch=100):
        """Run the job in this transaction.

        :return: tickets done before each commit
        :rtype: list[int]
        """
        commits = []

        def commit(_cron, processed=0, **_progress):
            commits.append(processed)
            return 1.0

        with patch.object(type(self.env["ir.cron"]), "_commit_progress", commit):
            self.env["helpdesk.sla.status"]._cron_warn(batch=batch)
        self.env.flush_all()
        self.env.invalidate_all()
        return commits

    def _get_clock(self, ticket, policy=None):
        """The clock of a policy on a ticket, and no other."""
        return ticket.sla_status_ids.filtered(
            lambda status: status.sla_id == (policy or self.close_8)
        )

    def assertDeadline(self, status, text):
        day, _space, hour = text.partition(" ")
        found = f"{status.deadline:%a %H:%M}" if status.deadline else "None"
        self.assertEqual(found, f"{day} {hour}")

    def assertStatus(self, status, expected, hours=0.0):
        """What is read, and what is found, agree."""
        self.assertEqual(status.status, expected)
        self.assertAlmostEqual(status.exceeded_hours, hours)
        found = status.search([("id", "in", status.ids), ("status", "=", expected)])
        self.assertEqual(found, status)
        others = [("id", "in", status.ids), ("status", "!=", expected)]
        self.assertFalse(status.search(others))

    def assertState(self, ticket, expected):
        """The state of a ticket, read and found, and in no other."""
        self.assertEqual(ticket.sla_state, expected)
        mine = ("id", "=", ticket.id)
        self.assertTrue(ticket.search([mine, ("sla_state", "=", expected)]))
        self.assertFalse(ticket.search([mine, ("sla_state", "!=", expected)]))
        fail = ticket.sla_fail
        self.assertTrue(ticket.search([mine, ("sla_fail", "=", fail)]))
        self.assertFalse(ticket.search([mine, ("sla_fail", "=", not fail)]))
