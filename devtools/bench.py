"""``bench`` and ``dump``: what runs in the Odoo environment, on databases of its own."""

from pathlib import Path

from devtools import paths, proc, templates
from devtools.ui import Problem
from devtools.workshop import Workshop


def beside_odoo(workshop, module, *arguments):
    """Run a Python module in the Odoo environment. Return its exit code.

    It finds in ``HELPDESK_TEST_BENCH`` the path of a JSON file that names the databases
    to copy from (``plain``: stock modules only, ``addons``: all of ours installed).

    :param workshop: what it works with
    :param module: its name; those of ``tests`` are found, too
    :param arguments: passed on
    """
    with workshop.at_work() as odoo:
        _names, description = templates.prepare(workshop, odoo)
        environ = {
            **odoo.env,
            "HELPDESK_TEST_BENCH": str(description),
            "PYTHONPATH": str(paths.ROOT / "tests"),
        }
        command = [odoo.python, "-m", module, *arguments]
        process = proc.spawn(command, env=environ, cwd=paths.ROOT)
        try:
            return process.wait()
        finally:
            proc.stop(process)


def bench(arguments):
    """Run ``benchmarks/``. Return the exit code.

    :param arguments: passed on
    """
    return beside_odoo(Workshop("bench", steps=1), "benchmarks", *arguments)


def dump(arguments):
    """Keep a database of a version, see ``tests/helpers/versions.py``.

    :param arguments: the directory of the addons; this clone by default
    :return: the exit code
    """
    folder = Path(arguments[0]).absolute() if arguments else paths.ROOT
    if (
        len(arguments) > 1
        or not (folder / "helpdesk_base" / "__manifest__.py").exists()
    ):
        raise Problem(
            "there are no addons of ours.", "make dump, or make dump ARGS=DIR"
        )
    return beside_odoo(Workshop("test", steps=1), "helpers.versions", folder)
