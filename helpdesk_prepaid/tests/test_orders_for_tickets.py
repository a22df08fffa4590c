from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests.common import (
    AGENT,
    SALES_ALL,
    SALESMAN,
)

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestOrdersForTickets(PrepaidCommon):
    """Who has no order gets one in a click."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["sale.order.template"].create(
            {
                "name": "Time and Material",
                "sale_order_template_line_ids": [
                    Command.create({"product_id": cls.service.id})
                ],
            }
        )
        cls.team.write({"order_template_id": cls.template.id, "open_order": "order"})
        cls.newcomer = cls.env["res.partner"].create({"name": "Newcomer"})
        cls.seller = cls._new_user(
            "hd_agent_sells", f"{AGENT},{SALESMAN},{SALES_ALL}", name="Both"
        )
        cls.case = cls._new_ticket("First", partner_id=cls.newcomer.id)

    def test_agents_open_an_order(self):
        line = self._log(self.case, 1.5)
        self.assertTrue(self.case.is_without_item)
        case = self.case.with_user(self.agent)
        self.assertTrue(case.may_open_order)
        action = case.action_open_order()
        self.assertEqual(action["res_model"], "helpdesk.ticket")
        order = self.case.sale_order_id
        self.assertEqual((order.state, order.partner_id), ("sale", self.newcomer))
        self.assertEqual(line.so_line, order.order_line)
        self.assertDelivered(order.order_line, 1.5)
        self.assertFalse(self.case.is_without_item)
        with self.assertRaisesRegex(UserError, "already"):
            case.action_open_order()

    def test_a_quotation_bills_once_it_is_confirmed(self):
        self.team.open_order = "quotation"
        self._log(self.case, 1.0)
        action = self.case.with_user(self.seller).action_open_order()
        order = self.env["sale.order"].browse(action["res_id"])
        self.assertEqual(order.state, "draft")
        with self.assertRaisesRegex(UserError, order.name):
            self.case.with_user(self.agent).action_open_order()
        order.action_confirm()
        self.assertDelivered(order.order_line, 1.0)

    def test_only_who_sells_where_the_team_says_so(self):
        self.team.open_order = "no"
        case = self.case.with_user(self.agent)
        self.assertFalse(case.may_open_order)
        with self.assertRaises(AccessError):
            case.action_open_order()
        self.assertTrue(self.case.with_user(self.seller).may_open_order)

    def test_what_is_missing_is_said(self):
        with self.assertRaisesRegex(UserError, "customer"):
            self._new_ticket("Stranger").with_user(self.agent).action_open_order()
        self.team.order_template_id = False
        with self.assertRaisesRegex(UserError, "template"):
            self.case.with_user(self.agent).action_open_order()

    def test_found_by_filter(self):
        Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        found = Ticket.search([("is_without_item", "=", True)])
        self.assertIn(self.case, found)
        self.assertEqual(found, found.filtered("is_without_item"))
        self.assertNotIn(self.ticket, found)

    def test_the_balance_is_told(self):
        self.assertEqual(self.ticket.pack_state, "ok")
        self._log(self.ticket, 4.0)
        self.env.flush_all()
        ticket = self.ticket.with_user(self.agent)
        self.assertEqual((ticket.pack_state, ticket.pack_balance), ("low", "1:00 left"))
        notice = ticket.get_time_entry()["notice"]
        self.assertEqual(notice, {"text": "1:00 left", "level": "warning"})
        text = ticket.preview_time({"name": "Work", "hours": 0.5})
        self.assertIn("0:30 are left", text)
        text = ticket.preview_time({"name": "Work", "hours": 3})
        self.assertIn("2:00 of it wait", text)
        self.pack.write({"pack_at_end": "item", "pack_next_line_id": self.item_a.id})
        text = ticket.preview_time({"name": "Work", "hours": 3})
        self.assertIn(f"2:00 of it on {self.order_a.name}", text)
        self._log(self.ticket, 1.0)
        self.env.flush_all()
        self.assertEqual(self.ticket.pack_state, "empty")

    def test_a_pack_product_in_two_clicks(self):
        products = self.env["product.template"]
        action = products.action_create_pack("10")
        pack = products.browse(action["res_id"])
        self.assertEqual(pack.service_policy, "ordered_prepaid")
        self.assertEqual(pack.uom_id, self.env.ref("helpdesk_prepaid.uom_pack_10"))
        with self.assertRaises(UserError):
            products.action_create_pack("7")
        with self.assertRaises(AccessError):
            products.with_user(self.agent).action_create_pack("5")
        item = self._new_pack(1.0, product=pack.product_variant_id)
        self.assertEqual(item.remaining_hours, 10.0)
