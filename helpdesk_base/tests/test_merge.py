from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import HelpdeskCommon


@tagged("post_install", "-at_install")
class TestMerge(HelpdeskCommon):
    def _merge(self, target, sources, user=None):
        wizard = (
            self.env["helpdesk.ticket.merge"]
            .with_user(user or self.agent)
            .with_context(active_ids=(target | sources).ids, active_model=target._name)
            .create({"target_id": target.id})
        )
        return wizard.action_merge()

    def test_everything_moves_to_the_survivor(self):
        source = self.ticket_a2
        message = source.message_post(
            body="My till", message_type="comment", subtype_xmlid="mail.mt_comment",
            attachments=[("till.txt", b"till")],
        )  # fmt: skip
        loose = self.env["ir.attachment"].create(
            {
                "name": "note.txt",
                "raw": b"x",
                "res_model": source._name,
                "res_id": source.id,
            }
        )
        activity = source.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.agent.id
        )
        source.email_cc = "boss@alpha.example"
        action = self._merge(self.ticket, source)
        self.assertEqual(action["res_id"], self.ticket.id)
        self.assertEqual(message.res_id, self.ticket.id)
        self.assertEqual(
            (message.attachment_ids | loose).mapped("res_id"), [self.ticket.id] * 2
        )
        self.assertEqual(activity.res_id, self.ticket.id)
        self.assertIn(self.contact_a2, self.ticket.message_partner_ids)
        self.assertIn("boss@alpha.example", self.ticket.email_cc)
        self.assertEqual(source.merged_into_id, self.ticket)
        self.assertTrue(source.is_closed and source.close_date)
        self.assertFalse(self.ticket.is_closed)

    def test_the_log_tells_of_the_merge(self):
        self.ticket_a2.description = "<p>The till takes ages</p>"
        self._merge(self.ticket, self.ticket_a2)
        note = self.ticket.message_ids[0]
        self.assertIn(self.ticket_a2.ticket_ref, note.body)
        self.assertIn("takes ages", note.body)
        self.assertIn(self.ticket.ticket_ref, self.ticket_a2.message_ids[0].body)

    def test_time_in_stage_of_the_survivor_is_its_own(self):
        self.ticket_a2.stage_id = self.stage_work
        self.env.flush_all()
        self.env.cr.precommit.run()
        self._merge(self.ticket, self.ticket_a2)
        moved = self.ticket.message_ids.tracking_value_ids
        self.assertNotIn(self.stage_work.id, moved.mapped("new_value_integer"))

    def test_merged_twice_points_to_the_last_survivor(self):
        third = self._new_ticket("Third", partner_id=self.contact_a.id)
        self._merge(self.ticket_a2, self.ticket)
        self._merge(third, self.ticket_a2)
        self.assertEqual((self.ticket | self.ticket_a2).merged_into_id, third)
        with self.assertRaisesRegex(UserError, "merged before"):
            self._merge(third, self.ticket)

    def test_other_customers_are_refused(self):
        with self.assertRaisesRegex(UserError, "different customers"):
            self._merge(self.ticket, self.ticket_b)
        self.assertFalse(self.ticket_b.merged_into_id)

    def test_ticket_without_customer_takes_that_of_the_other(self):
        self._merge(self.ticket_unknown, self.ticket)
        self.assertEqual(self.ticket_unknown.partner_id, self.contact_a)

    def test_one_ticket_cannot_be_merged(self):
        with self.assertRaisesRegex(UserError, "at least two"):
            self._merge(self.ticket, self.env["helpdesk.ticket"])

    def test_tickets_out_of_reach_are_refused(self):
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.outsider)._merge(self.ticket_private)

    def test_the_customer_gets_no_solved_mail(self):
        self.stage_done.template_id = self.env.ref(
            "helpdesk_base.mail_template_ticket_solved"
        )
        self._merge(self.ticket, self.ticket_a2)
        self.env.flush_all()
        self.env.cr.precommit.run()
        sent = self.ticket_a2.message_ids.filtered(
            lambda m: m.message_type == "auto_comment"
        )
        self.assertFalse(sent)

    def test_team_without_closing_stage_archives(self):
        team = self._new_team("Endless", self.stage_new, self.agent)
        source = self._new_ticket("Endless", team_id=team.id)
        self._merge(self.ticket, source)
        self.assertFalse(source.active)
