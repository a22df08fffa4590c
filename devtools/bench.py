"""``bench``: run the benchmarks on a PostgreSQL and databases of their own."""

from devtools import locks, paths, proc, templates
from devtools.ui import Problem, Steps
from devtools.workshop import Workshop

PROGRAM = paths.ROOT / "benchmarks" / "__main__.py"


def bench(arguments):
    """Run ``benchmarks/`` in the Odoo environment. Return its exit code.

    It finds in ``HELPDESK_TEST_BENCH`` the path of a JSON file that names the databases
    to copy from (``plain``: stock modules only, ``addons``: both of ours installed).

    :param arguments: passed on
    """
    if not PROGRAM.exists():
        raise Problem("this clone has no benchmarks.", "see benchmarks/ upstream.")
    lock = locks.exclusive(
        paths.state() / "bench.lock", "`make bench` runs already", "wait for it."
    )
    with lock:
        workshop = Workshop("bench", Steps(Workshop.STEPS + 1))
        workshop.prepare()
        with workshop.open({"plain"}) as odoo:
            _names, description = templates.prepare(workshop, odoo)
            command = [odoo.python, "-m", "benchmarks", *arguments]
            environ = {**odoo.env, "HELPDESK_TEST_BENCH": str(description)}
            process = proc.spawn(command, env=environ, cwd=paths.ROOT)
            try:
                return process.wait()
            finally:
                proc.stop(process)
