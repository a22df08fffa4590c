from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import AGENT, ReinvoiceCommon
from .invoice_common import ACCOUNTANT


@tagged("post_install", "-at_install")
class TestOrderAccess(ReinvoiceCommon):
    """What the form of an order shows of its tickets, and to whom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket.sale_line_id = cls.item_a
        cls.accountant = cls._new_user("hd_acct", ACCOUNTANT, name="Axel Account")

    def test_accountant_opens_an_order_without_its_tickets(self):
        self.order_a.helpdesk_ticket_id = self.ticket
        self.assertFalse(self._get_order_elements(self.accountant))
        for user in (self.salesman, self._new_user("hd_both", f"{AGENT},{ACCOUNTANT}")):
            self.assertEqual(len(self._get_order_elements(user)), 2)
            self.order_a.with_user(user).action_view_tickets()
        with Form(self.order_a.with_user(self.accountant)) as form:
            self.assertEqual(form.ticket_count, self.order_a.ticket_count)

    def _get_order_elements(self, user):
        """What leads from the form of an order to tickets."""
        view = self.env.ref("sale.view_order_form")
        arch = self.env["sale.order"].with_user(user).get_view(view.id, "form")["arch"]
        return etree.fromstring(arch).xpath(
            "//button[@name='action_view_tickets']|//field[@name='helpdesk_ticket_id']"
        )

    def test_customer_reads_no_hours_of_the_order(self):
        self._log(self.ticket, 2.0)
        order = self.order_a.with_user(self.portal_a)
        self.order_a.message_subscribe(self.portal_a.partner_id.ids)
        self.order_a.partner_id = self.contact_a
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(order.read(["name"]))
        for name in (
            "helpdesk_ticket_id",
            "ticket_ids",
            "ticket_count",
            "ticket_hours_to_invoice",
            "ticket_hours_invoiced",
            "ticket_hours_covered",
            "ticket_hours_non_billable",
        ):
            self.assertNotIn(name, order.fields_get())
            with self.assertRaises(AccessError):
                order.read([name])
