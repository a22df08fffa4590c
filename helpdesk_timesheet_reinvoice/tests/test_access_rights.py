from contextlib import suppress

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import AGENT
from .rule_common import APPROVER, RuleCommon


@tagged("post_install", "-at_install")
class TestAccessRights(RuleCommon):
    """Who may do what with the time of tickets."""

    def _create_as(self, user, **values):
        lines = self.env["account.analytic.line"].with_user(user)
        return lines.create({"name": "Work", "unit_amount": 1.0, **values})

    # --- agent without sales, project and accounting rights

    def test_agent_does_all_of_the_work_in_the_form(self):
        Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        form = Form(Ticket)
        form.name = "New"
        form.team_id = self.team
        form.partner_id = self.contact_a
        self.assertEqual(form.sale_line_id, self.item_a)
        ticket = form.save()
        with Form(ticket) as form:
            with form.timesheet_ids.new() as line:
                line.name = "Call"
                line.unit_amount = 1.5
        self.assertEqual(ticket.total_hours_spent, 1.5)
        self.assertEqual(ticket.hours_to_invoice, 1.5)
        self.assertDelivered(self.item_a, 1.5)

    def test_description_may_be_left_empty(self):
        with Form(self.ticket.with_user(self.agent)) as form:
            with form.timesheet_ids.new() as line:
                line.unit_amount = 1.5
        self.assertEqual(self.ticket.timesheet_ids.name, self.ticket.name)

    def test_agent_sees_own_lines_and_the_total_of_all(self):
        own = self._log(self.ticket, 1.0)
        other = self._log(self.ticket, 2.0, user=self.agent_2)
        ticket = self.ticket.with_user(self.agent)
        ticket.invalidate_recordset()
        self.assertEqual(ticket.timesheet_ids, own)
        self.assertEqual(ticket.total_hours_spent, 3.0)
        with self.assertRaises(AccessError):
            other.with_user(self.agent).read(["unit_amount"])

    def test_agent_cannot_touch_lines_of_a_colleague(self):
        other = self._log(self.ticket, 2.0, user=self.agent_2)
        ticket = self.ticket.with_user(self.agent)
        for command in (
            Command.update(other.id, {"unit_amount": 9.0}),
            Command.delete(other.id),
            Command.unlink(other.id),
            Command.set([]),
            Command.clear(),
        ):
            with suppress(AccessError), self.env.cr.savepoint():
                ticket.write({"timesheet_ids": [command]})
                self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(other.helpdesk_ticket_id, self.ticket)
            self.assertEqual(other.unit_amount, 2.0)
        self.assertDelivered(self.item_a, 2.0)

    def test_agent_cannot_record_time_of_a_colleague(self):
        with self.assertRaises(AccessError):
            self._create_as(
                self.agent,
                helpdesk_ticket_id=self.ticket.id,
                employee_id=self.employee_2.id,
            )
            self.env.flush_all()

    def test_agent_reads_no_price_and_no_order(self):
        """Prices are part of the names of items that look the same otherwise."""
        twin = self.item_a.copy({"order_id": self.order_a.id, "price_unit": 88.42})
        self.item_a.price_unit = 77.31
        self.ticket_a2.sale_line_id = twin
        context = {"with_price_unit": True, "with_remaining_hours": True}
        names = (self.item_a | twin).with_context(**context).mapped("display_name")
        self.assertIn("77.31", names[0])
        self.env.invalidate_all()
        tickets = (self.ticket | self.ticket_a2).with_user(self.agent)
        values = tickets.web_read(
            {
                "sale_line_id": {"fields": {"display_name": {}}, "context": context},
                "sale_order_id": {"fields": {"display_name": {}}},
            }
        )
        self.assertIn(self.order_a.name, values[0]["sale_line_id"]["display_name"])
        self.assertNotIn("77.31", str(values))
        with self.assertRaises(AccessError):
            tickets.web_read({"sale_line_id": {"fields": {"price_unit": {}}}})
        with self.assertRaises(AccessError):
            self.order_a.with_user(self.agent).read(["amount_total"])

    def test_agent_cannot_search_tickets_by_price(self):
        Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        for path in ("sale_line_id.price_unit", "sale_order_id.amount_total"):
            with self.assertRaises(AccessError):
                Ticket.search([(path, ">", 1.0)])

    def test_agent_sees_invoices_neither_as_field_nor_as_action(self):
        self._bill(self._log(self.ticket, 1.0))
        ticket = self.ticket.with_user(self.agent)
        with self.assertRaises(AccessError):
            ticket.read(["invoice_ids"])
        with self.assertRaises(AccessError):
            ticket.action_view_invoices()
        with self.assertRaises(AccessError):
            ticket.action_view_sale_order()

    def test_agent_and_administrator_create_no_invoice(self):
        self._log(self.ticket, 1.0)
        for user in (self.agent, self.manager):
            with self.assertRaises(AccessError):
                self.ticket.with_user(user).action_create_invoice()
        self.assertFalse(self.order_a.invoice_ids)

    def test_agent_cannot_change_the_settings_of_a_team(self):
        with self.assertRaises(AccessError):
            self.team.with_user(self.agent).use_helpdesk_timesheet = False
        self.assertTrue(self.team.with_user(self.agent).use_helpdesk_timesheet)

    def test_agent_outside_a_closed_team_records_no_time_there(self):
        self.team_private.use_helpdesk_timesheet = True
        self.env["hr.employee"].create({"name": "Oda", "user_id": self.outsider.id})
        self.outsider.group_ids |= self.env.ref("hr_timesheet.group_hr_timesheet_user")
        with self.assertRaises(AccessError):
            self._create_as(self.outsider, helpdesk_ticket_id=self.ticket_private.id)

    def test_agent_without_timesheet_rights_works_on_the_ticket(self):
        self._log(self.ticket, 2.0)
        plain = self._new_user("hd_plain", AGENT)
        self.env["hr.employee"].create({"name": "Plain", "user_id": plain.id})
        with Form(self.ticket.with_user(plain)) as form:
            form.name = "Still cold"
        self.assertEqual(self.ticket.with_user(plain).total_hours_spent, 2.0)
        with self.assertRaises(AccessError):
            self._create_as(plain, helpdesk_ticket_id=self.ticket.id)

    # --- a private project does not stand in the way

    def test_private_project_does_not_block_the_ticket(self):
        self.project.privacy_visibility = "followers"
        self.project.message_unsubscribe(self.project.message_partner_ids.ids)
        with Form(self.ticket.with_user(self.agent)) as form:
            form.name = "Still cold"
            with form.timesheet_ids.new() as line:
                line.unit_amount = 2.0
        self.assertEqual(self.ticket.with_user(self.agent).total_hours_spent, 2.0)
        self.assertDelivered(self.item_a, 2.0)
        with Form(self.ticket.with_user(self.agent)) as form:
            with form.timesheet_ids.edit(0) as line:
                line.unit_amount = 3.0
        self.assertDelivered(self.item_a, 3.0)

    def test_private_task_does_not_block_the_ticket(self):
        self.ticket.task_id = self._new_task()
        self.project.privacy_visibility = "followers"
        self.project.message_unsubscribe(self.project.message_partner_ids.ids)
        with Form(self.ticket.with_user(self.agent)) as form:
            form.name = "Still cold"
            with form.timesheet_ids.new() as line:
                line.unit_amount = 2.0
        self.assertEqual(self.ticket.timesheet_ids.task_id, self.ticket.task_id)
        self.assertDelivered(self.item_a, 2.0)

    def test_private_project_hides_its_other_time(self):
        self.project.privacy_visibility = "followers"
        line = self._log(
            self.env["helpdesk.ticket"],
            2.0,
            user=self.project_lead,
            project_id=self.project.id,
            employee_id=self.employee.id,
        )
        with self.assertRaises(AccessError):
            line.with_user(self.agent).read(["name"])

    # --- tasks that somebody may not see

    def _hide_task(self):
        """A task of a project that its followers see only, with 3 h of a colleague."""
        project = self.env["project.project"].create(
            {
                "name": "Secret",
                "privacy_visibility": "followers",
                "allow_billable": True,
            }
        )
        task = self._new_task("Merger", project_id=project.id)
        line = self.env["account.analytic.line"].create(
            {
                "name": "Secret work",
                "task_id": task.id,
                "project_id": project.id,
                "employee_id": self.employee_2.id,
                "unit_amount": 3.0,
            }
        )
        return task, line

    def test_agent_takes_no_time_of_a_task_out_of_sight(self):
        task, line = self._hide_task()
        Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        ticket = self.ticket_unknown.with_user(self.agent)
        values = {"project_id": task.project_id.id, "task_id": task.id}
        new = {"name": "Mine", "team_id": self.team.id}
        for attempt in (
            lambda: ticket.write(values),
            lambda: ticket.write({"task_id": task.id}),
            lambda: Ticket.create({**new, **values}),
            lambda: Ticket.with_context(default_task_id=task.id).create(new),
        ):
            with self.assertRaises(AccessError) as error, self.env.cr.savepoint():
                attempt()
                self.env.flush_all()
            self.assertIn("may not see this task", str(error.exception))
            self.assertNotIn("Merger", str(error.exception))
            self.env.invalidate_all()
            self.assertFalse(line.helpdesk_ticket_id)
        task.project_id.message_subscribe(self.agent.partner_id.ids)
        ticket.write(values)
        self.assertEqual(line.helpdesk_ticket_id, ticket)
        self.assertEqual(ticket.total_hours_spent, 3.0)

    def test_ticket_keeps_a_task_that_its_agent_may_not_see(self):
        task, line = self._hide_task()
        values = {"project_id": task.project_id.id, "task_id": task.id}
        self.ticket_unknown.write(values)
        ticket = self.ticket_unknown.with_user(self.agent)
        ticket.write({"name": "Same task", **values})
        hidden, _line = self._hide_task()
        ticket.with_context(default_task_id=hidden.id).project_id = task.project_id
        self.assertEqual(line.helpdesk_ticket_id, ticket)
        ticket.task_id = False
        self.assertFalse(ticket.task_id)

    def test_project_user_cannot_take_a_ticket_from_its_task(self):
        task = self._new_task()
        self.ticket.task_id = task
        for ticket_id in (False, self.ticket_a2.id):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                task.with_user(self.project_user).helpdesk_ticket_id = ticket_id
                self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(self.ticket.task_id, task)
        self.project_user.group_ids |= self.env.ref(AGENT)
        task.with_user(self.project_user).helpdesk_ticket_id = self.ticket_a2
        self.assertFalse(self.ticket.task_id)
        self.assertEqual(self.ticket_a2.task_id, task)

    # --- administrator without project rights

    def test_administrator_sets_up_a_team_in_the_form(self):
        self.project.privacy_visibility = "followers"
        with Form(self.team.with_user(self.manager)) as form:
            form.use_helpdesk_sale_timesheet = False
        self.assertFalse(self.team.use_helpdesk_sale_timesheet)
        with Form(self.team.with_user(self.manager)) as form:
            form.use_helpdesk_sale_timesheet = True
        self.assertTrue(self.team.use_helpdesk_sale_timesheet)

    # --- people without helpdesk rights

    def test_project_user_records_project_time_as_before(self):
        line = self._create_as(self.project_user, project_id=self.project.id)
        self.assertFalse(line.helpdesk_ticket_id)
        line.write({"unit_amount": 2.0, "name": "Other"})
        line.unlink()

    def test_project_user_works_on_the_task_of_a_ticket(self):
        task = self._new_task()
        self.ticket.task_id = task
        line = self._create_as(self.project_user, task_id=task.id)
        self.assertEqual(line.sudo().helpdesk_ticket_id, self.ticket)
        line.write({"unit_amount": 2.0})
        self.assertDelivered(self.item_a, 2.0)
        [values] = line.web_read(
            {
                "helpdesk_ticket_id": {"fields": {"display_name": {}}},
                "so_line_reason": {},
                "unit_amount": {},
            }
        )
        self.assertEqual(values["unit_amount"], 2.0)
        self.assertEqual(values["so_line_reason"], "Ticket's item")
        line.unlink()
        self.assertDelivered(self.item_a, 0.0)

    def test_task_of_a_team_without_time_is_plain_project_time(self):
        task = self._new_task(sale_line_id=self.item_a.id)
        self.ticket_private.task_id = task
        line = self._create_as(self.project_user, task_id=task.id)
        self.assertFalse(line.sudo().helpdesk_ticket_id)
        self.assertDelivered(self.item_a, 1.0)

    def test_project_user_opens_the_task_of_a_ticket(self):
        task = self._new_task()
        self.ticket.task_id = task
        with Form(task.with_user(self.project_user)) as form:
            form.name = "Renamed"
        self.assertEqual(task.helpdesk_ticket_id, self.ticket)

    def test_approver_corrects_lines_of_others(self):
        line = self._log(self.ticket, 2.0)
        approver = self._new_user("hd_approver", APPROVER)
        line.with_user(approver).unit_amount = 5.0
        self.assertFalse(line.is_so_line_edited)
        self.assertDelivered(self.item_a, 5.0)

    def test_approver_records_the_time_of_several_people_at_once(self):
        approver = self._new_user("hd_approver", f"{APPROVER},{AGENT}")
        self.ticket.with_user(approver).write(
            {
                "timesheet_ids": [
                    Command.create({"employee_id": employee.id, "unit_amount": 2.0})
                    for employee in (self.employee, self.employee_2)
                ]
            }
        )
        self.assertEqual(self.ticket.timesheet_ids.user_id, self.agent | self.agent_2)
        self.assertDelivered(self.item_a, 4.0)

    def test_import_of_time_obeys_the_same_rules(self):
        fields_ = ["name", "helpdesk_ticket_id/.id", "unit_amount", "date"]
        rows = [["A", str(self.ticket.id), "1.5", "2026-01-05"]] * 2
        lines = self.env["account.analytic.line"].with_user(self.agent)
        result = lines.load(fields_, rows)
        self.assertFalse(result["messages"])
        self.assertDelivered(self.item_a, 3.0)
        self.assertFalse(lines.browse(result["ids"]).filtered("is_so_line_edited"))

    # --- salespersons

    def test_salesperson_reads_tickets_of_orders_and_writes_none(self):
        self._log(self.ticket, 2.0)
        ticket = self.ticket.with_user(self.salesman)
        self.assertEqual(ticket.total_hours_spent, 2.0)
        self.assertEqual(ticket.hours_to_invoice, 2.0)
        with self.assertRaises(AccessError):
            ticket.name = "Mine"
        with self.assertRaises(AccessError):
            self.ticket_unknown.with_user(self.salesman).read(["name"])
        self.assertEqual(self.order_a.with_user(self.salesman).ticket_count, 2)

    def test_salesperson_with_own_orders_sees_their_tickets_only(self):
        self.order_a.user_id = self.own_salesman
        self.order_b.user_id = self.salesman
        tickets = self.env["helpdesk.ticket"].with_user(self.own_salesman).search([])
        self.assertEqual(tickets, self.ticket | self.ticket_a2)
        with self.assertRaises(AccessError):
            self.ticket_b.with_user(self.own_salesman).read(["name"])

    def test_salesperson_opens_the_form_of_a_ticket(self):
        self._log(self.ticket, 2.0)
        form = Form(self.ticket.with_user(self.salesman))
        self.assertEqual(form.sale_line_id, self.item_a)
        self.assertEqual(form.hours_to_invoice, 2.0)

    def test_salesperson_invoices_from_the_ticket(self):
        self._log(self.ticket, 2.0)
        action = self.ticket.with_user(self.salesman).action_create_invoice()
        invoice = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(invoice.amount_untaxed, 200.0)

    # --- projects and tasks

    def test_ticket_opens_no_private_project(self):
        """A project or task is named by who may read it, or it is the team's own."""
        private = self.env["project.project"].create(
            {"name": "Secret", "privacy_visibility": "followers"}
        )
        task = self.env["project.task"].create(
            {"name": "Secret", "project_id": private.id}
        )
        ticket = self.ticket.with_user(self.agent)
        named = self.env["helpdesk.ticket"].with_user(self.agent)
        for method in (
            lambda: self._create_as(
                self.agent, helpdesk_ticket_id=ticket.id, task_id=task.id
            ),
            lambda: ticket.write({"project_id": private.id}),
            lambda: ticket.write({"task_id": task.id}),
            lambda: named.create({"name": "x", "project_id": private.id}),
            lambda: named.create({"name": "x", "task_id": task.id}),
            lambda: ticket.onchange({"task_id": task.id}, ["task_id"], {"task_id": {}}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                method()
            self.env.invalidate_all()
        self.project.privacy_visibility = "followers"
        own = self.env["project.task"].create(
            {"name": "Own", "project_id": self.project.id}
        )
        self._create_as(self.agent, helpdesk_ticket_id=ticket.id, task_id=own.id)
        ticket.write({"project_id": self.project.id})
        self.ticket_a2.sudo().write({"task_id": False, "project_id": private.id})
        self._create_as(self.agent, helpdesk_ticket_id=self.ticket_a2.id)
        self.ticket_a2.with_user(self.agent).write({"project_id": private.id})
