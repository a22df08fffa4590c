import ast

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .rule_common import RuleCommon


@tagged("post_install", "-at_install")
class TestAllowedItems(RuleCommon):
    """Which sales order items may bill the time of a ticket."""

    def _refuse(self, item, sentence, ticket=None):
        """An agent is refused an item on the ticket and on a line of it."""
        ticket = ticket or self.ticket
        former = ticket.sale_line_id
        line = self._log(ticket, 1.0)
        with self._refused(sentence):
            ticket.with_user(self.agent).write({"sale_line_id": item.id})
        self.assertEqual(ticket.sale_line_id, former)
        with self._refused(sentence):
            line.with_user(self.agent).write({"so_line": item.id})
        self.assertEqual(line.so_line, former)

    def _item_of(self, **values):
        """Item of customer Alpha with some values, on a confirmed order."""
        line = {"product_id": self.service.id, "product_uom_qty": 5.0, **values}
        return self._new_order(self.customer_a, line).order_line

    def _search_as_agent(self, ticket):
        """What the item field of a ticket's form lists."""
        fields_get = ticket.with_user(self.agent).fields_get(["sale_line_id"])
        domain = fields_get["sale_line_id"]["domain"]
        values = {
            "commercial_partner_id": ticket.commercial_partner_id.id,
            "company_id": ticket.company_id.id,
        }
        for name, value in values.items():
            domain = domain.replace(f", {name})", f", {value})")
        Item = self.env["sale.order.line"].with_user(self.agent)
        names = Item.name_search("", ast.literal_eval(domain))
        return self.env["sale.order.line"].browse(item_id for item_id, _name in names)

    # --- refused

    def test_quotation_is_refused_and_not_confirmed(self):
        item = self._new_item(self.customer_a, confirm=False)
        self._refuse(item, "still a quotation")
        self.assertEqual(item.state, "draft")

    def test_cancelled_order_is_refused(self):
        item = self._new_item(self.customer_a)
        item.order_id._action_cancel()
        self._refuse(item, "is cancelled")

    def test_goods_are_refused(self):
        self._refuse(self._new_item(self.customer_a, self.goods), "sells goods")

    def test_note_and_section_are_refused(self):
        order = self._new_order(
            self.customer_a,
            {"display_type": "line_note", "name": "Note"},
            {"display_type": "line_section", "name": "Section"},
        )
        for item in order.order_line:
            self._refuse(item, "is a note")

    def test_expense_is_refused(self):
        self._refuse(self._item_of(is_expense=True), "an expense")

    def test_down_payment_is_refused(self):
        order = self._new_order(self.customer_a, (self.service, 5.0))
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": [Command.set(order.ids)],
                "advance_payment_method": "fixed",
                "fixed_amount": 100.0,
            }
        )
        wizard.create_invoices()
        payment = order.order_line.filtered(
            lambda line: line.is_downpayment and not line.display_type
        )
        self._refuse(payment, "down payment")

    def test_global_discount_is_refused(self):
        order = self._new_order(self.customer_a, (self.service, 5.0), confirm=False)
        self.env["sale.order.discount"].create(
            {
                "sale_order_id": order.id,
                "discount_type": "amount",
                "discount_amount": 10.0,
            }
        ).action_apply_discount()
        order.action_confirm()
        discount = order.order_line.filtered(
            lambda line: line.product_id == self.company.sale_discount_product_id
        )
        self.assertTrue(discount)
        self._refuse(discount, "is a discount")

    def test_item_of_another_customer_is_refused(self):
        self._refuse(self.item_b, "Beta Garage.*Alpha Bakery")

    def test_ticket_without_customer_takes_no_item(self):
        self._refuse(self.item_a, "Set the customer", self.ticket_unknown)

    def test_unit_other_than_time_or_units_is_refused(self):
        pack = self.env["uom.uom"].create(
            {
                "name": "Sixpack",
                "relative_factor": 6.0,
                "relative_uom_id": self.unit.id,
            }
        )
        self._refuse(self._item_of(product_uom_id=pack.id), "hours, days or units")
        kilo = self.env.ref("uom.product_uom_kgm")
        self._refuse(self._item_of(product_uom_id=kilo.id), "hours, days or units")

    def test_item_that_does_not_exist_is_refused(self):
        with self._refused("exist"):
            self.ticket.with_user(self.agent).write({"sale_line_id": 10**8})

    # --- allowed

    def test_hours_days_and_units_are_allowed(self):
        for unit in (self.hour, self.day, self.unit):
            item = self._item_of(product_uom_id=unit.id)
            self.ticket.with_user(self.agent).sale_line_id = item
            self.assertEqual(self.ticket.sale_line_id, item)

    def test_every_policy_of_a_service_is_allowed(self):
        for product in (self.service, self.prepaid, self.milestones, self.manual):
            item = self._new_item(self.customer_a, product)
            self.ticket.with_user(self.agent).sale_line_id = item
            self.assertEqual(self.ticket.sale_line_id, item)

    def test_choices_by_call(self):
        """What the form offers, with the hours that are left, and no price."""
        pack = self._new_item(self.customer_a, self.prepaid)
        self._log(self.ticket, 1.5, so_line=pack.id)
        choices = self.ticket.with_user(self.agent).get_sale_line_choices()
        offered = self._search_as_agent(self.ticket)
        self.assertEqual([choice["id"] for choice in choices], offered.ids)
        self.assertIn(self.item_a, offered)
        self.assertNotIn(self.item_b, offered)
        found = {choice.pop("id"): choice for choice in choices}
        self.assertEqual(
            found[pack.id],
            {
                "name": pack.with_context(with_price_unit=False).display_name,
                "is_prepaid": True,
                "remaining_hours": pack.remaining_hours,
            },
        )
        self.assertEqual(pack.remaining_hours, pack.product_uom_qty - 1.5)
        self.assertFalse(found[self.item_a.id]["is_prepaid"])
        self.assertEqual(found[self.item_a.id]["remaining_hours"], 0)

    def test_choices_are_for_colleagues(self):
        self.assertEqual(self.ticket_unknown.get_sale_line_choices(), [])
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.portal_a).get_sale_line_choices()

    def test_order_of_any_contact_of_the_customer_is_allowed(self):
        item = self._new_item(self.contact_a2)
        self.ticket.with_user(self.agent).sale_line_id = item
        self.assertEqual(self._log(self.ticket, 1.0).so_line, item)

    def test_locked_order_is_allowed(self):
        """Recording time does not change what was sold."""
        self.order_a.action_lock()
        self._log(self.ticket, 2.0)
        self.assertDelivered(self.item_a, 2.0)

    def test_customer_and_item_written_together(self):
        ticket = self.ticket.with_user(self.agent)
        ticket.write({"partner_id": self.contact_b.id, "sale_line_id": self.item_b.id})
        self.assertEqual(ticket.sale_line_id, self.item_b)
        with self._refused("Beta Garage"):
            ticket.write(
                {"partner_id": self.contact_a.id, "sale_line_id": self.item_b.id}
            )

    def test_rate_in_a_unit_without_hours_does_not_stop_the_work(self):
        kilo = self._item_of(product_uom_id=self.env.ref("uom.product_uom_kgm").id)
        self._new_rate(self.employee, kilo)
        self.assertEqual(self._log(self.ticket, 2.0).so_line, self.item_a)

    # --- the drop-down of an agent without sales rights

    def test_drop_down_lists_allowed_items_of_the_customer_only(self):
        self._new_item(self.customer_a, self.goods)
        self._new_item(self.customer_a, confirm=False)
        found = self._search_as_agent(self.ticket)
        self.assertEqual(found, self.item_a)
        self.assertEqual(self._search_as_agent(self.ticket_b), self.item_b)

    def test_drop_down_shows_no_price(self):
        item = self._item_of(price_unit=77.31)
        item.copy({"order_id": item.order_id.id, "price_unit": 88.42})
        self.assertIn("77.31", item.with_context(with_price_unit=True).display_name)
        self.env.invalidate_all()
        Item = self.env["sale.order.line"].with_user(self.agent)
        Item = Item.with_context(with_price_unit=True, with_remaining_hours=True)
        domain = [("order_partner_id", "=", self.customer_a.id)]
        for _item_id, name in Item.name_search("", domain):
            self.assertNotIn("77.31", name)
        for values in Item.web_name_search("", {"display_name": {}}, domain):
            self.assertNotIn("77.31", str(values))

    def test_price_cannot_be_guessed_by_a_domain(self):
        Item = self.env["sale.order.line"].with_user(self.agent)
        probes = [
            [("price_unit", ">", 50)],
            [("order_id.amount_total", ">", 50)],
            ["!", ("price_subtotal", "<", 50)],
            [("product_id.standard_price", "=", 0)],
            [("order_id", "any", [("amount_total", ">", 50)])],
            [("order_partner_id", "any", [("credit_limit", ">", 0)])],
            [("id", "in", [self.item_a.id]), "|", ("discount", "=", 0), ("id", "=", 1)],
        ]
        for probe in probes:
            with self.assertRaises(AccessError):
                Item.name_search("", probe)
            with self.assertRaises(AccessError):
                Item.web_name_search("", {"display_name": {}}, probe)

    def test_agent_reads_no_order_item(self):
        Item = self.env["sale.order.line"].with_user(self.agent)
        with self.assertRaises(AccessError):
            Item.search([])
        with self.assertRaises(AccessError):
            Item.browse(self.item_a.id).read(["price_unit"])
        with self.assertRaises(AccessError):
            Item.browse(self.item_a.id).web_read({"price_unit": {}})
        found = Item.web_name_search("", {"display_name": {}, "price_unit": {}})
        self.assertNotIn("price_unit", found[0])

    def test_colleague_without_helpdesk_rights_finds_no_item(self):
        Item = self.env["sale.order.line"].with_user(self.colleague)
        with self.assertRaises(AccessError):
            Item.name_search("")

    def test_lists_of_screens_offer_what_the_model_takes(self):
        """One rule feeds the lists of ticket, line and card, and the refusal."""
        pack = self.env["uom.uom"].create(
            {
                "name": "Pack of 6",
                "relative_factor": 6,
                "relative_uom_id": self.env.ref("uom.product_uom_unit").id,
            }
        )
        service = self._new_service("Pack", "delivered_timesheet", uom=pack)
        refused = (
            self._item_of(product_id=service.id, product_uom_id=pack.id)
            | self._new_item(self.customer_a, self.goods)
            | self._new_item(self.customer_a, confirm=False)
        )
        items = refused | self._new_item(self.customer_a)
        for item in items:
            self.assertEqual(item.bills_ticket_time, item not in refused)
        Item = self.env["sale.order.line"].with_user(self.agent)
        listed = Item.name_search("", [("bills_ticket_time", "=", True)], limit=None)
        self.assertEqual(
            items.filtered("bills_ticket_time"),
            items & items.browse(item_id for item_id, _name in listed),
        )
        arch = self.env["helpdesk.ticket"].get_view(view_type="form")["arch"]
        self.assertEqual(arch.count("('bills_ticket_time', '=', True)"), 2)
