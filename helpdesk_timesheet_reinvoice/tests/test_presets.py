from odoo.tests import Form, tagged

from .rule_common import RuleCommon


@tagged("post_install", "-at_install")
class TestPresets(RuleCommon):
    """The sales order item that a ticket gets by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer_c = cls.env["res.partner"].create(
            {"name": "Gamma Gym", "is_company": True}
        )
        cls.contact_c = cls.env["res.partner"].create(
            {"name": "Carl Gamma", "parent_id": cls.customer_c.id}
        )

    def _create_ticket(self, **values):
        values = {"name": "Help", "team_id": self.team.id, **values}
        return self.env["helpdesk.ticket"].with_user(self.agent).create(values)

    # --- where the preset comes from

    def test_only_post_paid_item_of_the_customer(self):
        item = self._new_item(self.customer_c)
        ticket = self._create_ticket(partner_id=self.contact_c.id)
        self.assertEqual(ticket.sale_line_id, item)
        self.assertEqual(ticket.sale_order_id, item.order_id)

    def test_order_of_a_sister_contact_counts(self):
        sister = self.contact_c.copy({"parent_id": self.customer_c.id})
        item = self._new_item(sister)
        ticket = self._create_ticket(partner_id=self.contact_c.id)
        self.assertEqual(ticket.sale_line_id, item)

    def test_two_post_paid_items_are_a_choice_for_a_person(self):
        self._new_item(self.customer_c)
        self._new_item(self.contact_c)
        self.assertFalse(self._create_ticket(partner_id=self.contact_c.id).sale_line_id)

    def test_quotation_and_cancelled_order_are_not_preset(self):
        self._new_item(self.customer_c, confirm=False)
        self._new_item(self.customer_c).order_id._action_cancel()
        self.assertFalse(self._create_ticket(partner_id=self.contact_c.id).sale_line_id)

    def test_newest_prepaid_item_with_time_left(self):
        self._new_item(self.customer_c)
        self._new_item(self.customer_c, self.prepaid)
        newest = self._new_item(self.customer_c, self.prepaid)
        ticket = self._create_ticket(partner_id=self.contact_c.id)
        self.assertEqual(ticket.sale_line_id, newest)

    def test_used_up_pack_is_passed_over(self):
        older = self._new_item(self.customer_c, self.prepaid)
        newest = self._new_item(self.customer_c, self.prepaid, quantity=2.0)
        self._log(self._create_ticket(partner_id=self.contact_c.id), 2.0)
        self.assertDelivered(newest, 2.0)
        ticket = self._create_ticket(partner_id=self.contact_c.id)
        self.assertEqual(ticket.sale_line_id, older)

    def test_item_of_the_task_comes_first(self):
        self._new_item(self.customer_c, self.prepaid)
        item = self._new_item(self.customer_c, self.manual)
        task = self._new_task(partner_id=self.customer_c.id, sale_line_id=item.id)
        ticket = self._create_ticket(partner_id=self.contact_c.id, task_id=task.id)
        self.assertEqual(ticket.sale_line_id, item)

    def test_item_of_the_project_for_its_own_customer_only(self):
        self._new_item(self.customer_c, self.prepaid)
        item = self._new_item(self.customer_c, self.manual)
        self.project.sale_line_id = item
        ticket = self._create_ticket(partner_id=self.contact_c.id)
        self.assertEqual(ticket.sale_line_id, item)
        other = self._create_ticket(partner_id=self.contact_b.id)
        self.assertEqual(other.sale_line_id, self.item_b)

    def test_task_linked_later_presets_an_empty_ticket(self):
        ticket = self._create_ticket(partner_id=self.contact_c.id)
        item = self._new_item(self.customer_c, self.manual)
        task = self._new_task(partner_id=self.customer_c.id, sale_line_id=item.id)
        ticket.task_id = task
        self.assertEqual(ticket.sale_line_id, item)

    def test_no_preset_without_customer_or_without_reinvoicing(self):
        self._new_item(self.customer_c)
        self.assertFalse(self._create_ticket().sale_line_id)
        self.team.use_helpdesk_sale_timesheet = False
        self.assertFalse(self._create_ticket(partner_id=self.contact_c.id).sale_line_id)

    def test_customer_named_later_presets_the_item(self):
        item = self._new_item(self.customer_c)
        ticket = self._create_ticket()
        line = self._log(ticket, 2.0)
        ticket.partner_id = self.contact_c
        self.assertEqual(line.so_line, item)
        self.assertDelivered(item, 2.0)

    def test_preset_of_a_ticket_that_comes_in_by_mail(self):
        item = self._new_item(self.customer_c)
        mail = {"subject": "Help", "author_id": self.contact_c.id, "body": ""}
        ticket = self.env["helpdesk.ticket"].message_new(
            mail, {"team_id": self.team.id}
        )
        self.assertEqual(ticket.sale_line_id, item)

    # --- what a person removed stays removed

    def test_removed_item_stays_removed(self):
        self._new_item(self.customer_c)
        ticket = self._create_ticket(partner_id=self.contact_c.id)
        ticket.sale_line_id = False
        ticket.partner_id = self.customer_c
        self.assertFalse(ticket.sale_line_id)
        ticket.task_id = self._new_task(partner_id=self.customer_c.id)
        self.assertFalse(ticket.sale_line_id)

    def test_item_removed_in_the_form_of_a_new_ticket_stays_removed(self):
        item = self._new_item(self.customer_c)
        form = Form(self.env["helpdesk.ticket"].with_user(self.agent))
        form.name = "Help"
        form.team_id = self.team
        form.partner_id = self.contact_c
        self.assertEqual(form.sale_line_id, item)
        form.sale_line_id = self.env["sale.order.line"]
        ticket = form.save()
        self.assertFalse(ticket.sale_line_id)
        ticket.partner_id = self.customer_c
        self.assertFalse(ticket.sale_line_id)

    def test_ticket_created_without_item_on_purpose(self):
        self._new_item(self.customer_c)
        ticket = self._create_ticket(partner_id=self.contact_c.id, sale_line_id=False)
        self.assertFalse(ticket.sale_line_id)
        ticket.partner_id = self.customer_c
        self.assertFalse(ticket.sale_line_id)

    def test_item_chosen_again_is_no_longer_removed(self):
        item = self._new_item(self.customer_c)
        ticket = self._create_ticket(partner_id=self.contact_c.id)
        ticket.sale_line_id = False
        ticket.sale_line_id = item
        self.assertFalse(ticket.sale_line_cleared)

    def test_new_customer_is_preset_although_the_former_was_removed(self):
        item = self._new_item(self.customer_c)
        self.ticket.with_user(self.agent).sale_line_id = False
        self.ticket.with_user(self.agent).partner_id = self.contact_c
        self.assertEqual(self.ticket.sale_line_id, item)

    # --- the switch of the team

    def test_switch_presets_open_tickets_without_time(self):
        item = self._new_item(self.customer_c)
        team = self._second_team(bills=False)
        empty, timed, closed = (
            self._create_ticket(partner_id=self.contact_c.id, team_id=team.id)
            for _index in range(3)
        )
        line = self._log(timed, 2.0)
        closed.stage_id = self.stage_done
        team.with_user(self.manager).use_helpdesk_sale_timesheet = True
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(empty.sale_line_id, item)
        self.assertEqual(empty.sale_order_id, item.order_id)
        self.assertFalse(timed.sale_line_id | closed.sale_line_id)
        self.assertFalse(line.so_line)

    def test_switch_does_not_preset_what_a_person_removed(self):
        self._new_item(self.customer_c)
        ticket = self._create_ticket(partner_id=self.contact_c.id)
        ticket.sale_line_id = False
        team = self.team.with_user(self.manager)
        team.use_helpdesk_sale_timesheet = False
        team.use_helpdesk_sale_timesheet = True
        self.assertFalse(ticket.sale_line_id)

    # --- other ways in

    def test_import_presets_the_item(self):
        item = self._new_item(self.customer_c)
        rows = [["Imported 1", "Care", "Gamma Gym"], ["Imported 2", "Care", ""]]
        importer = self.env["helpdesk.ticket"].with_user(self.manager)
        result = importer.load(["name", "team_id", "partner_id"], rows)
        self.assertFalse(result["messages"])
        tickets = importer.browse(result["ids"])
        self.assertEqual(tickets.mapped("sale_line_id.id"), [item.id])

    def test_import_chooses_the_item(self):
        self._new_item(self.customer_c)
        item = self._new_item(self.customer_c)
        row = ["Imported", "Care", "Gamma Gym", str(item.id)]
        importer = self.env["helpdesk.ticket"].with_user(self.manager)
        result = importer.load(
            ["name", "team_id", "partner_id", "sale_line_id/.id"], [row]
        )
        self.assertFalse(result["messages"])
        self.assertEqual(importer.browse(result["ids"]).sale_line_id, item)

    def test_presets_of_many_tickets_cost_no_query_each(self):
        self._new_item(self.customer_c)
        vals = {
            "name": "Help",
            "team_id": self.team.id,
            "partner_id": self.contact_c.id,
        }
        Ticket = self.env["helpdesk.ticket"]
        tickets = Ticket.create([dict(vals) for _index in range(30)])
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(12):
            self.assertEqual(len(tickets._get_preset_sale_lines()), 30)
