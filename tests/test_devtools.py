"""devtools: the command line, steps, counts, paths and locks."""

import errno
import json
import logging
import multiprocessing
import os
import shutil
import subprocess
import sys
import time

import pytest

from devtools import cli, lanes, locks, paths, suite, ui
from devtools.ui import Problem


def devtools(*arguments, root=paths.ROOT, **environment):
    """Run the real command line."""
    return subprocess.run(
        [sys.executable, "devtools", *arguments],
        cwd=root,
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


def test_unknown_part():
    """A part that does not exist is refused before anything is prepared."""
    result = devtools("test", "--only", "nothing")
    assert result.returncode == 1
    assert "there is no part nothing" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("arguments", "names", "rest"),
    [
        ([], list(suite.PARTS), []),
        (["--only", "lint"], ["lint"], []),
        (["--only", "addons,root", "-k", "x"], ["addons", "root"], ["-k", "x"]),
        (["-k", "x"], list(suite.PARTS), ["-k", "x"]),
        (["tests/test_wheel.py"], ["root"], ["tests/test_wheel.py"]),
        (["helpdesk_base/tests", "-x"], ["addons"], ["helpdesk_base/tests", "-x"]),
    ],
)
def test_selection(arguments, names, rest):
    """Parts are chosen by name; anything else goes to pytest."""
    assert suite.parse(arguments) == (names, rest)


@pytest.mark.parametrize(
    ("manifests", "words"),
    [
        ({"a": "{"}, "no valid manifest"),
        ({"a": "{'depends': ['b']}", "b": "{'depends': ['a']}"}, "on each other"),
    ],
)
def test_broken_manifest_is_a_sentence(tmp_path, manifests, words):
    """Whatever the command, a manifest of which nothing can be read is named."""
    shutil.copytree(paths.ROOT / "devtools", tmp_path / "devtools")
    for addon, manifest in manifests.items():
        (tmp_path / addon).mkdir()
        (tmp_path / addon / "__manifest__.py").write_text(manifest)
    result = devtools("help", root=tmp_path)
    assert result.returncode == 1
    assert words in result.stderr
    assert "Traceback" not in result.stderr


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

SAMPLE = """
import pytest
def test_a(): pass
def test_b(): pytest.skip("why")
def test_c(): assert 1 == 2
@pytest.fixture
def broken(): raise ValueError("broken")
def test_d(broken): pass
"""


@pytest.mark.parametrize(
    ("content", "found", "words"),
    [
        (
            SAMPLE,
            {"passed": 1, "failed": 2, "skipped": 1},
            ("FAILED test_x.py::test_c", "ERROR test_x.py::test_d", "test_x.py:4: why"),
        ),
        ("import nothing", {"failed": 1}, ("ERROR test_x.py",)),
    ],
)
def test_counts_of_pytest(tmp_path, content, found, words):
    """Failures and errors both count as failed, and say why at the end."""
    (tmp_path / "test_x.py").write_text(content)
    target = tmp_path / "counts.json"
    command = [sys.executable, "-m", "pytest", "-p", "devtools.lanes", "-p", "no:odoo"]
    command += ["-ra", f"--counts={target}", f"--rootdir={tmp_path}", "-c", "/dev/null"]
    result = subprocess.run(
        [*command, tmp_path],
        env={**os.environ, "PYTHONPATH": str(paths.ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert json.loads(target.read_text()) == {"root": found}
    end = result.stdout.partition("short test summary")[2]
    assert [word for word in words if word not in end] == []


@pytest.mark.parametrize(
    ("found", "code", "line"),
    [
        ({}, 0, "0 passed, 1 failed, 0 skipped"),
        ({"root": {"passed": 3}}, 0, "3 passed, 0 failed, 0 skipped"),
        ({"root": {"passed": 3}}, 3, "3 passed, 1 failed, 0 skipped"),
    ],
)
def test_silence_is_no_success(capsys, found, code, line):
    """A crash before or after the report counts as a failure."""
    suite.conclude(found, code, time.monotonic())
    assert capsys.readouterr().out.splitlines()[-1] == line


@pytest.mark.parametrize(
    ("found", "ci", "code"),
    [
        ((3, 0, 0), "true", 0),
        ((3, 0, 1), "", 0),
        ((3, 0, 1), "true", 1),
        ((3, 1, 0), "", 1),
        ((0, 0, 0), "", 1),
    ],
)
def test_exit_code(monkeypatch, capsys, found, ci, code):
    """Any failure fails; in CI a skipped test does, too; so does no test at all."""
    monkeypatch.setenv("CI", ci)
    states = dict(zip(suite.STATES, found, strict=True))
    assert suite.conclude({"root": states}, 0, time.monotonic()) == code
    last = capsys.readouterr().out.splitlines()[-1]
    passed, failed, skipped = found if any(found) else (0, 1, 0)
    assert last == f"{passed} passed, {failed} failed, {skipped} skipped"


def test_what_was_left_out_is_said_at_the_end(capsys):
    """Whoever sees only the last lines learns what failed, and what was left out."""
    found = {"root": {"failed": 1, "passed": 2}, "lint": {"passed": 4}}
    suite.conclude(found, 1, time.monotonic(), [suite.LEFT])
    lines = capsys.readouterr().out.splitlines()
    assert "== root: 2 passed, 1 failed, 0 skipped" in lines
    assert lines[-3:] == [suite.LEFT, "", "6 passed, 1 failed, 0 skipped"]


def test_every_test_belongs_to_a_part():
    """What a part's name selects is what is counted for it; none is forgotten."""
    names = {path.name for path in paths.ROOT.glob("tests/test_*.py")}
    chosen = suite.files_of(suite.PARTS)
    assert {*chosen} == {f"tests/{name}" for name in names} | {*paths.TOGETHER}
    assert suite.part_of("tests/test_wheel.py::test_x") == "root"
    assert suite.part_of("tests/test_devtools.py") == "devtools"
    assert suite.part_of("helpdesk_base/tests/test_team.py::TestTeam") == "addons"
    assert suite.files_of(["lint"]) == ["tests/test_lint.py"]


# === LANES === #


def test_what_a_test_logs_is_kept():
    """Warnings count, what says nothing about the addons does not."""
    log = lanes.Log()
    for level, text in (
        (logging.WARNING, "no label"),
        (logging.INFO, "fine"),
        (logging.WARNING, "Running as user 'root' is a security risk"),
    ):
        record = logging.LogRecord("odoo.x", level, "x", 1, text, (), None)
        log.handle(record) if level >= log.level else None
    [kept] = log.take()
    assert kept.endswith("WARNING - odoo.x: no label")
    assert log.take() == []


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
    # a clone may lie below a folder that is called like what is skipped
    assert paths.tree_hash([tmp_path / "tests"]) != paths.tree_hash([tmp_path / "no"])


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


def test_build_that_was_killed_is_made_again(tmp_path):
    """What lies there half is never taken for complete."""
    thing = tmp_path / "thing"
    thing.mkdir()
    (thing / "half").write_text("x")
    locks.unfinished(thing).touch()
    assert not locks.complete(thing)
    locks.build_once(thing, lambda made: (made / "all").write_text("x"), "it")
    assert locks.complete(thing)
    assert [path.name for path in thing.iterdir()] == ["all"]


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

    monkeypatch.setattr(suite, "on_databases", broken)
    monkeypatch.setattr(paths, "state", lambda: tmp_path)
    assert suite.test([]) == 1
    printed = capsys.readouterr().out
    assert "no network." in printed
    assert printed.splitlines()[-1] == "0 passed, 1 failed, 0 skipped"
