from odoo.fields import Domain
from odoo.tests import Form, tagged

from .rule_common import RuleCommon

CONTACTS = "base.group_user,base.group_partner_manager"


@tagged("post_install", "-at_install")
class TestCustomerMoves(RuleCommon):
    """Contacts and orders that change hands: no hour is billed to somebody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact_manager = cls._new_user("hd_contacts", CONTACTS, name="Cora Cards")

    def _as_contact_manager(self, partner):
        return partner.with_user(self.contact_manager)

    # --- the contact who ordered

    def test_contact_changes_company_and_comes_back(self):
        """Arno ordered for Alpha and goes to Beta: what was ordered and worked for
        Alpha stays Alpha's, and Beta's own work is billed to Beta."""
        item = self._new_item(self.contact_a2)
        self.ticket_a2.with_user(self.agent).sale_line_id = item
        billed = self._log(self.ticket_a2, 1.0)
        self._bill(billed)
        line = self._log(self.ticket_a2, 3.0)
        hand = self._log(self.ticket_a2, 2.0, so_line=item.id, is_so_line_edited=True)
        for company in (self.customer_b, self.customer_a, self.env["res.partner"]):
            self._as_contact_manager(self.contact_a2).parent_id = company
            self._log(self.ticket_a2, 0.5)
            self.assertEqual(self.ticket_a2.commercial_partner_id, self.customer_a)
            self.assertEqual(self.ticket_a2.sale_line_id, item)
            self.assertEqual((billed | line | hand).so_line, item)
        self.assertDelivered(item, 7.5)

    def test_new_work_for_the_new_company_of_a_contact(self):
        """Not even an order that the contact made before pays for it."""
        former = self._new_item(self.contact_a2)
        self._as_contact_manager(self.contact_a2).parent_id = self.customer_b
        ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        ticket = ticket.create(
            {
                "name": "New desk",
                "team_id": self.team.id,
                "partner_id": self.contact_a2.id,
            }
        )
        self.assertEqual(ticket.commercial_partner_id, self.customer_b)
        self.assertEqual(ticket.sale_line_id, self.item_b)
        with self._refused("belongs to Alpha"):
            ticket.sale_line_id = former
        self.ticket.with_user(self.agent).sale_line_id = former
        self._log(self.ticket, 2.0)
        self.assertDelivered(former, 2.0)

    def test_invoice_of_a_contact_that_left_goes_to_the_company(self):
        item = self._new_item(self.contact_a2)
        self.ticket_a2.sale_line_id = item
        self._log(self.ticket_a2, 2.0)
        plain = self._new_item(self.contact_a2).order_id
        self._as_contact_manager(self.contact_a2).parent_id = self.customer_b
        invoice = self._invoice(item.order_id)
        self.assertEqual(invoice.commercial_partner_id, self.customer_a)
        self.assertEqual(plain._prepare_invoice()["partner_id"], self.contact_a2.id)
        payer = self.customer_a.copy({"name": "Payer"})
        item.order_id.partner_invoice_id = payer
        self.assertEqual(item.order_id._prepare_invoice()["partner_id"], payer.id)

    def test_quotation_for_a_contact_that_left(self):
        ticket = self.ticket_a2.with_user(self.salesman)
        self.ticket_a2.user_id = self.agent
        key = "default_partner_id"
        context = ticket.action_create_quotation()["context"]
        self.assertEqual(context[key], self.contact_a2.id)
        self._as_contact_manager(self.contact_a2).parent_id = self.customer_b
        context = ticket.action_create_quotation()["context"]
        self.assertEqual(context[key], self.customer_a.id)

    def test_readers_stay_when_a_contact_changes_company(self):
        self._as_contact_manager(self.contact_a2).parent_id = self.customer_b
        line = self._log(self.ticket_a2, 2.0)
        self.team.portal_show_timesheets = True
        self.env.flush_all()
        for contact, sees in ((self.customer_a, True), (self.customer_b, False)):
            reader = self._new_user(
                f"hd_reader_{contact.id}", "base.group_portal", parent_id=contact.id
            )
            ticket = self.ticket_a2.with_user(reader)
            self.assertEqual(ticket.has_access("read"), sees)
            Line = self.env["account.analytic.line"].with_user(reader)
            domain = Line._timesheet_get_portal_domain()
            shown = Line.sudo().search(domain & Domain("id", "=", line.id))
            self.assertEqual(bool(shown), sees)
        self.assertEqual(self.ticket_a2._get_portal_timesheets(), line)
        self.assertEqual(self.customer_a.ticket_hours_to_invoice, 2.0)
        self.assertEqual(self.contact_a2.ticket_hours_to_invoice, 0.0)

    def test_same_contact_given_again_is_no_choice(self):
        """A file of tickets or orders that is imported once more moves no hour."""
        item = self._new_item(self.contact_a2)
        self.ticket_a2.sale_line_id = item
        line = self._log(self.ticket_a2, 2.0)
        self._as_contact_manager(self.contact_a2).parent_id = self.customer_b
        self.ticket_a2.with_user(self.agent).partner_id = self.contact_a2
        item.order_id.with_user(self.salesman).partner_id = self.contact_a2
        line.with_user(self.agent).partner_id = self.contact_a2
        self.assertEqual((self.ticket_a2.sale_line_id, line.so_line), (item, item))
        with Form(self.ticket_a2.with_user(self.agent)) as form:
            form.partner_id = self.contact_b
            form.partner_id = self.contact_a2
            self.assertEqual(form.commercial_partner_id, self.customer_a)
            form.sale_line_id = item
        self.assertDelivered(item, 2.0)

    def test_person_chooses_the_contact_of_the_new_company(self):
        """Only who changes the ticket moves its time; billed hours stay."""
        billed = self._log(self.ticket_a2, 1.0)
        self._bill(billed)
        line = self._log(self.ticket_a2, 3.0)
        self.ticket_a2.with_user(self.agent).partner_id = self.contact_b
        self.assertEqual(line.so_line, self.item_b)
        self.assertEqual(line.helpdesk_commercial_partner_id, self.customer_b)
        self.assertEqual(billed.so_line, self.item_a)
        self.assertEqual(billed.helpdesk_commercial_partner_id, self.customer_a)
        self.assertDelivered(self.item_b, 3.0)

    def test_contact_that_becomes_a_company_leaves_its_work_behind(self):
        item = self._new_item(self.contact_a2)
        (self.ticket | self.ticket_a2).sale_line_id = item
        self._log(self.ticket, 3.0)
        self._log(self.ticket_a2, 2.0)
        self._as_contact_manager(self.contact_a2).write(
            {"is_company": True, "parent_id": False}
        )
        self.assertEqual((self.ticket | self.ticket_a2).sale_line_id, item)
        self.assertDelivered(item, 5.0)

    def test_person_without_company_is_filed_under_one(self):
        """From no company to one: ticket, order and time follow together."""
        person = self.env["res.partner"].create({"name": "Paula"})
        item = self._new_item(person)
        ticket = self.ticket.copy({"partner_id": person.id, "sale_line_id": item.id})
        billed = self._log(ticket, 1.0)
        self._bill(billed)
        line = self._log(ticket, 2.0)
        self._as_contact_manager(person).parent_id = self.customer_b
        self.assertEqual(ticket.commercial_partner_id, self.customer_b)
        self.assertEqual(ticket.sale_line_id, item)
        both = billed | line
        self.assertEqual(both.helpdesk_commercial_partner_id, self.customer_b)
        self.assertEqual(both.so_line, item)
        self.assertDelivered(item, 3.0)
        self._as_contact_manager(person).parent_id = self.customer_a
        self.assertEqual(ticket.commercial_partner_id, self.customer_b)

    def test_contact_merged_into_one_of_another_company(self):
        item = self._new_item(self.contact_a2)
        (self.ticket | self.ticket_a2).sale_line_id = item
        line = self._log(self.ticket, 3.0)
        own = self._log(self.ticket_a2, 2.0)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.contact_a2 | self.contact_b).ids, self.contact_b)
        self.assertEqual((self.ticket | self.ticket_a2).sale_line_id, item)
        self.assertEqual((line | own).so_line, item)
        self.assertEqual(self.ticket_a2.commercial_partner_id, self.customer_a)
        self.assertEqual(own.helpdesk_commercial_partner_id, self.customer_a)
        self.assertDelivered(item, 5.0)
        invoice = self._invoice(item.order_id)
        self.assertEqual(invoice.commercial_partner_id, self.customer_a)

    def test_nobody_writes_the_company_past_the_contact(self):
        line = self._log(self.ticket, 1.0)
        order = self.order_a.with_user(self.salesman)
        company = {"helpdesk_commercial_partner_id": self.customer_b.id}
        with self._refused("follows from"):
            order.write(company)
        copied = order.copy(company)
        self.assertEqual(copied.helpdesk_commercial_partner_id, self.customer_a)
        with self._refused("cannot be written"):
            line.with_user(self.agent).write(company)
        with self._refused("cannot be written"):
            self.env["account.analytic.line"].with_user(self.agent).create(
                {"name": "x", "helpdesk_ticket_id": self.ticket.id, **company}
            )
        forged = self.env["helpdesk.ticket"].with_user(self.agent)
        forged = forged.with_context(default_commercial_partner_id=self.customer_b.id)
        ticket = forged.create({"name": "x", "partner_id": self.contact_a2.id})
        self.assertEqual(ticket.commercial_partner_id, self.customer_a)

    def test_rate_on_an_item_of_a_merged_customer_counts(self):
        twin = self.env["res.partner"].create({"name": "Twin", "is_company": True})
        item = self._new_item(twin)
        self._new_rate(self.employee, item)
        line = self._log(self.ticket, 2.0)
        self.assertEqual(line.so_line, self.item_a, "the rate is another customer's")
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer_a | twin).ids, self.customer_a)
        self.env.invalidate_all()
        self.assertEqual(line.so_line, item)
        self.assertDelivered(item, 2.0)
        self.assertDelivered(self.item_a, 0.0)

    def test_merged_duplicates_of_a_customer_keep_their_time(self):
        twin = self.customer_a.copy({"name": "Alpha Bakery Ltd"})
        line = self._log(self.ticket, 3.0)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer_a | twin).ids, twin)
        self.assertEqual(self.ticket.commercial_partner_id, twin)
        self.assertEqual((self.ticket.sale_line_id, line.so_line), (self.item_a,) * 2)
        self.assertDelivered(self.item_a, 3.0)

    def test_customer_merged_into_the_one_that_took_over_the_order(self):
        """The ticket finds the item of its order again, and Delivered its hours."""
        line = self._log(self.ticket, 2.0)
        twin = self.customer_a.copy({"name": "Alpha Bakery Ltd"})
        self.order_a.partner_id = twin
        self.env.flush_all()
        self.assertFalse(line.so_line)
        self.assertDelivered(self.item_a, 0.0)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer_a | twin).ids, twin)
        self.assertEqual((self.ticket.sale_line_id, line.so_line), (self.item_a,) * 2)
        self.assertDelivered(self.item_a, 2.0)

    def test_item_set_by_hand_on_time_of_the_former_customer(self):
        """Freed time names the customer of the item that a person gives it."""
        line = self._log(self.ticket, 3.0)
        invoice = self._invoice(line.so_line.order_id)
        self.ticket.partner_id = self.customer_b
        self.env.flush_all()
        invoice.unlink()
        self.assertEqual(line.partner_id.commercial_partner_id, self.customer_a)
        line.with_user(self.agent).write(
            {"so_line": self.item_b.id, "is_so_line_edited": True}
        )
        self.assertEqual(line.so_line, self.item_b)
        self.assertEqual(line.partner_id, self.customer_b)

    # --- the order

    def test_order_handed_to_another_customer_lets_go(self):
        billed = self._log(self.ticket, 1.0)
        self._bill(billed)
        line = self._log(self.ticket, 3.0)
        self.order_a.with_user(self.salesman).partner_id = self.customer_b
        self.assertFalse(self.ticket.sale_line_id | line.so_line)
        self.assertEqual(billed.so_line, self.item_a)
        self.assertDelivered(self.item_a, 1.0)

    def test_rate_on_an_order_handed_to_the_customer_counts(self):
        item = self._new_item(self.customer_b, user_id=self.salesman.id)
        self._new_rate(self.employee, item)
        line = self._log(self.ticket, 2.0)
        self.assertEqual(line.so_line, self.item_a, "the rate is another customer's")
        item.order_id.with_user(self.salesman).partner_id = self.customer_a
        self.assertEqual(line.so_line, item)
        self.assertDelivered(item, 2.0)
        item.order_id.with_user(self.salesman).partner_id = self.customer_b
        self.assertEqual(line.so_line, self.item_a)
        self.assertDelivered(self.item_a, 2.0)

    def test_order_handed_to_another_company_lets_go(self):
        company = self.env["res.company"].create({"name": "Second Desk"})
        self.salesman.company_ids |= company
        line = self._log(self.ticket, 3.0)
        order = self.order_a.with_user(self.salesman)
        order = order.with_context(allowed_company_ids=(self.company | company).ids)
        order.company_id = company
        self.assertFalse(self.ticket.sale_line_id | line.so_line)
        self.assertDelivered(self.item_a, 0.0)

    # --- the contact of the ticket

    def test_contact_with_time_cannot_be_deleted(self):
        """The hours would lose their customer, and with it the item that bills them."""
        line = self._log(self.ticket_a2, 3.0)
        self.ticket_a2.active = False
        with self._refused("Archive the contact instead"):
            self._as_contact_manager(self.contact_a2).unlink()
        self._as_contact_manager(self.contact_a2).active = False
        self.assertEqual(line.so_line, self.item_a)
        self.assertDelivered(self.item_a, 3.0)

    def test_contact_without_time_is_deleted(self):
        self._as_contact_manager(self.contact_a2).unlink()
        self.assertFalse(self.ticket_a2.partner_id)
        self.assertFalse(self.ticket_a2.sale_line_id)
