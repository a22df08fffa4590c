from odoo.tests import tagged

from .rule_common import RuleCommon


@tagged("post_install", "-at_install")
class TestManyTickets(RuleCommon):
    """What is written on several tickets or lines at once, and on archived ones."""

    def setUp(self):
        super().setUp()
        self.tickets = self.ticket | self.ticket_a2 | self.ticket_b
        self.lines = self.env["account.analytic.line"].union(
            self._log(self.ticket, 1.0),
            self._log(self.ticket_a2, 2.0),
            self._log(self.ticket_b, 4.0),
        )
        self._assert_delivered(3.0, 4.0)

    def _assert_delivered(self, quantity_a, quantity_b):
        self.assertDelivered(self.item_a, quantity_a)
        self.assertDelivered(self.item_b, quantity_b)

    def test_one_customer_for_all(self):
        self.tickets.with_user(self.agent).write({"partner_id": self.contact_b.id})
        self.assertEqual(self.tickets.sale_line_id, self.item_b)
        self.assertEqual(self.lines.partner_id, self.contact_b)
        self._assert_delivered(0.0, 7.0)

    def test_item_that_fits_only_some_is_refused_for_all(self):
        new = self._new_item(self.customer_a)
        with self._refused("Beta Garage"):
            self.tickets.with_user(self.agent).write({"sale_line_id": new.id})
        self._assert_delivered(3.0, 4.0)
        self.tickets[:2].with_user(self.agent).write({"sale_line_id": new.id})
        self.assertDelivered(new, 3.0)
        self._assert_delivered(0.0, 4.0)

    def test_one_team_for_tickets_of_several_teams(self):
        own = self.project.copy({"name": "Own"})
        self.ticket_a2.project_id = own
        self.ticket_b.team_id = self._second_team()
        team = self._second_team()
        self.tickets.with_user(self.agent).write({"team_id": team.id})
        self.assertEqual(
            self.lines.mapped("project_id"), team.project_id | own | team.project_id
        )
        self.assertEqual(self.lines[1].project_id, own)
        self._assert_delivered(3.0, 4.0)

    def test_customer_team_and_item_in_one_go(self):
        team, new = self._second_team(), self._new_item(self.customer_b)
        self.tickets[:2].with_user(self.agent).write(
            {
                "partner_id": self.contact_b.id,
                "team_id": team.id,
                "sale_line_id": new.id,
            }
        )
        self.assertEqual(self.lines[:2].project_id, team.project_id)
        self.assertDelivered(new, 3.0)
        self._assert_delivered(0.0, 4.0)

    def test_lines_of_several_tickets_given_away_and_taken_back(self):
        lines = self.lines.with_user(self.agent).sudo(False)
        lines.write({"so_line": False})
        self._assert_delivered(0.0, 0.0)
        lines.write({"is_so_line_edited": False})
        self._assert_delivered(3.0, 4.0)

    def test_lines_of_several_tickets_moved_to_one(self):
        lines = self.lines.with_user(self.agent).sudo(False)
        lines.write({"helpdesk_ticket_id": self.ticket_assigned.id})
        self._assert_delivered(0.0, 7.0)
        lines.write({"helpdesk_ticket_id": False})
        self.assertEqual(self.lines.project_id, self.project)
        self._assert_delivered(0.0, 0.0)
        lines.write({"helpdesk_ticket_id": self.ticket.id})
        self._assert_delivered(7.0, 0.0)
        self.assertEqual(self.ticket.total_hours_spent, 7.0)

    def test_lines_of_a_ticket_named_by_their_ids(self):
        line = self.lines[0]
        self.ticket.with_user(self.agent).write({"timesheet_ids": [line.id]})
        self.assertEqual(self.ticket.timesheet_ids, line)
        self._assert_delivered(3.0, 4.0)

    # --- archived tickets

    def test_archived_tickets_follow_like_others(self):
        self.tickets.active = False
        self.ticket.with_user(self.agent).partner_id = self.contact_b
        self._assert_delivered(2.0, 5.0)
        team = self.team.with_user(self.manager)
        team.use_helpdesk_sale_timesheet = False
        self._assert_delivered(0.0, 0.0)
        team.use_helpdesk_sale_timesheet = True
        self._assert_delivered(2.0, 5.0)
        new = self._new_item(self.customer_a)
        self.ticket_a2.with_user(self.agent).sale_line_id = new
        self._assert_delivered(0.0, 5.0)
        self.assertDelivered(new, 2.0)

    # --- the project of a team

    def test_team_needs_a_project_that_takes_time(self):
        plain = self.env["project.project"].create(
            {"name": "Plain", "allow_timesheets": False}
        )
        with self._refused("its timesheets are off"):
            self.team.with_user(self.manager).project_id = plain
        self.assertEqual(self.team.project_id, self.project)
        self._assert_delivered(3.0, 4.0)
