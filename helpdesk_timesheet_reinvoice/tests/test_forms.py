from odoo.tests import Form, tagged

from .rule_common import RuleCommon


@tagged("post_install", "-at_install")
class TestForms(RuleCommon):
    """An open form ends where the same values written by a script would end."""

    def _new_form(self):
        form = Form(self.env["helpdesk.ticket"].with_user(self.agent))
        form.name = "Help"
        form.team_id = self.team
        form.partner_id = self.contact_a
        return form

    def _type_time(self, form, hours):
        with form.timesheet_ids.new() as line:
            line.unit_amount = hours

    # --- team and project

    def test_new_ticket_has_the_project_of_the_team_it_ends_up_with(self):
        team, plain = self._second_team(), self.team_private
        form = self._new_form()
        self.assertEqual(form.project_id, self.project)
        form.team_id = team
        self.assertEqual(form.project_id, team.project_id)
        form.team_id = plain
        self.assertFalse(form.project_id)
        form.team_id = team
        self.assertEqual(form.save().project_id, team.project_id)

    def test_team_chosen_in_passing_leaves_no_project_behind(self):
        line = self._log(self.ticket, 2.0)
        third = self._second_team()
        with Form(self.ticket.with_user(self.agent)) as form:
            form.team_id = self._second_team()
            form.team_id = third
        self.assertEqual(self.ticket.project_id, third.project_id)
        self.assertEqual(line.project_id, third.project_id)
        self.assertDelivered(self.item_a, 2.0)

    def test_project_of_its_own_stays_whatever_team_is_chosen(self):
        own = self.project.copy({"name": "Own"})
        self.ticket.project_id = own
        with Form(self.ticket.with_user(self.agent)) as form:
            form.team_id = self._second_team()
            form.team_id = self._second_team()
        self.assertEqual(self.ticket.project_id, own)

    def test_time_typed_before_the_project_changes(self):
        own = self.project.copy({"name": "Own"})
        with Form(self.ticket.with_user(self.agent)) as form:
            self._type_time(form, 2.0)
            form.project_id = own
        self.assertEqual(self.ticket.timesheet_ids.project_id, own)
        self.assertDelivered(self.item_a, 2.0)

    def test_time_typed_on_a_project_that_is_not_billable(self):
        """Nobody removed the item: it is chosen again on the new project."""
        plain = self.project.copy({"name": "Plain", "allow_billable": False})
        self.ticket.project_id = plain
        with Form(self.ticket.with_user(self.agent)) as form:
            self._type_time(form, 2.0)
            form.project_id = self.project
        self.assertFalse(self.ticket.timesheet_ids.is_so_line_edited)
        self.assertDelivered(self.item_a, 2.0)

    def test_time_typed_before_the_team_changes(self):
        team = self._second_team()
        with Form(self.ticket.with_user(self.agent)) as form:
            self._type_time(form, 2.0)
            form.team_id = team
        self.assertEqual(self.ticket.timesheet_ids.project_id, team.project_id)
        self.assertDelivered(self.item_a, 2.0)

    def test_time_typed_before_the_task_is_chosen(self):
        task = self._new_task()
        with Form(self.ticket.with_user(self.agent)) as form:
            self._type_time(form, 2.0)
            form.task_id = task
        self.assertEqual(self.ticket.timesheet_ids.task_id, task)
        self.assertEqual(task.effective_hours, 2.0)
        self.assertDelivered(self.item_a, 2.0)

    def test_time_typed_in_a_new_ticket_before_its_team_is_chosen(self):
        team = self._second_team()
        form = self._new_form()
        self._type_time(form, 2.0)
        form.team_id = team
        ticket = form.save()
        self.assertEqual(ticket.timesheet_ids.project_id, team.project_id)
        self.assertDelivered(self.item_a, 2.0)

    # --- the item that a person removes

    def test_removed_item_stays_removed_in_the_open_form(self):
        line = self._log(self.ticket, 2.0)
        with Form(self.ticket.with_user(self.agent)) as form:
            form.sale_line_id = self.env["sale.order.line"]
            form.partner_id = self.contact_a2
            self.assertFalse(form.sale_line_id)
            form.task_id = self._new_task()
            self.assertFalse(form.sale_line_id)
        self.assertTrue(self.ticket.sale_line_cleared)
        self.assertFalse(line.so_line)
        self.assertDelivered(self.item_a, 0.0)

    def test_removed_item_stays_removed_in_the_form_of_a_new_ticket(self):
        form = self._new_form()
        self.assertEqual(form.sale_line_id, self.item_a)
        form.sale_line_id = self.env["sale.order.line"]
        form.partner_id = self.contact_a2
        self.assertFalse(form.sale_line_id)
        ticket = form.save()
        self.assertFalse(self._log(ticket, 2.0).so_line)
        ticket.task_id = self._new_task()
        self.assertFalse(ticket.sale_line_id)

    def test_item_removed_from_one_customer_is_preset_for_the_next(self):
        with Form(self.ticket.with_user(self.agent)) as form:
            form.sale_line_id = self.env["sale.order.line"]
            form.partner_id = self.contact_b
            self.assertEqual(form.sale_line_id, self.item_b)
        self.assertEqual(self.ticket.sale_line_id, self.item_b)
        self.assertFalse(self.ticket.sale_line_cleared)
        self.ticket.with_user(self.agent).sale_line_id = False
        with Form(self.ticket.with_user(self.agent)) as form:
            form.partner_id = self.contact_a
            self.assertEqual(form.sale_line_id, self.item_a)
        self.assertFalse(self.ticket.sale_line_cleared)

    def test_customer_without_item_in_passing_is_no_removal(self):
        nobody = self.env["res.partner"].create({"name": "Nobody"})
        form = self._new_form()
        form.partner_id = nobody
        self.assertFalse(form.sale_line_id)
        form.partner_id = self.contact_a
        self.assertEqual(form.save().sale_line_id, self.item_a)

    def test_item_removed_and_chosen_again_in_the_open_form(self):
        with Form(self.ticket.with_user(self.agent)) as form:
            form.sale_line_id = self.env["sale.order.line"]
            form.sale_line_id = self.item_a
        self.assertEqual(self.ticket.sale_line_id, self.item_a)
        self.assertFalse(self.ticket.sale_line_cleared)

    # --- customer

    def test_time_of_all_kinds_when_the_customer_changes(self):
        """As by a script: billed and given away time stays, the rest goes along."""
        billed = self._log(self.ticket, 4.0)
        self._bill(billed)
        line = self._log(self.ticket, 2.0)
        hand = self._log(self.ticket, 1.0, so_line=self._new_item(self.customer_a).id)
        gift = self._log(self.ticket, 0.5, so_line=False)
        colleague = self._log(self.ticket, 3.0, user=self.agent_2)
        with Form(self.ticket.with_user(self.agent)) as form:
            self._type_time(form, 0.25)
            form.partner_id = self.contact_b
        self.assertEqual((line | hand | colleague).so_line, self.item_b)
        self.assertFalse(gift.so_line)
        self.assertDelivered(self.item_a, 4.0)
        self.assertDelivered(self.item_b, 6.25)

    # --- what the form tells before saving

    def test_hours_are_told_as_the_reader_writes_them(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self._log(self.ticket, 1.5)
        self.agent.lang = "de_DE"
        form = Form(self.ticket.with_user(self.agent).with_context(lang="de_DE"))
        form.partner_id = self.contact_b
        self.assertIn("1,5 ", form.time_move_notice)

    def _assert_told(self, notice, **values):
        """The form tells this; the saved figures agree, whatever the form looked at."""
        self.env.flush_all()
        with Form(self.ticket.with_user(self.agent)) as form:
            for name, value in values.items():
                form[name] = value
            self.assertEqual(form.time_move_notice, notice)

    def test_form_tells_of_hours_at_the_rate_of_a_person(self):
        senior = self._new_item(self.customer_a)
        self._new_rate(self.employee_2, senior)
        self._log(self.ticket, 3.0)
        self._log(self.ticket, 2.0, user=self.agent_2)
        self._assert_told(
            "5.0 h unbilled become non-billable.",
            sale_line_id=self.env["sale.order.line"],
        )
        self.assertDelivered(senior, 0.0)
        self._assert_told(
            f"3.0 h unbilled move to {self.order_a.name}. "
            f"2.0 h unbilled move to {senior.order_id.name}.",
            sale_line_id=self.item_a,
        )
        self.assertDelivered(senior, 2.0)
        self._assert_told(
            f"2.0 h unbilled move to {self.order_a.name}. "
            "5.0 h unbilled move to project Own.",
            project_id=self.project.copy({"name": "Own"}),
        )
        self.assertDelivered(senior, 0.0)
        self.assertDelivered(self.item_a, 5.0)

    def test_form_tells_of_a_project_that_is_not_billable(self):
        self._log(self.ticket, 3.0)
        self._log(self.ticket, 1.0, so_line=False)
        self._assert_told(
            "3.0 h unbilled become non-billable. 4.0 h unbilled move to project Own.",
            project_id=self.project.copy({"name": "Own", "allow_billable": False}),
        )
        self.assertDelivered(self.item_a, 0.0)

    def test_form_tells_of_hours_merged_into_the_ticket(self):
        kept = self._new_item(self.customer_a)
        self.ticket_a2.sale_line_id = kept
        self._log(self.ticket_a2, 2.0)
        self.ticket._merge(self.ticket_a2)
        new = self._new_item(self.customer_a)
        self._assert_told(
            f"2.0 h unbilled move to {new.order_id.name}.", sale_line_id=new
        )
        self.assertDelivered(kept, 0.0)
        self.assertDelivered(new, 2.0)

    def test_form_tells_of_the_items_of_a_former_customer(self):
        mine = self._new_item(self.customer_a)
        self._log(self.ticket, 2.0, so_line=mine.id)
        self._log(self.ticket, 1.0, so_line=False)
        self._log(self.ticket, -0.5)
        self._assert_told(
            f"1.5 h unbilled move to {self.order_b.name}.", partner_id=self.contact_b
        )
        self.assertDelivered(self.item_b, 1.5)

    def test_form_tells_of_the_time_of_a_task(self):
        own = self._new_item(self.customer_a)
        task = self._new_task(partner_id=self.customer_a.id, sale_line_id=own.id)
        nobody, pia = self.env["helpdesk.ticket"], self.project_user
        self._bill(self._log(nobody, 1.0, user=pia, task_id=task.id))
        self._log(nobody, 3.0, user=pia, task_id=task.id)
        self._log(self.ticket, 2.0)
        self._assert_told(f"3.0 h unbilled move to {self.order_a.name}.", task_id=task)
        self.assertDelivered(own, 1.0)
        self.assertDelivered(self.item_a, 5.0)
        self.assertEqual(self.ticket.total_hours_spent, 6.0)

    def test_form_tells_of_the_time_of_a_task_that_nobody_pays_any_more(self):
        own = self._new_item(self.customer_a)
        task = self._new_task(partner_id=self.customer_a.id, sale_line_id=own.id)
        nobody, pia = self.env["helpdesk.ticket"], self.project_user
        self._log(nobody, 3.0, user=pia, task_id=task.id)
        self.ticket.with_user(self.agent).sale_line_id = False
        self._assert_told("3.0 h unbilled become non-billable.", task_id=task)
        self.assertDelivered(own, 0.0)

    def test_form_tells_nothing_when_nothing_moves(self):
        self._log(self.ticket, 2.0)
        self._assert_told(False, partner_id=self.contact_a2)
        self.assertDelivered(self.item_a, 2.0)

    # --- the list of timesheets

    def test_ticket_chosen_in_the_list_of_timesheets(self):
        """The list fills in the project somebody worked on last."""
        task = self._new_task()
        self.ticket.task_id = task
        own = self.project.copy({"name": "Own"})
        Line = self.env["account.analytic.line"].with_user(self.agent)
        Line = Line.with_context(is_timesheet=1)
        with Form(Line, view="hr_timesheet.hr_timesheet_line_tree") as form:
            form.project_id = own
            form.helpdesk_ticket_id = self.ticket
            form.unit_amount = 2.0
        line = self.ticket.timesheet_ids
        self.assertEqual((line.project_id, line.task_id), (self.project, task))
        self.assertDelivered(self.item_a, 2.0)

    def test_ticket_exchanged_in_the_list_of_timesheets(self):
        line = self._log(self.ticket, 2.0)
        mine = line.with_user(self.agent).sudo(False)
        with Form(mine, view="hr_timesheet.hr_timesheet_line_tree") as form:
            form.helpdesk_ticket_id = self.ticket_b
        self.assertDelivered(self.item_a, 0.0)
        self.assertDelivered(self.item_b, 2.0)
