from odoo.tests import tagged

from .rule_common import RuleCommon


@tagged("post_install", "-at_install")
class TestTaskTime(RuleCommon):
    """Time on tasks of tickets counts once, on one order item."""

    def _log_on_task(self, task, hours, **values):
        """As somebody without helpdesk rights who works on the project."""
        nobody = self.env["helpdesk.ticket"]
        return self._log(nobody, hours, self.project_user, task_id=task.id, **values)

    def test_ticket_made_for_a_task_with_billed_time(self):
        """Billed time comes by reference only, open time on the item of the ticket."""
        own = self._new_item(self.customer_a)
        task = self._new_task(partner_id=self.customer_a.id, sale_line_id=own.id)
        billed = self._log_on_task(task, 3.0)
        invoice = self._bill(billed)
        line = self._log_on_task(task, 2.0)
        hand = self._log_on_task(task, 1.0, so_line=own.id, is_so_line_edited=True)
        Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        ticket = Ticket.create(
            {
                "name": "Oven",
                "team_id": self.team.id,
                "partner_id": self.contact_a.id,
                "task_id": task.id,
                "sale_line_id": self.item_a.id,
            }
        )
        self.assertEqual((billed | line | hand).helpdesk_ticket_id.id, ticket.id)
        self.assertEqual(billed.timesheet_invoice_id, invoice)
        self.assertDelivered(own, 4.0)
        self.assertDelivered(self.item_a, 2.0)
        self.assertEqual(ticket.total_hours_spent, 6.0)
        self.assertEqual(ticket.hours_invoiced, 3.0)

    def test_time_of_a_subtask_is_its_own(self):
        task = self._new_task(partner_id=self.customer_a.id)
        below = self._new_task("Door", parent_id=task.id)
        self.ticket.task_id = task
        line = self._log_on_task(below, 2.0)
        self._log_on_task(task, 1.0)
        self.assertFalse(line.helpdesk_ticket_id)
        self.assertDelivered(self.item_a, 1.0)
        self.assertEqual(self.ticket.total_hours_spent, 1.0)
        self.assertEqual((task.effective_hours, task.subtask_effective_hours), (1, 2))

    def test_line_of_a_ticket_on_a_subtask_counts_once(self):
        task = self._new_task(partner_id=self.customer_a.id)
        below = self._new_task("Door", parent_id=task.id)
        self.ticket.task_id = task
        self._log(self.ticket, 4.0, task_id=below.id)
        self.assertDelivered(self.item_a, 4.0)
        self.assertEqual(self.ticket.total_hours_spent, 4.0)

    def test_ticket_goes_on_with_another_task(self):
        """What was worked on the first task stays with the ticket, once; later time on
        it is time of the task alone, until another ticket takes it."""
        first, second = self._new_task("First"), self._new_task("Second")
        self.ticket.task_id = first
        self._log_on_task(first, 1.0)
        self.ticket.with_user(self.agent).task_id = second
        self._log_on_task(second, 2.0)
        later = self._log_on_task(first, 4.0)
        self.assertFalse(later.helpdesk_ticket_id)
        self.assertDelivered(self.item_a, 3.0)
        self.assertEqual(self.ticket.total_hours_spent, 3.0)
        self.ticket_b.with_user(self.agent).task_id = first
        self.assertDelivered(self.item_a, 3.0)
        self.assertDelivered(self.item_b, 4.0)
        self.assertEqual(self.ticket_b.total_hours_spent, 4.0)

    def test_task_of_an_archived_ticket(self):
        task = self._new_task()
        self.ticket.task_id = task
        self.ticket.active = False
        self._log_on_task(task, 2.0)
        self.assertDelivered(self.item_a, 2.0)
        self.assertEqual(self.ticket.total_hours_spent, 2.0)
