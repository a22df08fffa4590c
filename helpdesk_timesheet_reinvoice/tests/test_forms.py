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
