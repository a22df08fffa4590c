from odoo.tests import tagged

from .mail_common import HelpdeskMailCommon

DELIVERY_REPORT = b"""Return-Path: <>
From: MAILER-DAEMON@relay.example
To: %s
Subject: Undelivered Mail Returned to Sender
Message-Id: <report-1@relay.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="XX"

--XX
Content-Type: text/plain

The mail could not be delivered.
--XX
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
Final-Recipient: rfc822; alice@alpha.example
Action: failed
Status: 5.0.0
--XX--
"""


@tagged("post_install", "-at_install", "mail_gateway")
class TestMailGateway(HelpdeskMailCommon):
    # === NEW TICKETS === #

    def test_mail_of_a_known_contact(self):
        ticket = self._receive(
            "Alice <ALICE@alpha.example>",
            subject="Cold oven",
            html="<p>The <b>oven</b> stays cold.<script>x()</script></p>",
            files={"oven.log": b"cold"},
        )
        self.assertEqual(len(ticket), 1)
        self.assertEqual(ticket.name, "Cold oven")
        self.assertEqual(ticket.team_id, self.team)
        self.assertEqual(ticket.partner_id, self.contact_a)
        self.assertEqual(ticket.stage_id, self.stage_new)
        self.assertIn("<b>oven</b>", ticket.description)
        self.assertNotIn("script", ticket.description)
        message = ticket.message_ids.filtered(lambda m: m.message_type == "email")
        self.assertEqual(message.author_id, self.contact_a)
        self.assertEqual(message.attachment_ids.mapped("name"), ["oven.log"])
        self.assertIn(self.contact_a, ticket.message_partner_ids)

    def test_mail_of_somebody_unknown(self):
        partners = self.env["res.partner"].search_count([])
        ticket = self._receive('"Zed Zulu" <zed@zed.example>', subject="")
        self.assertEqual(ticket.name, "No Subject")
        self.assertFalse(ticket.partner_id)
        self.assertEqual(ticket.partner_name, "Zed Zulu")
        self.assertEqual(ticket.partner_email, "zed@zed.example")
        self.assertEqual(self.env["res.partner"].search_count([]), partners)

    def test_long_subject_is_cut(self):
        ticket = self._receive(subject="x" * 3000)
        self.assertEqual(len(ticket.name), 500)

    def test_contact_of_another_company_stays_a_name(self):
        company = self.env["res.company"].create({"name": "Other Ltd"})
        self.contact_a2.company_id = company
        ticket = self._receive("arno@alpha.example")
        self.assertFalse(ticket.partner_id)
        self.assertEqual(ticket.partner_email, "arno@alpha.example")

    def test_people_in_copy(self):
        ticket = self._receive(
            headers={
                "Cc": "arno@alpha.example, bob@beta.example, who@nowhere.example,"
                f" {self.agent_2.email}"
            }
        )
        for email in ("arno@alpha.example", "bob@beta.example", "who@nowhere.example"):
            self.assertIn(email, ticket.email_cc)
        self.assertNotIn(self.alias, ticket.email_cc)
        followers = ticket.message_partner_ids
        self.assertIn(self.contact_a2, followers)
        self.assertIn(self.agent_2.partner_id, followers)
        self.assertNotIn(self.contact_b, followers, "another customer never follows")

    def test_assigned_on_arrival(self):
        self.team.assign_method = "balanced"
        ticket = self._receive()
        self.assertIn(ticket.user_id, self.team.member_ids)

    def test_inline_images_are_shown_in_the_description(self):
        mail = self._build_mail(html='<p>See <img src="cid:pic1"/></p>')
        mail.get_payload()[1].add_related(
            b"GIF89a", maintype="image", subtype="gif", cid="<pic1>", filename="p.gif"
        )
        ticket = self._receive(mail=mail)
        self.assertNotIn("cid:", ticket.description)
        self.assertIn("/web/image/", ticket.description)

    def test_later_mails_leave_the_description_alone(self):
        mail = self._build_mail(html='<p>See <img src="cid:lost"/></p>')
        ticket = self._receive(mail=mail)
        self.assertIn("cid:lost", ticket.description)
        description = ticket.description
        note = ticket.with_user(self.agent).message_post(
            body="Between us", subtype_xmlid="mail.mt_note"
        )
        for sender, parent in (
            ("alice@alpha.example", ticket.message_ids[-1]),
            (self.agent.email, note),
        ):
            self._receive(
                sender,
                body="Slow payer",
                files={"list.txt": b"x"},
                headers={"In-Reply-To": parent.message_id},
            )
            self.assertIn("Slow payer", ticket.message_ids[0].body)
            self.assertTrue(ticket.message_ids[0].attachment_ids)
            self.assertEqual(ticket.description, description)

    def test_text_that_looks_like_an_image_stays(self):
        self.ticket.description = "<p>Spilled acid: help</p>"
        message = self._answer(self.ticket)
        self._receive(
            files={"oven.log": b"cold"}, headers={"In-Reply-To": message.message_id}
        )
        self.assertEqual(self.ticket.description, "<p>Spilled acid: help</p>")

    # === ONCE ONLY === #

    def test_the_same_mail_twice_makes_one_ticket(self):
        mail = self._build_mail(message_id="<twice@alpha.example>")
        self.assertEqual(len(self._receive(mail=mail)), 1)
        self.assertFalse(self._receive(mail=mail))

    def test_bounces_make_no_ticket(self):
        with self.mock_mail_gateway():
            before = self.env["helpdesk.ticket"].search_count([])
            self.env["mail.thread"].message_process(
                False, DELIVERY_REPORT % self.alias.encode()
            )
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), before)
        self.assertFalse(self._new_mails)

    def test_automatic_answers_make_no_ticket(self):
        for headers in (
            {"Auto-Submitted": "auto-replied"},
            {"Auto-Submitted": "auto-replied (vacation)"},
            {"Auto-Submitted": "auto-generated", "In-Reply-To": "<x@alpha.example>"},
            {"X-Autoreply": "yes"},
            {"Precedence": "auto_reply"},
            {"Return-Path": "<>"},
        ):
            with self.subTest(headers=headers):
                self.assertFalse(self._receive(headers=headers))
                self.assertFalse(self._new_mails, "answering it would make a loop")

    def test_alerts_of_machines_are_welcome(self):
        ticket = self._receive(
            "monitor@alpha.example", headers={"Auto-Submitted": "auto-generated"}
        )
        self.assertEqual(len(ticket), 1)

    def test_mails_of_our_own_alias_make_no_ticket(self):
        self.team_private.alias_name = "backoffice"
        self.assertFalse(self._receive(self.team_private.alias_email))
        self.assertFalse(self._receive(self.alias))

    def test_out_of_office_on_a_ticket_is_a_silent_note(self):
        ticket = self._receive()
        ticket.user_id = self.agent
        answer = self._answer(ticket)
        self.flush_tracking()
        before = ticket.message_ids
        self.assertFalse(
            self._receive(
                body="I am away",
                headers={
                    "Auto-Submitted": "auto-replied",
                    "In-Reply-To": answer.message_id,
                },
            )
        )
        note = ticket.message_ids - before
        self.assertIn("I am away", note.body)
        self.assertTrue(note.is_internal)
        self.assertFalse(note.notification_ids or self._new_mails)

    # === ANSWERS === #

    def test_answers_go_out_from_the_team_and_come_back(self):
        ticket = self._receive()
        self._answer(ticket)
        mail = self._new_mails.filtered(lambda m: self.contact_a in m.recipient_ids)
        self.assertEqual(mail.email_from, f'"Ada Agent" <{self.alias}>')
        self.assertIn(self.alias, mail.reply_to)
        self.assertFalse(
            self._receive(body="Thanks", headers={"In-Reply-To": mail.message_id})
        )
        self.assertIn("Thanks", ticket.message_ids[0].body)
        self.assertEqual(ticket.message_ids[0].author_id, self.contact_a)

    def test_answer_of_an_agent_by_mail_reaches_the_customer(self):
        ticket = self._receive()
        message = ticket.message_ids[:1]
        self.assertFalse(
            self._receive(
                self.agent.email,
                body="Fixed by mail",
                headers={"In-Reply-To": message.message_id},
            )
        )
        self.assertEqual(ticket.message_ids[0].author_id, self.agent.partner_id)
        sent = self._new_mails.filtered(lambda m: self.contact_a in m.recipient_ids)
        self.assertEqual(len(sent), 1)

    def test_answer_reopens_a_closed_ticket(self):
        ticket = self._receive()
        ticket.stage_id = self.stage_done
        reply = {"headers": {"In-Reply-To": ticket.message_ids[-1].message_id}}
        self.team.reopen_on_answer = False
        self._receive(**reply)
        self.assertTrue(ticket.is_closed)
        self.team.reopen_on_answer = True
        self._receive(**reply)
        self.assertEqual(ticket.stage_id, self.stage_new)

    def test_answer_of_a_stranger_reopens_too(self):
        ticket = self._receive("zed@zed.example")
        ticket.stage_id = self.stage_done
        headers = {"In-Reply-To": ticket.message_ids[-1].message_id}
        self._receive("zed@zed.example", headers=headers)
        self.assertFalse(ticket.is_closed)

    def test_answer_to_a_merged_ticket_reaches_the_survivor(self):
        ticket = self._receive()
        answer = self._answer(ticket)
        self.ticket._merge(ticket)
        self._receive(body="Late word", headers={"In-Reply-To": answer.message_id})
        self.assertIn("Late word", self.ticket.message_ids[0].body)
        self.assertTrue(ticket.is_closed)

    def test_answering_a_stranger_makes_the_contact_the_customer(self):
        ticket = self._receive('"Zed Zulu" <zed@zed.example>')
        other = self._receive('"Zed Zulu" <zed@zed.example>', subject="More")
        zed = ticket._partner_find_from_emails_single([ticket.partner_email])
        self.assertEqual(zed.name, "Zed Zulu")
        self._answer(ticket, partner_ids=zed.ids)
        self.assertEqual((ticket | other).partner_id, zed)

    def test_answering_a_stranger_leaves_similar_addresses_alone(self):
        ticket = self._receive("john_doe@zed.example")
        others = self._receive("john.doe@zed.example")
        others |= self._receive("john-doe@zed.example")
        same = self._new_ticket("Upper", partner_email="John_Doe@ZED.example")
        john = ticket._partner_find_from_emails_single([ticket.partner_email])
        self._answer(ticket, partner_ids=john.ids)
        self.assertEqual((ticket | same).partner_id, john)
        self.assertFalse(others.partner_id)

    # === STAGE MAILS === #

    def test_mail_on_arrival_and_when_solved(self):
        self.stage_new.template_id = self.env.ref(
            "helpdesk_base.mail_template_ticket_received"
        )
        self.stage_done.template_id = self.env.ref(
            "helpdesk_base.mail_template_ticket_solved"
        )
        ticket = self._receive(subject="Cold oven")
        mail = self._new_mails.filtered(lambda m: self.contact_a in m.recipient_ids)
        self.assertEqual(mail.subject, f"[#{ticket.ticket_ref}] Cold oven")
        self.assertIn(self.alias, mail.email_from)
        self.assertIn(f"/my/ticket/{ticket.id}", mail.body_html)
        self.assertIn("auto-generated", mail.headers)
        with self.mock_mail_gateway():
            ticket.with_user(self.agent).stage_id = self.stage_done
            self.flush_tracking()
        mail = self._new_mails.filtered(lambda m: self.contact_a in m.recipient_ids)
        self.assertIn("solved", mail.body_html)

    def test_a_stranger_gets_the_stage_mail_too(self):
        self.stage_new.template_id = self.env.ref(
            "helpdesk_base.mail_template_ticket_received"
        )
        self._receive("zed@zed.example")
        self.assertTrue(
            self._new_mails.filtered(
                lambda m: (
                    "zed@zed.example"
                    in (m.email_to or "") + str(m.recipient_ids.mapped("email"))
                )
            )
        )

    # === WHO IS TOLD WHAT === #

    def test_customer_gets_a_link_only_where_the_portal_is_open(self):
        ticket = self._receive()
        self._answer(ticket)
        mail = self._new_mails.filtered(lambda m: self.contact_a in m.recipient_ids)
        self.assertIn("access_token", mail.body_html)
        self.team.privacy_visibility = "internal"
        self._answer(ticket)
        mail = self._new_mails.filtered(lambda m: self.contact_a in m.recipient_ids)
        self.assertNotIn("access_token", mail.body_html)

    def test_internal_notes_stay_inside(self):
        ticket = self._receive()
        with self.mock_mail_gateway():
            ticket.with_user(self.agent).message_post(body="Between us")
        self.assertFalse(self._new_mails)

    def test_followers_of_the_team_may_hear_of_new_tickets(self):
        self.assertFalse(self._new_ticket("Quiet")._creation_subtype())
        subtype = self.env.ref("helpdesk_base.mt_team_ticket_new")
        self.team.message_subscribe(self.manager.partner_id.ids, subtype.ids)
        self.team.invalidate_recordset(["has_creation_followers"])
        with self.mock_mail_gateway():
            ticket = self._new_ticket("Loud")
        self.assertIn(self.manager.partner_id, ticket.message_partner_ids)
        told = ticket.message_ids.notification_ids.res_partner_id
        self.assertIn(self.manager.partner_id, told)
