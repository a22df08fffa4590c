"""What every benchmark database holds: a company, its people, a note of the rest."""

import json

from odoo.fields import Command

from .bulk import analyze

PARAMETER = "helpdesk_benchmark.world"
AGENT = (
    "base.group_user",
    "project.group_project_user",
    "hr_timesheet.group_hr_timesheet_user",
    "helpdesk_base.group_helpdesk_user",
)
MANAGER = (
    "base.group_user",
    "project.group_project_manager",
    "hr_timesheet.group_timesheet_manager",
    "sales_team.group_sale_manager",
    "account.group_account_invoice",
    "helpdesk_base.group_helpdesk_manager",
)
PASSWORD = "benchmark"
NO_MAIL = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "no_reset_password": True,
}


class Ground:
    """Builds the data of a database once; knows what it built.

    :param env: environment of the superuser
    :param scale: a :class:`benchmarks.scale.Scale`
    """

    def __init__(self, env, scale):
        self.env = env(context={**env.context, **NO_MAIL})
        self.scale = scale
        self.data = {}

    @classmethod
    def load(cls, env):
        """Return what was built in this database, ``{}`` if nothing was."""
        value = env["ir.config_parameter"].sudo().get_param(PARAMETER)
        return json.loads(value or "{}")

    def finish(self):
        """Note in the database what was built, and let PostgreSQL look at it."""
        self.env["ir.config_parameter"].set_param(PARAMETER, json.dumps(self.data))
        analyze(self.env)
        return self.data

    # === WHO AND WHERE === #

    def _company(self):
        env = self.env
        if not env.company.chart_template:
            env["account.chart.template"].try_loading(
                "generic_coa", company=env.company, install_demo=False
            )
        domain = env["mail.alias.domain"].search([], limit=1)
        domain = domain or domain.create({"name": "desk.example"})
        env.company.alias_domain_id = domain
        self.data["domain"] = domain.name

    def _users(self):
        people = self.env["res.users"].create(
            [self._user_values(f"bench_agent_{i}", AGENT) for i in self._agents()]
            + [self._user_values("bench_manager", MANAGER)]
        )
        employees = self.env["hr.employee"].create(
            [
                {"name": user.name, "user_id": user.id, "hourly_cost": 40.0}
                for user in people
            ]
        )
        self.agents, self.employees = people[:-1], employees[:-1]
        self.data.update(agents=self.agents.ids, manager=people[-1].id)

    def _agents(self):
        return range(1, self.scale.agents + 1)

    def _user_values(self, login, groups):
        found = [self.env.ref(name, raise_if_not_found=False) for name in groups]
        return {
            "name": login.replace("_", " ").title(),
            "login": login,
            "password": PASSWORD,
            "email": f"{login}@desk.example",
            "group_ids": [Command.set([group.id for group in found if group])],
        }

    def _product(self, name, policy):
        return self.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "service_policy": policy,
                "uom_id": self.env.ref("uom.product_uom_hour").id,
                "list_price": 100.0,
                "taxes_id": [Command.clear()],
            }
        )
