from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import HelpdeskCommon


@tagged("post_install", "-at_install")
class TestTeam(HelpdeskCommon):
    def test_new_team_has_the_standard_pipeline(self):
        Team = self.env["helpdesk.team"].with_user(self.manager)
        team = Team.create({"name": "Fresh"})
        stages = team.stage_ids.sorted()
        self.assertEqual(
            stages.mapped("name"),
            ["New", "In Progress", "On Hold", "Solved", "Cancelled"],
        )
        self.assertEqual(
            stages.filtered("fold").mapped("name"), ["Solved", "Cancelled"]
        )
        self.assertEqual(team.company_id, self.company)
        self.assertEqual(team.privacy_visibility, "portal")

    def test_new_team_when_the_standard_stages_are_gone(self):
        [(_set, _id, stage_ids)] = self.env["helpdesk.team"]._default_stage_ids()
        self.env["helpdesk.stage"].browse(stage_ids).action_archive()
        team = self.env["helpdesk.team"].create({"name": "Bare"})
        self.assertEqual(team.stage_ids.sorted().mapped("name"), ["New", "Solved"])
        self.assertEqual(team.stage_ids.sorted().mapped("fold"), [False, True])

    def test_form_of_a_new_team(self):
        form = Form(self.env["helpdesk.team"].with_user(self.manager))
        form.name = "Typed"
        form.assign_method = "balanced"
        team = form.save()
        self.assertEqual(team.assign_method, "balanced")
        self.assertTrue(team.stage_ids)

    def test_counts_on_the_card(self):
        self.ticket.priority = "3"
        self.ticket_b.stage_id = self.stage_done
        self.env.invalidate_all()
        team = self.team.with_user(self.agent)
        self.assertEqual(team.open_ticket_count, 4)
        self.assertEqual(team.unassigned_ticket_count, 3)
        self.assertEqual(team.urgent_ticket_count, 1)
        self.assertEqual(team.closed_week_ticket_count, 1)
        self.ticket_b.close_date = "2020-01-01 08:00:00"
        self.env.invalidate_all()
        self.assertEqual(team.closed_week_ticket_count, 0)

    def test_archived_tickets_are_not_counted(self):
        self.team.ticket_ids.action_archive()
        self.env.invalidate_all()
        self.assertEqual(self.team.open_ticket_count, 0)

    def test_action_view_tickets(self):
        action = self.team.with_user(self.agent).action_view_tickets()
        found = self.env["helpdesk.ticket"].search(action["domain"])
        self.assertEqual(found, self.team.ticket_ids)
        self.assertEqual(action["context"]["default_team_id"], self.team.id)
        self.assertNotIn(None, action.values())
        team = self.team.with_context(search_default_unassigned=1)
        context = team.action_view_tickets()["context"]
        self.assertEqual(context["search_default_unassigned"], 1)

    def test_copy_team(self):
        copy = self.team.copy()
        self.assertEqual(copy.name, "Care (copy)")
        self.assertEqual(copy.stage_ids, self.team.stage_ids)
        self.assertEqual(copy.member_ids, self.team.member_ids)
        self.assertNotEqual(copy.alias_id, self.team.alias_id)
        self.assertFalse(copy.ticket_ids)

    def test_team_without_tickets_can_be_deleted_others_archived(self):
        empty = self._new_team("Empty", self.stage_new, self.agent)
        empty.with_user(self.manager).unlink()
        for used in (self.team, self.stage_new):
            with self.assertRaisesRegex(UserError, "cannot be deleted"):
                used.with_user(self.manager).unlink()
        self.team.with_user(self.manager).action_archive()
        self.assertFalse(self.team.active)
        self.assertTrue(self.ticket.exists().active)
