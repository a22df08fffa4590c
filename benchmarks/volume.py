"""The desk with 100,000 tickets: queries, time and indexes of its screens."""

import contextlib
import dataclasses
import re
import statistics
import threading
import time

import werkzeug.test

from odoo import http
from odoo.fields import Command
from odoo.service import security
from odoo.tools import SQL

from .bulk import clone, pick
from .ground import PASSWORD, Ground
from .session import Sample
from .web import view_of

SMALL, LARGE = "desk_small", "desk_large"
SEQUENTIAL = re.compile(r"Seq Scan on helpdesk_ticket\b")


@dataclasses.dataclass
class Screen:
    """What a screen costs on the large desk.

    :param queries_small: its queries on the small desk; more on the large one means
        that it does not scale
    :param scans: statements that read all tickets instead of using an index
    """

    name: str
    queries_small: int
    queries: int
    ms: float
    scans: list


class VolumeWorld(Ground):
    """A desk of some teams, its tickets inserted by SQL."""

    def build(self, count):
        """Make the people, the teams and the tickets.

        :param int count: number of tickets
        """
        self._company()
        self._users()
        self._desk()
        self._fill(count)
        return self.finish()

    def _desk(self):
        teams = self.env["helpdesk.team"].create(
            [
                {"name": f"Desk {i + 1}", "member_ids": [Command.set(self.agents.ids)]}
                for i in range(self.scale.volume_teams)
            ]
        )
        customers = self.env["res.partner"].create(
            [
                {"name": f"Customer {i + 1}", "email": f"c{i + 1}@customer.example"}
                for i in range(self.scale.customers)
            ]
        )
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "First", "team_id": teams[0].id, "partner_id": customers[0].id}
        )
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "bench_portal",
                "password": PASSWORD,
                "partner_id": customers[0].id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        self.data.update(
            teams=teams.ids,
            customers=customers.ids,
            template=ticket.id,
            portal=portal.id,
            stages=teams[0].stage_ids.sorted().ids,
            closed=teams[0].stage_ids.filtered("fold").ids,
        )

    def _fill(self, count):
        """Add tickets. Nine of ten are closed, as on a desk of some years."""
        data = self.data
        customers = len(data["customers"])
        open_stages = [stage for stage in data["stages"] if stage not in data["closed"]]
        values = {
            "name": SQL("'Printer ' || s.i || ' on floor ' || (s.i %% 90)"),
            "ticket_ref": SQL("'B' || nextval('helpdesk_ticket_id_seq')"),
            "team_id": pick(data["teams"], SQL("s.i")),
            "partner_id": pick(data["customers"], SQL("(s.i / 7) %% %s", customers)),
            "commercial_partner_id": pick(
                data["customers"], SQL("(s.i / 7) %% %s", customers)
            ),
            "user_id": SQL(
                "CASE WHEN s.i %% 13 = 0 THEN NULL ELSE %s END",
                pick(data["agents"], SQL("s.i / 3")),
            ),
            "stage_id": SQL(
                "CASE WHEN s.i %% 10 = 0 THEN %s ELSE %s END",
                pick(open_stages, SQL("s.i / 10")),
                pick(data["closed"], SQL("s.i")),
            ),
            "priority": SQL("(ARRAY['0','0','0','0','1','2','3'])[1 + s.i %% 7]"),
            "create_date": SQL("now() - (s.i %% 1000) * interval '1 day'"),
            "close_date": SQL(
                "CASE WHEN s.i %% 10 = 0 THEN NULL"
                " ELSE now() - (s.i %% 1000) * interval '1 day' END"
            ),
        }
        source = SQL("SELECT i FROM generate_series(1, %s) i", count)
        template = self.env["helpdesk.ticket"].browse(data["template"])
        clone(self.env, "helpdesk.ticket", template, source, values)


# === SCREENS === #


def pipeline_of_team(env, data):
    """The pipeline of one team, closed stages folded."""
    view = view_of(env, "helpdesk.ticket", "kanban")
    model = env["helpdesk.ticket"].with_context(default_team_id=data["teams"][0])
    view.pipeline(model, [("team_id", "in", data["teams"][:1])])


def pipeline_open(env, _data):
    """All open tickets of all teams."""
    view = view_of(env, "helpdesk.ticket", "kanban")
    view.pipeline(env["helpdesk.ticket"], [("is_closed", "=", False)])


def list_of_team(env, data):
    """The first page of one team."""
    view = view_of(env, "helpdesk.ticket", "list")
    view.page(env["helpdesk.ticket"], [("team_id", "in", data["teams"][:1])])


def list_of_all(env, _data):
    """The first page of all tickets, the newest of the highest priority."""
    view_of(env, "helpdesk.ticket", "list").page(env["helpdesk.ticket"], [])


def overview(env, _data):
    """The cards of all teams."""
    view = view_of(env, "helpdesk.team", "kanban")
    view.page(env["helpdesk.team"], [])


def form(env, data):
    """One ticket."""
    view = view_of(env, "helpdesk.ticket", "form")
    view.read(env["helpdesk.ticket"].browse(data["template"]))


def create(env, data):
    """New tickets in one call."""
    values = {"name": "New", "team_id": data["teams"][0]}
    env["helpdesk.ticket"].create(
        [
            {**values, "partner_id": data["customers"][i % len(data["customers"])]}
            for i in range(1000)
        ]
    )


SCREENS = {
    "pipeline of a team": pipeline_of_team,
    "pipeline of all teams": pipeline_open,
    "list of a team": list_of_team,
    "list of all teams": list_of_all,
    "overview": overview,
    "form": form,
    "create 1,000 tickets": create,
}


# === MEASURING === #


class Volume:
    """Measures the desk's screens on a small and on a large desk.

    :param dict sessions: :class:`benchmarks.session.Session` by ``SMALL``, ``LARGE``
    """

    def __init__(self, sessions, repeat):
        self.repeat = repeat
        self.sessions = sessions
        self.data = {}
        for kind, session in sessions.items():
            with session.request() as env:
                self.data[kind] = Ground.load(env)

    def run(self):
        """Yield a :class:`Screen` for each screen."""
        for name, screen in SCREENS.items():
            small = self._samples(SMALL, screen, 1)
            large = self._samples(LARGE, screen, self.repeat)
            yield self._screen(name, small, large)
        small = self._portal_samples(SMALL, 1)
        large = self._portal_samples(LARGE, self.repeat)
        yield self._screen("portal list", small, large)

    def _samples(self, kind, screen, repeat):
        session, data = self.sessions[kind], self.data[kind]
        samples = [
            session.sample(
                data["agents"][0],
                lambda env: None,
                lambda env, _none: screen(env, data),
            )
            for _round in range(repeat + 1)
        ]
        return samples[1:]

    def _screen(self, name, small, large):
        return Screen(
            name=name,
            queries_small=small[-1].queries,
            queries=large[-1].queries,
            ms=statistics.median(sample.ms for sample in large),
            scans=self._scans(large[-1].statements),
        )

    def _scans(self, statements):
        """Statements of which PostgreSQL reads all tickets, by its own plan."""
        scans = []
        with self.sessions[LARGE].request() as env:
            for statement, parameters in statements:
                if (
                    not re.match(r"\s*SELECT", statement)
                    or "helpdesk_ticket" not in statement
                ):
                    continue
                env.cr.execute(f"EXPLAIN {statement}", parameters)
                plan = "\n".join(row[0] for row in env.cr.fetchall())
                before = SEQUENTIAL.split(plan)[0]
                # Below a limit, PostgreSQL stops as soon as it has enough.
                if before != plan and "Limit" not in before:
                    scans.append({"statement": statement, "plan": plan})
        return scans

    # === THE PORTAL, THROUGH ITS CONTROLLER === #

    def _portal_samples(self, kind, repeat):
        """Requests of ``/my/tickets``, with everything HTTP adds in the process."""
        session, data = self.sessions[kind], self.data[kind]
        client = self._portal_client(session, data["portal"])
        samples = [self._portal_sample(client) for _round in range(repeat + 1)]
        return samples[1:]

    def _portal_client(self, session, uid):
        with session.request(uid) as env:
            web_session = http.root.session_store.new()
            web_session.update(
                http.get_default_session(), db=env.cr.dbname, _trace_disable=True
            )
            web_session.uid = uid
            web_session.login = env.user.login
            web_session.session_token = security.compute_session_token(web_session, env)
            web_session.context = dict(env["res.users"].context_get())
            http.root.session_store.save(web_session)
        client = werkzeug.test.Client(http.root)
        client.set_cookie("session_id", web_session.sid, domain="localhost")
        return client

    def _portal_sample(self, client):
        statements = []

        def note(_cursor, query, parameters, _start, _delay):
            statements.append((str(query), parameters))

        thread = threading.current_thread()
        thread.query_hooks = (note,)
        start = time.perf_counter()
        with contextlib.ExitStack() as stack:
            stack.callback(setattr, thread, "query_hooks", ())
            reply = client.get("/my/tickets")
            reply.get_data()
        if reply.status_code != 200:
            raise RuntimeError(f"/my/tickets answered {reply.status}")
        ms = (time.perf_counter() - start) * 1000
        return Sample(len(statements), ms, 0.0, statements)
