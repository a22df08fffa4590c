"""Running Odoo's commands: one server, one data directory, one configuration."""

import contextlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from devtools import environment, paths, proc
from devtools.ui import Problem, as_problem

CONFIGURATION = """\
[options]
data_dir = {data_dir}
http_interface = 127.0.0.1
list_db = False
"""

#: Warnings that say nothing about our addons: about the machine, and about the API of
#: old which integrations use for another while.
HARMLESS = (
    r"Running as user 'root' is a security risk",
    r"[Ww]khtmltopdf",
    r"/xmlrpc, /xmlrpc/2 and /jsonrpc endpoints are deprecated",
)

#: What tells a database from the one it was copied from.
NEW_SECRETS = """
    UPDATE ir_config_parameter SET value = gen_random_uuid()
    WHERE key IN ('database.uuid', 'database.secret')"""

#: What ``odoo shell`` runs in :meth:`Odoo.build_assets`.
BUILD_ASSETS = paths.ROOT / "devtools" / "build_assets.py"


class Odoo:
    """Odoo with our addons, its data directory and a PostgreSQL server.

    :param python: Python of the environment that has Odoo
    :param server: the PostgreSQL server, see :mod:`devtools.postgres`
    :param home: directory of the data directory and the configuration
    :param addons_path: directories of addons; default this clone
    """

    def __init__(self, python, server, home, addons_path=(paths.ROOT,)):
        self.python = Path(python)
        self.server = server
        self.data_dir = Path(home) / "data"
        self.conf = Path(home) / "odoo.conf"
        self.addons_path = tuple(addons_path)
        self.data_dir.mkdir(parents=True, exist_ok=True)
        text = CONFIGURATION.format(data_dir=self.data_dir)
        if addons_path:
            text += f"addons_path = {','.join(map(str, addons_path))}\n"
        self.conf.write_text(text)

    @property
    def env(self):
        """The environment Odoo and PostgreSQL's client programs run in."""
        environ = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("PG", "ODOO_", "OPENERP_", "PYTHONPATH"))
        }
        environ.update(self.server.env)
        path = environ.get("PATH") or os.environ.get("PATH", "")
        # --dev=reload starts `python` again by that name.
        environ["PATH"] = f"{self.python.parent}{os.pathsep}{path}"
        environ["ODOO_RC"] = str(self.conf)
        return environ

    def command(self, *arguments):
        """Return the command line of an Odoo command."""
        return [self.python, environment.script(self.python, "odoo"), *arguments]

    def run(self, *arguments, log, sentence, hint="", check=True):
        """Run an Odoo command to its end.

        :param log: name of the log
        :param sentence: what to say when it fails
        :return: the exit code
        """
        return proc.run(
            self.command(*arguments),
            paths.log(log),
            sentence,
            hint,
            check=check,
            env=self.env,
        )

    # === DATABASES === #

    def query(self, database, statement):
        """Return the rows of a statement as lists of texts.

        :raise Problem: if the database does not answer
        """
        code = (
            "import json, os, sys, psycopg2\n"
            "connection = psycopg2.connect(dbname=sys.argv[1])\n"
            "connection.autocommit = True\n"
            "cursor = connection.cursor()\n"
            "cursor.execute(sys.argv[2])\n"
            "rows = cursor.fetchall() if cursor.description else []\n"
            "print(json.dumps(rows, default=str))\n"
        )
        try:
            result = subprocess.run(
                [str(self.python), "-c", code, database, statement],
                env=self.env,
                capture_output=True,
                text=True,
            )
        except OSError as error:
            raise as_problem(error) or error from None
        if result.returncode:
            last = (result.stderr.strip().splitlines() or ["no answer"])[-1]
            raise Problem(f"the database {database} cannot be worked with: {last}")
        return json.loads(result.stdout)

    def databases(self):
        """Return the names of the server's databases."""
        rows = self.query(
            "postgres", "SELECT datname FROM pg_database WHERE NOT datistemplate"
        )
        return {row[0] for row in rows}

    def ready(self):
        """Return the names of the databases whose files are here, too.

        A server of the user's own outlives `make clean`; the files do not.
        """
        return {name for name in self.databases() if self.files(name).is_dir()}

    def files(self, name):
        """Return the directory of a database's files."""
        return self.data_dir / "filestore" / name

    def drop(self, name):
        """Delete a database and its files, if it is there."""
        self.query("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(self.files(name), ignore_errors=True)

    def duplicate(self, source, target):
        """Copy a database with its files over another one; its secrets are its own."""
        self.drop(target)
        self.query("postgres", f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
        self.query(target, NEW_SECRETS)
        shutil.copytree(self.files(source), self.files(target))

    def rename(self, source, target):
        """Rename a database and its files."""
        self.query("postgres", f'ALTER DATABASE "{source}" RENAME TO "{target}"')
        self.files(source).rename(self.files(target))

    def install(self, *arguments, **options):
        """Install or update modules; see :meth:`installing`."""
        with self.installing(*arguments, **options):
            pass

    @contextlib.contextmanager
    def installing(self, database, modules, *options, log, update=False):
        """Install or update modules beside a block, and make sure it happened.

        Odoo ends with success even if a module does not exist.

        :param modules: names
        :param options: more options of the server command
        :param log: name of the log
        """
        switch = "-u" if update else "-i"
        names = ",".join(modules)
        command = self.command(
            "server", "-d", database, switch, names, *options,
            "--stop-after-init", "--no-http", "--max-cron-threads=0",
        )  # fmt: skip
        sentence = f"Odoo could not {'update' if update else 'install'} {names}."
        hint = "read the end of the log: it names the file and the line."
        with proc.beside(command, paths.log(log), sentence, hint, env=self.env):
            yield
        missing = set(modules) - self.installed(database)
        if missing:
            raise Problem(
                f"Odoo left {', '.join(sorted(missing))} uninstalled.",
                "look for WARNING and ERROR in the log.",
                paths.log(log),
            )

    def build_assets(self, database, log):
        """Build the browser's files, so that the first page need not wait for it.

        :param log: name of the log
        """
        with open(BUILD_ASSETS, "rb") as code:
            proc.run(
                self.command("shell", "-d", database, "--no-http"),
                paths.log(log),
                "Odoo could not build the files the browser loads.",
                env=self.env,
                stdin=code,
            )

    def installed(self, database):
        """Return the names of a database's installed modules."""
        rows = self.query(
            database, "SELECT name FROM ir_module_module WHERE state = 'installed'"
        )
        return {row[0] for row in rows}


RECORD = re.compile(r"^\d{4}-\d\d-\d\d \S+ \d+ (\w+) ")
LOUD = {"WARNING", "ERROR", "CRITICAL"}


def loud_lines(text):
    """Return the log lines of level WARNING and above that may be our fault.

    :param text: a server log
    """
    return [line for line in text.splitlines() if is_loud(RECORD.match(line), line)]


def is_loud(record, line):
    """Tell whether a line is the first one of a loud record."""
    if not record or record[1] not in LOUD:
        return False
    return not any(re.search(rule, line) for rule in HARMLESS)
