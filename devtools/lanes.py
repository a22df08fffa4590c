"""The pytest plugin of ``make test``: lanes share the tests, the log stays clean.

* With ``-n 2`` (pytest-xdist) each lane works on a database and with files of its own;
  pytest-odoo makes the copy of the database. A class, or a module of functions, is
  never cut in two, and what takes longest begins first.
* A warning or an error that a test of an addon logs fails it, as Odoo's own runner
  demands. A test that provokes one says so by ``mute_logger`` or ``assertLogs``.
* A test marked ``deep`` (a class tagged so, in an addon) is left to ``make test-deep``.
* While lanes are at work, a line tells how far they are, and what failed; what passed is
  counted, by part of the suite (``--counts=FILE``).
"""

import collections
import json
import logging
import os
import shutil
from pathlib import Path

import pytest

from devtools import paths
from devtools.odoo import loud_lines
from devtools.suite import part_of
from devtools.ui import heartbeat

#: Seconds the longest take, by file. Others are estimated by their number of tests.
SECONDS = {
    "test_api_page.py": 30,
    "test_approval_sequences.py": 15,
    "test_bad_input.py": 30,
    "test_browser.py": 65,
    "test_concurrency.py": 50,
    "test_end_to_end.py": 25,
    "test_invariants.py": 35,
    "test_kind_sequences.py": 15,
    "test_lifecycle.py": 70,
    "test_migration.py": 30,
    "test_month_browser.py": 25,
    "test_month_sequences.py": 20,
    "test_odoo_lint.py": 20,
    "test_pack_sequences.py": 20,
    "test_screens.py": 20,
    "test_races.py": 65,
    "test_timer_browser.py": 50,
    "test_tour.py": 15,
    "test_website.py": 55,
}


class Log(logging.Handler):
    """Keeps the records that would fail Odoo's own runner."""

    def __init__(self):
        super().__init__(logging.WARNING)
        form = "%(asctime)s %(process)d %(levelname)s - %(name)s: %(message)s"
        self.setFormatter(logging.Formatter(form))
        self.loud = []

    def emit(self, record):
        text = self.format(record)
        if loud_lines(text):
            self.loud.append(text)

    def take(self):
        """Return what was kept, and forget it."""
        taken, self.loud = self.loud, []
        return taken


LOG = Log()


def pytest_addoption(parser):
    parser.addoption("--counts", type=Path, help="file for numbers by state, by part")


def pytest_configure(config):
    logging.getLogger().addHandler(LOG)


def pytest_unconfigure(config):
    logging.getLogger().removeHandler(LOG)


@pytest.fixture(autouse=True)
def clean_log(request):
    """Fail a test of an addon that logged a warning."""
    yield
    loud = LOG.take()
    if loud and request.path.relative_to(paths.ROOT).parts[0] in paths.ADDONS:
        pytest.fail("it logged:\n" + "\n".join(loud), pytrace=False)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config):
    """Give a lane files of its own: Odoo deletes what its database does not know."""
    lane = os.environ.get("PYTEST_XDIST_WORKER")
    extra = getattr(config.option, "odoo_extra", [])
    for option, _is, directory in [text.partition("=") for text in extra]:
        if lane and option == "data-dir":
            own = f"{directory}-{lane}"
            files = f"filestore/{config.option.odoo_database}"
            shutil.rmtree(own, ignore_errors=True)
            shutil.copytree(Path(directory, files), Path(own, files))
            # of options given twice Odoo takes the last
            extra.append(f"data-dir={own}")
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark what is deep; put the longest first."""
    scopes = {}
    for item in items:
        if "deep" in getattr(item.cls, "test_tags", ()):
            item.add_marker("deep")
        scopes.setdefault(item.nodeid.rsplit("::", 1)[0], []).append(item)
    items[:] = [
        item for scope in sorted(scopes.values(), key=seconds) for item in scope
    ]


def seconds(scope):
    """Return how long tests that stay together take, negative, estimated."""
    return -SECONDS.get(scope[0].path.name, 0.5 * len(scope))


# === WHAT IS TOLD === #


def has_lanes(config):
    """Tell whether others run the tests, and this process tells of them."""
    return bool(getattr(config.option, "numprocesses", None))


@pytest.hookimpl(wrapper=True)
def pytest_report_teststatus(report, config):
    """Print no line for each test that passed in a lane."""
    category, letter, word = yield
    if category == "passed" and has_lanes(config):
        return category, "", ""
    return category, letter, word


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session):
    """Give a sign of life."""
    if not has_lanes(session.config):
        return (yield)
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")

    def status():
        found = count(reporter.stats).values()
        total = sum(found, collections.Counter())
        text = f"{total.total()} of {session.testscollected} tests"
        return f"{text}, {total['failed']} failed" if total["failed"] else text

    with heartbeat(status):
        return (yield)


def pytest_terminal_summary(terminalreporter, config):
    """Leave the counts to who started this."""
    if config.option.counts:
        config.option.counts.write_text(json.dumps(count(terminalreporter.stats)))


def count(stats):
    """Return numbers by state, by part of the suite.

    :param stats: pytest's reports by what they came to
    """
    states = {"passed": "passed", "failed": "failed", "error": "failed"}
    states |= {"skipped": "skipped", "xfailed": "skipped", "xpassed": "passed"}
    found = collections.defaultdict(collections.Counter)
    for category, state in states.items():
        for report in list(stats.get(category, ())):
            found[part_of(report.nodeid)][state] += 1
    return found
