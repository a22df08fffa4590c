from odoo.tests import tagged

from odoo.addons.helpdesk_base.tests import test_performance

from .common import SlaCommon


@tagged("post_install", "-at_install")
class TestSlaQueries(SlaCommon):
    """What it costs does not grow with the tickets."""

    _read_spec = test_performance.TestReadQueries._read_spec

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._new_policy("Answer", "first_response", 2)

    def setUp(self):
        super().setUp()
        self.Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        self._at("Mon 09:00")
        self.tickets = self.Ticket.create(self._vals(80))

    def _vals(self, count):
        team, customer = self.team.id, self.contact_a.id
        vals = {"team_id": team, "partner_id": customer}
        return [{"name": f"T{number}", **vals} for number in range(count)]

    def test_list(self):
        spec = self._read_spec("list")
        self.assertIn("sla_left", spec)
        domain = [("id", "in", self.tickets.ids)]
        self.Ticket.web_search_read(domain, spec, limit=80)
        few = self._count_queries(
            lambda: self.Ticket.web_search_read(domain, spec, limit=10)
        )
        many = self._count_queries(
            lambda: self.Ticket.web_search_read(domain, spec, limit=80)
        )
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 20)

    def test_filters(self):
        for state in ("failed", "at_risk", "ongoing", "paused"):
            domain = [("sla_state", "=", state)]
            self.Ticket.search_count(domain)
            self.assertLessEqual(
                self._count_queries(self.Ticket.search_count, domain), 2
            )

    def test_many_at_once(self):
        """New tickets, and moves of many, cost the clocks a few queries more, not so
        many each."""
        self._count_queries(self.Ticket.create, self._vals(1))
        ten = self._count_queries(self.Ticket.create, self._vals(10))
        forty = self._count_queries(self.Ticket.create, self._vals(40))
        self.team.use_sla = False
        plain = self._count_queries(self.Ticket.create, self._vals(40))
        self.assertLessEqual((forty - ten) / 30, plain / 40 + 0.5)
        self.assertLessEqual(forty - plain, 25)

    def test_moves(self):
        tickets = self.tickets.with_context(tracking_disable=True)
        ten = self._count_queries(
            tickets[:10].write, {"stage_id": self.stage_waiting.id}
        )
        many = self._count_queries(
            tickets[10:].write, {"stage_id": self.stage_waiting.id}
        )
        self.assertLessEqual(many, ten + 3)

    def test_overview(self):
        teams = self.team | self.team_private
        names = ["at_risk_ticket_count", "breached_ticket_count"]
        self.team_private.use_sla = True
        teams = teams.with_user(self.agent)
        few = self._count_queries(teams[:1].read, names)
        self.assertLessEqual(self._count_queries(teams.read, names), few)


@tagged("post_install", "-at_install")
class TestSlaVolume(SlaCommon):
    """The job, with 10,000 tickets open."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.flush_all()
        cls.env.cr.execute(
            """
            WITH ticket AS (
                INSERT INTO helpdesk_ticket
                       (name, ticket_ref, team_id, company_id, stage_id, priority, active,
                        kanban_state, create_date, sla_since, user_id)
                SELECT 'Volume ' || n, 'V' || n, %(team)s, %(company)s, %(stage)s, '1',
                       TRUE, 'normal', '2026-03-02 09:00:00', '2026-03-02 09:00:00',
                       %(user)s
                  FROM generate_series(1, 10000) AS n
             RETURNING id)
            INSERT INTO helpdesk_sla_status
                   (ticket_id, sla_id, active, target, time, resource_calendar_id,
                    excluded_stages, start_datetime, warn_datetime, deadline,
                    paused_hours, paused_late_hours, late_hours)
            SELECT id, %(sla)s, TRUE, 'close', 8, %(office)s, '[]',
                   '2026-03-02 09:00:00', '2026-03-02 15:24:00', '2026-03-02 17:00:00',
                   0, 0, 0
              FROM ticket
            """,
            {
                "team": cls.team.id,
                "company": cls.company.id,
                "stage": cls.stage_new.id,
                "user": cls.agent.id,
                "sla": cls.close_8.id,
                "office": cls.office.id,
            },
        )
        cls.env.cr.execute("ANALYZE helpdesk_ticket, helpdesk_sla_status")
        cls.env.invalidate_all()

    def _count_warnings(self, text):
        self._at(text)
        return self._count_queries(self._warn)

    def test_nobody_to_tell(self):
        self.assertLessEqual(self._count_warnings("Mon 12:00"), 10)

    def test_some_to_tell(self):
        """It costs what those cost who are told, not what the others would."""
        statuses = self.env["helpdesk.sla.status"].search([], order="id")
        statuses[60:].write({"warned_risk": True, "warned_breach": True})
        statuses[20:60].write({"warn_datetime": "2026-03-02 16:24:00"})
        some = self._count_warnings("Mon 16:00")
        more = self._count_warnings("Mon 16:30")
        self.assertLess(more, some * 3)

    def test_report(self):
        """A pivot over all of them, in one query of the report."""
        self._at("Mon 12:00")
        report = self.env["helpdesk.sla.report"].with_user(self.manager)
        domain = [("sla_id", "=", self.close_8.id)]
        report.formatted_read_group(domain, ["team_id"], ["success_rate:avg"])
        with self.assertMaxQueries(6):
            [group] = report.formatted_read_group(
                domain, ["team_id"], ["ongoing_count:sum"]
            )
        self.assertGreaterEqual(group["ongoing_count:sum"], 10_000)
