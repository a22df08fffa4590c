"""Odoo, Python and PostgreSQL brought together for one command."""

import contextlib
import os
import shutil

from devtools import environment, locks, odoo_source, paths, postgres, templates
from devtools.odoo import Odoo
from devtools.ui import Problem, Steps

#: Free disk space in MB wanted before anything is built, and for a further run.
ROOM_COLD, ROOM_WARM = 3000, 400
#: The templates that commands copy their databases from.
KINDS = {"run": ("demo",), "test": ("plain", "demo"), "bench": ("plain",)}
#: What a second command hears, by what it would work with, and what to do then.
BUSY = {
    "run": (
        "this clone is served already",
        "use the running one (make demo finds it), or stop it with Ctrl-C first: two "
        "servers would not see each other's changes.",
    ),
    "test": (
        "another `make test` runs in this clone",
        "wait for it, or use a second clone: clones do not disturb each other.",
    ),
    "bench": ("`make bench` runs already", "wait for it."),
}


def alone(name):
    """Keep other commands of this clone from what one works with.

    :param name: ``run``, ``test`` or ``bench``
    :return: context manager
    :raise Problem: if another one works with it
    """
    return locks.exclusive(paths.state() / f"{name}.lock", *BUSY[name])


class Workshop:
    """What a command works with.

    :param name: ``run``, ``test`` or ``bench``; each has a cluster of its own, so that
        tests can neither stop nor damage what somebody works with
    :param steps: how many steps the command takes beside those of :meth:`at_work`
    """

    def __init__(self, name, steps=0):
        self.name = name
        self.kinds = KINDS[name]
        self.steps = Steps(4 + steps)
        self.home = paths.state() / name
        self.python = self.key = self.bin_dir = None

    def prepare(self):
        """Get Odoo, its Python environment and PostgreSQL's programs."""
        os.umask(0o022)
        check_room()
        with self.steps.step("Odoo 19") as outcome:
            source = odoo_source.find(outcome)
        with self.steps.step("Python environment") as outcome:
            self.python = environment.with_odoo(source, outcome)
        with self.steps.step("PostgreSQL") as outcome:
            if os.environ.get("PGHOST"):
                outcome.append(f"your server, PGHOST={os.environ['PGHOST']}")
            else:
                self.bin_dir = postgres.programs(self.python)
                outcome.append("built-in")
        # Not the lock file: what a database holds does not depend on it.
        self.key = paths.short_hash(source.key, environment.python_key())

    @contextlib.contextmanager
    def at_work(self, first=None):
        """Be alone, prepare, and start PostgreSQL with the templates wanted.

        :param first: callable that may object before anything is prepared
        :return: context manager giving an :class:`devtools.odoo.Odoo`
        """
        with alone(self.name):
            if first:
                first()
            self.prepare()
            server = self.server()
            with contextlib.ExitStack() as stack:
                with self.steps.step("Databases") as outcome:
                    self._fill(server, outcome)
                    stack.enter_context(server)
                    odoo = Odoo(self.python, server, self.home)
                    templates.ensure(self, odoo, outcome)
                yield odoo

    def server(self):
        """Return the PostgreSQL server this works with, not started."""
        if not self.bin_dir:
            return postgres.Own(self.python)
        return postgres.Cluster(self.name, self.bin_dir, self.name != "run")

    def _fill(self, server, outcome):
        """Get a new cluster from the cache, or make one and keep it there."""
        if not self.bin_dir:
            return
        image = templates.image(self)
        if locks.complete(image):
            if not (server.data / "PG_VERSION").exists():
                templates.restore(server, image, outcome)
            return
        with server:
            odoo = Odoo(self.python, server, self.home)
            templates.ensure(self, odoo, outcome)
            names = {templates.name_of(self, kind) for kind in self.kinds}
            used = odoo.databases() - names - {"postgres"}
        if not used:
            templates.save(server, image, outcome)


def check_room():
    """Stop before the disk is full rather than in the middle."""
    cold = not any((paths.cache() / "venv").glob("odoo-*"))
    wanted = ROOM_COLD if cold else ROOM_WARM
    for place in (paths.cache(), paths.state()):
        free = shutil.disk_usage(place).free // 2**20
        if free < wanted:
            raise Problem(
                f"only {free} MB are free on the disk that holds {place}, "
                f"{wanted} MB are needed.",
                "free some space, or set XDG_CACHE_HOME to a larger disk.",
            )
