from odoo import http
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import RatingCommon


@tagged("post_install", "-at_install")
class TestRating(RatingCommon):
    """What a rating does to its ticket, and who sees it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rating = cls.env["rating.rating"].create(
            {
                "res_model_id": cls.env["ir.model"]._get_id("helpdesk.ticket"),
                "res_id": cls.ticket.id,
                "partner_id": cls.contact_a.id,
                "rated_partner_id": cls.agent.partner_id.id,
            }
        )

    def _rate(self, rate, feedback=None, ticket=None):
        ticket = ticket or self.ticket
        return ticket.sudo().rating_apply(
            rate, token=ticket.rating_ids[:1].access_token, feedback=feedback
        )

    def test_shown_on_ticket_team_and_person(self):
        self._rate(5, "Quick")
        self.assertEqual(self.ticket.rating_avg, 5)
        self.assertEqual(self.ticket.rating_last_text, "top")
        self.assertEqual(self.team.rating_count, 1)
        self.assertEqual(self.team.rating_avg, 5)
        Rating = self.env["rating.rating"].with_user(self.agent)
        groups = Rating._read_group(
            self.team.action_view_ratings()["domain"],
            ["rated_partner_id"],
            ["rating:avg"],
        )
        self.assertEqual(groups, [(self.agent.partner_id, 5)])
        found = self.env["helpdesk.ticket"].search([("rating_avg", ">", 4)])
        self.assertEqual(found, self.ticket)
        action = self.ticket.with_user(self.agent).action_view_ratings()
        self.assertEqual(action["res_id"], self.rating.id)
        self.assertNotIn(None, action.values())

    def test_unrated_tickets_leave_the_average_alone(self):
        self._rate(3)
        [(average,)] = self.env["helpdesk.ticket"]._read_group(
            [("team_id", "=", self.team.id)], [], ["rating_last_value:avg"]
        )
        self.assertEqual(average, 3)

    def test_is_no_answer(self):
        self._close(self.ticket)
        answers = self.ticket.message_ids.filtered(
            lambda message: message.message_type in ("comment", "email")
        )
        with self.mock_mail_gateway():
            self._rate(3, "Well")
            self._rate(5, "Very well")
        self.assertTrue(self.ticket.is_closed)
        message = self.rating.message_id
        self.assertIn("Very well", message.body, "one message, changed with the rating")
        self.assertTrue(message.subtype_id.internal, "customers do not see it")
        self.assertEqual(message.author_id, self.contact_a)
        self.assertEqual(
            answers,
            self.ticket.message_ids.filtered(
                lambda message: message.message_type in ("comment", "email")
            ),
        )
        self.assertFalse(self._new_mails.filtered("recipient_ids"), "nobody is told")

    def test_stranger_signs_with_the_address(self):
        rating = self.rating.copy(
            {"res_id": self.ticket_unknown.id, "partner_id": False}
        )
        self.ticket_unknown.rating_apply(1, rating=rating, feedback="Hm")
        message = rating.message_id
        self.assertFalse(message.author_id)
        self.assertIn("zoe@nowhere.example", message.email_from)
        self.ticket_unknown.rating_apply(5, rating=rating, feedback="Good")
        self.assertEqual(
            self.ticket_unknown.message_ids.filtered(
                lambda m: m.subtype_id == message.subtype_id
            ),
            message,
        )
        self.assertIn("Good", message.body)

    def test_unhappy_customer_is_a_to_do(self):
        self._rate(1, "Still <b>cold</b>")
        to_do = self.ticket.activity_ids
        self.assertEqual(to_do.user_id, self.manager)
        self.assertIn("&lt;b&gt;", to_do.note)
        self._rate(1, "Still cold")
        self.assertEqual(self.ticket.activity_ids, to_do, "one is enough")
        self._rate(5, "Warm again")
        self.assertFalse(self.ticket.activity_ids)
        self._rate(3)
        self.assertFalse(self.ticket.activity_ids)

    def test_to_do_for_nobody(self):
        self.manager.group_ids = self.env.ref("base.group_user")
        self._rate(1)
        self.assertFalse(self.ticket.activity_ids, "no use to who sees no ticket")
        self.assertEqual(self.ticket.rating_avg, 1)

    def test_colleagues_do_not_rate(self):
        ticket = self.ticket.with_user(self.manager)
        rating = self.rating.with_user(self.manager)
        calls = {
            "apply": lambda: ticket.rating_apply(5, token=self.rating.access_token),
            "write": lambda: rating.write({"rating": 5, "consumed": True}),
            "reset": rating.reset,
            "post": lambda: ticket.message_post(body="Well done", rating_value=5),
            "link": lambda: ticket.message_post(body="x", rating_id=self.rating.id),
            "copy": rating.copy,
        }
        for name, call in calls.items():
            with self.subTest(name), self.assertRaises(AccessError):
                call()
        self.assertNotIn("rating_value", ticket._get_allowed_message_params())
        self.assertFalse(self.rating.consumed)

    def test_who_sees_a_rating(self):
        private = self.rating.copy({"res_id": self.ticket_private.id})
        ratings = self.rating | private
        sees = {
            self.agent: ratings,
            self.outsider: self.rating,
            self.manager: ratings,
            self.colleague: self.rating.browse(),
        }
        for user, expected in sees.items():
            with self.subTest(user.name):
                found = self.env["rating.rating"].with_user(user)
                found = found.search([("id", "in", ratings.ids)])
                self.assertEqual(found.sudo(), expected)
        with self.assertRaises(AccessError):
            self.rating.with_user(self.colleague).read(["feedback"])

    def test_merged_ticket_is_rated_on_the_survivor(self):
        self.ticket_a2._merge(self.ticket)
        self.assertEqual(self.ticket_a2.rating_ids, self.rating)
        self.ticket_a2.rating_apply(5, token=self.rating.access_token)
        self.assertEqual(self.ticket_a2.rating_avg, 5)
        self.assertEqual(self.rating.helpdesk_ticket_id, self.ticket_a2)

    def test_published_from_five_ratings_on(self):
        self.team.rating_published = True
        self._rate(1)
        for rate in (5, 5, 4):
            self.rating.copy({"rating": rate, "consumed": True})
        self.assertFalse(self.team._get_published_rating())
        self.rating.copy({"rating": 5, "consumed": True})
        self.assertEqual(
            self.team._get_published_rating(), "80 % happy, of 5 ratings in 90 days"
        )
        self.team.rating_published = False
        self.assertFalse(self.team._get_published_rating())


@tagged("post_install", "-at_install")
class TestRatingPage(RatingCommon, HttpCase):
    """One click from the mail, without a log-in."""

    def setUp(self):
        super().setUp()
        self.rating = self._ask(self.ticket)
        self.link = f"/rate/{self.rating.access_token}"

    def _send(self, rate, feedback):
        return self.url_open(
            f"{self.link}/submit_feedback",
            data={
                "rate": rate,
                "feedback": feedback,
                "csrf_token": http.Request.csrf_token(self),
            },
        )

    def test_opening_saves_nothing_pressing_does(self):
        self.authenticate(None, None)
        self.assertEqual(self.url_open(f"{self.link}/1").status_code, 200)
        self.assertFalse(self.rating.consumed, "what machines that read mails do")
        self.assertEqual(self._send(5, "Very quick").status_code, 200)
        self.assertEqual(self.rating.rating, 5)
        self.assertEqual(self.rating.feedback, "Very quick")
        self._send(3, "On second thought")
        self.assertEqual(self.rating.rating, 3)
        self.assertTrue(self.ticket.is_closed)

    @mute_logger("odoo.http")
    def test_colleague_cannot_use_the_link(self):
        self.authenticate("hd_agent", "hd_agent")
        page = self.url_open(f"{self.link}/5")
        self.assertIn("You cannot rate this", page.text)

    def test_average_in_the_portal(self):
        self.team.rating_published = True
        for _index in range(5):
            self.rating.copy({"rating": 5, "consumed": True})
        self.authenticate("hd_portal_a", "hd_portal_a")
        page = self.url_open(f"/my/ticket/{self.ticket.id}").text
        self.assertIn("o_team_rating", page)
        self.team.rating_published = False
        page = self.url_open(f"/my/ticket/{self.ticket.id}").text
        self.assertNotIn("o_team_rating", page)
