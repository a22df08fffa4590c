import re
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.helpdesk_rating.models import helpdesk_ticket

from .common import RatingCommon


@tagged("post_install", "-at_install")
class TestRatingRequest(RatingCommon):
    """Who is asked for a rating, when, and how often."""

    def test_asked_some_hours_after_the_closing(self):
        self._close(self.ticket)
        self._pass_time(3)
        self.assertFalse(self._run_job(), "not yet")
        self._pass_time(1.1)
        mail = self._run_job()
        self.assertEqual(mail.recipient_ids, self.contact_a)
        self.assertIn("Auto-Submitted", mail.headers)
        rating = self.ticket.rating_ids
        self.assertEqual(rating.partner_id, self.contact_a)
        self.assertEqual(rating.rated_partner_id, self.agent.partner_id)
        self.assertFalse(rating.consumed)
        links = re.findall(r"/rate/(\w+)/(\d)", str(mail.body_html))
        self.assertEqual(links, [(rating.access_token, rate) for rate in "531"])
        self._pass_time(5)
        self.assertFalse(self._run_job(), "asked once")

    def test_hours_of_the_team(self):
        self.team.rating_delay_hours = 48
        self._close(self.ticket)
        self._pass_time(47)
        self.assertFalse(self._run_job())
        self._pass_time(1.1)
        self.assertTrue(self._run_job())
        for hours in (-1, 721):
            with self.assertRaises(ValidationError):
                self.team.rating_delay_hours = hours

    def test_reopened_and_closed_again_within_hours(self):
        self._close(self.ticket)
        self._pass_time(3)
        self.ticket.stage_id = self.stage_work
        self._pass_time(3)
        self.assertFalse(self._run_job(), "open again")
        self._close(self.ticket)
        self._pass_time(3)
        self.assertFalse(self._run_job(), "hours since the last closing")
        self._pass_time(2)
        self.assertEqual(len(self._run_job()), 1)
        self.ticket.stage_id = self.stage_work
        self._close(self.ticket)
        self._pass_time(5)
        self.assertFalse(self._run_job(), "the same customer within days")

    def test_next_closing_after_a_month(self):
        rating = self._ask(self.ticket)
        self._pass_time(24 * 31)
        self.ticket.stage_id = self.stage_work
        self.ticket.user_id = self.agent_2
        self._close(self.ticket)
        self.ticket.user_id = self.manager
        self._pass_time(5)
        self.assertEqual(len(self._run_job()), 1)
        self.assertEqual(self.ticket.rating_ids, rating, "its link was not used yet")
        self.assertEqual(rating.rated_partner_id, self.agent_2.partner_id)

    def test_nothing_to_ask_about(self):
        """Each is closed, and nobody is asked."""
        Ticket = self.env["helpdesk.ticket"]
        silent, archived, quiet, cancelled, internal, other, merged = tickets = [
            self._new_ticket(name, partner_email=f"{name}@visit.example")
            for name in ("a", "b", "c", "d", "e", "f", "g")
        ]
        internal.partner_id = self.colleague.partner_id
        self.reply(archived, cancelled, internal, other, merged)
        self.stage_cancelled = self.stage_done.copy(
            {"name": "Cancelled", "rating_template_id": False, "sequence": 9}
        )
        other.team_id = self.team_private
        quiet.message_post(body="To us", message_type="comment")  # a note
        Ticket.browse(self.ticket.id)._merge(merged)
        cancelled.stage_id = self.stage_cancelled
        self._close(*(set(tickets) - {cancelled, merged}))
        archived.active = False
        self._pass_time(5)
        self.assertFalse(self._run_job())
        self.assertFalse(any(ticket.rating_due_date for ticket in tickets))
        self.assertTrue(silent.is_closed)

    def test_same_customer_on_two_tickets(self):
        self.ticket_a2.partner_id = self.contact_a
        self.reply(self.ticket_a2, self.ticket_b)
        self._close(self.ticket, self.ticket_a2, self.ticket_b)
        self._pass_time(5)
        mails = self._run_job()
        self.assertEqual(mails.recipient_ids, self.contact_a | self.contact_b)
        self.assertEqual(len(mails), 2)

    def test_closed_before_ratings_were_switched_on(self):
        self.team.use_rating = False
        self._close(self.ticket)
        self.team.use_rating = True
        self._pass_time(24)
        self.assertFalse(self._run_job())

    def test_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.stage_done.rating_template_id
        template.with_context(lang="fr_FR").subject = "Votre avis"
        self.contact_a.lang = "fr_FR"
        self.reply(self.ticket_b)
        self._close(self.ticket, self.ticket_b)
        self._pass_time(5)
        subjects = {mail.recipient_ids: mail.subject for mail in self._run_job()}
        self.assertEqual(subjects[self.contact_a], "Votre avis")
        self.assertIn("How did we do?", subjects[self.contact_b])

    def test_stranger_is_asked_by_the_address(self):
        stranger = self._new_ticket(
            "Hello", partner_name="Zoe", partner_email="zoe@new.example"
        )
        self.reply(stranger)
        self._close(stranger)
        self._pass_time(5)
        mail = self._run_job()
        self.assertEqual(mail.recipient_ids.email, "zoe@new.example")
        self.assertFalse(stranger.partner_id, "whose customer it is, is not guessed")
        self.assertEqual(len(stranger.rating_ids), 1)

    def test_two_companies(self):
        company = self.env["res.company"].create(
            {"name": "Second Desk", "email": "desk@second.example"}
        )
        stages = self.team.stage_ids
        team = self._new_team(
            "Far", stages, self.agent.browse(), company_id=company.id, use_rating=True
        )
        far = self._new_ticket("Far", team_id=team.id, partner_id=self.contact_b.id)
        far.message_post(
            author_id=self.env.ref("base.partner_admin").id,
            body="On it",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        far.stage_id = self.stage_done
        self._close(self.ticket)
        self._pass_time(5)
        mails = self._run_job()
        of_far = mails.filtered(lambda mail: mail.res_id == far.id)
        self.assertIn("desk@second.example", of_far.email_from)
        self.assertEqual(len(mails), 2)
        Rating = self.env["rating.rating"].with_user(self.agent)
        seen = Rating.search([("helpdesk_ticket_id", "!=", False)])
        self.assertIn(self.ticket, seen.helpdesk_ticket_id)
        self.assertNotIn(far, seen.helpdesk_ticket_id)

    def test_killed_job_goes_on_without_asking_twice(self):
        self.reply(self.ticket_a2, self.ticket_b)
        self._close(self.ticket, self.ticket_a2, self.ticket_b)
        self._pass_time(5)
        with (
            patch.object(helpdesk_ticket, "BATCH", 1),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=0),
        ):
            first = self._run_job()
        self.assertEqual(len(first), 1, "stopped after a batch")
        rest = self._run_job()
        self.assertEqual(len(rest), 2)
        self.assertEqual(
            (first | rest).recipient_ids,
            self.contact_a | self.contact_a2 | self.contact_b,
        )

    def test_template_that_breaks_stops_no_other(self):
        self.reply(self.ticket_b)
        template = self.stage_done.rating_template_id.sudo()
        template.subject = f"{{{{ 1 / (object.id - {self.ticket.id}) }}}}"
        self._close(self.ticket, self.ticket_b)
        self._pass_time(5)
        with mute_logger("odoo.addons.helpdesk_rating.models.helpdesk_ticket"):
            mails = self._run_job()
        self.assertEqual(mails.recipient_ids, self.contact_b)
        self.assertIn("could not be asked", self.ticket.message_ids[0].body)

    def test_batch_costs_few_queries(self):
        tickets = self.env["helpdesk.ticket"]
        for index in range(60):
            tickets |= self._new_ticket(
                f"T{index}", partner_email=f"t{index}@many.example"
            )
        tickets.write({"rating_due_date": self._get_now() - timedelta(hours=1)})
        self._close(tickets)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(20):
            tickets.sudo()._filter_to_rate()

    def test_stage_asks_with_a_template_of_tickets(self):
        other = self.env["mail.template"].create(
            {"name": "X", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        with self.assertRaises(ValidationError):
            self.stage_done.rating_template_id = other
        own = self.stage_done.copy({"name": "Own", "rating_template_id": False})
        team = self._new_team("Own", own, self.agent)
        self.assertFalse(own.rating_template_id)
        team.use_rating = True
        self.assertTrue(own.rating_template_id, "switched on is all there is to do")

    def test_only_a_colleague_of_the_desk_looks_after_the_unhappy(self):
        with self.assertRaises(ValidationError):
            self.team.rating_alert_user_id = self.colleague

    def test_closing_of_another_desk_asks_nobody(self):
        self.ticket._as_moving_in().stage_id = self.stage_done
        self.assertFalse(self.ticket.rating_due_date)

    def test_agents_plan_nothing(self):
        ticket = self.ticket.with_user(self.agent)
        for name, value in (
            ("rating_due_date", self._get_now()),
            ("rating_asked_date", self._get_now()),
            ("rated_partner_id", self.agent_2.partner_id.id),
            ("rating_last_value", 5.0),
            ("rating_ids", [(0, 0, {"rating": 5})]),
        ):
            with self.subTest(name), self.assertRaises(ValidationError):
                ticket.write({name: value})
        for record in (ticket, self.team.with_user(self.manager)):
            with self.assertRaises(ValidationError):
                record.write(["use_rating"])
        template = self.stage_done.rating_template_id
        with self.assertRaises(AccessError):
            ticket.rating_send_request(template)
