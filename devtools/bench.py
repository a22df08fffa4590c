"""``bench``: run the benchmarks on a PostgreSQL and databases of their own."""

from devtools import paths, proc, templates
from devtools.workshop import Workshop


def bench(arguments):
    """Run ``benchmarks/`` in the Odoo environment. Return its exit code.

    It finds in ``HELPDESK_TEST_BENCH`` the path of a JSON file that names the databases
    to copy from (``plain``: stock modules only, ``addons``: both of ours installed).

    :param arguments: passed on
    """
    workshop = Workshop("bench", steps=1)
    with workshop.at_work({"plain"}) as odoo:
        _names, description = templates.prepare(workshop, odoo)
        command = [odoo.python, "-m", "benchmarks", *arguments]
        environ = {**odoo.env, "HELPDESK_TEST_BENCH": str(description)}
        process = proc.spawn(command, env=environ, cwd=paths.ROOT)
        try:
            return process.wait()
        finally:
            proc.stop(process)
