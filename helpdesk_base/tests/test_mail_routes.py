from odoo.tests import tagged

from .mail_common import HelpdeskMailCommon


@tagged("post_install", "-at_install", "mail_gateway")
class TestMailRoutes(HelpdeskMailCommon):
    """Whose a mail is, which ticket it belongs to, and who is told of it."""

    # --- the customer

    def test_web_form_writes_for_its_visitor(self):
        """``Reply-To`` is the customer, known or not; the machine is proposed nowhere."""
        ticket = self._receive(
            "no-reply@forms.example", headers={"Reply-To": "alice@alpha.example"}
        )
        self.assertEqual(ticket.partner_id, self.contact_a)
        self.assertEqual(ticket.message_ids[-1].author_id, self.contact_a)
        ticket = self._receive(
            "no-reply@forms.example", headers={"Reply-To": "Zed Z <zed@zed.example>"}
        )
        self.assertFalse(ticket.partner_id)
        self.assertEqual(ticket.partner_email, "zed@zed.example")
        self.assertEqual(ticket.partner_name, "Zed Z")
        suggested = ticket.with_user(self.agent)._message_get_suggested_recipients()
        self.assertEqual([each["email"] for each in suggested], ["zed@zed.example"])

    def test_reply_to_that_is_nobody(self):
        """Our own addresses and those of mailing lists are no customers."""
        for headers in (
            {"Reply-To": self.alias},
            {"Reply-To": "list@lists.example", "List-Id": "<list.lists.example>"},
            {"Reply-To": "no address"},
        ):
            with self.subTest(headers=headers):
                ticket = self._receive(headers=headers)
                self.assertEqual(ticket.partner_id, self.contact_a)

    def test_mail_of_our_own_catchall_makes_no_ticket(self):
        for name in ("catchall_email", "bounce_email", "default_from_email"):
            sender = self.env.company.alias_domain_id[name]
            with self.subTest(sender=sender):
                self.assertTrue(sender)
                self.assertFalse(self._receive(sender))

    # --- the ticket

    def test_number_in_the_subject(self):
        """Who lost the thread, but names the ticket, reaches it."""
        ticket = self._receive()
        for subject in (f"Re: {ticket.display_name}", f"About #{ticket.ticket_ref}."):
            with self.subTest(subject=subject):
                self.assertFalse(self._receive(subject=subject, body="More of it"))
                self.assertIn("More of it", ticket.message_ids[0].body)
        colleague = self.contact_a2
        colleague.email = "arno@alpha.example"
        self.assertFalse(self._receive(colleague.email, subject=ticket.display_name))
        self.assertEqual(len(self._receive("eve@evil.example", subject=subject)), 1)
        self.assertEqual(len(self._receive(subject="About #nonsense")), 1)

    def test_number_of_a_merged_ticket(self):
        ticket = self._receive()
        subject = ticket.display_name
        self.ticket._merge(ticket)
        self.assertFalse(self._receive(subject=subject, body="Late word"))
        self.assertIn("Late word", self.ticket.message_ids[0].body)

    def test_colleague_in_copy_of_two_teams_follows_both(self):
        second = self._new_team("Second", self.team.stage_ids, self.agent_2)
        second.alias_name = "second"
        tickets = self._receive(
            to=f"{self.alias}, {second.alias_email}",
            headers={"Cc": self.agent_2.email},
        )
        self.assertEqual(tickets.team_id, self.team | second)
        for ticket in tickets:
            self.assertIn(self.agent_2.partner_id, ticket.message_partner_ids)

    def test_answer_to_all_leaves_our_addresses_out_of_the_copies(self):
        ticket = self._receive()
        catchall = self.env.company.alias_domain_id.catchall_email
        self._receive(
            headers={
                "In-Reply-To": ticket.message_ids[-1].message_id,
                "Cc": f"{self.alias}, {catchall}, zed@zed.example",
            }
        )
        self.assertEqual(ticket.email_cc, "zed@zed.example")

    def test_forwarded_mail_stays_in_one_piece(self):
        """The customer's own text is read; without one, that of the attached mail."""
        inner = self._build_mail("eve@shop.example", html="<p>Buy <b>now</b></p>")
        for body, shown, hidden in (
            ("Is this from you?", "Is this from you?", "Buy"),
            ("", "Buy", "Is this"),
        ):
            with self.subTest(body=body):
                mail = self._build_mail(body=body)
                mail.add_attachment(inner)
                ticket = self._receive(mail=mail)
                self.assertIn(shown, ticket.description)
                self.assertNotIn(hidden, ticket.description)
                files = ticket.message_ids.attachment_ids
                self.assertIn(b"Buy", files[:1].raw)

    # --- who is told

    def test_archived_team_answers_the_sender(self):
        self.team.active = False
        self.assertFalse(self._receive())
        told = self._new_mails.filtered(lambda m: "alice@alpha" in (m.email_to or ""))
        self.assertIn("not in use any more", told.body_html)
        note = self.team.message_ids[0]
        self.assertIn("alice@alpha.example", note.body)
        self.assertIn(self.agent.partner_id, note.notified_partner_ids)
        late = {"In-Reply-To": self.ticket.message_post(body="x").message_id}
        self.assertFalse(self._receive(headers=late, body="Late word"))
        self.assertIn("Late word", self.ticket.message_ids[0].body)

    def test_answer_on_the_ticket_of_a_leaver_reaches_the_team(self):
        ticket = self._receive()
        ticket.user_id = self.agent
        headers = {"In-Reply-To": ticket.message_ids[-1].message_id}
        self._receive(headers=headers)
        self.assertNotIn(self.agent_2.partner_id, self._get_told(ticket))
        self.agent.active = False
        self.assertFalse(ticket.user_id)
        self._receive(headers=headers)
        self.assertIn(self.agent_2.partner_id, self._get_told(ticket))

    def _get_told(self, ticket):
        mails = ticket.message_ids.filtered(lambda m: m.message_type == "email")
        return mails[0].notified_partner_ids

    def test_tickets_of_who_works_on_tickets_no_more(self):
        self.ticket_assigned.user_id = self.agent
        self.agent.group_ids -= self.env.ref("helpdesk_base.group_helpdesk_user")
        self.assertFalse(self.ticket_assigned.user_id)
        self.ticket_assigned.user_id = self.agent_2
        self.env.ref("helpdesk_base.group_helpdesk_user").user_ids -= self.agent_2
        self.assertFalse(self.ticket_assigned.user_id)
        self.ticket_assigned.user_id = self.colleague
        self.colleague.group_ids |= self.env.ref("base.group_partner_manager")
        self.assertEqual(self.ticket_assigned.user_id, self.colleague)
