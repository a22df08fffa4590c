"""``make bench``: measure, print the tables, save them."""

import argparse
import contextlib
import os
import time

from odoo.tools import config

from devtools import paths

from . import report
from .databases import Databases
from .operations import OPERATIONS, growth
from .scale import MONTH, SCALES

PARTS = ("clients", "desk", "run")
#: What takes so long that it has to be asked for.
LONG_PARTS = ("run",)
#: What each database holds: flows for the operations, tickets for the desk.
CONTENT = {"stock": ("stock",), "ours": ("stock", "ours")}


def parse(arguments):
    """Return the options."""
    parser = argparse.ArgumentParser(
        prog="make bench ARGS='...'", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument(
        "--all",
        action="store_true",
        help=f"also what takes long: {', '.join(LONG_PARTS)}",
    )
    parser.add_argument(
        "--only",
        default="",
        metavar="LIST",
        help="comma-separated operations such as 2a,6d; 7 for all curves of growth; "
        f"{', '.join(PARTS)}",
    )
    parser.add_argument(
        "--sql", action="store_true", help="save the statements of each operation, too"
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="end with an error when a target is missed",
    )
    parser.add_argument("--build", help=argparse.SUPPRESS)
    parser.add_argument("--database", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def chosen(only, letter):
    """Tell whether an operation is to be measured.

    :param only: letters; empty for all
    """
    return not only or any(
        letter == name or (name == "7" and letter.startswith("7")) for name in only
    )


def configure(database):
    """Let Odoo work on a database in this process, without serving it.

    What else it needs is in the file that ``ODOO_RC`` names.
    """
    config.parse_config(
        ["-d", database, "--log-level=critical", "--http-interface=127.0.0.1"]
    )


# === BUILDING === #


def build(kind, database, scale):
    """Fill a new database.

    :param kind: ``stock``, ``ours``, ``desk_small`` or ``desk_large``
    """
    from .session import Session
    from .volume import LARGE, SMALL, VolumeWorld
    from .world import World

    with Session(database).request(commit=True) as env:
        if kind in CONTENT:
            World(env, scale).build(CONTENT[kind])
        else:
            counts = {SMALL: scale.volume // 50, LARGE: scale.volume}
            VolumeWorld(env, scale).build(counts[kind])


# === MEASURING === #


def measure(databases, scale, only, sql):
    """Measure the operations beside stock.

    :rtype: list of benchmarks.measure.Row
    """
    operations = [
        operation
        for operation in (*OPERATIONS, *growth(scale.growth))
        if chosen(only, operation.letter)
    ]
    if not operations:
        return []
    from .measure import Bench
    from .session import Session

    sessions = {
        "stock": Session(say_building(databases, "stock", "plain")),
        "ours": Session(say_building(databases, "ours", "addons")),
    }
    try:
        return run_operations(Bench(sessions, scale.repeat), operations, sql)
    finally:
        # The clients' measurement copies these databases.
        for session in sessions.values():
            session.close()


def run_operations(bench, operations, sql):
    """Measure operations one after the other, print each row when it is there.

    :rtype: list of benchmarks.measure.Row
    """
    rows = []
    for operation in operations:
        row = bench.run(operation)
        rows.append(row)
        print(report.operations([row]).splitlines()[-1], flush=True)
        if row.error:
            print(row.error)
        elif sql:
            report.save_statements(paths.ARTIFACTS, row)
    return rows


@contextlib.contextmanager
def serving(databases, flow, template):
    """Serve a copy of a flow's database with two workers.

    :return: context manager giving the :class:`benchmarks.clients.Clients` on it
    """
    from devtools.served import Served

    from .clients import Clients
    from .ground import Ground
    from .session import Session

    source = say_building(databases, flow, template)
    database = f"{source}_clients"
    databases.copy(source, database)
    log = paths.log(f"bench-clients-{flow}")
    log.unlink(missing_ok=True)
    session = Session(database)
    with session.request() as env:
        data = Ground.load(env)
    options = ("--workers=2", "--max-cron-threads=0")
    try:
        with Served(databases.odoo, database, log, options=options) as served:
            yield Clients(served, session, data)
    finally:
        session.close()
        databases.drop(database)


def measure_clients(databases, scale):
    """Measure XML-RPC clients on stock and on ours in turn, two workers each.

    :rtype: list of benchmarks.clients.Load
    """
    from .clients import MODES

    loads = []
    with (
        serving(databases, "stock", "plain") as stock,
        serving(databases, "ours", "addons") as ours,
    ):
        for mode, count in MODES:
            for flow, clients in (("stock", stock), ("ours", ours)):
                loads.append(clients.measure(flow, mode, count, scale.rpc_seconds))
                print(report.loads(loads[-1:]).splitlines()[-1], flush=True)
    return loads


def measure_volume(databases, scale):
    """Measure the screens of the desk with 100,000 tickets.

    :rtype: list of benchmarks.volume.Screen
    """
    from .session import Session
    from .volume import LARGE, SMALL, Volume

    sessions = {
        kind: Session(say_building(databases, kind, "addons"))
        for kind in (SMALL, LARGE)
    }
    screens = []
    for screen in Volume(sessions, scale.repeat).run():
        screens.append(screen)
        print(report.screens([screen]).splitlines()[-1], flush=True)
    return screens


def measure_run(databases):
    """Measure a billing run of 1,000 orders beside stock.

    :rtype: list of benchmarks.runs.Step
    """
    from .runs import Month
    from .session import Session

    month = Databases.prepared(MONTH.name)
    sessions, copies = {}, []
    try:
        for kind, template in (("stock", "plain"), ("ours", "addons")):
            source = say_building(month, kind, template)
            copies.append(f"{source}_run")
            databases.copy(source, copies[-1])
            sessions[kind] = Session(copies[-1])
        steps = Month(sessions).steps()
        print(report.steps(steps), flush=True)
        return steps
    finally:
        for session in sessions.values():
            session.close()
        for copy in copies:
            databases.drop(copy)


def say_building(databases, kind, template):
    """Return a database, telling that it may take a while."""
    print(f"database {kind} ...", flush=True)
    return databases.built(kind, template)


def main(arguments):
    """Run the measurements. Return the exit code."""
    options = parse(arguments)
    scale = SCALES[options.scale]
    if options.build:
        configure(options.database)
        build(options.build, options.database, scale)
        return 0
    databases = Databases.prepared(options.scale)
    if databases is None:
        print("Run the benchmarks by `make bench`: it prepares their databases.")
        return 2
    configure("")
    return run(databases, scale, options)


def run(databases, scale, options):
    """Measure what is wanted, print and save it."""
    start = time.monotonic()
    only = [name for name in options.only.split(",") if name]
    rows = measure(databases, scale, only, options.sql)
    loads = measure_clients(databases, scale) if chosen(only, "clients") else []
    screens = measure_volume(databases, scale) if chosen(only, "desk") else []
    is_wanted = "run" in only or (options.all and not only)
    steps = measure_run(databases) if is_wanted else []
    text = report.text(rows, loads, screens, steps)
    print(f"\n{text}\n")
    path = paths.ARTIFACTS / f"bench-{scale.name}.json"
    report.save(
        path,
        {
            "scale": scale.name,
            "cores": os.cpu_count(),
            "seconds": round(time.monotonic() - start),
            "operations": [report.as_data(row) for row in rows],
            "clients": [vars(load) for load in loads],
            "desk": [vars(screen) for screen in screens],
            "run": [vars(step) for step in steps],
        },
    )
    path.with_suffix(".txt").write_text(text + "\n")
    print(f"Took {time.monotonic() - start:.0f} s. Saved in {path}")
    failed = any(row.error for row in rows)
    missed = bool(report.misses(rows, loads, screens, steps))
    return 1 if failed or (options.strict and missed) else 0
