from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import HelpdeskCommon


@tagged("post_install", "-at_install")
class TestPartner(HelpdeskCommon):
    def test_tickets_of_a_contact_and_of_its_company(self):
        company = self.customer_a.with_user(self.agent)
        contact = self.contact_a.with_user(self.agent)
        self.assertEqual(company.ticket_count, 3)
        self.assertEqual(contact.ticket_count, 2)
        action = company.action_view_tickets()
        found = self.env["helpdesk.ticket"].search(action["domain"])
        self.assertEqual(found, self.ticket | self.ticket_a2 | self.ticket_private)
        self.assertNotIn(None, action.values())

    def test_counts_obey_the_rules(self):
        self.assertEqual(self.contact_a.with_user(self.outsider).ticket_count, 1)

    def test_contact_of_a_colleague_without_helpdesk_rights(self):
        contact = self.contact_a.with_user(self.colleague)
        self.assertEqual(contact.name, "Alice Alpha")
        Form(contact.with_user(self.colleague))
        with self.assertRaises(AccessError):
            contact.read(["ticket_count"])

    def _merge(self, contact, into):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((contact | into).ids, into)
        self.env.flush_all()
        self.env.invalidate_all()

    def test_tickets_of_a_merged_contact_stay_with_its_company(self):
        self.ticket_a2.active = False
        self._merge(self.contact_a2, self.contact_b)
        self.assertEqual(self.ticket_a2.partner_id, self.contact_b)
        self.assertEqual(self.ticket_a2.commercial_partner_id, self.customer_a)

    def test_tickets_of_a_merged_company_go_along(self):
        self._merge(self.customer_a, self.customer_b)
        tickets = self.ticket | self.ticket_a2
        self.assertEqual(tickets.commercial_partner_id, self.customer_b)

    def test_merged_contact_goes_on_following(self):
        """The customer is told, under the name and address of the contact that is left,
        also where both followed; what somebody typed stays."""
        self.contact_a2.write({"email": "arno@alpha.example.com", "phone": "123"})
        twin = self.contact_a2.copy(
            {"name": "Arno A.", "email": "arno.a@alpha.example.com", "phone": False}
        )
        subject = {"team_id": self.team.id, "partner_id": self.contact_a2.id}
        ticket, typed, both = self.env["helpdesk.ticket"].create(
            [{"name": name, **subject} for name in ("Told", "Typed", "Both")]
        )
        typed.partner_email = "arno@home.example.com"
        both.message_subscribe(twin.ids)
        self._merge(self.contact_a2, twin)
        for each in (ticket, typed, both):
            self.assertIn(twin, each.message_partner_ids)
            self.assertEqual(each.partner_id, twin)
        self.assertEqual(ticket.partner_name, "Arno A.")
        self.assertEqual(ticket.partner_email, "arno.a@alpha.example.com")
        self.assertEqual(ticket.partner_phone, "123")
        self.assertEqual(typed.partner_email, "arno@home.example.com")

    def test_person_filed_under_a_company_and_deleted(self):
        person = self.env["res.partner"].create({"name": "Paula"})
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "Paper", "team_id": self.team.id, "partner_id": person.id}
        )
        self.assertEqual(ticket.commercial_partner_id, person)
        person.parent_id = self.customer_a
        self.assertEqual(ticket.commercial_partner_id, self.customer_a)
        person.unlink()
        self.assertFalse(ticket.partner_id | ticket.commercial_partner_id)
