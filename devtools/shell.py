"""``shell``: an Odoo shell on the demo database."""

import subprocess

from devtools import paths, run
from devtools.ui import Problem, say
from devtools.workshop import Workshop


def shell(arguments):
    """Open an Odoo shell; ``env`` is there. Return the exit code.

    :raise Problem: while ``make run`` serves the database
    """
    workshop = Workshop("run")
    with workshop.at_work() as odoo:
        name = run.database_name(workshop)
        if name not in odoo.databases():
            raise Problem("there is no demo database yet.", "make run makes it.")
        say(f"Odoo shell on {name}; env.cr.commit() keeps what you change.")
        command = odoo.command("shell", "-d", name, "--no-http", *arguments)
        return subprocess.call(
            [str(part) for part in command], env=odoo.env, cwd=paths.ROOT
        )
