from odoo.tests import tagged

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

    def test_order_of_a_contact_that_changes_company_is_let_go(self):
        """Arno ordered for Alpha and goes to Beta: his order bills Alpha no more."""
        item = self._new_item(self.contact_a2)
        self.ticket.with_user(self.agent).sale_line_id = item
        billed = self._log(self.ticket, 1.0)
        self._bill(billed)
        line = self._log(self.ticket, 3.0)
        hand = self._log(self.ticket, 2.0, so_line=item.id, is_so_line_edited=True)
        self._as_contact_manager(self.contact_a2).parent_id = self.customer_b
        self.assertFalse(self.ticket.sale_line_id)
        self.assertFalse((line | hand).so_line)
        self.assertEqual(billed.so_line, item)
        self.assertDelivered(item, 1.0)

    def test_order_below_a_contact_that_changes_company_is_let_go(self):
        branch = self.contact_a2.copy({"parent_id": self.contact_a2.id})
        item = self._new_item(branch)
        self.ticket.sale_line_id = item
        self._log(self.ticket, 3.0)
        self._as_contact_manager(self.contact_a2).parent_id = self.customer_b
        self.assertFalse(self.ticket.sale_line_id)
        self.assertDelivered(item, 0.0)

    def test_contact_that_becomes_a_company_takes_its_order_along(self):
        item = self._new_item(self.contact_a2)
        (self.ticket | self.ticket_a2).sale_line_id = item
        self._log(self.ticket, 3.0)
        self._log(self.ticket_a2, 2.0)
        self._as_contact_manager(self.contact_a2).write(
            {"is_company": True, "parent_id": False}
        )
        self.assertFalse(self.ticket.sale_line_id)
        self.assertEqual(self.ticket_a2.sale_line_id, item)
        self.assertDelivered(item, 2.0)

    def test_contact_merged_into_one_of_another_company(self):
        item = self._new_item(self.contact_a2)
        (self.ticket | self.ticket_a2).sale_line_id = item
        line = self._log(self.ticket, 3.0)
        own = self._log(self.ticket_a2, 2.0)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.contact_a2 | self.contact_b).ids, self.contact_b)
        self.assertFalse(self.ticket.sale_line_id | line.so_line)
        self.assertEqual(self.ticket_a2.commercial_partner_id, self.customer_b)
        self.assertEqual(own.so_line, item)
        self.assertDelivered(item, 2.0)

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
