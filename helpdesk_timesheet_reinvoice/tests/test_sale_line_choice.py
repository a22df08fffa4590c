from odoo.tests import Form, tagged

from .rule_common import APPROVER, RuleCommon


@tagged("post_install", "-at_install")
class TestSaleLineChoice(RuleCommon):
    """Which sales order item bills an hour of a ticket."""

    # --- order of choice

    def test_ticket_item_bills_the_line(self):
        line = self._log(self.ticket, 2.0)
        self.assertEqual(line.so_line, self.item_a)
        self.assertDelivered(self.item_a, 2.0)

    def test_rate_of_the_person_comes_before_the_ticket_item(self):
        senior = self._new_item(self.customer_a)
        self._new_rate(self.employee, senior)
        self._log(self.ticket, 2.0)
        self._log(self.ticket, 3.0, user=self.agent_2)
        self.assertDelivered(senior, 2.0)
        self.assertDelivered(self.item_a, 3.0)

    def test_order_knows_its_time_whatever_item_the_ticket_has(self):
        """By the rate of a person, set by hand on new and on recorded time."""
        by_rate, new, moved = (self._new_item(self.customer_a) for _order in range(3))
        self.assertFalse((by_rate | new | moved).filtered("used_by_tickets"))
        line = self._log(self.ticket, 1.0, user=self.agent_2)
        line.write({"so_line": moved.id, "is_so_line_edited": True})
        self._log(self.ticket, 2.0, so_line=new.id)
        self._new_rate(self.employee, by_rate)
        self._log(self.ticket, 3.0)
        orders = (moved | new | by_rate).order_id
        self.assertEqual(
            [order.ticket_hours_to_invoice for order in orders], [1.0, 2.0, 3.0]
        )
        self.assertEqual(sum(orders.mapped("ticket_count")), 0)
        self.ticket.sale_line_id = moved
        self.assertEqual(moved.order_id.ticket_count, 1)

    def test_rate_of_another_customer_is_never_used(self):
        """A support project is shared by customers: a person's rate is of one."""
        senior = self._new_item(self.customer_a)
        self._new_rate(self.employee, senior)
        self._log(self.ticket_b, 2.0)
        self.assertDelivered(senior, 0.0)
        self.assertDelivered(self.item_b, 2.0)

    def test_rate_does_not_bill_a_ticket_without_item(self):
        self._new_rate(self.employee, self._new_item(self.customer_a))
        self.ticket.with_user(self.agent).sale_line_id = False
        self.assertFalse(self._log(self.ticket, 2.0).so_line)

    def test_item_of_the_project_never_bills_a_line_by_itself(self):
        self.project.sale_line_id = self.item_b
        self.ticket.with_user(self.agent).sale_line_id = False
        self.assertFalse(self._log(self.ticket, 2.0).so_line)
        self.assertDelivered(self.item_b, 0.0)

    def test_item_of_the_task_never_bills_a_line_by_itself(self):
        own = self._new_item(self.customer_a)
        task = self._new_task(partner_id=self.customer_a.id, sale_line_id=own.id)
        self.ticket.write({"task_id": task.id, "sale_line_id": self.item_a.id})
        line = self._log(self.ticket, 2.0)
        self.assertEqual(line.task_id, task)
        self.assertDelivered(own, 0.0)
        self.assertDelivered(self.item_a, 2.0)

    def test_item_set_by_hand_comes_before_rate_and_ticket(self):
        mine = self._new_item(self.customer_a)
        self._new_rate(self.employee, self._new_item(self.customer_a))
        line = self._log(self.ticket, 2.0, so_line=mine.id)
        self.assertTrue(line.is_so_line_edited)
        self.assertDelivered(mine, 2.0)
        self.assertDelivered(self.item_a, 0.0)

    def test_item_removed_by_hand_stays_removed(self):
        line = self._log(self.ticket, 2.0, so_line=False)
        self.assertFalse(line.so_line)
        self.ticket.sale_line_id = self._new_item(self.customer_a)
        self.assertFalse(line.so_line)

    # --- triggers

    def test_new_item_of_the_ticket_takes_its_unbilled_lines(self):
        self._log(self.ticket, 2.0)
        self._log(self.ticket, 1.5, user=self.agent_2)
        new = self._new_item(self.customer_a)
        self.ticket.with_user(self.agent).sale_line_id = new
        self.assertDelivered(self.item_a, 0.0)
        self.assertDelivered(new, 3.5)

    def test_removing_the_item_makes_unbilled_lines_non_billable(self):
        billed = self._log(self.ticket, 2.0)
        self._bill(billed)
        hand = self._log(
            self.ticket, 4.0, so_line=self.item_a.id, is_so_line_edited=True
        )
        line = self._log(self.ticket, 1.0)
        self.ticket.with_user(self.agent).sale_line_id = False
        self.assertFalse(line.so_line)
        self.assertEqual(billed.so_line, self.item_a)
        self.assertEqual(hand.so_line, self.item_a)
        self.assertDelivered(self.item_a, 6.0)

    def test_hand_set_line_follows_again_when_the_mark_is_taken_off(self):
        mine = self._new_item(self.customer_a)
        line = self._log(self.ticket, 2.0, so_line=mine.id)
        line.with_user(self.agent).write({"is_so_line_edited": False})
        self.assertEqual(line.so_line, self.item_a)
        self.assertDelivered(mine, 0.0)
        self.assertDelivered(self.item_a, 2.0)

    def test_person_of_a_line_changes_its_rate(self):
        senior = self._new_item(self.customer_a)
        self._new_rate(self.employee_2, senior)
        line = self._log(self.ticket, 2.0)
        approver = self._new_user("hd_approver", APPROVER)
        line.with_user(approver).employee_id = self.employee_2
        self.assertDelivered(self.item_a, 0.0)
        self.assertDelivered(senior, 2.0)

    def test_switching_the_team_off_and_on_again(self):
        billed = self._log(self.ticket, 2.0)
        self._bill(billed)
        line = self._log(self.ticket, 3.0)
        team = self.team.with_user(self.manager)
        team.use_helpdesk_sale_timesheet = False
        self.assertFalse(line.so_line)
        self.assertDelivered(self.item_a, 2.0)
        team.use_helpdesk_sale_timesheet = True
        self.assertEqual(self.ticket.sale_line_id, self.item_a)
        self.assertDelivered(self.item_a, 5.0)

    def test_billable_off_empties_unbilled_lines_only(self):
        billed = self._log(self.ticket, 2.0)
        self._bill(billed)
        line = self._log(self.ticket, 3.0)
        hand = self._log(self.ticket, 4.0, so_line=self.item_a.id)
        self.project.with_user(self.project_lead).allow_billable = False
        self.assertFalse((line | hand).so_line)
        self.assertFalse(hand.is_so_line_edited)
        self.assertEqual(billed.so_line, self.item_a)
        self.assertDelivered(self.item_a, 2.0)

    def test_billable_off_empties_lines_on_the_task_of_a_ticket(self):
        task = self._new_task()
        self.ticket.task_id = task
        billed = self._log(self.ticket, 2.0)
        self._bill(billed)
        line = self._log(self.ticket, 3.0)
        self.project.with_user(self.project_lead).allow_billable = False
        self.assertEqual((billed | line).task_id, task)
        self.assertFalse(line.so_line)
        self.assertDelivered(self.item_a, 2.0)

    def test_billable_on_again_bills_the_lines_again(self):
        self._log(self.ticket, 3.0)
        project = self.project.with_user(self.project_lead)
        project.allow_billable = False
        self.assertDelivered(self.item_a, 0.0)
        project.allow_billable = True
        self.assertDelivered(self.item_a, 3.0)

    # --- rates of persons on a shared project

    def test_new_rate_takes_unbilled_lines_of_its_customer_only(self):
        billed = self._log(self.ticket, 8.0)
        self._bill(billed)
        self._log(self.ticket, 2.0)
        self._log(self.ticket_b, 3.0)
        self._log(self.ticket, 4.0, user=self.agent_2)
        senior = self._new_item(self.customer_a)
        self._new_rate(self.employee, senior)
        self.assertDelivered(senior, 2.0)
        self.assertDelivered(self.item_a, 12.0)
        self.assertDelivered(self.item_b, 3.0)

    def test_changed_rate_moves_unbilled_lines(self):
        first, second = self._new_item(self.customer_a), self._new_item(self.customer_a)
        rate = self._new_rate(self.employee, first)
        self._log(self.ticket, 2.0)
        rate.sale_line_id = second
        self.assertDelivered(first, 0.0)
        self.assertDelivered(second, 2.0)

    def test_deleted_rate_gives_lines_back_to_the_ticket_item(self):
        senior = self._new_item(self.customer_a)
        rate = self._new_rate(self.employee, senior)
        billed = self._log(self.ticket, 1.0)
        self._bill(billed)
        self._log(self.ticket, 2.0)
        rate.unlink()
        self.assertDelivered(senior, 1.0)
        self.assertDelivered(self.item_a, 2.0)

    def test_rate_given_to_another_person(self):
        senior = self._new_item(self.customer_a)
        rate = self._new_rate(self.employee, senior)
        self._log(self.ticket, 2.0)
        self._log(self.ticket, 3.0, user=self.agent_2)
        rate.employee_id = self.employee_2
        self.assertDelivered(senior, 3.0)
        self.assertDelivered(self.item_a, 2.0)

    def test_rate_emptied_gives_lines_back_to_the_ticket_item(self):
        senior = self._new_item(self.customer_a)
        rate = self._new_rate(self.employee, senior)
        self._log(self.ticket, 2.0)
        rate.sale_line_id = False
        self.assertDelivered(senior, 0.0)
        self.assertDelivered(self.item_a, 2.0)

    def test_rate_never_makes_a_non_billable_ticket_billable(self):
        self.ticket.with_user(self.agent).sale_line_id = False
        line = self._log(self.ticket, 2.0)
        rate = self._new_rate(self.employee, self.item_a)
        self.assertFalse(line.so_line)
        rate.sale_line_id = self._new_item(self.customer_a)
        self.assertFalse(line.so_line)

    def test_rate_leaves_hand_set_lines_alone(self):
        mine = self._new_item(self.customer_a)
        self._log(self.ticket, 2.0, so_line=mine.id)
        none = self._log(self.ticket, 3.0, so_line=False)
        senior = self._new_item(self.customer_a)
        self._new_rate(self.employee, senior)
        self.assertDelivered(mine, 2.0)
        self.assertDelivered(senior, 0.0)
        self.assertFalse(none.so_line)

    def test_rate_of_the_new_project_counts_after_a_move(self):
        senior, team = self._new_item(self.customer_a), self._second_team()
        self._new_rate(self.employee, senior, team.project_id)
        self._log(self.ticket, 2.0)
        self.assertDelivered(self.item_a, 2.0)
        self.ticket.with_user(self.agent).team_id = team
        self.assertDelivered(self.item_a, 0.0)
        self.assertDelivered(senior, 2.0)
        self.ticket.with_user(self.agent).team_id = self.team
        self.assertDelivered(self.item_a, 2.0)
        self.assertDelivered(senior, 0.0)

    def test_rate_that_ends_with_the_customer_of_the_project(self):
        """Stock empties the rates of a project that is given to another customer."""
        senior = self._new_item(self.customer_a)
        rate = self._new_rate(self.employee, senior)
        self._log(self.ticket, 2.0)
        self.assertDelivered(senior, 2.0)
        self.project.with_user(self.project_lead).partner_id = self.customer_b
        self.assertFalse(rate.sale_line_id)
        self.assertDelivered(senior, 0.0)
        self.assertDelivered(self.item_a, 2.0)

    def test_rate_of_a_cancelled_order_is_passed_over(self):
        senior = self._new_item(self.customer_a)
        self._new_rate(self.employee, senior)
        senior.order_id._action_cancel()
        self.assertEqual(self._log(self.ticket, 2.0).so_line, self.item_a)
        self.assertDelivered(self.item_a, 2.0)

    def test_rate_still_works_for_project_time_without_ticket(self):
        line = self._log(self.env["helpdesk.ticket"], 2.0, project_id=self.project.id)
        self.assertFalse(line.helpdesk_ticket_id)
        self._new_rate(self.employee, self.item_b)
        self.assertEqual(line.so_line, self.item_b)

    # --- both sides, once each

    def test_line_given_to_another_ticket_leaves_the_first(self):
        other = self._new_item(self.customer_a)
        self.ticket_a2.sale_line_id = other
        line = self._log(self.ticket, 2.0)
        line.with_user(self.agent).helpdesk_ticket_id = self.ticket_a2
        self.assertDelivered(self.item_a, 0.0)
        self.assertDelivered(other, 2.0)
        self.assertEqual(self.ticket.total_hours_spent, 0.0)
        self.assertEqual(self.ticket_a2.total_hours_spent, 2.0)

    def test_line_given_to_a_ticket_of_another_customer(self):
        line = self._log(self.ticket, 2.0, so_line=self.item_a.id)
        line.with_user(self.agent).helpdesk_ticket_id = self.ticket_b
        self.assertDelivered(self.item_a, 0.0)
        self.assertDelivered(self.item_b, 2.0)
        self.assertEqual(line.partner_id, self.contact_b)

    def test_line_taken_off_its_ticket_is_plain_project_time(self):
        line = self._log(self.ticket, 2.0)
        line.with_user(self.agent).helpdesk_ticket_id = False
        self.assertFalse(line.so_line)
        self.assertEqual(line.project_id, self.project)
        self.assertDelivered(self.item_a, 0.0)

    def test_deleted_line_is_not_delivered(self):
        line = self._log(self.ticket, 2.0)
        self._log(self.ticket, 1.0)
        line.with_user(self.agent).unlink()
        self.assertDelivered(self.item_a, 1.0)

    def test_line_with_ticket_and_task_counts_once(self):
        task = self._new_task()
        self.ticket.task_id = task
        self._log(self.ticket, 2.0)
        self._log(self.env["helpdesk.ticket"], 1.0, task_id=task.id)
        self.assertEqual(self.ticket.total_hours_spent, 3.0)
        self.assertEqual(task.effective_hours, 3.0)
        self.assertDelivered(self.item_a, 3.0)

    def test_ticket_and_task_of_different_customers_are_refused(self):
        task = self._new_task(partner_id=self.customer_b.id)
        with self._refused("Beta Garage"):
            self._log(self.ticket, 2.0, task_id=task.id)
        self.assertEqual(self.ticket.total_hours_spent, 0.0)

    def test_task_of_another_ticket_is_refused(self):
        self.ticket_a2.task_id = self._new_task()
        with self._refused("serves ticket"):
            self._log(self.ticket, 2.0, task_id=self.ticket_a2.task_id.id)

    def test_line_of_a_ticket_keeps_its_project(self):
        """Without project it would be no time at all: the hour would be lost."""
        line = self._log(self.ticket, 2.0)
        with self._refused("is recorded on project Care, not on -"):
            line.with_user(self.agent).sudo(False).project_id = False
        self.assertEqual(self.ticket.total_hours_spent, 2.0)
        self.assertDelivered(self.item_a, 2.0)

    def test_line_on_a_task_is_on_the_project_of_that_task(self):
        task = self._new_task()
        self.ticket.task_id = task
        line = self._log(self.ticket, 2.0)
        own = self.project.copy({"name": "Own", "allow_billable": False})
        with self._refused("is recorded on project Care, not on Own"):
            line.with_user(self.agent).sudo(False).project_id = own
        with self._refused("is recorded on project Care, not on Own"):
            self._log(self.ticket, 1.0, project_id=own.id, task_id=task.id)
        self.assertEqual(line.project_id, self.project)
        self.assertDelivered(self.item_a, 2.0)

    # --- the ticket form

    def test_form_lets_the_lines_follow_without_marking_them(self):
        line = self._log(self.ticket, 2.0)
        colleague = self._log(self.ticket, 3.0, user=self.agent_2)
        new = self._new_item(self.customer_a)
        with Form(self.ticket.with_user(self.agent)) as form:
            form.sale_line_id = new
        self.assertFalse((line | colleague).filtered("is_so_line_edited"))
        self.assertDelivered(new, 5.0)
        self.assertDelivered(self.item_a, 0.0)

    def test_form_of_an_approver_saves_the_lines_of_several_people(self):
        mine = self._log(self.ticket, 2.0)
        other = self._log(self.ticket, 3.0, user=self.agent_2)
        self.agent.group_ids |= self.env.ref(APPROVER)
        new = self._new_item(self.customer_a)
        with Form(self.ticket.with_user(self.agent)) as form:
            form.sale_line_id = new
            with form.timesheet_ids.edit(0) as line_form:
                line_form.unit_amount = 4.0
            with form.timesheet_ids.edit(1) as line_form:
                line_form.unit_amount = 5.0
        self.assertEqual((mine | other).mapped("is_so_line_edited"), [False, False])
        self.assertDelivered(self.item_a, 0.0)
        self.assertDelivered(new, 9.0)

    def test_form_line_set_by_hand_stays_set(self):
        mine = self._new_item(self.customer_a)
        with Form(self.ticket.with_user(self.agent)) as form:
            with form.timesheet_ids.new() as line_form:
                line_form.unit_amount = 2.0
                line_form.so_line = mine
                line_form.is_so_line_edited = True
        self.assertDelivered(mine, 2.0)
        self.ticket.sale_line_id = self._new_item(self.customer_a)
        self.assertDelivered(mine, 2.0)
