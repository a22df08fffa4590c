from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import AGENT, SALESMAN
from .rule_common import RuleCommon


@tagged("post_install", "-at_install")
class TestQuotation(RuleCommon):
    """From the ticket to a quotation and back, and the to-do to sell more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls._new_user("hd_seller", f"{AGENT},{SALESMAN}", name="Sam Sell")
        cls.ticket.sale_line_id = False

    def _quote(self, *products, ticket=None):
        """Quotation made from the ticket, as its form does."""
        ticket = (ticket or self.ticket).with_user(self.seller)
        action = ticket.action_create_quotation()
        order = self.env["sale.order"].with_user(self.seller)
        with Form(order.with_context(**action["context"])) as form:
            for product in products:
                with form.order_line.new() as line:
                    line.product_id = product
                    line.product_uom_qty = 5.0
        return form.record

    def test_quotation_is_of_the_ticket_and_its_customer(self):
        order = self._quote(self.service)
        self.assertEqual(order.partner_id, self.contact_a)
        self.assertEqual(order.helpdesk_ticket_id, self.ticket)
        self.assertIn(self.ticket.name, order.origin)
        self.assertFalse(self.ticket.sale_line_id)

    def test_confirmed_quotation_bills_the_ticket_and_its_open_time(self):
        line = self._log(self.ticket, 2.0)
        order = self._quote(self.goods, self.service)
        order.action_confirm()
        item = order.order_line.filtered("is_service")
        self.assertEqual(self.ticket.sale_line_id, item)
        self.assertEqual(line.so_line, item)
        self.assertDelivered(item.sudo(), 2.0)
        self.assertIn(self.ticket, order.ticket_ids)

    def test_form_of_the_quotation_confirms_it_in_its_own_context(self):
        """What the order makes on confirmation is not made for the ticket."""
        product = self._new_service("Visit", "delivered_timesheet")
        product.service_tracking = "task_in_project"
        order = self._quote(product)
        context = self.ticket.with_user(self.seller).action_create_quotation()[
            "context"
        ]
        order.with_context(**context).action_confirm()
        self.assertTrue(order.sudo().tasks_ids)
        self.assertFalse(order.sudo().tasks_ids.helpdesk_ticket_id)
        self.assertEqual(self.ticket.project_id, self.project)
        self.assertEqual(self.ticket.sale_line_id, order.order_line)

    def test_quotation_without_service_leaves_the_ticket_alone(self):
        self._quote(self.goods).action_confirm()
        self.assertFalse(self.ticket.sale_line_id)

    def test_item_chosen_meanwhile_is_kept(self):
        order = self._quote(self.service)
        self.ticket.with_user(self.agent).sale_line_id = self.item_a
        order.action_confirm()
        self.assertEqual(self.ticket.sale_line_id, self.item_a)

    def test_customer_that_changed_meanwhile_is_not_billed(self):
        order = self._quote(self.service)
        self.ticket.with_user(self.agent).partner_id = self.contact_b
        item = self.ticket.sale_line_id
        order.action_confirm()
        self.assertEqual(self.ticket.sale_line_id, item)
        self.assertNotEqual(item, order.order_line)

    def test_copy_of_the_order_is_not_of_the_ticket(self):
        order = self._quote(self.service).with_env(self.env)
        self.assertEqual(order.helpdesk_ticket_id, self.ticket)
        self.assertFalse(order.copy().helpdesk_ticket_id)

    def test_ticket_without_customer_cannot_be_quoted(self):
        with self._refused("Set the customer"):
            self._quote(self.service, ticket=self.ticket_unknown)

    def test_agent_without_sales_rights_makes_no_quotation(self):
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.agent).action_create_quotation()

    # --- the to-do to sell more

    def _pack(self, quantity=2.0, **values):
        item = self._new_item(
            self.customer_a, self.prepaid, quantity, user_id=self.salesman.id, **values
        )
        self.ticket.with_user(self.agent).sale_line_id = item
        return item

    def _todos(self, item):
        self.env.flush_all()
        return item.order_id.activity_ids.filtered(
            lambda todo: todo.user_id == self.salesman
        )

    def test_overdrawn_pack_gives_its_salesperson_a_todo(self):
        item = self._pack()
        self._log(self.ticket, 2.0)
        self.assertFalse(self._todos(item))
        self._log(self.ticket, 0.5)
        self.assertEqual(len(self._todos(item)), 1)

    def test_limit_passed_in_small_steps_gives_one_todo(self):
        item = self._pack(quantity=1.0)
        for _index in range(10):
            self._log(self.ticket, 0.1)
            self.assertFalse(self._todos(item))
        for _index in range(3):
            self._log(self.ticket, 0.1)
            self.assertEqual(len(self._todos(item)), 1)

    def test_threshold_of_the_product_is_kept(self):
        self.prepaid.service_upsell_threshold = 0.5
        item = self._pack()
        self._log(self.ticket, 1.0)
        self.assertFalse(self._todos(item))
        self._log(self.ticket, 0.25)
        self.assertEqual(len(self._todos(item)), 1)

    def test_several_tickets_share_the_limit_of_a_pack(self):
        item = self._pack()
        self.ticket_a2.sale_line_id = item
        self._log(self.ticket, 1.5)
        self._log(self.ticket_a2, 1.0, user=self.agent_2)
        self.assertEqual(len(self._todos(item)), 1)

    def test_time_moved_onto_the_pack_counts_too(self):
        item = self._pack()
        self.ticket.sale_line_id = self.item_a
        self._log(self.ticket, 3.0)
        self.ticket.with_user(self.agent).write(
            {"sale_line_id": item.id, "tag_ids": [Command.clear()]}
        )
        self.assertEqual(len(self._todos(item)), 1)
