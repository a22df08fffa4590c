"""The databases the measurements run on, built once for a state of the code."""

import json
import os
import subprocess
import types
from pathlib import Path

from devtools import paths
from devtools.odoo import Odoo

#: Set by ``devtools bench``: a file that says which databases are ready.
VARIABLE = "HELPDESK_TEST_BENCH"
#: Files that decide what is in a database.
BUILDERS = ("bulk.py", "flow.py", "ground.py", "scale.py", "world.py", "volume.py")


class Databases:
    """Copies of the prepared databases, filled with the data of a scale.

    :param description: content of the file that ``HELPDESK_TEST_BENCH`` names
    :param str scale: name of the scale
    """

    def __init__(self, description, scale):
        # the server runs already: only its address is needed
        server = types.SimpleNamespace(env=description["server"])
        self.odoo = Odoo(description["python"], server, Path(description["home"]))
        self.templates = description["templates"]
        self.prefix = f"{description['prefix']}_bench"
        self.scale = scale

    @classmethod
    def prepared(cls, scale):
        """Return the databases ``devtools bench`` prepared, or ``None``."""
        path = os.environ.get(VARIABLE)
        return cls(json.loads(Path(path).read_text()), scale) if path else None

    def built(self, kind, template):
        """Return a database holding data of this scale, built if it is not there.

        It is built by ``python -m benchmarks --build``, in a process of its own that
        ends afterwards, and kept for the next run.

        :param kind: what it holds: ``stock``, ``ours`` or ``volume``
        :param template: what it is a copy of: ``plain`` or ``addons``
        """
        directory = Path(__file__).parent
        content = [(directory / name).read_text() for name in BUILDERS]
        stem = f"{self.prefix}_{kind}_{self.scale}_"
        name = stem + paths.short_hash(self.templates[template], *content)
        existing = self.odoo.databases()
        if name in existing:
            return name
        for old in existing:
            if old.startswith(stem):
                self.drop(old)
        new = f"{stem}new"
        self.copy(self.templates[template], new)
        command = [
            str(self.odoo.python), "-m", "benchmarks",
            "--build", kind, "--database", new, "--scale", self.scale,
        ]  # fmt: skip
        subprocess.run(command, env=self.odoo.env, cwd=paths.ROOT, check=True)
        self._execute("ALTER DATABASE", new, "RENAME TO", name)
        return name

    # === WITHOUT THE FILES OF A DATABASE, WHICH NOTHING HERE READS === #

    def copy(self, source, name):
        """Copy a database over another one.

        :param source: name of the database
        :param name: name of the copy
        """
        self.drop(name)
        self._execute("CREATE DATABASE", name, "TEMPLATE", source)

    def drop(self, name):
        """Delete a database, if it is there."""
        self._execute("DROP DATABASE IF EXISTS", name)

    def _execute(self, *words):
        """Run a statement; every second word is the name of a database."""
        text = " ".join(
            f'"{word}"' if number % 2 else word for number, word in enumerate(words)
        )
        self.odoo.query("postgres", text)
