from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests.common import ReinvoiceCommon


@tagged("post_install", "-at_install")
class TestProducts(ReinvoiceCommon):
    """A promise that a customer bought."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.use_sla = True
        cls.policy = cls.env["helpdesk.sla"].create(
            {
                "name": "Premium",
                "team_id": cls.team.id,
                "target": "close",
                "time": 4,
                "product_ids": [Command.link(cls.item_a.product_id.id)],
            }
        )

    def test_item_of_the_ticket_decides(self):
        ticket = self._new_ticket("Help", partner_id=self.contact_a.id)
        ticket = ticket.with_user(self.agent)
        ticket.sale_line_id = False
        self.assertNotIn(self.policy, ticket.sla_ids)
        ticket.sale_line_id = self.item_a
        self.assertIn(self.policy, ticket.sla_ids)
        ticket.sale_line_id = False
        self.assertNotIn(self.policy, ticket.sla_ids)
        self.assertIn(self.policy, ticket.sla_withdrawn_ids.sla_id)

    def test_item_that_follows_the_customer(self):
        """Chosen for the customer, not by hand: it decides, too."""
        ticket = self._new_ticket("Help", partner_id=self.contact_b.id)
        ticket.with_user(self.agent).partner_id = self.contact_a
        has_item = ticket.sale_line_id.product_id == self.item_a.product_id
        self.assertEqual(self.policy in ticket.sla_ids, has_item)

    def test_change_of_the_products_is_offered(self):
        ticket = self._new_ticket("Help", partner_id=self.contact_a.id)
        ticket.sale_line_id = self.item_a
        revision = self.policy.revision
        with Form(self.policy.with_user(self.manager)) as form:
            form.product_ids.clear()
        self.assertEqual(self.policy.revision, revision + 1)
        self.assertTrue(self.policy.pending_count)
