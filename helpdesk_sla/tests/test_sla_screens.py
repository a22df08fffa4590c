from odoo.tests import HttpCase, tagged

from .common import SlaCommon


@tagged("post_install", "-at_install")
class TestSlaScreens(SlaCommon, HttpCase):
    def test_team_card_opens_its_lists(self):
        late = self._arrive("Mon 09:00")
        soon = self._arrive("Mon 10:00")
        self._at("Tue 09:30")
        team = self.team.with_user(self.agent)
        self.assertEqual(
            (team.at_risk_ticket_count, team.breached_ticket_count), (1, 1)
        )
        for key, ticket in (("sla_breached", late), ("sla_at_risk", soon)):
            name = f"search_default_{key}"
            action = team.with_context(**{name: 1}).action_view_tickets()
            self.assertEqual(action["context"][name], 1)
            view = self.env.ref("helpdesk_base.helpdesk_ticket_view_search")
            arch = ticket.get_view(view.id, "search")["arch"]
            self.assertIn(f'name="{key}"', arch)
        self.assertEqual(team.action_view_sla_policies()["domain"][0][2], team.id)

    def test_what_is_done_next(self):
        """The nearest promise, whatever the priority; it is a figure of one's day, too."""
        later = self._arrive("Mon 10:00", user_id=self.agent.id, priority="3")
        first = self._arrive("Mon 09:00", user_id=self.agent.id)
        (later | first).flush_recordset()
        tickets = self.env["helpdesk.ticket"].with_user(self.agent)
        self.assertEqual(tickets.action_next_ticket()["res_id"], first.id)
        self._at("Tue 09:30")
        teams = self.env["helpdesk.team"].with_user(self.agent)
        values = {figure["name"]: figure["value"] for figure in teams.get_my_figures()}
        self.assertEqual(values["sla"], 2)
        action = teams.action_view_my_figure("sla")
        self.assertEqual(tickets.search(action["domain"]), later | first)
        outsider = teams.with_user(self.manager)
        names = [figure["name"] for figure in outsider.get_my_figures()]
        self.assertNotIn("sla", names)

    def test_report(self):
        """Kept in time, of kept and broken; those that run are beside it."""
        for text in ("Mon 10:00", "Mon 11:00", "Tue 12:00"):
            self._move(self._arrive(user_id=self.agent.id), self.stage_done, text)
        self._arrive(user_id=self.agent.id)
        withdrawn = self._arrive(user_id=self.agent.id)
        withdrawn.action_archive()
        self._at("Mon 12:00")
        report = self.env["helpdesk.sla.report"].with_user(self.agent)
        names = ("reached_count:sum", "failed_count:sum", "ongoing_count:sum")
        [(rate, *counts, late)] = report._read_group(
            [("sla_id", "=", self.close_8.id), ("user_id", "=", self.agent.id)],
            [],
            ["success_rate:avg", *names, "late_hours:sum"],
        )
        self.assertAlmostEqual(rate, 200 / 3, 1)
        self.assertEqual(counts, [2, 1, 1])
        self.assertEqual(late, 3.0)
        self._at("Wed 12:00")
        [(broken,)] = report._read_group(
            [("user_id", "=", self.agent.id)], [], ["failed_count:sum"]
        )
        self.assertEqual(broken, 2, "as of now, without a job")

    def test_customer_reads_the_promise(self):
        """Where the team shows it, and no stage."""
        self._new_policy("Answer", "first_response", 2)
        self._new_policy("Begun", "stage", 2, stage_id=self.stage_work.id)
        ticket = self._arrive()
        texts = self._get_texts(ticket)
        self.assertEqual(texts, [])
        self.team.show_sla = True
        [answer, solution] = self._get_texts(ticket)
        self.assertIn("until", answer)
        self.assertIn("until", solution)
        self._move(ticket, self.stage_waiting, "Mon 10:00")
        self._answer(ticket, "Mon 10:00")
        [answer, solution] = self._get_texts(ticket)
        self.assertIn("done on", answer)
        self.assertIn("waits for your answer", solution)
        self.authenticate("hd_portal_a", "hd_portal_a")
        page = self.url_open(f"/my/ticket/{ticket.id}").text
        self.assertIn("o_helpdesk_promise", page)
        self.assertIn("waits for your answer", page)

    def _get_texts(self, ticket):
        self.env.invalidate_all()
        return [promise["text"] for promise in ticket._get_promises_for_customer()]
