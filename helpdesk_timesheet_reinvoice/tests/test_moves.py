from odoo.exceptions import RedirectWarning
from odoo.tests import Form, tagged

from .rule_common import RuleCommon


@tagged("post_install", "-at_install")
class TestMoves(RuleCommon):
    """Unbilled time follows its ticket, billed time stays where it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sales_manager = cls._new_user(
            "hd_sales_manager", "sales_team.group_sale_manager"
        )

    # --- customer

    def test_new_customer_takes_unbilled_time_to_its_own_item(self):
        billed = self._log(self.ticket, 2.0)
        self._bill(billed)
        line = self._log(self.ticket, 3.0)
        self.ticket.with_user(self.agent).partner_id = self.contact_b
        self.assertEqual(self.ticket.sale_line_id, self.item_b)
        self.assertEqual(self.ticket.sale_order_id, self.order_b)
        self.assertEqual(line.partner_id, self.contact_b)
        self.assertEqual(billed.partner_id, self.contact_a)
        self.assertDelivered(self.item_a, 2.0)
        self.assertDelivered(self.item_b, 3.0)

    def test_new_customer_ends_hand_set_items_of_the_former(self):
        mine = self._new_item(self.customer_a)
        line = self._log(self.ticket, 2.0, so_line=mine.id)
        self.ticket.with_user(self.agent).partner_id = self.contact_b
        self.assertFalse(line.is_so_line_edited)
        self.assertFalse(line.so_line_user_id)
        self.assertDelivered(mine, 0.0)
        self.assertDelivered(self.item_b, 2.0)

    def test_new_customer_does_not_bill_what_a_person_gave_away(self):
        line = self._log(self.ticket, 2.0, so_line=False)
        self.ticket.with_user(self.agent).partner_id = self.contact_b
        self.assertFalse(line.so_line)
        self.assertDelivered(self.item_b, 0.0)

    def test_customer_without_item_makes_time_non_billable(self):
        self._new_item(self.customer_b)
        line = self._log(self.ticket, 2.0)
        self.ticket.with_user(self.agent).partner_id = self.contact_b
        self.assertFalse(self.ticket.sale_line_id)
        self.assertFalse(line.so_line)
        self.assertDelivered(self.item_a, 0.0)

    def test_another_contact_of_the_same_customer_keeps_the_item(self):
        line = self._log(self.ticket, 2.0)
        self.ticket.with_user(self.agent).partner_id = self.contact_a2
        self.assertEqual(self.ticket.sale_line_id, self.item_a)
        self.assertEqual(line.partner_id, self.contact_a2)
        self.assertDelivered(self.item_a, 2.0)

    def test_removed_customer_takes_the_item_along(self):
        line = self._log(self.ticket, 2.0)
        self.ticket.with_user(self.agent).partner_id = False
        self.assertFalse(self.ticket.sale_line_id | line.so_line)
        self.assertDelivered(self.item_a, 0.0)

    def test_former_customer_stops_following(self):
        ticket = self.ticket
        ticket.message_subscribe((self.contact_a | self.contact_a2).ids)
        ticket.with_user(self.agent).partner_id = self.contact_b
        self.assertFalse(ticket.message_partner_ids & self.contact_a)
        self.assertFalse(ticket.message_partner_ids & self.contact_a2)

    # --- team

    def test_new_team_takes_unbilled_time_to_its_project(self):
        billed = self._log(self.ticket, 2.0)
        self._bill(billed)
        line = self._log(self.ticket, 3.0)
        team = self._second_team()
        self.ticket.with_user(self.agent).team_id = team
        self.assertEqual(self.ticket.project_id, team.project_id)
        self.assertEqual(line.project_id, team.project_id)
        self.assertEqual(line.account_id, team.project_id.account_id)
        self.assertEqual(billed.project_id, self.project)
        self.assertDelivered(self.item_a, 5.0)
        self.assertEqual(self.ticket.total_hours_spent, 5.0)

    def test_new_team_leaves_a_project_of_its_own_alone(self):
        own = self.project.copy({"name": "Own"})
        self.ticket.project_id = own
        line = self._log(self.ticket, 3.0)
        self.ticket.with_user(self.agent).team_id = self._second_team()
        self.assertEqual((self.ticket | line.helpdesk_ticket_id).project_id, own)
        self.assertEqual(line.project_id, own)

    def test_team_without_time_tracking_keeps_the_time(self):
        line = self._log(self.ticket, 3.0)
        self.ticket.with_user(self.agent).team_id = self.team_private
        self.assertEqual(self.ticket.project_id, self.project)
        self.assertEqual(self.ticket.total_hours_spent, 3.0)
        self.assertEqual(line.project_id, self.project)
        with self._refused("records no time"):
            self._log(self.ticket, 1.0)

    def test_team_without_reinvoicing_and_back_again(self):
        """Nothing is lost: the ticket keeps its item for a team that bills."""
        billed = self._log(self.ticket, 2.0)
        self._bill(billed)
        line = self._log(self.ticket, 3.0)
        ticket = self.ticket.with_user(self.agent)
        ticket.team_id = self._second_team(bills=False)
        self.assertFalse(line.so_line)
        self.assertDelivered(self.item_a, 2.0)
        ticket.team_id = self.team
        self.assertEqual(line.so_line, self.item_a)
        self.assertEqual(line.project_id, self.project)
        self.assertDelivered(self.item_a, 5.0)

    # --- project and task

    def test_new_project_takes_unbilled_time(self):
        billed = self._log(self.ticket, 2.0)
        self._bill(billed)
        line = self._log(self.ticket, 3.0)
        colleague = self._log(self.ticket, 4.0, user=self.agent_2)
        own = self.project.copy({"name": "Own"})
        self.ticket.with_user(self.agent).project_id = own
        self.assertEqual((line | colleague).project_id, own)
        self.assertEqual(billed.project_id, self.project)
        self.assertDelivered(self.item_a, 9.0)

    def test_project_without_timesheets_is_refused(self):
        plain = self.env["project.project"].create(
            {"name": "Plain", "allow_timesheets": False}
        )
        with self._refused("Timesheets of project Plain are off"):
            self.ticket.with_user(self.agent).project_id = plain

    def test_line_and_ticket_name_the_same_project(self):
        line = self._log(self.ticket, 3.0)
        own = self.project.copy({"name": "Own"})
        with self._refused("is recorded on project"):
            line.with_user(self.agent).project_id = own
        with self._refused("is recorded on project"):
            self._log(self.ticket, 1.0, project_id=own.id)

    def test_task_of_the_ticket_takes_unbilled_time_without_task(self):
        line = self._log(self.ticket, 3.0)
        task = self._new_task()
        self.ticket.with_user(self.agent).task_id = task
        self.assertEqual(line.task_id, task)
        self.assertEqual(task.effective_hours, 3.0)
        self.assertDelivered(self.item_a, 3.0)

    def test_time_of_the_task_becomes_time_of_the_ticket(self):
        task = self._new_task()
        pia = self.project_user
        line = self._log(self.env["helpdesk.ticket"], 3.0, user=pia, task_id=task.id)
        self.ticket.with_user(self.agent).task_id = task
        self.assertEqual(line.helpdesk_ticket_id, self.ticket)
        self.assertEqual(self.ticket.total_hours_spent, 3.0)
        self.assertDelivered(self.item_a, 3.0)

    def test_task_taken_off_keeps_the_time_on_both(self):
        task = self._new_task()
        self.ticket.task_id = task
        self._log(self.ticket, 3.0)
        self.ticket.with_user(self.agent).task_id = False
        self.assertEqual(self.ticket.total_hours_spent, 3.0)
        self.assertEqual(task.effective_hours, 3.0)
        self.assertDelivered(self.item_a, 3.0)

    def test_line_taken_off_the_task_of_its_ticket(self):
        task = self._new_task()
        self.ticket.task_id = task
        line = self._log(self.ticket, 3.0)
        line.with_user(self.agent).helpdesk_ticket_id = False
        self.assertFalse(line.task_id)
        self.assertEqual(self.ticket.total_hours_spent, 0.0)
        self.assertDelivered(self.item_a, 0.0)

    def test_line_moved_to_the_task_of_another_ticket(self):
        self.ticket_b.task_id = self._new_task()
        line = self._log(self.ticket, 3.0)
        line.with_user(self.agent).task_id = self.ticket_b.task_id
        self.assertEqual(line.helpdesk_ticket_id, self.ticket_b)
        self.assertDelivered(self.item_a, 0.0)
        self.assertDelivered(self.item_b, 3.0)

    def test_task_with_time_that_moves_to_another_project(self):
        task = self._new_task()
        self.ticket.task_id = task
        line = self._log(self.ticket, 3.0)
        own = self.project.copy({"name": "Own"})
        task.with_user(self.project_lead).project_id = own
        self.env.flush_all()
        self.assertEqual(line.project_id, own)
        self.assertEqual(self.ticket.project_id, own)
        self.assertDelivered(self.item_a, 3.0)

    def test_deleted_task_leaves_the_time_with_the_ticket(self):
        task = self._new_task()
        self.ticket.task_id = task
        self._log(self.ticket, 3.0)
        with self.assertRaises(RedirectWarning):
            task.with_user(self.project_lead).unlink()
        self.assertDelivered(self.item_a, 3.0)

    # --- archive, delete, copy

    def test_ticket_with_time_is_archived_not_deleted(self):
        line = self._log(self.ticket, 3.0)
        with self._refused("time was recorded there. Archive instead"):
            self.ticket.with_user(self.manager).unlink()
        self.ticket.with_user(self.manager).active = False
        self.assertEqual(line.so_line, self.item_a)
        self.assertDelivered(self.item_a, 3.0)
        self.assertEqual(self.ticket.total_hours_spent, 3.0)
        invoice = self._invoice(self.order_a)
        self.assertEqual(invoice.amount_untaxed, 300.0)

    def test_ticket_without_time_is_deleted(self):
        task = self._new_task()
        self.ticket.task_id = task
        self.ticket.with_user(self.manager).unlink()
        self.assertFalse(task.helpdesk_ticket_id)

    def test_copies_do_not_double_hours(self):
        self.ticket.task_id = self._new_task()
        self._log(self.ticket, 3.0)
        copy = self.ticket.with_user(self.agent).copy()
        self.assertEqual(copy.total_hours_spent, 0.0)
        self.assertFalse(copy.task_id)
        self.project.with_user(self.project_lead).copy()
        self.ticket.task_id.copy()
        order = self.order_a.copy()
        order.action_confirm()
        self.assertEqual(order.ticket_count, 0)
        self.assertDelivered(order.order_line, 0.0)
        self.assertDelivered(self.item_a, 3.0)
        self.assertEqual(self.ticket.total_hours_spent, 3.0)

    def test_copied_line_is_new_unbilled_time(self):
        line = self._log(self.ticket, 3.0)
        self._bill(line)
        copy = line.with_user(self.agent).copy()
        self.assertFalse(copy.sudo().timesheet_invoice_id)
        self.assertDelivered(self.item_a, 6.0)
        self.assertEqual(self.ticket.hours_to_invoice, 3.0)

    # --- switches

    def test_timesheets_off_and_on_keep_project_time_and_item(self):
        billed = self._log(self.ticket, 2.0)
        self._bill(billed)
        line = self._log(self.ticket, 3.0)
        team = self.team.with_user(self.manager)
        team.use_helpdesk_timesheet = False
        self.assertFalse(team.use_helpdesk_sale_timesheet)
        self.assertEqual(team.project_id, self.project)
        self.assertFalse(line.so_line)
        self.assertEqual(billed.so_line, self.item_a)
        team.write(
            {"use_helpdesk_timesheet": True, "use_helpdesk_sale_timesheet": True}
        )
        self.assertEqual(team.project_id, self.project)
        self.assertDelivered(self.item_a, 5.0)

    def test_reinvoicing_needs_timesheets(self):
        team = self.env["helpdesk.team"].with_user(self.manager).create({"name": "New"})
        with self._refused("Timesheet on Ticket"):
            team.write({"use_helpdesk_sale_timesheet": True})

    def test_administrator_without_project_rights_gets_a_project(self):
        Team = self.env["helpdesk.team"].with_user(self.manager)
        team = Team.create(
            {
                "name": "New",
                "use_helpdesk_timesheet": True,
                "use_helpdesk_sale_timesheet": True,
            }
        )
        self.assertEqual(team.project_id.name, "New")
        self.assertTrue(team.project_id.allow_timesheets)
        self.assertTrue(team.project_id.allow_billable)

    def test_timesheets_cannot_be_turned_off_on_the_project_of_a_team(self):
        with self._refused("Choose another project for the team"):
            self.project.with_user(self.project_lead).allow_timesheets = False

    def test_new_default_project_leaves_tickets_with_time_alone(self):
        line = self._log(self.ticket, 3.0)
        own = self.project.copy({"name": "Own"})
        self.team.with_user(self.manager).project_id = own
        self.assertEqual(line.project_id, self.project)
        self.assertEqual(self.ticket.project_id, self.project)
        self.assertEqual(self.ticket_a2.project_id, own)

    # --- orders that go

    def test_cancelled_order_keeps_old_time_and_gets_no_new(self):
        old = self._log(self.ticket, 2.0)
        self.order_a._action_cancel()
        new = self._log(self.ticket, 3.0)
        self.assertEqual(old.so_line, self.item_a)
        self.assertFalse(new.so_line)
        self.assertEqual(self.ticket.with_user(self.agent).sale_order_state, "cancel")
        self.assertDelivered(self.item_a, 2.0)

    def test_order_confirmed_again_bills_the_time_in_between(self):
        self._log(self.ticket, 2.0)
        self.order_a._action_cancel()
        self._log(self.ticket, 3.0)
        free = self._log(self.ticket, 4.0, so_line=False, is_so_line_edited=True)
        order = self.order_a.with_user(self.salesman)
        order.action_draft()
        order.action_confirm()
        self.assertFalse(free.so_line)
        self.assertDelivered(self.item_a, 5.0)

    def test_order_with_time_cannot_be_deleted(self):
        self._log(self.ticket, 2.0)
        self.order_a._action_cancel()
        with self._refused("2.0 hours of Oven is cold"):
            self.order_a.with_user(self.sales_manager).unlink()
        with self._refused("2.0 hours of Oven is cold"):
            self.order_a.with_user(self.sales_manager).order_line.unlink()
        self.assertEqual(self.ticket.sale_line_id, self.item_a)

    def test_order_without_time_is_deleted_and_tickets_let_go(self):
        self.ticket_a2.active = False
        self.order_a._action_cancel()
        self.order_a.with_user(self.sales_manager).unlink()
        self.assertFalse((self.ticket | self.ticket_a2).sale_line_id)
        self.assertFalse(self.ticket.sale_line_cleared)

    # --- the form tells before saving

    def test_form_tells_what_will_move(self):
        self._bill(self._log(self.ticket, 1.0))
        self._log(self.ticket, 3.5)
        new = self._new_item(self.customer_a)
        form = Form(self.ticket.with_user(self.agent))
        self.assertFalse(form.time_move_notice)
        form.sale_line_id = new
        self.assertEqual(
            form.time_move_notice,
            f"3.5 h unbilled move to {new.order_id.name}. 1.0 h already billed stay.",
        )
        form.sale_line_id = self.env["sale.order.line"]
        self.assertIn("3.5 h unbilled become non-billable", form.time_move_notice)

    def test_form_tells_what_a_customer_change_moves(self):
        self._log(self.ticket, 3.5)
        form = Form(self.ticket.with_user(self.agent))
        form.partner_id = self.contact_b
        self.assertEqual(form.sale_line_id, self.item_b)
        self.assertIn(
            f"3.5 h unbilled move to {self.order_b.name}", form.time_move_notice
        )

    def test_form_tells_of_a_team_that_does_not_bill(self):
        self._log(self.ticket, 3.5)
        team = self._second_team(bills=False)
        form = Form(self.ticket.with_user(self.agent))
        form.team_id = team
        self.assertIn("3.5 h unbilled become non-billable", form.time_move_notice)
        self.assertIn("3.5 h unbilled move to project Rescue", form.time_move_notice)

    def test_form_does_not_count_lines_that_stay(self):
        self._log(self.ticket, 2.0, so_line=self._new_item(self.customer_a).id)
        form = Form(self.ticket.with_user(self.agent))
        form.sale_line_id = self._new_item(self.customer_a)
        self.assertFalse(form.time_move_notice)
