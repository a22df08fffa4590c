from contextlib import contextmanager

from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase
from odoo.tools.func import reset_cached_properties

AGENT = "helpdesk_base.group_helpdesk_user"
MANAGER = "helpdesk_base.group_helpdesk_manager"
INTERNAL = "base.group_user"
PORTAL = "base.group_portal"


class QueryCounter:
    """Counts what requests ask of the database.

    As the server gets them: nothing is in memory before, also not what environments
    remember of their user, and what is to be written is written at the end.
    """

    @contextmanager
    def _one_request(self):
        """Count the queries of a block, in ``query_count``."""
        self._end_request()
        self.env.invalidate_all()
        for env in self.env.transaction.envs:
            reset_cached_properties(env)
        before = self.env.cr.sql_log_count
        yield
        self._end_request()
        self.query_count = self.env.cr.sql_log_count - before

    def _end_request(self):
        self.env.flush_all()
        self.env.cr.precommit.run()

    def _count_queries(self, call, *arguments):
        """Return how many queries a call costs."""
        with self._one_request():
            call(*arguments)
        return self.query_count

    def _count_warm_queries(self, call, *arguments):
        """Return how many queries the same call costs the second time."""
        self._count_queries(call, *arguments)
        return self._count_queries(call, *arguments)

    @contextmanager
    def assertMaxQueries(self, maximum):
        """Fail if a block costs more queries."""
        with self._one_request():
            yield
        count = self.query_count
        self.assertLessEqual(count, maximum, f"{count} queries instead of {maximum}")


class HelpdeskCommon(QueryCounter, TransactionCase):
    """The helpdesk world of the tests, also of addons built on this one.

    Two teams (Care: open to the portal; Backoffice: invited people only), one user
    per access level, two customers with contacts and portal users, six tickets.
    Mail is never sent: notifications stay in the database.
    """

    #: What the agents of the teams and their lead may do, in addons more.
    agent_groups = AGENT
    manager_groups = MANAGER

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context=dict(
                cls.env.context,
                no_reset_password=True,
                mail_create_nosubscribe=True,
            )
        )
        cls.company = cls.env.company
        cls._set_up_users()
        cls._set_up_customers()
        cls._set_up_teams()
        cls._set_up_tickets()

    @classmethod
    def _set_up_users(cls):
        """Access levels: agents, lead (administrator), colleague without rights."""
        agent, lead = cls.agent_groups, cls.manager_groups
        cls.agent, cls.agent_2, cls.outsider, cls.manager, cls.colleague = (
            cls._new_users(
                {"login": "hd_agent", "groups": agent, "name": "Ada Agent"},
                {"login": "hd_agent_2", "groups": agent, "name": "Ben Agent"},
                {"login": "hd_outsider", "groups": AGENT, "name": "Oda Outsider"},
                {"login": "hd_manager", "groups": lead, "name": "Mia Lead"},
                {"login": "hd_colleague", "groups": INTERNAL, "name": "Cole Clerk"},
            )
        )

    @classmethod
    def _set_up_customers(cls):
        Partner = cls.env["res.partner"]
        cls.customer_a = Partner.create(
            {"name": "Alpha Bakery", "is_company": True, "email": "info@alpha.example"}
        )
        cls.contact_a = Partner.create(
            {
                "name": "Alice Alpha",
                "parent_id": cls.customer_a.id,
                "email": "alice@alpha.example",
                "phone": "+32 2 555 01 01",
            }
        )
        cls.contact_a2 = Partner.create(
            {
                "name": "Arno Alpha",
                "parent_id": cls.customer_a.id,
                "email": "arno@alpha.example",
            }
        )
        cls.customer_b = Partner.create(
            {"name": "Beta Garage", "is_company": True, "email": "info@beta.example"}
        )
        cls.contact_b = Partner.create(
            {
                "name": "Bob Beta",
                "parent_id": cls.customer_b.id,
                "email": "bob@beta.example",
            }
        )
        of_a, of_b = cls.contact_a.id, cls.contact_b.id
        cls.portal_a, cls.portal_b = cls._new_users(
            {"login": "hd_portal_a", "groups": PORTAL, "partner_id": of_a},
            {"login": "hd_portal_b", "groups": PORTAL, "partner_id": of_b},
        )

    @classmethod
    def _set_up_teams(cls):
        Stage = cls.env["helpdesk.stage"]
        cls.stage_new = Stage.create({"name": "Incoming", "sequence": 1})
        cls.stage_work = Stage.create({"name": "Working", "sequence": 2})
        cls.stage_done = Stage.create({"name": "Finished", "sequence": 3, "fold": True})
        stages = cls.stage_new | cls.stage_work | cls.stage_done
        cls.team = cls._new_team("Care", stages, cls.agent | cls.agent_2)
        cls.team_private = cls._new_team(
            "Backoffice", stages, cls.agent, privacy_visibility="invited_internal"
        )

    @classmethod
    def _set_up_tickets(cls):
        cls.ticket = cls._new_ticket("Oven is cold", partner_id=cls.contact_a.id)
        cls.ticket_a2 = cls._new_ticket("Till is slow", partner_id=cls.contact_a2.id)
        cls.ticket_b = cls._new_ticket("Lift is stuck", partner_id=cls.contact_b.id)
        cls.ticket_assigned = cls._new_ticket(
            "Door is open", partner_id=cls.customer_b.id, user_id=cls.agent.id
        )
        cls.ticket_unknown = cls._new_ticket(
            "Who am I", partner_name="Zoe", partner_email="zoe@nowhere.example"
        )
        cls.ticket_private = cls._new_ticket(
            "Payroll question", team_id=cls.team_private.id, partner_id=cls.contact_a.id
        )

    # === HELPERS === #

    @classmethod
    def _new_user(cls, login, groups, **values):
        return cls._new_users({"login": login, "groups": groups, **values})

    @classmethod
    def _new_users(cls, *people):
        """Make users in one call, which is much quicker than one after the other.

        :param dict people: values of each; ``groups`` are external ids with commas
            between them, the password is the login, as in ``new_test_user``
        """
        vals_list = []
        for values in people:
            login = values["login"]
            vals = {"email": f"{login}@desk.example", "password": f"{login:x<8}"}
            if "partner_id" in values:
                partner = cls.env["res.partner"].browse(values["partner_id"])
                vals.update(name=partner.name, email=partner.email)
            if "company_id" in values:
                vals["company_ids"] = [Command.link(values["company_id"])]
            vals |= values
            groups = [cls.env.ref(name) for name in vals.pop("groups").split(",")]
            vals["group_ids"] = [Command.set([group.id for group in groups])]
            vals.setdefault("name", login)
            vals_list.append(vals)
        return cls.env["res.users"].create(vals_list)

    @classmethod
    def _new_team(cls, name, stages, members, **values):
        return cls.env["helpdesk.team"].create(
            {
                "name": name,
                "stage_ids": [Command.set(stages.ids)],
                "member_ids": [Command.set(members.ids)],
                **values,
            }
        )

    @classmethod
    def _new_ticket(cls, name, **values):
        values.setdefault("team_id", cls.team.id)
        return cls.env["helpdesk.ticket"].create({"name": name, **values})


class TourCase(HttpCase):
    """Tours with time enough for a busy machine: the first page may take a while."""

    def start_tour(self, url_path, tour_name, **options):
        options.setdefault("timeout", 180)
        return super().start_tour(url_path, tour_name, **options)
