from email.message import EmailMessage
from email.utils import make_msgid

from lxml import etree

from odoo.tests import tagged

from .common import HelpdeskCommon
from .mail_common import HelpdeskMailCommon


@tagged("post_install", "-at_install")
class TestCreationQueries(HelpdeskCommon):
    def setUp(self):
        super().setUp()
        self.Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        self.Ticket = self.Ticket.with_context(mail_create_nosubscribe=False)
        self.Ticket.create(self._vals())

    def _vals(self, number=0):
        return {
            "name": f"Ticket {number}",
            "team_id": self.team.id,
            "partner_id": self.contact_a.id,
        }

    def test_create_one(self):
        with self.assertMaxQueries(24):
            self.Ticket.create(self._vals())

    def test_create_many_is_linear(self):
        with self.assertMaxQueries(400):
            self.Ticket.create([self._vals(number) for number in range(100)])
        first = self.query_count
        with self.assertMaxQueries(4 * 1000):
            self.Ticket.create([self._vals(number) for number in range(1000)])
        self.assertLess(self.query_count / 1000, first / 100 + 0.5)

    def test_balanced_assignment_counts_once(self):
        self.team.assign_method = "balanced"
        quiet = self.Ticket.with_context(mail_auto_subscribe_no_notify=True)
        with self.assertMaxQueries(60 * 8):
            quiet.create([self._vals(number) for number in range(60)])


@tagged("post_install", "-at_install", "mail_gateway")
class TestMailQueries(HelpdeskMailCommon):
    def setUp(self):
        super().setUp()
        self._process("arno@alpha.example")
        self._process("zoe@nowhere.example")

    def _process(self, sender, headers=None):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, self.alias, "Help"
        mail["Message-Id"] = make_msgid()
        for name, value in (headers or {}).items():
            mail[name] = value
        mail.set_content("It hurts.")
        ticket_id = self.env["mail.thread"].message_process(False, mail.as_bytes())
        return self.env["helpdesk.ticket"].browse(ticket_id)

    def test_mail_of_a_known_contact(self):
        """One query more than the mail itself needs: whose address it is, if several
        companies share it, nobody may guess."""
        with self.assertMaxQueries(48):
            ticket = self._process("arno@alpha.example")
        self.assertEqual(ticket.partner_id, self.contact_a2)

    def test_mail_of_somebody_unknown(self):
        with self.assertMaxQueries(51):
            ticket = self._process("zoe@nowhere.example")
        self.assertTrue(ticket.exists())

    def test_answer_of_the_customer(self):
        ticket = self._process("alice@alpha.example")
        ticket.user_id = self.agent
        answer = {"In-Reply-To": ticket.message_ids[-1].message_id}
        self._process("alice@alpha.example", answer)
        with self.assertMaxQueries(62):
            self.assertEqual(self._process("alice@alpha.example", answer), ticket)


@tagged("post_install", "-at_install")
class TestReadQueries(HelpdeskCommon):
    """What screens read costs the same however many tickets there are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"].create(
            [{"name": f"P{i}", "email": f"p{i}@many.example"} for i in range(40)]
        )
        stages = cls.team.stage_ids
        cls.env["helpdesk.ticket"].create(
            [
                {
                    "name": f"T{i}",
                    "team_id": cls.team.id,
                    "partner_id": partners[i % 40].id,
                    "user_id": (cls.agent | cls.agent_2)[i % 2].id,
                    "stage_id": stages[i % 3].id,
                }
                for i in range(240)
            ]
        )

    def setUp(self):
        super().setUp()
        self.Ticket = self.env["helpdesk.ticket"].with_user(self.agent)

    def _read_spec(self, view_type):
        """What the web client asks of the server for this view."""
        ref = f"helpdesk_base.helpdesk_ticket_view_{view_type}"
        views = self.Ticket.get_views([(self.env.ref(ref).id, view_type)])
        fields = views["models"]["helpdesk.ticket"]["fields"]
        arch = etree.fromstring(views["views"][view_type]["arch"])
        spec = {}
        for name in {node.get("name") for node in arch.iter("field")} & set(fields):
            linked = fields[name]["type"] in ("many2one", "many2many")
            spec[name] = {"fields": {"display_name": {}}} if linked else {}
        return spec

    def test_list(self):
        spec = self._read_spec("list")
        search = [("is_closed", "=", False)]
        self.Ticket.web_search_read(search, spec, limit=80)
        with self.assertMaxQueries(12):
            found = self.Ticket.web_search_read(search, spec, limit=80)
        self.assertEqual(len(found["records"]), 80)

    def test_form(self):
        spec = self._read_spec("form")
        self.ticket.with_user(self.agent).web_read(spec)
        with self.assertMaxQueries(20):
            self.ticket.with_user(self.agent).web_read(spec)

    def test_pipeline(self):
        spec = self._read_spec("kanban")
        search = [("team_id", "=", self.team.id)]
        Ticket = self.Ticket.with_context(
            default_team_id=self.team.id, read_group_expand=True
        )
        colors = {"done": "success", "blocked": "danger", "normal": "200"}

        def open_pipeline():
            Ticket.web_read_group(
                search,
                ["stage_id"],
                ["__count"],
                auto_unfold=True,
                unfold_read_specification=spec,
                unfold_read_default_limit=80,
            )
            Ticket.read_progress_bar(
                search, "stage_id", {"field": "kanban_state", "colors": colors}
            )

        open_pipeline()
        with self.assertMaxQueries(15):
            open_pipeline()

    def test_overview(self):
        Team = self.env["helpdesk.team"].with_user(self.agent)
        spec = dict.fromkeys(
            (
                "name",
                "alias_email",
                "open_ticket_count",
                "unassigned_ticket_count",
                "urgent_ticket_count",
                "closed_week_ticket_count",
                "waiting_ticket_count",
                "trend_graph",
            ),
            {},
        )
        Team.web_search_read([], spec)
        with self.assertMaxQueries(18):
            Team.web_search_read([], spec)
        few = self.query_count
        for number in range(10):
            self._new_team(f"Team {number}", self.stage_new, self.agent)
        with self.assertMaxQueries(few):
            Team.web_search_read([], spec)

    def test_contacts(self):
        partners = self.env["res.partner"].with_user(self.agent).search([], limit=80)
        partners.mapped("ticket_count")
        with self.assertMaxQueries(8):
            partners.mapped("ticket_count")


@tagged("post_install", "-at_install")
class TestIndexes(HelpdeskCommon):
    """PostgreSQL answers the screens' questions from an index at volume."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.flush_all()
        cls.env.cr.execute(
            """
            INSERT INTO helpdesk_ticket
                   (name, ticket_ref, team_id, company_id, stage_id, priority, active,
                    kanban_state, create_date, commercial_partner_id, partner_id)
            SELECT 'Volume ' || n, 'V' || n, %(team)s, %(company)s,
                   CASE WHEN n %% 20 = 0 THEN %(open)s ELSE %(closed)s END,
                   (n %% 4)::text, TRUE, 'normal',
                   now() AT TIME ZONE 'UTC' - n * interval '1 minute',
                   CASE WHEN n %% 500 = 0 THEN %(customer)s END,
                   CASE WHEN n %% 500 = 0 THEN %(customer)s END
              FROM generate_series(1, 30000) AS n
            """,
            {
                "team": cls.team.id,
                "company": cls.company.id,
                "open": cls.stage_new.id,
                "closed": cls.stage_done.id,
                "customer": cls.customer_a.id,
            },
        )
        cls.env.cr.execute("ANALYZE helpdesk_ticket")

    def _explain(self, user, domain, order=None, limit=80):
        Ticket = self.env["helpdesk.ticket"].with_user(user)
        query = Ticket._search(domain, order=order or Ticket._order, limit=limit)
        sql = query.select()
        self.env.cr.execute(f"EXPLAIN {sql.code}", sql.params)  # pylint: disable=E8103
        return "\n".join(row[0] for row in self.env.cr.fetchall())

    def _assert_indexed(self, plan):
        self.assertNotIn("Seq Scan on helpdesk_ticket", plan, plan)

    def test_list(self):
        self._assert_indexed(self._explain(self.agent, [("is_closed", "=", False)]))

    def test_pipeline_column(self):
        column = [("team_id", "=", self.team.id), ("stage_id", "=", self.stage_new.id)]
        self._assert_indexed(self._explain(self.agent, column))

    def test_portal_list(self):
        plan = self._explain(self.portal_a, [], order="create_date desc, id desc")
        self._assert_indexed(plan)

    def test_number(self):
        plan = self._explain(self.agent, [("ticket_ref", "=", "V123")])
        self._assert_indexed(plan)

    def test_senders_of_the_last_hours(self):
        recent = [
            ("create_date", ">=", "2999-01-01"),
            ("partner_email", "ilike", "x@y"),
        ]
        self._assert_indexed(self._explain(self.manager, recent))
