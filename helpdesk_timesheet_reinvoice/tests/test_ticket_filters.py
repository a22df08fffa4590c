from ast import literal_eval

from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import AGENT, ReinvoiceCommon


@tagged("post_install", "-at_install")
class TestTicketFilters(ReinvoiceCommon):
    """The filters and groups of the tickets' search, as an agent clicks them."""

    def _get_search_view(self, user):
        view = self.env.ref("helpdesk_base.helpdesk_ticket_view_search")
        Ticket = self.env["helpdesk.ticket"].with_user(user)
        return etree.fromstring(Ticket.get_view(view.id, "search")["arch"])

    def _filter(self, name, user=None):
        """Tickets of the team that one filter of the search view leaves."""
        user = user or self.agent
        self.env.flush_all()
        [node] = self._get_search_view(user).xpath(f"//filter[@name='{name}']")
        domain = [("team_id", "=", self.team.id), *literal_eval(node.get("domain"))]
        return self.env["helpdesk.ticket"].with_user(user).search(domain).sudo()

    def test_to_bill(self):
        (self.ticket | self.ticket_a2).sale_line_id = self.item_a
        self._log(self.ticket, 2.0)
        self._log(self.ticket_b, 1.0, so_line=False, is_so_line_edited=True)
        self.assertEqual(self._filter("to_bill"), self.ticket)
        teams = (self.team | self.team_private).with_user(self.agent)
        self.assertEqual(teams.mapped("hours_to_invoice"), [2.0, 0.0])
        action = teams.with_context(search_default_to_bill=1).action_view_tickets()
        self.assertEqual(action["context"]["search_default_to_bill"], 1)
        self._invoice(self.order_a)
        self.assertFalse(self._filter("to_bill"))
        teams.invalidate_recordset()
        self.assertEqual(teams[0].hours_to_invoice, 0.0)

    def test_to_bill_nothing(self):
        """Hours that were corrected to zero are not to bill."""
        self.ticket.sale_line_id = self.item_a
        self._log(self.ticket, 2.0)
        self._log(self.ticket, -2.0)
        self.assertFalse(self._filter("to_bill"))
        self.assertEqual(self.ticket.with_user(self.agent).invoice_status, "no")

    def test_order_cancelled(self):
        """Time nobody can bill is not shown as to bill, but it is found."""
        (self.ticket | self.ticket_a2).sale_line_id = self.item_a
        self._log(self.ticket, 2.0)
        self.assertFalse(self._filter("order_cancelled"))
        self.order_a.with_user(self.salesman).action_cancel()
        self.assertFalse(self._filter("to_bill"))
        self.assertEqual(self._filter("order_cancelled"), self.ticket | self.ticket_a2)
        ticket = self.ticket.with_user(self.agent)
        self.assertEqual(ticket.invoice_status, "no")
        self.assertEqual((ticket.hours_to_invoice, ticket.hours_non_billable), (0, 2))
        self.assertEqual(self.order_a.ticket_hours_to_invoice, 0.0)
        self.assertEqual(self.order_a.ticket_hours_non_billable, 2.0)

    def test_no_order_item(self):
        tickets = self.ticket | self.ticket_a2 | self.ticket_b
        tickets.sale_line_id = False
        self.ticket.sale_line_id = self.item_a
        found = self._filter("no_order_item")
        self.assertNotIn(self.ticket, found)
        self.assertIn(self.ticket_a2, found)
        self.assertIn(self.ticket_b, found)
        self.team.use_helpdesk_sale_timesheet = False
        self.assertFalse(self._filter("no_order_item"))

    def test_pack_used_up(self):
        pack = self._new_item(self.customer_a, self.prepaid, 3.0)
        self.ticket.sale_line_id = pack
        self.ticket_a2.sale_line_id = self.item_a
        self._log(self.ticket, 2.0)
        self.assertFalse(self._filter("pack_used_up"))
        self._log(self.ticket, 1.0)
        self.assertEqual(self._filter("pack_used_up"), self.ticket)
        self._log(self.ticket, 0.5)
        self.assertEqual(self._filter("pack_used_up"), self.ticket)

    def test_pack_used_up_knows_packs_of_hours_only(self):
        """What is sold in units, such as a fixed price, cannot be used up."""
        fixed = self._new_service(
            "Flat fee", "ordered_prepaid", self.env.ref("uom.product_uom_unit")
        )
        self.ticket.sale_line_id = self._new_item(self.customer_a, fixed, 1.0)
        self._log(self.ticket, 2.0)
        self.assertFalse(self._filter("pack_used_up"))

    def test_groups(self):
        """Every group that the search offers can be opened by an agent."""
        self.ticket.sale_line_id = self.item_a
        self.env.flush_all()
        Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        view = self._get_search_view(self.agent)
        for name in ("group_by_sale_order", "group_by_sale_line", "group_by_project"):
            [node] = view.xpath(f"//filter[@name='{name}']")
            field = literal_eval(node.get("context"))["group_by"]
            result = Ticket.web_read_group(
                [("team_id", "=", self.team.id)], [field], ["__count"]
            )
            self.assertTrue(result["groups"], name)

    # === FIELDS === #

    def _new_plain_agent(self):
        """An agent without timesheet rights, who reads no time line at all."""
        return self._new_user("hd_plain", AGENT)

    def test_every_field_of_the_search_can_be_used(self):
        """Whatever the search bar offers is found or not, and never refused."""
        self.ticket.sale_line_id = self.item_a
        self.env.flush_all()
        for user in (self.agent, self._new_plain_agent(), self.manager, self.salesman):
            Ticket = self.env["helpdesk.ticket"].with_user(user)
            nodes = self._get_search_view(user).xpath("//search/field")
            self.assertGreater(len(nodes), 5)
            for node in nodes:
                name, filter_domain = node.get("name"), node.get("filter_domain")
                if Ticket._fields[name].type == "properties":
                    continue  # searched by the properties of a team
                domain = [(name, "ilike", "S0")]
                if filter_domain:
                    domain = safe_eval(filter_domain, {"self": "S0", "raw_value": "S0"})
                with self.subTest(user=user.login, field=name):
                    Ticket.search(domain)

    def test_agent_finds_tickets_by_the_number_of_their_order(self):
        self.ticket.sale_line_id = self.item_a
        self.ticket_private.write({"sale_line_id": self.item_a.id})
        self.ticket_b.sale_line_id = self.item_b
        self.env.flush_all()
        view = self._get_search_view(self.agent)
        names = view.xpath("//search/field/@name")
        self.assertIn("sale_order_name", names)
        self.assertNotIn("sale_order_id", names)
        self.assertNotIn("sale_line_id", names)
        Ticket = self.env["helpdesk.ticket"]
        domain = [("sale_order_name", "ilike", self.order_a.name)]
        found = Ticket.with_user(self.agent_2).search(domain)
        self.assertIn(self.ticket, found)
        self.assertNotIn(self.ticket_b, found)
        self.assertNotIn(self.ticket_private, found, "still only tickets one may see")
        names = self._get_search_view(self.salesman).xpath("//search/field/@name")
        self.assertIn("sale_order_id", names)
        self.assertNotIn("sale_order_name", names)

    def test_time_spent_is_searched_without_rights_to_time(self):
        (self.ticket | self.ticket_a2).sale_line_id = self.item_a
        self._log(self.ticket, 2.0)
        self.env.flush_all()
        tickets = self.ticket | self.ticket_a2
        for user in (self._new_plain_agent(), self.salesman, self.agent_2):
            Ticket = self.env["helpdesk.ticket"].with_user(user)
            for operator, value, expected in (
                ("=", 0, self.ticket_a2),
                ("<", 2, self.ticket_a2),
                (">=", 2, self.ticket),
                ("!=", 0, self.ticket),
                ("in", [0, 2], tickets),
            ):
                with self.subTest(user=user.login, operator=operator):
                    found = Ticket.search([("total_hours_spent", operator, value)])
                    self.assertEqual(found & tickets, expected)

    def test_time_spent_is_a_number(self):
        Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        for value in ("a lot", float("nan"), "inf"):
            with self.assertRaisesRegex(UserError, "number of hours"):
                Ticket.search([("total_hours_spent", ">", value)])
