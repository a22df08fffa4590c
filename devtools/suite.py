"""``test``: every test there is, then one line of counts."""

import argparse
import collections
import functools
import json
import time

from devtools import browser, coverage, locks, paths, phases, proc, templates
from devtools.counts import Counts
from devtools.odoo import Odoo
from devtools.ui import Problem, Steps, duration, say
from devtools.workshop import Workshop

#: How many phases run beside each other: most machines have two cores.
LANES = 2


def parse(arguments):
    """Return the options and what is left for pytest."""
    parser = argparse.ArgumentParser(
        prog="devtools test",
        description="Run every test there is. Anything else, such as -k or -x or a "
        "path, goes to pytest.",
    )
    parser.add_argument(
        "--only",
        default="",
        metavar="PHASES",
        help=f"comma-separated, of: {', '.join(phases.PHASES)}",
    )
    parser.add_argument(
        "--sequential", action="store_true", help="one phase after the other"
    )
    options, rest = parser.parse_known_args(arguments)
    names = [name for name in options.only.split(",") if name]
    unknown = set(names) - set(phases.PHASES)
    if unknown:
        raise Problem(
            f"there is no phase {', '.join(sorted(unknown))}.",
            f"choose from {', '.join(phases.PHASES)}.",
        )
    if not names:
        names = list(phases.PHASES)
        if rest:
            names = ["devtools", "addons", "root"]
    return names, rest, options.sequential


# === DATABASES === #


def with_addons(odoo, key, kind, prefix):
    """Return a database that has both our addons, as they are now.

    :param kind: ``plain`` or ``demo``
    """
    template = templates.Templates(odoo, key).name(kind == "demo")
    content = paths.tree_hash(paths.ROOT / addon for addon in paths.ADDONS)
    stem = f"{prefix}_addons_{kind}_"
    name = stem + paths.short_hash(template, content)
    if name in odoo.ready():
        return name
    for old in odoo.databases():
        if old.startswith(stem):
            odoo.drop(old)
    new = f"{stem}new"
    odoo.duplicate(template, new)
    options = ["--with-demo"] if kind == "demo" else []
    odoo.install(new, paths.ADDONS, *options, log=f"install-{kind}")
    odoo.build_assets(new, log=f"assets-{kind}")
    odoo.rename(new, name)
    return name


def prepare(workshop, odoo, steps, kinds, rest=(), live=False):
    """Make the databases the phases copy from; describe them for the root tests.

    :param kinds: ``plain``, ``demo`` or both
    :param rest: arguments for pytest
    :param live: show pytest's output while it comes
    """
    prefix = f"hb{paths.clone_id()[:6]}"
    made = templates.Templates(odoo, workshop.key)
    names = {}
    with steps.step("Addons installed") as outcome:
        tasks = {}
        for kind in kinds:
            names[kind] = made.name(kind == "demo")
            key = "addons" if kind == "plain" else f"addons_{kind}"
            tasks[key] = functools.partial(
                with_addons, odoo, workshop.key, kind, prefix
            )
        log = paths.log(f"install-{kinds[-1]}")
        names.update(proc.together(tasks, lambda: proc.last_line(log)))
        outcome.append(" and ".join(f"{kind} database" for kind in kinds))
    description = workshop.home / "bench.json"
    content = {
        "python": str(odoo.python),
        "home": str(workshop.home),
        "server": odoo.server.env,
        "templates": names,
        "prefix": prefix,
    }
    description.write_text(json.dumps(content))
    return phases.Bench(odoo, names, prefix, description, list(rest), live)


# === RUNNING === #


def run_lane(waiting, bench, results):
    """Run phase after phase until none is left; say each result as it comes.

    :param waiting: names of phases not yet begun, shared with the other lanes
    """
    while waiting:
        try:
            name = waiting.popleft()
        except IndexError:  # another lane was faster
            return
        result = phases.run_phase(name, bench)
        results[name] = result
        lines = [phases.headline(name, result), *(f"   {x}" for x in result.lines)]
        say("\n".join(lines))


def status_of(results, names):
    """Return which phases are under way, with the last line of their logs."""
    left = [name for name in names if name not in results]
    texts = [f"{name}: {proc.last_line(paths.log(f'test-{name}'))}" for name in left]
    return " | ".join(text[:60] for text in texts[:3])


def run_all(names, bench, sequential):
    """Run phases, two lanes beside each other. Return results by name."""
    results = {}
    for name in names:
        paths.log(f"test-{name}").unlink(missing_ok=True)
    waiting = collections.deque(name for name in phases.ORDER if name in names)
    work = functools.partial(run_lane, waiting, bench, results)
    if bench.live or sequential:
        work()
        return results
    lanes = dict.fromkeys(range(LANES), work)
    proc.together(lanes, lambda: status_of(results, names))
    return results


def conclude(results, start):
    """Print what counts, the counts last. Return the exit code."""
    total = sum((result.counts for result in results.values()), Counts())
    say()
    if "addons" in results:
        for line in coverage.report():
            say(line)
    for name, result in results.items():
        say(phases.headline(name, result))
        for failure in result.failures:
            say(f"   FAILED {failure}")
    failed = total.failed > 0 or not total.passed
    if total.skipped and phases.is_ci():
        say("Skipped tests count as failures here (CI is set).")
        failed = True
    say(f"Took {duration(time.monotonic() - start)}. Logs: {paths.LOGS}")
    say()
    say(str(total))
    return 1 if failed else 0


def run_light(names, rest, sequential):
    """Run phases that need no database."""
    workshop = Workshop("test", Steps(Workshop.STEPS - 1))
    workshop.prepare()
    odoo = Odoo(workshop.python, workshop.server(), workshop.home)
    bench = phases.Bench(odoo, {}, "", None, rest, live=names == ["devtools"])
    return run_all(names, bench, sequential)


def run_heavy(names, rest, sequential):
    """Run phases on databases made for them."""
    live = len(names) == 1 and names[0] != "odoo"
    steps = Steps(Workshop.STEPS + 2)
    workshop = Workshop("test", steps)
    workshop.prepare()
    with workshop.open({"plain", "demo"}) as odoo:
        with steps.step("Browser") as outcome:
            browser.ensure(outcome)
        kinds = ("plain", "demo")
        bench = prepare(workshop, odoo, steps, kinds, rest, live)
        return run_all(names, bench, sequential)


def test(arguments):
    """Run the tests. Return the exit code."""
    start = time.monotonic()
    names, rest, sequential = parse(arguments)
    lock = locks.exclusive(
        paths.state() / "test.lock",
        "another `make test` runs in this clone",
        "wait for it, or use a second clone: clones do not disturb each other.",
    )
    light = set(names) <= phases.LIGHT
    try:
        with lock:
            results = (run_light if light else run_heavy)(names, rest, sequential)
    except Problem as problem:
        # No set-up, no tests: that is a failure too, and the last line says so.
        say(f"\n{problem}\n\n{Counts(failed=1)}")
        return 1
    return conclude(results, start)
