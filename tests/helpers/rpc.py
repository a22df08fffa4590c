"""Clients of a served database: XML-RPC and JSON-2."""

import json
import urllib.error
import urllib.request

from devtools import rpc

ADMIN = "admin"


class Rpc(rpc.Rpc):
    """The client of devtools, for tests."""

    def ref(self, xmlid):
        """Return the id of the record with an external id."""
        module, name = xmlid.split(".")
        domain = [("module", "=", module), ("name", "=", name)]
        rows = self.search_read("ir.model.data", domain, ["res_id"])
        assert rows, f"{xmlid} does not exist"
        return rows[0]["res_id"]

    def new_user(self, login, groups, **values):
        """Create a user with exactly these groups and log in as that user.

        Only for an administrator. The password is the login.

        :param groups: external ids; ``base.group_user`` is not added by itself
        """
        group_ids = [self.ref(group) for group in groups]
        self.call(
            "res.users", "create",
            {
                "name": login, "login": login, "password": login,
                "email": f"{login}@example.com",
                "group_ids": [(6, 0, group_ids)],
                **values,
            },
            context={"no_reset_password": True},
        )  # fmt: skip
        return Rpc(self.url, self.database, login)


class Json2:
    """The JSON-2 API with a bearer key."""

    def __init__(self, url, database, key):
        self.url = url
        self.database = database
        self.key = key

    def post(self, model, method, **arguments):
        """Call a method; return the HTTP status and the decoded answer."""
        request = urllib.request.Request(
            f"{self.url}/json/2/{model}/{method}",
            data=json.dumps(arguments).encode(),
            headers={
                "Authorization": f"bearer {self.key}",
                "Content-Type": "application/json",
                "X-Odoo-Database": self.database,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            body = error.read()
            try:
                return error.code, json.loads(body)
            except ValueError:
                return error.code, body.decode(errors="replace")

    def call(self, model, method, **arguments):
        """Call a method that must succeed; return its result."""
        status, answer = self.post(model, method, **arguments)
        assert status == 200, f"{model}.{method}: HTTP {status}: {answer}"
        return answer
