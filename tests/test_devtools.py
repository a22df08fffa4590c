"""devtools: the command line, steps, counts, paths and locks."""

import errno
import multiprocessing
import os
import subprocess
import sys
import time

import pytest

from devtools import cli, counts, coverage, locks, paths, phases, suite, ui
from devtools.ui import Problem


def devtools(*arguments, **environment):
    """Run the real command line."""
    return subprocess.run(
        [sys.executable, "devtools", *arguments],
        cwd=paths.ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


# === COMMAND LINE === #


def test_help_names_every_command():
    """`help` succeeds and tells of all commands and variables."""
    result = devtools("help")
    assert result.returncode == 0
    for name in cli.COMMANDS:
        assert f"\n  {name} " in result.stdout
    assert "ODOO_HOME" in result.stdout


def test_makefile_has_every_command():
    """Every command is a target, and every target only calls devtools."""
    text = (paths.ROOT / "Makefile").read_text()
    targets = text.split(".PHONY:")[1].split("\n")[0].split()
    assert set(cli.COMMANDS) | {"help"} == set(targets)
    recipes = [line for line in text.splitlines() if line.startswith("\t")]
    assert recipes == ["\t@$(PYTHON) devtools $@ $(ARGS)"]


def test_unknown_command():
    """A typing error shows the commands there are."""
    result = devtools("rnu")
    assert result.returncode == 2
    assert "no command 'rnu'" in result.stdout
    assert "run" in result.stdout


def test_unknown_phase():
    """A phase that does not exist is refused before anything is prepared."""
    result = devtools("test", "--only", "nothing")
    assert result.returncode == 1
    assert "there is no phase nothing" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("arguments", "names", "rest"),
    [
        ([], list(phases.PHASES), []),
        (["--only", "lint"], ["lint"], []),
        (["--only", "addons,root", "-k", "x"], ["addons", "root"], ["-k", "x"]),
        (["-k", "x"], ["devtools", "addons", "root"], ["-k", "x"]),
    ],
)
def test_selection(arguments, names, rest):
    """Selecting tests selects the phases that can select."""
    assert suite.parse(arguments) == (names, rest, False)


def test_unexpected_failure_has_no_traceback(monkeypatch, capsys):
    """A bug of ours is one sentence and a log, not a traceback."""
    monkeypatch.setitem(cli.COMMANDS, "boom", ("ui", "duration", ""))
    assert cli.main(["boom"]) == 1
    printed = capsys.readouterr().out
    assert "devtools failed unexpectedly" in printed
    assert "Traceback" not in printed
    assert "Traceback" in paths.log("crash").read_text()


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "is full"), (errno.EACCES, "cannot be written")],
)
def test_system_errors_are_sentences(number, words):
    """A full disk and a missing right say what to do."""
    problem = ui.as_problem(OSError(number, os.strerror(number), "/some/file"))
    assert words in problem.sentence
    assert problem.hint


def test_other_errors_are_no_problem_of_the_user():
    """Nothing is explained away."""
    assert ui.as_problem(ValueError("x")) is None
    assert ui.as_problem(OSError(errno.EIO, "I/O", "/x")) is None


# === WHAT THE USER SEES === #


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min 00 s"), (125, "2 min 05 s")],
)
def test_duration(seconds, text):
    """Durations read as people say them."""
    assert ui.duration(seconds) == text


def test_steps_are_numbered(capsys):
    """A step tells its number, the total and its outcome."""
    steps = ui.Steps(2)
    with steps.step("First"):
        pass
    with steps.step("Second") as outcome:
        outcome.append("from the cache")
    printed = capsys.readouterr().out
    assert "[1/2] First ..." in printed
    assert "[2/2] Second ...\n      from the cache (0 s)" in printed


def test_problem_names_sentence_hint_and_log():
    """A problem says what, what to do, and where to read more."""
    text = str(Problem("no network.", "plug it in.", "/x.log"))
    assert text.splitlines() == [
        "Stopped: no network.",
        "What to do: plug it in.",
        "Details: /x.log",
    ]


# === COUNTS === #

JUNIT = """<testsuites><testsuite tests="5" failures="1" errors="1" skipped="1">
<testcase classname="a" name="b"><skipped message="why"/></testcase>
<testcase classname="a" name="c"><failure message="1 is not 2&#10;more"/></testcase>
<testcase classname="a" name="d"><error message="broken"/></testcase>
</testsuite></testsuites>"""


def test_counts_of_pytest(tmp_path):
    """Failures and errors both count as failed."""
    report = tmp_path / "junit.xml"
    report.write_text(JUNIT)
    assert counts.of_junit(report, 1) == counts.Counts(2, 2, 1)
    assert counts.skips_of_junit(report) == ["a.b: why"]
    assert counts.failures_of_junit(report) == ["a.c: 1 is not 2", "a.d: broken"]


def test_silence_is_no_success(tmp_path):
    """A crash before or after the report counts as a failure."""
    missing = tmp_path / "none.xml"
    assert counts.of_junit(missing, 0) == counts.Counts(failed=1)
    report = tmp_path / "junit.xml"
    report.write_text('<testsuite tests="3" failures="0" errors="0" skipped="0"/>')
    assert counts.of_junit(report, 0) == counts.Counts(passed=3)
    assert counts.of_junit(report, 3) == counts.Counts(3, 1, 0)


@pytest.mark.parametrize(
    ("log", "loud", "expected"),
    [
        ("0 failed, 0 error(s) of 12 tests when loading", [], (2, 0)),
        ("0 failed, 0 error(s) of 12 tests when loading", ["x WARNING"], (1, 1)),
        ("2 failed, 1 error(s) of 12 tests when loading", ["x ERROR"], (0, 3)),
        ("0 failed, 0 error(s) of 0 tests when loading", [], (0, 1)),
        ("nothing", [], (0, 1)),
    ],
)
def test_counts_of_odoo(log, loud, expected):
    """Odoo's runner counts by its closing line and its loud lines."""
    found = counts.of_odoo_log(log, loud)
    assert (found.passed, found.failed) == expected


def test_closing_line():
    """The line CI reads."""
    total = counts.Counts(1, 2, 3) + counts.Counts(4, 0, 0)
    assert str(total) == "5 passed, 2 failed, 3 skipped"


@pytest.mark.parametrize(
    ("found", "ci", "code"),
    [
        (counts.Counts(3, 0, 0), "true", 0),
        (counts.Counts(3, 0, 1), "", 0),
        (counts.Counts(3, 0, 1), "true", 1),
        (counts.Counts(3, 1, 0), "", 1),
        (counts.Counts(0, 0, 0), "", 1),
    ],
)
def test_exit_code(monkeypatch, capsys, found, ci, code):
    """Any failure fails; in CI a skipped test does, too; so does no test at all."""
    monkeypatch.setenv("CI", ci)
    results = {"lint": phases.Result(found, [])}
    assert suite.conclude(results, time.monotonic()) == code
    assert capsys.readouterr().out.splitlines()[-1] == str(found)


def test_failures_are_named_at_the_end(capsys):
    """Whoever sees only the last lines learns what failed."""
    found = phases.Result(counts.Counts(3, 1), ["long story"], failures=["a.c: 1"])
    suite.conclude({"root": found}, time.monotonic())
    assert "FAILED a.c: 1" in capsys.readouterr().out


def test_phase_that_breaks_counts_as_failed(monkeypatch):
    """A phase never disappears from the counts."""

    def broken(_bench):
        raise Problem("no server.")

    monkeypatch.setitem(phases.PHASES, "lint", broken)
    result = phases.run_phase("lint", None)
    assert result.counts.failed == 1
    assert "no server" in result.lines[0]


def test_lanes_share_the_phases(monkeypatch):
    """Each phase runs once, none is forgotten, whatever lane is free."""
    ran = []

    def note(name, _bench):
        ran.append(name)
        return phases.Result(counts.Counts(passed=1), [])

    monkeypatch.setattr(phases, "run_phase", note)
    monkeypatch.setattr(paths, "LOGS", paths.LOGS / "lanes")
    bench = phases.Bench(None, {}, "", None, [])
    results = suite.run_all(list(phases.PHASES), bench, sequential=False)
    assert sorted(ran) == sorted(results) == sorted(phases.PHASES)
    assert sorted(phases.ORDER) == sorted(phases.PHASES)


def test_coverage_ranges():
    """Line numbers are put together."""
    assert coverage.ranges([3, 9, 7, 8]) == "3, 7-9"
    assert coverage.percent(199, 200) == 99
    assert coverage.percent(0, 0) == 100


# === PATHS AND LOCKS === #


def test_cache_follows_xdg(monkeypatch, tmp_path):
    """XDG_CACHE_HOME decides, also for root."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert paths.cache() == tmp_path / paths.NAME


def test_socket_paths_fit(monkeypatch):
    """However deep the clone lies, the socket's path stays short enough."""
    monkeypatch.setattr(paths, "state", lambda: paths.Path("/" + "x" * 90))
    assert len(str(paths.sockets("test-s"))) <= paths.SOCKET_LIMIT


def test_tree_hash_follows_content(tmp_path):
    """What ends up in a database counts, tests do not."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "a.py").write_text("1")
    first = paths.tree_hash([tmp_path])
    (tmp_path / "tests" / "test_a.py").write_text("1")
    assert paths.tree_hash([tmp_path]) == first
    (tmp_path / "a.py").write_text("2")
    assert paths.tree_hash([tmp_path]) != first


def test_build_once_builds_once(tmp_path):
    """A second wish is served from what is there."""
    built = []

    def builder(partial):
        built.append(partial)
        (partial / "file").write_text("x")

    for _ in range(2):
        target = locks.build_once(tmp_path / "thing", builder, "it")
    assert len(built) == 1
    assert (target / "file").exists()


def test_failed_build_leaves_nothing(tmp_path):
    """A broken build is not mistaken for a complete one."""

    def broken(_partial):
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError):
        locks.build_once(tmp_path / "thing", broken, "it")
    assert not (tmp_path / "thing").exists()
    assert not (tmp_path / "thing.partial").exists()


def _build_slowly(target, count):
    def builder(partial):
        time.sleep(0.3)
        (partial / "file").write_text("x")
        with count.get_lock():
            count.value += 1

    locks.build_once(target, builder, "it")


def test_two_processes_build_once(tmp_path):
    """Two clones that start together share one build."""
    context = multiprocessing.get_context("fork")
    count = context.Value("i", 0)
    children = [
        context.Process(target=_build_slowly, args=(tmp_path / "thing", count))
        for _ in range(3)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(20)
    assert count.value == 1


def test_exclusive_names_the_owner(tmp_path):
    """The second command says who holds the clone."""
    lock = tmp_path / "run.lock"
    with locks.exclusive(lock, "busy", "wait"):
        with pytest.raises(Problem) as caught:
            with locks.exclusive(lock, "busy", "wait"):
                raise AssertionError("both hold the lock")
        assert str(os.getpid()) in caught.value.sentence


def test_prune_keeps_the_newest(tmp_path):
    """Old caches go, the newest stay however old they are."""
    for age in range(4):
        directory = tmp_path / f"d{age}"
        directory.mkdir()
        stamp = time.time() - (age + 20) * 86400
        os.utime(directory, (stamp, stamp))
    locks.prune(tmp_path, keep=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d0", "d1"]


def test_failed_set_up_has_a_closing_line(monkeypatch, capsys, tmp_path):
    """Whoever reads only the last line learns that nothing was tested."""

    def broken(*_arguments):
        raise Problem("no network.", "plug it in.")

    monkeypatch.setattr(suite, "run_heavy", broken)
    monkeypatch.setattr(paths, "state", lambda: tmp_path)
    assert suite.test([]) == 1
    printed = capsys.readouterr().out
    assert "no network." in printed
    assert printed.splitlines()[-1] == "0 passed, 1 failed, 0 skipped"
