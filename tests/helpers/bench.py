"""The Odoo the tests work on, as devtools prepared it."""

import json
import os
import subprocess
import types
from pathlib import Path

from devtools import paths
from devtools.odoo import Odoo, loud_lines
from helpers.catalogue import schema

#: Set by ``devtools test``: a file that says which databases are ready.
VARIABLE = "HELPDESK_TEST_BENCH"
#: Of a server that tests drive: no scheduled jobs, and passwords that take no time.
SERVER_OPTIONS = (
    "--max-cron-threads=0",
    f"--addons-path={paths.ROOT},{paths.ROOT / 'tests' / 'addons'}",
    "--load=base,rpc,web,quick_passwords",
)


class Bench:
    """Databases to copy from, and the Odoo to do it with."""

    def __init__(self, description):
        self.templates = description["templates"]
        self.prefix = description["prefix"]
        # the server runs already: only its address is needed
        server = types.SimpleNamespace(env=description["server"])
        self.odoo = Odoo(description["python"], server, Path(description["home"]))

    @classmethod
    def prepared(cls):
        """Return the bench devtools prepared, or ``None`` outside of it."""
        path = os.environ.get(VARIABLE)
        return cls(json.loads(Path(path).read_text())) if path else None

    def database(self, name, template):
        """Copy a template to a database of that name.

        :param template: ``plain`` or ``demo`` (stock modules only), ``addons`` (ours
            installed, no demo data)
        """
        full_name = self._full_name(name)
        self.odoo.duplicate(self.templates[template], full_name)
        return Database(self.odoo, full_name)

    def restored(self, name, text):
        """Make a database of a dump.

        :param text: statements, as :mod:`helpers.versions` keeps them
        """
        database = Database(self.odoo, self._full_name(name))
        database.drop()
        self.odoo.query(
            "postgres",
            f"CREATE DATABASE \"{database.name}\" ENCODING 'UTF8' LC_COLLATE 'C'"
            " TEMPLATE template0",
        )
        result = subprocess.run(
            ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", database.name, "-f", "-"],
            input=text, env=self.odoo.env, capture_output=True, text=True,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr[-2000:]
        self.odoo.files(database.name).mkdir(parents=True, exist_ok=True)
        return database

    def schema(self, template):
        """Return what the tables of a template are like; see :meth:`database`."""
        return schema(self.odoo, self.templates[template])

    def _full_name(self, name):
        lane = os.environ.get("PYTEST_XDIST_WORKER", "")
        return f"{self.prefix}{lane}_{name}"


class Database:
    """A database of its own for a test.

    ``log`` holds everything Odoo logged while it was worked on.
    """

    def __init__(self, odoo, name):
        self.odoo = odoo
        self.name = name
        self.log = ""

    def _keep_log(self, name):
        self.log += paths.log(name).read_text(errors="replace")

    def install(self, *modules, options=()):
        """Install modules; fails if Odoo leaves one out."""
        name = f"{self.name}-install"
        self.odoo.install(self.name, modules, *options, log=name)
        self._keep_log(name)

    def update(self, *modules, options=()):
        """Update installed modules, as ``odoo -u`` does."""
        name = f"{self.name}-update"
        self.odoo.install(self.name, modules, *options, log=name, update=True)
        self._keep_log(name)

    def uninstall(self, *modules):
        """Uninstall modules, as the Apps screen does."""
        name = f"{self.name}-uninstall"
        self.odoo.run(
            "module", "uninstall", "-d", self.name, *modules,
            log=name, sentence=f"{', '.join(modules)} could not be uninstalled.",
        )  # fmt: skip
        self._keep_log(name)

    def shell(self, code, seconds=300, options=()):
        """Run Python in an Odoo shell (``env`` is there); return what it prints.

        :param seconds: after which it is given up
        :param options: more options of the command
        """
        command = self.odoo.command("shell", "-d", self.name, "--no-http", *options)
        result = subprocess.run(
            [str(part) for part in [*command, "--log-level=error"]],
            input=code,
            env=self.odoo.env,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        assert result.returncode == 0, result.stderr[-3000:]
        return result.stdout

    def query(self, statement):
        """Return the rows of an SQL statement as lists."""
        return self.odoo.query(self.name, statement)

    def schema(self):
        """Return what the tables are like, as a set."""
        return schema(self.odoo, self.name)

    def installed(self):
        """Return the names of the installed modules."""
        return self.odoo.installed(self.name)

    def loud_lines(self):
        """Return what was logged at level WARNING and above."""
        return loud_lines(self.log)

    def drop(self):
        """Delete it, with its files."""
        self.odoo.drop(self.name)
