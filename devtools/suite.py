"""``test`` and ``test-deep``: one pass over every test, then one line of counts."""

import argparse
import collections
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from devtools import bench, browser, paths, proc, templates
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
#: What a test may come to, in the order it is told.
STATES = ("passed", "failed", "skipped")
#: Where the plugin leaves its counts, of what runs in sight and of what runs beside it.
COUNTS = paths.ARTIFACTS / "counts.json"
COUNTS_BESIDE = paths.ARTIFACTS / "counts-beside.json"
#: How often what is random is played; what the environment says comes first.
SHALLOW = {"REINVOICE_STEPS": "250"}
DEEP = {
    "REINVOICE_STEPS": "20000",
    "HELPDESK_MAILS": "2000",
    "RACE_ROUNDS": "500",
    "CROWD_LINES": "20",
}
LEFT = (
    "Left to `make test-deep`: coverage, random play of 20,000 steps (here 250), stock "
    "comparison, clicks on a phone, a leaf made for the tests, addons that go and come "
    "again, with and without demo data, updates from older versions than the last, "
    "benchmarks, more mails and races."
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

    :param name: where it is, from the root
    """
    file = name.removeprefix("tests/")
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


def pytest(odoo, arguments, environ):
    """Run pytest, in sight. Return its exit code.

    :param environ: more environment variables
    """
    process = start(odoo, COUNTS, arguments, environ, stdin=sys.stdin)
    try:
        return process.wait()
    finally:
        proc.stop(process)


def start(odoo, counts, arguments, environ, **options):
    """Start pytest. Return its process.

    :param counts: the file where it leaves its counts
    :param options: of the process
    """
    paths.ARTIFACTS.mkdir(parents=True, exist_ok=True)
    report = counts.with_name(counts.name.replace("counts", "junit"))
    command = [odoo.python, "-m", "pytest", "--tb=short", "-p", "devtools.lanes"]
    command += [f"--counts={counts}", f"--junitxml={report.with_suffix('.xml')}"]
    environ = {**odoo.env, "PYTHONUNBUFFERED": "1", **environ}
    return proc.spawn([*command, *arguments], env=environ, cwd=paths.ROOT, **options)


@contextlib.contextmanager
def beside(odoo, names):
    """Run parts that need no database while one is made for the others.

    :return: context manager giving a callable, which waits for their end, says what
        failed and returns pytest's exit code
    """
    if not names:
        yield lambda: 0
        return
    arguments = ["-p", "no:odoo", *files_of(names)]
    log = paths.log("test-beside")
    with open(log, "wb") as output:
        process = start(
            odoo, COUNTS_BESIDE, arguments, {}, stdout=output, stderr=subprocess.STDOUT
        )

    def finish():
        code = process.wait()
        if code:
            say(log.read_text(errors="replace"))
        return code

    try:
        yield finish
    finally:
        proc.stop(process)


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


def without_database(names, rest):
    """Run parts that need no database. Return pytest's exit code."""
    workshop = Workshop("test", steps=-1)
    with alone("test"):
        workshop.prepare()
        odoo = Odoo(workshop.python, workshop.server(), workshop.home)
        return pytest(odoo, ["-p", "no:odoo", *files_of(names, rest), *rest], {})


def on_databases(names, rest, deep=False):
    """Run parts on databases made for them. Return pytest's exit code.

    All their tests run beside each other, some of them one after the other.
    """
    workshop = Workshop("test", steps=3)
    light = LIGHT.intersection(() if rest else names)
    others = [name for name in names if name not in light]
    with workshop.at_work() as odoo, beside(odoo, light) as finish:
        with workshop.steps.step("Browser") as outcome:
            browser.ensure(outcome)
        bases, description = templates.prepare(workshop, odoo)
        with workshop.steps.step("Tests"):
            arguments = [*files_of(others, rest), *rest]
            if rest:
                return one_by_one(odoo, bases, description, arguments)
            arguments += lanes(odoo, deep)
            arguments += odoo_options(odoo, bases["addons"])
            code = pytest(odoo, arguments, environment(description, deep))
            return finish() or code


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


def one_by_one(odoo, bases, description, arguments):
    """Run some tests one after the other. Return pytest's exit code."""
    database = f"{bases['addons']}_one"
    odoo.duplicate(bases["addons"], database)
    if any(text.startswith(paths.APART) for text in arguments if is_path(text)):
        odoo.install(database, paths.APART, log="install-apart")
    arguments = [*arguments, *odoo_options(odoo, database)]
    try:
        return pytest(odoo, arguments, environment(description))
    finally:
        odoo.drop(database)


def lanes(odoo, deep):
    """Return the options by which tests run beside each other.

    Each lane has a copy of the database, which pytest-odoo makes.
    """
    if not shutil.which("createdb", path=odoo.env["PATH"]):
        raise Problem(
            "there is no createdb to copy the database with.",
            "install PostgreSQL's client programs, or unset PGHOST.",
        )
    # one more than cores: now and then a lane waits for a server or a browser
    count = min(5, (os.cpu_count() or 1) + 1)
    options = [f"-n{count}", "--dist=loadscope", "--no-loadscope-reorder"]
    return options + (COVERAGE if deep else ["-m", "not deep"])


# === WHAT CAME OF IT === #


def conclude(found, code, start, last=()):
    """Print what counts, the counts last. Return the exit code.

    A run that failed without saying why (a crash, nothing collected) counts as one
    failure: silence is no success.

    :param found: numbers by state, by part: what :mod:`devtools.lanes` counted
    :param code: pytest's exit code
    :param last: lines said just before the counts
    """
    total = sum(map(collections.Counter, found.values()), collections.Counter())
    if (code and not total["failed"]) or not total:
        total["failed"] += 1
    say()
    for part in filter(found.get, PARTS):
        say(f"== {part}: {sentence(collections.Counter(found[part]))}")
    failed = total["failed"] > 0 or not total["passed"]
    if total["skipped"] and is_ci():
        say("Skipped tests count as failures here (CI is set).")
        failed = True
    say(f"Took {duration(time.monotonic() - start)}. Reports: {paths.ARTIFACTS}")
    for line in last:
        say(line)
    say()
    say(sentence(total))
    return 1 if failed else 0


def sentence(counts):
    """Return the line of counts that CI reads.

    :param counts: Counter of states
    """
    return ", ".join(f"{counts[state]} {state}" for state in STATES)


def is_ci():
    """Tell whether a skipped test counts as a failure here."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def run(names, rest, deep=False):
    """Run parts of the suite. Return the exit code."""
    start = time.monotonic()
    for counts in (COUNTS, COUNTS_BESIDE):
        counts.unlink(missing_ok=True)
    try:
        if set(names) <= LIGHT:
            code = without_database(names, rest)
        else:
            code = on_databases(names, rest, deep)
    except Problem as problem:
        # No set-up, no tests: that is a failure too, and the last line says so.
        say(f"\n{problem}\n\n{sentence(collections.Counter(failed=1))}")
        return 1
    found = {}
    for counts in filter(Path.exists, (COUNTS, COUNTS_BESIDE)):
        found.update(json.loads(counts.read_text()))
    whole = not rest and set(names) == set(PARTS) and not deep
    return conclude(found, code, start, [LEFT] if whole else [])


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
