from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .run_common import RunCommon


@tagged("post_install", "-at_install")
class TestDigestToLeads(RunCommon):
    """Leads are told once a week what waits and what leaks; nothing, if there is
    nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.helpdesk_digest_to_leads = True
        cls.lead.email = "lead@example.com"
        cls.team.member_ids |= cls.lead
        cls.env["res.users"].search([("id", "!=", cls.lead.id)]).write(
            {"helpdesk_digest_week": "2099-01-05"}
        )

    def _run_job(self):
        """Mails of the job."""
        self.env.flush_all()
        mails = self.env["mail.mail"].sudo()
        before = mails.search([])
        with self.enter_registry_test_mode():
            self.env.ref(
                "helpdesk_billing_run.ir_cron_digest_to_leads"
            ).method_direct_trigger()
        self.env.invalidate_all()
        return mails.search([]) - before

    def test_leaks_the_oldest_first(self):
        self.order_b._action_cancel()
        self.ticket_a2.sale_line_id = False
        self._log(self.ticket_a2, 1.5, date=date(2026, 1, 1))
        mail = self._run_job()
        self.assertEqual(mail.recipient_ids, self.lead.partner_id)
        places = [
            mail.body_html.index(text)
            for text in ("Time without order item", "Order not confirmed")
        ]
        self.assertEqual(places, sorted(places))
        self.assertIn("1.5 h", mail.body_html)
        self.assertIn("/odoo/leaks", mail.body_html)
        self.assertFalse(self._run_job(), "once a week")

    def test_nothing_to_tell(self):
        self.assertFalse(self._run_job())
        self.assertTrue(self.lead.sudo().helpdesk_digest_week)

    def test_other_teams_are_not_told_of(self):
        self.order_b._action_cancel()
        other = self.team.copy({"name": "Other", "member_ids": [(6, 0, self.lead.ids)]})
        self.team.member_ids -= self.lead
        self.assertFalse(self._run_job())
        other.member_ids -= self.lead
        self.lead.helpdesk_digest_week = False
        self.assertTrue(self._run_job(), "of no team: told of all")

    def test_only_where_wanted(self):
        self.order_b._action_cancel()
        self.env.company.helpdesk_digest_to_leads = False
        self.assertFalse(self._run_job())

    def test_share_is_a_percentage(self):
        with self.assertRaisesRegex(ValidationError, "1 to 100 percent"):
            self.env.company.helpdesk_remind_share = 0

    def test_waiting_time(self):
        """What waits is known to whoever lets time wait; here time waits for a text."""
        if "waits_for_text" not in self.env["account.analytic.line"]._fields:
            rows = self.lead._read_digest_to_lead()
            self.assertFalse(rows["waiting"])
            return
        self.team.require_customer_text = True
        self._log(self.ticket_b, 2.25, date=date(2026, 1, 1), name="/")
        mail = self._run_job()
        for text in (self.ticket_b.display_name, "2.25 h", "Time that waits"):
            self.assertIn(text, mail.body_html)
