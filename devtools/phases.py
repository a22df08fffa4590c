"""The parts of ``devtools test``: what each runs and how it is counted."""

import dataclasses
import os
import sys
import time

from devtools import counts, lint, paths, proc
from devtools.odoo import loud_lines, loud_records
from devtools.served import free_port
from devtools.ui import duration


@dataclasses.dataclass
class Result:
    """What came of a phase.

    :param lines: what is worth showing once it has ended
    :param failures: one line for each failure, repeated at the very end of the run
    """

    counts: counts.Counts
    lines: list
    seconds: float = 0.0
    failures: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Bench:
    """What the phases work with.

    :param odoo: the :class:`devtools.odoo.Odoo` of the tests
    :param templates: database names by kind
    :param prefix: how databases made here begin
    :param description: path of the file that tells the root tests all this
    :param arguments: pytest arguments of the user
    :param live: show the output while it comes instead of keeping it in a log
    """

    odoo: object
    templates: dict
    prefix: str
    description: object
    arguments: list
    live: bool = False

    def copy(self, name, template):
        """Copy a template to a database of that name; return the full name."""
        full_name = f"{self.prefix}_{name}"
        self.odoo.duplicate(self.templates[template], full_name)
        return full_name


def pytest_phase(name, bench, arguments, extra_env=None):
    """Run pytest and count its report."""
    log = paths.log(f"test-{name}")
    paths.ARTIFACTS.mkdir(parents=True, exist_ok=True)
    report = paths.ARTIFACTS / f"junit-{name}.xml"
    report.unlink(missing_ok=True)
    command = [bench.odoo.python, "-m", "pytest", "--tb=short", f"--junitxml={report}"]
    command += ["-o", f"junit_suite_name={name}", *arguments, *bench.arguments]
    environ = {**bench.odoo.env, **(extra_env or {}), "PYTHONUNBUFFERED": "1"}
    if bench.live:
        process = proc.spawn(command, env=environ, cwd=paths.ROOT, stdin=sys.stdin)
        try:
            code = process.wait()
        finally:
            proc.stop(process)
    else:
        code = proc.run(command, log, check=False, env=environ, cwd=paths.ROOT)
    if code == 5 and bench.arguments:
        return Result(counts.Counts(), ["nothing selected here"])
    result = Result(counts.of_junit(report, code), [])
    result.failures = counts.failures_of_junit(report)
    if result.counts.failed and not bench.live:
        result.lines = failures(log)
    if not report.exists():
        result.lines.append(f"pytest ended without a report, exit code {code}")
    result.lines += [f"skipped: {text}" for text in counts.skips_of_junit(report)]
    return result


def failures(log, limit=150):
    """Return the part of a pytest log that tells about failures."""
    lines = log.read_text(errors="replace").splitlines()
    for number, line in enumerate(lines):
        if line.startswith(("=") * 4) and (" FAILURES " in line or " ERRORS " in line):
            return [*lines[number : number + limit], f"(all of it: {log})"]
    return [*lines[-40:], f"(all of it: {log})"]


# === THE PHASES === #


def lint_phase(_bench):
    """Run the linters, one check each."""
    results = lint.check_all()
    lines = []
    for name, problem in results:
        if problem:
            lines += [f"lint: {name}", *problem.splitlines()[:60]]
    failures = [name for name, problem in results if problem]
    passed = len(results) - len(failures)
    return Result(counts.Counts(passed, len(failures)), lines, failures=failures)


def devtools_phase(bench):
    """Run the tests that need neither a database nor a server."""
    tests = sorted(paths.ROOT.glob("tests/test_devtools*.py"))
    tests += [paths.ROOT / "tests" / "test_repository.py"]
    return pytest_phase("devtools", bench, ["-q", "-p", "no:odoo", *tests])


def addons_phase(bench):
    """Run the tests of both addons with pytest, measuring coverage.

    Measuring makes the random sequences slow: a taste will do, the odoo phase plays
    them all.
    """
    database = bench.copy("addons_pytest", "addons")
    coverage = paths.DEV / "coverage"
    coverage.mkdir(parents=True, exist_ok=True)
    arguments = [
        "-q",
        "-W", "ignore",
        f"--odoo-database={database}",
        "--odoo-http",
        f"--odoo-addons-path={paths.ROOT}",
        f"--odoo-extra=data-dir={bench.odoo.data_dir}",
        "--odoo-extra=http-interface=127.0.0.1",
        "--odoo-extra=max-cron-threads=0",
        f"--cov-config={paths.ROOT / '.coveragerc'}",
        *[f"--cov={addon}" for addon in paths.ADDONS],
        f"--cov-report=json:{coverage / 'addons.json'}",
        "--cov-report=",
        *paths.ADDONS,
    ]  # fmt: skip
    environ = {
        "COVERAGE_FILE": str(coverage / "addons.data"),
        "REINVOICE_STEPS": os.environ.get("REINVOICE_STEPS", "40"),
    }
    try:
        return pytest_phase("addons", bench, arguments, environ)
    finally:
        bench.odoo.drop(database)


def root_phase(bench):
    """Run the tests of tests/ that work on databases and servers from outside."""
    without = ["test_devtools", "test_repository"]
    tests = [
        path
        for path in sorted(paths.ROOT.glob("tests/test_*.py"))
        if not path.name.startswith(tuple(without))
    ]
    if not tests:
        return Result(counts.Counts(failed=1), ["tests/ holds no test"])
    environ = {"HELPDESK_TEST_BENCH": str(bench.description)}
    return pytest_phase("root", bench, ["-q", "-p", "no:odoo", *tests], environ)


def odoo_phase(bench):
    """Update both addons by Odoo's own runner: at_install order, clean log."""
    database = bench.copy("odoo_runner", "addons")
    log = paths.log("test-odoo")
    tags = ",".join(f"/{addon}" for addon in paths.ADDONS)
    command = bench.odoo.command(
        "server", "-d", database, "-u", ",".join(paths.ADDONS),
        "--test-tags", tags, "--stop-after-init", "--max-cron-threads=0",
        "--http-interface=127.0.0.1", f"--http-port={free_port()}",
    )  # fmt: skip
    try:
        proc.run(command, log, check=False, env=bench.odoo.env)
    finally:
        bench.odoo.drop(database)
    text = log.read_text(errors="replace")
    loud = loud_lines(text)
    result = Result(counts.of_odoo_log(text, loud), loud_records(text)[:150])
    result.failures = loud[:10]
    summary = counts.SUMMARY.search(text)
    if summary:
        result.lines.insert(0, f"Odoo's runner: {summary[3]} tests")
    else:
        result.lines += [*text.splitlines()[-30:], f"(all of it: {log})"]
    for skip in counts.SKIP.findall(text):
        result.counts.skipped += 1
        result.lines.append(f"skipped: {skip}")
    return result


PHASES = {
    "lint": lint_phase,
    "devtools": devtools_phase,
    "addons": addons_phase,
    "root": root_phase,
    "odoo": odoo_phase,
}
#: In which order phases begin: the longest first, with the quick ones beside it.
ORDER = ("addons", "lint", "devtools", "root", "odoo")
#: Phases that need no database.
LIGHT = {"lint", "devtools"}


def run_phase(name, bench):
    """Run a phase, whatever happens in it, and time it."""
    start = time.monotonic()
    try:
        result = PHASES[name](bench)
    except Exception as error:
        text = f"{name} broke off: {error}"
        result = Result(counts.Counts(failed=1), [text], failures=[text])
    result.seconds = time.monotonic() - start
    return result


def headline(name, result):
    """Return the one line that sums a phase up."""
    return f"== {name}: {result.counts} ({duration(result.seconds)})"


def is_ci():
    """Tell whether a skipped test counts as a failure here."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")
