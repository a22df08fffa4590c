"""``test`` and ``test-deep``: one pass over every test, then one line of counts."""

import argparse
import functools
import os
import re
import shutil
import sys
import time

from devtools import bench, browser, paths, proc, templates
from devtools.counts import Counts, cases_of, failures_in
from devtools.odoo import Odoo
from devtools.ui import Problem, duration, say
from devtools.workshop import Workshop, alone

#: The parts of the suite, by the test files of tests/ that begin so.
PARTS = {
    "lint": ("test_lint",),
    "devtools": ("test_devtools", "test_repository"),
    "addons": (),
    "root": ("test_",),
}
#: Parts that need no database.
LIGHT = {"lint", "devtools"}
#: How often what is random is played; what the environment says comes first.
SHALLOW = {"REINVOICE_STEPS": "400"}
DEEP = {
    "REINVOICE_STEPS": "20000",
    "HELPDESK_MAILS": "2000",
    "RACE_ROUNDS": "500",
    "CROWD_LINES": "20",
}
LEFT = (
    "Left to `make test-deep`: coverage, random play of 20,000 steps (here 400), stock "
    "comparison, clicks on a phone, life without demo data and without each addon, updates from "
    "older versions than the last, benchmarks, more mails and races."
)

#: pytest-cov's options: measure the addons, name what was never run.
COVERAGE = ["--cov-config=.coveragerc", "--cov-report=term-missing:skip-covered"]
COVERAGE += [f"--cov={addon}" for addon in paths.ADDONS]


def parse(arguments):
    """Return the parts wanted and what is left for pytest."""
    parser = argparse.ArgumentParser(
        prog="devtools test",
        description="Run the tests. Anything else, such as -k or -x or a path, goes to "
        "pytest.",
    )
    parser.add_argument(
        "--only",
        default="",
        metavar="PARTS",
        help=f"comma-separated, of: {', '.join(PARTS)}",
    )
    options, rest = parser.parse_known_args(arguments)
    names = [name for name in options.only.split(",") if name]
    unknown = set(names) - set(PARTS)
    if unknown:
        raise Problem(
            f"there is no part {', '.join(sorted(unknown))}.",
            f"choose from {', '.join(PARTS)}.",
        )
    chosen = [part_of(text) for text in rest if is_path(text)]
    return names or [name for name in PARTS if name in chosen] or list(PARTS), rest


def is_path(text):
    """Tell whether an argument names tests by where they are."""
    return "/" in text and (paths.ROOT / text.partition("::")[0]).exists()


def part_of(name):
    """Return the part a test belongs to.

    :param name: the file, or the class name of a JUnit report
    """
    file = name.removeprefix("tests.").removeprefix("tests/")
    if file.startswith(paths.ADDONS):
        return "addons"
    found = [part for part, starts in PARTS.items() if file.startswith(starts)]
    return [*found, "root"][0]


def files_of(names, rest=()):
    """Return what pytest is to collect for some parts, unless it is told so."""
    if any(map(is_path, rest)):
        return []
    files = sorted(path.name for path in paths.ROOT.glob("tests/test_*.py"))
    chosen = [f"tests/{name}" for name in files if part_of(name) in names]
    return chosen + (list(paths.TOGETHER) if "addons" in names else [])


# === PYTEST === #


def pytest(odoo, name, arguments, environ, live):
    """Run pytest. Return its cases and its exit code.

    :param name: of its report and its log
    :param environ: more environment variables
    :param live: show the output while it comes instead of keeping it in a log
    """
    paths.ARTIFACTS.mkdir(parents=True, exist_ok=True)
    report = paths.ARTIFACTS / f"junit-{name}.xml"
    report.unlink(missing_ok=True)
    command = [odoo.python, "-m", "pytest", "--tb=short", f"--junitxml={report}"]
    command += ["-p", "devtools.lanes", *arguments]
    environ = {**odoo.env, "PYTHONUNBUFFERED": "1", **environ}
    if live:
        process = proc.spawn(command, env=environ, cwd=paths.ROOT, stdin=sys.stdin)
        try:
            code = process.wait()
        finally:
            proc.stop(process)
    else:
        log = paths.log(f"test-{name}")
        code = proc.run(command, log, check=False, env=environ, cwd=paths.ROOT)
        if code:
            say("\n".join(failures_in(log)))
    return cases_of(report), code


def odoo_options(odoo, database):
    """Return the options by which pytest-odoo tests our addons on a database."""
    return [
        f"--odoo-database={database}",
        "--odoo-http",
        "--odoo-log-level=warn",
        f"--odoo-addons-path={paths.ROOT}",
        f"--odoo-extra=data-dir={odoo.data_dir}",
        "--odoo-extra=http-interface=127.0.0.1",
        "--odoo-extra=max-cron-threads=0",
        # Chromium, a child of the tests, would inherit the limit and crash
        "--odoo-extra=limit-memory-hard=0",
        # Odoo logs them, and what is logged fails
        "-p", "no:warnings",
    ]  # fmt: skip


def light(odoo, names, rest, live):
    """Run parts that need no database. Return cases and exit code."""
    options = ["-q", "-p", "no:odoo", *files_of(names, rest), *rest]
    return pytest(odoo, "light", options, {}, live)


def run_light(names, rest):
    """Run parts that need no database, and nothing else."""
    workshop = Workshop("test", steps=-1)
    workshop.prepare()
    odoo = Odoo(workshop.python, workshop.server(), workshop.home)
    return light(odoo, names, rest, live=True)


def run_heavy(names, rest, deep=False):
    """Run parts on databases made for them, in lanes if all their tests run.

    What needs no database runs while they are made.
    """
    workshop = Workshop("test", steps=3)
    workshop.prepare()
    with workshop.open({"plain", "demo"}) as odoo:
        with workshop.steps.step("Browser") as outcome:
            browser.ensure(outcome)
        first = sorted(LIGHT & set(names)) if not rest else []
        tasks = {"bases": functools.partial(templates.prepare, workshop, odoo)}
        if first:
            tasks["light"] = functools.partial(light, odoo, first, [], live=False)
        log = paths.log("install-addons")
        done = proc.together(tasks, lambda: proc.last_line(log))
        others = [name for name in names if name not in first]
        with workshop.steps.step("Tests"):
            if rest:
                return in_sight(odoo, *done["bases"], [*files_of(others, rest), *rest])
            cases, code = in_lanes(odoo, *done["bases"], files_of(others), deep)
        more, other_code = done.get("light", ([], 0))
        return more + cases, other_code or code


def environment(description, deep=False):
    """Return what the tests find in their environment.

    :param description: path of the file about the databases
    """
    wanted = {**SHALLOW, **(DEEP if deep else {})}
    wanted.update({name: os.environ[name] for name in DEEP if name in os.environ})
    data = paths.log("coverage").with_suffix(".data")
    return {
        **wanted,
        "HELPDESK_TEST_BENCH": str(description),
        "COVERAGE_FILE": str(data),
    }


def in_sight(odoo, bases, description, arguments):
    """Run some tests one after the other, and show what they print."""
    database = f"{bases['addons']}_one"
    odoo.duplicate(bases["addons"], database)
    if any(text.startswith(paths.APART) for text in arguments if is_path(text)):
        odoo.install(database, paths.APART, log="install-apart")
    arguments = [*arguments, *odoo_options(odoo, database)]
    try:
        return pytest(odoo, "some", arguments, environment(description), live=True)
    finally:
        odoo.drop(database)


def in_lanes(odoo, bases, description, files, deep):
    """Run tests beside each other, on as many copies of the database."""
    if not shutil.which("createdb", path=odoo.env["PATH"]):
        raise Problem(
            "there is no createdb to copy the database with.",
            "install PostgreSQL's client programs, or unset PGHOST.",
        )
    count = min(4, max(2, os.cpu_count() or 1))
    arguments = ["-v", f"-n{count}", "--dist=loadscope", "--no-loadscope-reorder"]
    arguments += COVERAGE if deep else ["-m", "not deep"]
    arguments += [*odoo_options(odoo, bases["addons"]), *files]
    return pytest(odoo, "lanes", arguments, environment(description, deep), live=False)


# === WHAT CAME OF IT === #


def conclude(cases, code, start, last=()):
    """Print what counts, the counts last. Return the exit code.

    A run that failed without saying why (a crash, nothing collected) counts as one
    failure: silence is no success.

    :param cases: list of :class:`devtools.counts.Case`
    :param code: pytest's exit code
    :param last: lines said just before the counts
    """
    total = Counts.of(cases)
    if (code and not total.failed) or not cases:
        total.failed += 1
    say()
    for part in PARTS:
        mine = [case for case in cases if part_of(case.name) == part]
        if mine:
            took = duration(sum(case.seconds for case in mine))
            say(f"== {part}: {Counts.of(mine)} ({took})")
    for case in cases:
        if case.state != "passed":
            say(f"   {case.state.upper()} {case.name}: {case.message}")
    failed = total.failed > 0 or not total.passed
    if total.skipped and is_ci():
        say("Skipped tests count as failures here (CI is set).")
        failed = True
    say(f"Took {duration(time.monotonic() - start)}. Logs: {paths.LOGS}")
    for line in last:
        say(line)
    say()
    say(str(total))
    return 1 if failed else 0


def uncovered():
    """Return the table of pytest-cov: the lines of our Python that were never run."""
    text = paths.log("test-lanes").read_text(errors="replace")
    table = re.search(r"^Name +Stmts .*?^TOTAL .*?$", text, re.M | re.S)
    return table[0].splitlines() if table else ["Coverage was not measured."]


def is_ci():
    """Tell whether a skipped test counts as a failure here."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def run(names, rest, deep=False):
    """Run parts of the suite. Return the exit code."""
    start = time.monotonic()
    try:
        with alone("test"):
            if set(names) <= LIGHT:
                cases, code = run_light(names, rest)
            else:
                cases, code = run_heavy(names, rest, deep)
    except Problem as problem:
        # No set-up, no tests: that is a failure too, and the last line says so.
        say(f"\n{problem}\n\n{Counts(failed=1)}")
        return 1
    whole = not rest and set(names) == set(PARTS)
    last = uncovered() if deep else [LEFT] if whole else []
    return conclude(cases, code, start, last)


def test(arguments):
    """Run the tests, or some of them. Return the exit code."""
    return run(*parse(arguments))


def test_deep(arguments):
    """Run everything, long and with coverage, then the benchmarks.

    :return: the exit code
    """
    if arguments:
        raise Problem("test-deep takes no arguments.", "make test ARGS='-k ...'")
    missed = bench.bench(["--strict"])
    say(f"Benchmarks: {'a target was missed' if missed else 'every target was met'}.")
    return run(list(PARTS), [], deep=True) or missed
