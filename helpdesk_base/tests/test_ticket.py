from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import HelpdeskCommon


@tagged("post_install", "-at_install")
class TestTicket(HelpdeskCommon):
    # === NUMBER AND NAME === #

    def test_ticket_numbers_are_unique_and_shown(self):
        tickets = self.team.ticket_ids
        self.assertEqual(len(set(tickets.mapped("ticket_ref"))), len(tickets))
        ref = self.ticket.ticket_ref
        self.assertEqual(self.ticket.display_name, f"Oven is cold (#{ref})")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.ticket_b.ticket_ref = ref
            self.env.flush_all()

    def test_imported_numbers_are_passed_over(self):
        sequence = self.env.ref("helpdesk_base.helpdesk_ticket_sequence")
        upcoming = sequence.get_next_char(sequence.number_next_actual)
        imported = self._new_ticket("From the old desk", ticket_ref=upcoming)
        tickets = self._new_ticket("One") | self._new_ticket("Two")
        refs = (imported | tickets).mapped("ticket_ref")
        self.assertEqual(len(set(refs)), 3)

    def test_name_search_by_number_and_subject(self):
        Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        ref = self.ticket.ticket_ref
        for text in (ref, f"#{ref}", "oven is", self.ticket.display_name):
            with self.subTest(text=text):
                found = [ticket_id for ticket_id, _name in Ticket.name_search(text)]
                self.assertIn(self.ticket.id, found)
                self.assertNotIn(self.ticket_b.id, found)
        for text in (self.ticket.display_name, f"#{ref}"):
            exact = Ticket.name_search(text, operator="=")
            self.assertEqual([ticket_id for ticket_id, _name in exact], self.ticket.ids)

    def test_copy(self):
        self.ticket_assigned.stage_id = self.stage_done
        copy = self.ticket_assigned.copy()
        self.assertEqual(copy.name, "Door is open (copy)")
        self.assertNotEqual(copy.ticket_ref, self.ticket_assigned.ticket_ref)
        self.assertEqual(copy.stage_id, self.stage_new)
        self.assertFalse(copy.user_id or copy.close_date or copy.assign_date)

    # === DEFAULTS === #

    def test_ticket_of_nothing_but_a_subject(self):
        Ticket = self.env["helpdesk.ticket"].with_user(self.agent_2)
        ticket = Ticket.create({"name": "Only a subject"})
        self.assertEqual(ticket.team_id, self.team, "the first team of the agent")
        self.assertEqual(ticket.stage_id, self.stage_new)
        self.assertEqual(ticket.company_id, self.company)
        self.assertEqual(ticket.kanban_state, "normal")
        self.assertEqual(ticket.priority, "0")

    def test_form(self):
        form = Form(self.env["helpdesk.ticket"].with_user(self.agent))
        form.name = "Typed in"
        form.team_id = self.team
        form.partner_id = self.contact_a
        self.assertEqual(form.partner_email, "alice@alpha.example")
        self.assertEqual(form.partner_phone, "+32 2 555 01 01")
        self.assertEqual(form.stage_id, self.stage_new)
        ticket = form.save()
        self.assertEqual(ticket.commercial_partner_id, self.customer_a)

    def test_customer_is_matched_by_address(self):
        ticket = self._new_ticket(
            "Matched", partner_email="Alice <ALICE@alpha.example>"
        )
        self.assertEqual(ticket.partner_id, self.contact_a)
        self.assertEqual(ticket.partner_email, "alice@alpha.example")
        unknown = self._new_ticket("Kept", partner_email='"Zed" <zed@zed.example>')
        self.assertFalse(unknown.partner_id)
        self.assertEqual(unknown.partner_name, "Zed")
        self.assertEqual(unknown.partner_email, "zed@zed.example")

    def test_typed_details_of_the_customer_are_kept(self):
        ticket = self._new_ticket(
            "Other phone", partner_id=self.contact_a.id, partner_phone="+32 470 00 00"
        )
        self.assertEqual(ticket.partner_phone, "+32 470 00 00")
        self.assertEqual(self.contact_a.phone, "+32 2 555 01 01")

    # === STAGES AND DATES === #

    def test_dates_follow_assignment_and_closing(self):
        with freeze_time("2026-03-02 08:00:00"):
            ticket = self._new_ticket("Timed")
            self.env.cr.execute(
                "UPDATE helpdesk_ticket SET create_date = %s WHERE id = %s",
                ("2026-03-02 08:00:00", ticket.id),
            )
            ticket.invalidate_recordset(["create_date"])
        with freeze_time("2026-03-02 09:30:00"):
            ticket.user_id = self.agent
            self.env.flush_all()
        with freeze_time("2026-03-02 12:00:00"):
            ticket.user_id = self.agent_2
            ticket.stage_id = self.stage_done
            self.env.flush_all()
        self.assertEqual(str(ticket.assign_date), "2026-03-02 09:30:00")
        self.assertEqual(str(ticket.close_date), "2026-03-02 12:00:00")
        self.assertAlmostEqual(ticket.assign_hours, 1.5)
        self.assertAlmostEqual(ticket.close_hours, 4.0)
        self.assertEqual(str(ticket.date_last_stage_update), "2026-03-02 12:00:00")
        ticket.stage_id = self.stage_work
        self.assertFalse(ticket.close_date)
        self.assertFalse(ticket.close_hours)

    def test_averages_leave_out_tickets_that_still_wait(self):
        Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        tickets = self.ticket | self.ticket_a2 | self.ticket_b
        self.ticket.stage_id = self.stage_done
        self.ticket.close_date = self.ticket.create_date + timedelta(hours=6)
        self.ticket_a2.stage_id = self.stage_done
        self.ticket_a2.close_date = self.ticket_a2.create_date + timedelta(hours=2)
        domain = [("id", "in", tickets.ids)]
        [(count, hours)] = Ticket._read_group(
            domain, [], ["__count", "close_hours:avg"]
        )
        self.assertEqual((count, hours), (3, 4.0))
        [group] = Ticket.formatted_read_group(
            [("id", "=", self.ticket_b.id)], ["team_id"], ["assign_hours:avg"]
        )
        self.assertFalse(group["assign_hours:avg"])

    def test_closing_twice_keeps_the_first_date(self):
        second = self.env["helpdesk.stage"].create(
            {"name": "Cancelled", "fold": True, "team_ids": self.team.ids}
        )
        self.ticket.stage_id = self.stage_done
        self.ticket.close_date = "2026-01-05 10:00:00"
        self.ticket.stage_id = second
        self.assertEqual(str(self.ticket.close_date), "2026-01-05 10:00:00")

    def test_folding_a_stage_closes_its_tickets(self):
        self.assertFalse(self.ticket.close_date)
        self.stage_new.fold = True
        self.assertTrue(self.ticket.close_date)
        self.assertTrue(self.ticket.is_closed)

    def test_kanban_state_returns_to_normal_in_the_next_stage(self):
        self.ticket.kanban_state = "done"
        self.ticket.stage_id = self.stage_work
        self.assertEqual(self.ticket.kanban_state, "normal")
        self.ticket.write({"stage_id": self.stage_new.id, "kanban_state": "blocked"})
        self.assertEqual(self.ticket.kanban_state, "blocked")

    def test_next_stage(self):
        ticket = self.ticket.with_user(self.agent)
        ticket.action_next_stage()
        self.assertEqual(ticket.stage_id, self.stage_work)
        ticket.action_next_stage()
        ticket.action_next_stage()
        self.assertEqual(ticket.stage_id, self.stage_done)

    def test_close(self):
        """Each ticket in the stage of its own team; what is closed stays as it is."""
        shut = self.env["helpdesk.stage"].create({"name": "Shut", "fold": True})
        experts = self._new_team("Experts", self.stage_new | shut, self.agent)
        other = self._new_ticket("Other", team_id=experts.id)
        tickets = (self.ticket | other).with_user(self.agent)
        self.assertIs(tickets.action_close(), True)
        self.assertEqual(self.ticket.stage_id, self.stage_done)
        self.assertEqual(other.stage_id, shut)
        closed = self.ticket.close_date
        self.ticket.team_id.stage_ids -= self.stage_done
        self.assertTrue(self.ticket.with_user(self.agent).action_close())
        self.assertEqual(self.ticket.close_date, closed)

    def test_close_without_a_stage_for_it(self):
        team = self._new_team("Endless", self.stage_new, self.agent)
        other = self._new_ticket("Other", team_id=team.id)
        with self.assertRaisesRegex(UserError, "“Endless” has no folded stage"):
            (self.ticket | other).with_user(self.agent).action_close()
        self.assertFalse(other.is_closed)

    def test_stage_of_another_team_is_refused(self):
        foreign = self.env["helpdesk.stage"].create(
            {"name": "Theirs", "team_ids": self.team_private.ids}
        )
        with self.assertRaisesRegex(ValidationError, "not used by the team"):
            self.ticket.stage_id = foreign

    def test_other_team_other_stages(self):
        stage = self.env["helpdesk.stage"].create({"name": "Second level"})
        team = self._new_team("Experts", stage, self.agent_2)
        self.ticket.team_id = team
        self.assertEqual(self.ticket.stage_id, stage)
        self.ticket_a2.stage_id = self.stage_work
        self.ticket_a2.team_id = self.team_private
        self.assertEqual(self.ticket_a2.stage_id, self.stage_work, "used by both teams")

    def test_pipeline_shows_empty_stages(self):
        Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        groups = Ticket.with_context(
            default_team_id=self.team.id, read_group_expand=True
        ).web_read_group([("team_id", "=", self.team.id)], ["stage_id"], ["__count"])[
            "groups"
        ]
        stages = [group["stage_id"][0] for group in groups]
        self.assertEqual(stages, self.team.stage_ids.sorted().ids)

    def test_time_in_stage_and_rotting(self):
        self.stage_new.rotting_threshold_days = 3
        self.ticket.date_last_stage_update = "2026-01-01 00:00:00"
        self.env.flush_all()
        self.ticket.invalidate_recordset()
        self.assertTrue(self.ticket.is_rotting)
        self.assertIn(str(self.stage_new.id), map(str, self.ticket.duration_tracking))
        self.ticket.stage_id = self.stage_work
        self.assertFalse(self.ticket.is_rotting)

    def test_archive_keeps_the_ticket(self):
        self.ticket.with_user(self.agent).action_archive()
        Ticket = self.env["helpdesk.ticket"]
        self.assertNotIn(self.ticket, Ticket.search([]))
        self.assertIn(self.ticket, Ticket.with_context(active_test=False).search([]))

    # === PROPERTIES === #

    def test_properties_are_the_team_s(self):
        self.team.ticket_properties = [
            {"name": "serial", "string": "Serial Number", "type": "char"}
        ]
        ticket = self._new_ticket("With serial", properties={"serial": "SN-1"})
        self.assertEqual(dict(ticket.properties), {"serial": "SN-1"})

    # === CUSTOMER CHANGES === #

    def test_customer_follows_until_another_one_takes_over(self):
        self.assertIn(self.contact_a, self.ticket.message_partner_ids)
        self.ticket.message_subscribe(self.contact_a2.ids)
        self.ticket._portal_ensure_token()
        self.ticket.email_cc = "arno@alpha.example"
        self.ticket.with_user(self.agent).partner_id = self.contact_b
        followers = self.ticket.message_partner_ids
        self.assertIn(self.contact_b, followers)
        self.assertFalse(followers & (self.contact_a | self.contact_a2))
        self.assertFalse(self.ticket.access_token, "links in old mails are withdrawn")
        self.assertFalse(self.ticket.email_cc)
        self.assertEqual(self.ticket.partner_email, "bob@beta.example")

    def test_colleague_of_the_customer_takes_over(self):
        self.ticket.message_subscribe(self.customer_a.ids)
        token = self.ticket._portal_ensure_token()
        self.ticket.partner_id = self.contact_a2
        followers = self.ticket.message_partner_ids
        self.assertNotIn(self.contact_a, followers)
        self.assertIn(self.customer_a, followers)
        self.assertEqual(self.ticket.access_token, token)

    def test_customer_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other Ltd"})
        self.contact_a2.company_id = other
        with self.assertRaises(UserError):
            self.ticket.partner_id = self.contact_a2
            self.env.flush_all()

    def test_html_is_sanitized(self):
        self.ticket.description = '<p onclick="x()">Hi<script>alert(1)</script></p>'
        self.assertNotIn("script", self.ticket.description)
        self.assertNotIn("onclick", self.ticket.description)
