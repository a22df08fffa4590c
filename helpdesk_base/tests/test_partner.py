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

    def test_tickets_of_a_merged_contact_go_to_its_new_company(self):
        self.ticket_a2.active = False
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.contact_a2 | self.contact_b).ids, self.contact_b)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.ticket_a2.partner_id, self.contact_b)
        self.assertEqual(self.ticket_a2.commercial_partner_id, self.customer_b)
