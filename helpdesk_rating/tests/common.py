from contextlib import nullcontext
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase

from odoo.addons.helpdesk_base.tests.mail_common import HelpdeskMailCommon


class RatingCommon(HelpdeskMailCommon):
    """A team that asks for ratings; Mia Lead looks after the unhappy."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.write({"use_rating": True, "rating_alert_user_id": cls.manager.id})
        cls.ticket.user_id = cls.agent
        cls.job = cls.env.ref("helpdesk_rating.ir_cron_ask")
        cls.reply(cls.ticket)

    @classmethod
    def reply(cls, *tickets):
        """The agent answers, in public."""
        for ticket in tickets:
            ticket.with_user(cls.agent).message_post(
                body="I am on it",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )

    def _close(self, *tickets):
        for ticket in tickets:
            ticket.with_user(self.agent).stage_id = self.stage_done

    def _pass_time(self, hours):
        """Let hours go by since what happened to all tickets."""
        self.env.flush_all()
        for name in ("rating_due_date", "rating_asked_date"):
            self.env.cr.execute(
                f"UPDATE helpdesk_ticket SET {name} = {name} - %s",  # noqa: S608
                [timedelta(hours=hours)],
            )
        self.env.invalidate_all()

    def _run_job(self):
        """Run the job.

        :return: the mails that it queued, as ``mail.mail``
        """
        mails = self.env["mail.mail"].search([])
        served = isinstance(self, HttpCase)  # in that mode already
        with nullcontext() if served else self.enter_registry_test_mode():
            self.job.method_direct_trigger()
        return self.env["mail.mail"].search([]) - mails

    def _ask(self, ticket):
        """Close a ticket and let its customer be asked.

        :return: the rating, not given yet
        """
        self._close(ticket)
        self._pass_time(5)
        self._run_job()
        return ticket.rating_ids

    def _get_now(self):
        return fields.Datetime.now()
