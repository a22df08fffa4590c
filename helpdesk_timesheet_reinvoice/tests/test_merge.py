from odoo.tests import tagged

from .rule_common import RuleCommon


@tagged("post_install", "-at_install")
class TestMerge(RuleCommon):
    """Time of merged tickets goes to the survivor, of the same customer only."""

    def _merge(self, *sources):
        sources = self.env["helpdesk.ticket"].union(*sources)
        survivor = self.ticket.with_user(self.agent)
        survivor._merge(sources.with_user(self.agent))

    def test_time_of_all_people_moves_and_is_summed(self):
        self._log(self.ticket, 1.0)
        self._log(self.ticket_a2, 2.0)
        self._log(self.ticket_a2, 4.0, user=self.agent_2)
        self._merge(self.ticket_a2)
        self.assertEqual(self.ticket.total_hours_spent, 7.0)
        self.assertEqual(self.ticket_a2.total_hours_spent, 0.0)
        self.assertDelivered(self.item_a, 7.0)

    def test_unbilled_time_keeps_its_item(self):
        other = self._new_item(self.customer_a)
        self.ticket_a2.sale_line_id = other
        line = self._log(self.ticket_a2, 2.0)
        self._merge(self.ticket_a2)
        self.env.flush_all()
        self.assertEqual(line.so_line, other)
        self.assertDelivered(other, 2.0)
        self.assertDelivered(self.item_a, 0.0)

    def test_later_change_of_the_survivor_moves_the_merged_time(self):
        other = self._new_item(self.customer_a)
        self.ticket_a2.sale_line_id = other
        self._log(self.ticket_a2, 2.0)
        self._merge(self.ticket_a2)
        self.ticket.with_user(self.agent).sale_line_id = self._new_item(self.customer_a)
        self.assertDelivered(other, 0.0)
        self.assertDelivered(self.ticket.sale_line_id, 2.0)

    def test_billed_time_moves_by_reference_only(self):
        team = self._second_team()
        self.ticket_a2.team_id = team
        line = self._log(self.ticket_a2, 2.0)
        invoice = self._bill(line)
        self._merge(self.ticket_a2)
        self.assertEqual(line.helpdesk_ticket_id, self.ticket)
        self.assertEqual(line.project_id, team.project_id)
        self.assertEqual(line.so_line, self.item_a)
        self.assertEqual(line.timesheet_invoice_id, invoice)
        self.assertEqual(self.ticket.hours_invoiced, 2.0)

    def test_unbilled_time_goes_to_the_project_of_the_survivor(self):
        self.ticket_a2.team_id = self._second_team()
        line = self._log(self.ticket_a2, 2.0)
        self._merge(self.ticket_a2)
        self.assertEqual(line.project_id, self.project)
        self.assertDelivered(self.item_a, 2.0)

    def test_task_goes_to_a_survivor_without_task(self):
        task = self._new_task()
        self.ticket_a2.task_id = task
        line = self._log(self.ticket_a2, 2.0)
        self._merge(self.ticket_a2)
        self.assertEqual(self.ticket.task_id, task)
        self.assertEqual(task.helpdesk_ticket_id, self.ticket)
        self.assertEqual(line.task_id, task)
        self.assertEqual(self.ticket.total_hours_spent, 2.0)

    def test_hand_set_items_stay(self):
        mine = self._new_item(self.customer_a)
        line = self._log(self.ticket_a2, 2.0, so_line=mine.id)
        self._merge(self.ticket_a2)
        self.assertTrue(line.is_so_line_edited)
        self.assertDelivered(mine, 2.0)

    def test_time_of_another_customer_is_refused(self):
        self._log(self.ticket_b, 2.0)
        with self._refused("customer"):
            self._merge(self.ticket_b)
        self.assertEqual(self.ticket_b.total_hours_spent, 2.0)
        self.assertDelivered(self.item_b, 2.0)

    def test_note_tells_what_moved(self):
        self._log(self.ticket_a2, 2.5)
        self._merge(self.ticket_a2)
        self.assertIn(
            "2.5 hours on 1 timesheet lines were moved",
            "".join(self.ticket.message_ids.mapped("body")),
        )

    def test_survivor_without_customer_gets_customer_and_time(self):
        self._log(self.ticket_a2, 2.0)
        survivor = self.ticket_unknown.with_user(self.agent)
        with self._refused("another customer"):
            survivor._merge(self.ticket_a2.with_user(self.agent))
        self.assertEqual(self.ticket_a2.total_hours_spent, 2.0)
