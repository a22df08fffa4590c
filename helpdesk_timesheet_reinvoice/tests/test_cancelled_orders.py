from odoo.tests import Form, tagged

from .rule_common import RuleCommon


@tagged("post_install", "-at_install")
class TestCancelledOrders(RuleCommon):
    """Tickets and time on the items of a cancelled order can still be worked with."""

    def setUp(self):
        super().setUp()
        self.hand_item = self._new_item(self.customer_a)
        self.line = self._log(self.ticket, 2.0)
        self.hand = self._log(self.ticket, 3.0, so_line=self.hand_item.id)
        self.assertDelivered(self.item_a, 2.0)
        orders = (self.order_a | self.hand_item.order_id).with_user(self.salesman)
        orders._action_cancel()

    def _assert_kept(self):
        self.env.flush_all()
        self.assertEqual(self.ticket.sale_line_id, self.item_a)
        self.assertDelivered(self.item_a, 2.0)
        self.assertDelivered(self.hand_item, 3.0)

    def test_another_contact_of_the_customer(self):
        self.ticket.with_user(self.agent).partner_id = self.contact_a2
        self._assert_kept()

    def test_another_team_and_its_project(self):
        team = self._second_team()
        self.ticket.with_user(self.agent).team_id = team
        self.assertEqual((self.line | self.hand).project_id, team.project_id)
        self._assert_kept()

    def test_task_of_the_ticket(self):
        task = self._new_task()
        with Form(self.ticket.with_user(self.agent)) as form:
            form.task_id = task
        self.assertEqual((self.line | self.hand).task_id, task)
        self._assert_kept()

    def test_another_customer_takes_all_of_it(self):
        self.ticket.with_user(self.agent).partner_id = self.contact_b
        self.assertDelivered(self.item_a, 0.0)
        self.assertDelivered(self.hand_item, 0.0)
        self.assertDelivered(self.item_b, 5.0)

    def test_correction_of_the_hours(self):
        lines = (self.line | self.hand).with_user(self.agent).sudo(False)
        lines[0].unit_amount = 1.0
        lines[1].write({"unit_amount": 4.0, "is_so_line_edited": True})
        self.assertDelivered(self.item_a, 1.0)
        self.assertDelivered(self.hand_item, 4.0)

    def test_another_item_takes_what_is_not_set_by_hand(self):
        new = self._new_item(self.customer_a)
        self.ticket.with_user(self.agent).sale_line_id = new
        self.assertDelivered(new, 2.0)
        self.assertDelivered(self.hand_item, 3.0)

    def test_nobody_chooses_such_an_item(self):
        for values in (
            {"sale_line_id": self.hand_item.id},
            {"sale_line_id": self.hand_item.id, "partner_id": self.contact_a2.id},
        ):
            with self._refused("is cancelled"):
                self.ticket.with_user(self.agent).write(values)
        with self._refused("is cancelled"):
            self.env["helpdesk.ticket"].with_user(self.agent).create(
                {
                    "name": "New",
                    "team_id": self.team.id,
                    "partner_id": self.contact_a.id,
                    "sale_line_id": self.item_a.id,
                }
            )
        line = self._log(self.ticket, 1.0)
        self.assertFalse(line.so_line)
        for item in (self.item_a, self.hand_item):
            with self._refused("is cancelled"):
                line.with_user(self.agent).sudo(False).so_line = item
            with self._refused("is cancelled"):
                self._log(self.ticket, 1.0, so_line=item.id)
        self._assert_kept()
