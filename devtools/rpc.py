"""XML-RPC: the client of the demo, the tests and the benchmarks."""

import xmlrpc.client

from devtools.ui import Problem


class Rpc:
    """XML-RPC as integrations use it, logged in as one user.

    ``rpc.call(model, method, *args, **kwargs)`` is ``execute_kw``; the shorthands
    below cover the usual methods. A refusal is an ``xmlrpc.client.Fault`` whose
    ``faultString`` is what the user reads.
    """

    def __init__(self, url, database, login, password=None):
        self.url = url
        self.database = database
        self.login = login
        self.password = password or login
        common = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common")
        self.uid = common.authenticate(database, login, self.password, {})
        if not self.uid:
            raise Problem(
                f"{login} cannot log in to {database} with the password given.",
                "`make clean` and `make run` make a new demo database.",
            )
        self._models = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object")

    def call(self, model, method, *args, **kwargs):
        """Call a public method of a model."""
        return self._models.execute_kw(
            self.database, self.uid, self.password, model, method, list(args), kwargs
        )

    def create(self, model, values):
        """Create one record (a dict) or several (a list); return id or ids."""
        return self.call(model, "create", values)

    def write(self, model, ids, values):
        """Write on records."""
        return self.call(model, "write", _as_ids(ids), values)

    def read(self, model, ids, fields):
        """Read records; one dict for one id, a list for several."""
        rows = self.call(model, "read", _as_ids(ids), fields)
        return rows[0] if isinstance(ids, int) else rows

    def search(self, model, domain, **kwargs):
        """Search ids."""
        return self.call(model, "search", domain, **kwargs)

    def search_read(self, model, domain, fields, **kwargs):
        """Search and read in one call."""
        return self.call(model, "search_read", domain, fields=fields, **kwargs)

    def unlink(self, model, ids):
        """Delete records."""
        return self.call(model, "unlink", _as_ids(ids))


def _as_ids(ids):
    return [ids] if isinstance(ids, int) else list(ids)
