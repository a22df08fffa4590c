from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import AGENT, MANAGER, PORTAL, HelpdeskCommon

SETTINGS = ("helpdesk.team", "helpdesk.stage", "helpdesk.ticket.type")


@tagged("post_install", "-at_install")
class TestAccess(HelpdeskCommon):
    """One test per cell of the table of who may do what, as far as the desk goes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["helpdesk.ticket.type"].create({"name": "Breakdown"})

    def _tickets_of(self, user):
        return self.env["helpdesk.ticket"].with_user(user).search([])

    # === AGENT === #

    def test_agent_works_on_the_tickets_of_own_teams(self):
        own = self._tickets_of(self.agent)
        self.assertLessEqual(self.team.ticket_ids | self.ticket_private, own)
        ticket = own.browse(self.ticket_private.id)
        ticket.write({"priority": "2", "user_id": self.agent.id})
        new = own.create({"name": "Private", "team_id": self.team_private.id})
        self.assertEqual(new.stage_id, self.stage_new)
        new.message_post(body="Noted")

    def test_agent_never_deletes(self):
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.agent).unlink()

    def test_agent_opens_no_ticket_to_another_customer(self):
        """Customer and company, by which record rules decide, follow from the contact
        and the team, whatever a remote call writes."""
        other = self.env["res.company"].create({"name": "Other"})
        self.agent.company_ids |= other
        ticket = self.ticket.with_user(self.agent)
        for values, sentence in (
            ({"commercial_partner_id": self.customer_b.id}, "follows from “Customer”"),
            ({"company_id": other.id}, "from “Helpdesk Team”"),
        ):
            with self.assertRaisesRegex(UserError, sentence), self.env.cr.savepoint():
                ticket.write(values)
            self.env.invalidate_all()
        self.assertNotIn(self.ticket, self._tickets_of(self.portal_b).sudo())
        ticket.write({"commercial_partner_id": self.customer_a.id, "priority": "1"})
        both = {"partner_id": self.contact_b.id}
        with self.assertRaisesRegex(UserError, "follows from"):
            ticket.write({**both, "commercial_partner_id": self.customer_a.id})
        ticket.write({**both, "commercial_partner_id": self.customer_b.id})
        self.assertEqual(self.ticket.commercial_partner_id, self.customer_b)

    def test_open_form_names_no_contact_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        secret = self.contact_b.copy({"name": "Secret", "company_id": other.id})
        ticket = self.ticket.with_user(self.agent)
        new = self.env["helpdesk.ticket"].with_user(self.agent)
        spec = {name: {} for name in ("partner_id", "partner_name", "partner_email")}
        proposed = new.with_context(default_partner_id=secret.id)
        for form, values, changed in (
            (new, {"partner_id": secret.id}, ["partner_id"]),
            (ticket, {"partner_id": secret.id}, ["partner_id"]),
            (proposed, {}, []),
        ):
            with self.assertRaises(AccessError):
                form.onchange(values, changed, spec)
        self.ticket.sudo().partner_id = self.contact_b
        ticket.onchange({"partner_id": self.contact_b.id}, ["partner_id"], spec)

    def test_agent_sees_no_ticket_of_a_team_for_invited_people(self):
        ticket = self.ticket_private.with_user(self.outsider)
        self.assertNotIn(ticket, self._tickets_of(self.outsider))
        for method in (
            lambda: ticket.read(["name"]),
            lambda: ticket.write({"name": "Mine"}),
            lambda: ticket.message_post(body="Hello"),
            lambda: ticket.export_data(["name"]),
        ):
            with self.assertRaises(UserError):
                method()
        with self.assertRaises(AccessError):
            ticket.create({"name": "Sneaky", "team_id": self.team_private.id})

    def test_invited_people_see_it(self):
        for invite in (
            lambda user: self.ticket_private.message_subscribe(user.partner_id.ids),
            lambda user: self.team_private.message_subscribe(user.partner_id.ids),
            lambda user: self.ticket_private.write({"user_id": user.id}),
            lambda user: self.team_private.write({"member_ids": [(4, user.id)]}),
        ):
            user = self._new_user(f"hd_guest_{id(invite)}", AGENT)
            self.assertNotIn(self.ticket_private, self._tickets_of(user))
            invite(user)
            self.assertIn(self.ticket_private, self._tickets_of(user))
            self.assertTrue(self.ticket_private.with_user(user).read(["name"]))

    def test_agent_reads_team_settings_and_changes_none(self):
        for model in SETTINGS:
            records = self.env[model].with_user(self.agent)
            with self.subTest(model=model):
                records.search([]).read(["name"])
                with self.assertRaises(AccessError):
                    records.create({"name": "Mine"})
                with self.assertRaises(AccessError):
                    records.search([], limit=1).write({"name": "Mine"})
        with self.assertRaises(AccessError):
            self.team.with_user(self.agent).unlink()

    def test_agent_sees_no_team_for_invited_people(self):
        teams = self.env["helpdesk.team"].with_user(self.outsider).search([])
        self.assertIn(self.team, teams)
        self.assertNotIn(self.team_private, teams)

    def test_agent_adds_tags(self):
        tag = self.env["helpdesk.tag"].with_user(self.agent).create({"name": "Oven"})
        self.ticket.with_user(self.agent).tag_ids = tag
        with self.assertRaises(AccessError):
            tag.unlink()

    # === ADMINISTRATOR === #

    def test_administrator_does_everything(self):
        tickets = self._tickets_of(self.manager)
        self.assertIn(self.ticket_private, tickets)
        self.ticket_private.with_user(self.manager).write({"priority": "3"})
        self.ticket_b.with_user(self.manager).unlink()
        self.assertFalse(self.ticket_b.exists())
        for model in SETTINGS:
            record = self.env[model].with_user(self.manager).create({"name": "Fresh"})
            record.name = "Renamed"
            record.unlink()

    # === COLLEAGUE WITHOUT HELPDESK RIGHTS === #

    def test_colleague_sees_nothing_of_the_desk(self):
        for model in (*SETTINGS, "helpdesk.ticket", "helpdesk.tag"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.colleague).search([])
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.colleague).read(["name"])

    # === PORTAL === #

    def test_portal_user_reads_the_tickets_of_the_own_company(self):
        tickets = self._tickets_of(self.portal_a)
        self.assertEqual(tickets, self.ticket | self.ticket_a2)
        self.assertEqual(
            self._tickets_of(self.portal_b), self.ticket_b | self.ticket_assigned
        )
        self.assertTrue(tickets.read(["name", "ticket_ref", "stage_id", "team_id"]))

    def test_portal_user_comments_own_tickets_only(self):
        ticket = self.ticket.with_user(self.portal_a)
        comment = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        message = ticket.message_post(body="More about it", **comment)
        self.assertEqual(message.sudo().author_id, self.contact_a)
        with self.assertRaises(AccessError):
            self.ticket_b.with_user(self.portal_a).message_post(body="Mine?", **comment)

    def test_portal_user_writes_nothing(self):
        ticket = self.ticket.with_user(self.portal_a)
        for method in (
            lambda: ticket.write({"priority": "3"}),
            lambda: ticket.create({"name": "By RPC", "team_id": self.team.id}),
            lambda: ticket.unlink(),
            lambda: ticket.action_assign_to_me(),
            lambda: ticket.action_next_stage(),
            lambda: ticket.action_close(),
            lambda: ticket.message_subscribe(self.contact_b.ids),
        ):
            with self.assertRaises(AccessError):
                method()

    def test_portal_user_reads_nothing_internal(self):
        ticket = self.ticket.with_user(self.portal_a)
        internal = (
            "email_cc",
            "tag_ids",
            "kanban_state",
            "color",
            "properties",
            "assign_hours",
            "close_hours",
            "rotting_days",
            "duration_tracking",
            "message_follower_ids",
            "message_partner_ids",
            "activity_ids",
        )
        for name in internal:
            with self.subTest(field=name), self.assertRaises(AccessError):
                ticket.read([name])
        self.assertTrue(ticket.read(), "all the rest can be read at once")
        for model in (*SETTINGS, "helpdesk.tag", "helpdesk.ticket.merge"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.portal_a).search([])

    def test_other_customers_leak_nowhere(self):
        Ticket = self.env["helpdesk.ticket"].with_user(self.portal_a)
        foreign = self.ticket_b.with_user(self.portal_a)
        self.assertFalse(Ticket.search([("name", "ilike", "lift")]))
        self.assertFalse(Ticket.name_search("Lift"))
        self.assertEqual(Ticket.search_count([]), 2)
        groups = Ticket.formatted_read_group([], ["commercial_partner_id"], ["__count"])
        self.assertEqual([group["__count"] for group in groups], [2])
        for method in (
            lambda: foreign.read(["name"]),
            lambda: foreign.export_data(["name"]),
            lambda: foreign.get_portal_url(),
        ):
            with self.assertRaises(UserError):
                method()
        # following a ticket of somebody else opens no door
        self.ticket_b.message_subscribe(self.contact_a.ids)
        self.assertEqual(Ticket.search_count([]), 2)

    def test_messages_and_attachments_of_other_customers(self):
        message = self.ticket_b.message_post(
            body="Secret",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=[("secret.txt", b"secret")],
        )
        with self.assertRaises(AccessError):
            message.with_user(self.portal_a).read(["body"])
        with self.assertRaises(AccessError):
            message.attachment_ids.with_user(self.portal_a).read(["raw"])
        found = (
            self.env["mail.message"]
            .with_user(self.portal_a)
            .search(
                [("model", "=", "helpdesk.ticket"), ("res_id", "=", self.ticket_b.id)]
            )
        )
        self.assertFalse(found)

    def test_portal_user_reads_no_internal_note(self):
        note = self.ticket.with_user(self.agent).message_post(
            body="Slow payer", message_type="comment", subtype_xmlid="mail.mt_note"
        )
        with self.assertRaises(AccessError):
            note.with_user(self.portal_a).read(["body"])

    def test_team_privacy_for_customers(self):
        for privacy in ("internal", "invited_internal"):
            self.team.privacy_visibility = privacy
            self.assertFalse(self._tickets_of(self.portal_a))
        self.team.privacy_visibility = "portal"
        self.assertTrue(self._tickets_of(self.portal_a))
        self.ticket.active = False
        archived = self.env["helpdesk.ticket"].with_context(active_test=False)
        self.assertNotIn(self.ticket, archived.with_user(self.portal_a).search([]))

    def test_closing_the_portal_withdraws_signed_links(self):
        self.ticket._portal_ensure_token()
        self.team.privacy_visibility = "internal"
        self.assertFalse(self.ticket.access_token)

    def test_moving_to_a_hidden_team_withdraws_signed_links(self):
        tokens = [t._portal_ensure_token() for t in (self.ticket, self.ticket_a2)]
        team_open = self._new_team("Shop", self.team.stage_ids, self.agent)
        tickets = (self.ticket | self.ticket_a2).with_user(self.agent)
        tickets.team_id = team_open
        self.assertEqual([t.sudo().access_token for t in tickets], tokens)
        tickets.team_id = self.team_private
        self.assertFalse(any(t.sudo().access_token for t in tickets))

    # === PUBLIC === #

    def test_public_sees_nothing(self):
        public = self.env.ref("base.public_user")
        for model in (*SETTINGS, "helpdesk.ticket"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(public).search([])


@tagged("post_install", "-at_install")
class TestCompanies(HelpdeskCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_2 = cls.env["res.company"].create({"name": "Second Ltd"})
        cls.lead_2 = cls._new_user(
            "hd_lead_2",
            MANAGER,
            company_id=cls.company_2.id,
            company_ids=[Command.set(cls.company_2.ids)],
        )
        cls.team_2 = cls._new_team(
            "Second Care", cls.team.stage_ids, cls.lead_2, company_id=cls.company_2.id
        )
        cls.ticket_2 = cls._new_ticket(
            "Over there", team_id=cls.team_2.id, partner_id=cls.contact_a.id
        )

    def test_each_company_sees_its_own(self):
        Ticket = self.env["helpdesk.ticket"]
        self.assertEqual(self.ticket_2.company_id, self.company_2)
        self.assertNotIn(self.ticket_2, Ticket.with_user(self.manager).search([]))
        self.assertEqual(Ticket.with_user(self.lead_2).search([]), self.ticket_2)
        teams = self.env["helpdesk.team"].with_user(self.lead_2).search([])
        self.assertEqual(teams, self.team_2)
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.lead_2).read(["name"])

    def test_team_with_tickets_stays_in_its_company(self):
        with self.assertRaisesRegex(UserError, "stays in its company"):
            self.team.company_id = self.company_2
        empty = self._new_team("Empty", self.stage_new, self.env["res.users"])
        empty.company_id = self.company_2
        self.assertEqual(empty.company_id, self.company_2)

    def test_default_team_is_of_the_current_company(self):
        ticket = (
            self.env["helpdesk.ticket"].with_user(self.lead_2).create({"name": "X"})
        )
        self.assertEqual(ticket.team_id, self.team_2)

    def test_members_and_assignees_belong_to_the_company(self):
        with self.assertRaises(UserError):
            self.team_2.member_ids = self.agent
        with self.assertRaises(UserError):
            self.ticket_2.user_id = self.agent

    def test_tickets_of_two_companies_are_not_merged(self):
        with self.assertRaisesRegex(UserError, "different companies"):
            self.ticket._merge(self.ticket_2)

    def test_portal_user_of_the_first_company(self):
        tickets = self.env["helpdesk.ticket"].with_user(self.portal_a).search([])
        self.assertNotIn(self.ticket_2, tickets)
        user = self._new_user(
            "hd_portal_2",
            PORTAL,
            partner_id=self.contact_a2.id,
            company_id=self.company_2.id,
            company_ids=[Command.set(self.company_2.ids)],
        )
        tickets = self.env["helpdesk.ticket"].with_user(user).search([])
        self.assertEqual(tickets, self.ticket_2)
