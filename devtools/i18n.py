"""``i18n`` and ``terms``: the texts of the addons, and their translations."""

import os
import subprocess
import tempfile
from pathlib import Path

from devtools import debian, environment, paths, templates
from devtools.ui import Problem, say
from devtools.workshop import Workshop


def i18n(arguments):
    """Export the texts of the addons as they are now. Return the exit code.

    Translations (``i18n/*.po``) are left alone: a test names the texts they lack.
    """
    if arguments:
        raise Problem("i18n takes no arguments.", "run it without.")
    workshop = Workshop("test", steps=1)
    with workshop.at_work() as odoo:
        bases, _file = templates.prepare(workshop, odoo)
        database = f"{bases['addons']}_texts"
        odoo.duplicate(bases["addons"], database)
        try:
            export(odoo, database, paths.TOGETHER)
            # they add texts to records of the others
            odoo.install(database, paths.APART, log="install-apart")
            export(odoo, database, paths.APART)
        finally:
            odoo.drop(database)
    for addon in paths.ADDONS:
        say(f"{addon}/i18n/{addon}.pot")
    return 0


def export(odoo, database, addons):
    """Write the templates of some addons."""
    odoo.run(
        "i18n", "export", "-d", database, *addons,
        log="i18n", sentence="the texts could not be exported.",
    )  # fmt: skip


def terms(arguments):
    """List the terms that differ from Odoo's, see ``tests/helpers/terms.py``.

    :return: the exit code
    """
    if arguments:
        raise Problem("terms takes no arguments.", "run it without.")
    with tempfile.TemporaryDirectory() as folder:
        home = os.environ.get("ODOO_HOME") or folder
        if home == folder:
            # Portuguese is asked for in Brazil, too
            asked = {*paths.languages(), "pt_BR"}
            debian.catalogues(debian.mirror(), Path(home), asked, paths.log("terms"))
        # polib is at home there
        python = environment.with_lint_tools()
        return subprocess.call(
            [python, paths.ROOT / "tests" / "helpers" / "terms.py", home],
            env={**os.environ, "PYTHONPATH": str(paths.ROOT)},
        )
