"""devtools: where Odoo, Python, PostgreSQL and ports come from."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from devtools import (
    debian,
    environment,
    odoo,
    odoo_source,
    paths,
    postgres,
    proc,
    run,
    served,
    templates,
    workshop,
)
from devtools.ui import Problem


def tree(directory, version="(19, 0, 0, FINAL, 0, '')"):
    """Make something that looks like an Odoo tree."""
    (directory / "odoo").mkdir(parents=True)
    (directory / "odoo" / "release.py").write_text(f"version_info = {version}\n")
    return directory


# === WHERE ODOO COMES FROM === #


@pytest.mark.parametrize(
    ("version", "series"),
    [
        ("(19, 0, 0, FINAL, 0, '')", "19.0"),
        ("(18, 0, 0, FINAL, 0, '')", "18.0"),
        ("('saas~19', 2, 0, FINAL, 0, '')", "saas~19.2"),
    ],
)
def test_series(tmp_path, version, series):
    """The series is read without importing anything."""
    assert odoo_source.series(tree(tmp_path, version)) == series
    assert odoo_source.series(tmp_path / "elsewhere") is None


def test_named_checkout_comes_first(monkeypatch, tmp_path):
    """ODOO_HOME wins."""
    monkeypatch.setenv("ODOO_HOME", str(tree(tmp_path / "mine")))
    outcome = []
    assert odoo_source.find(outcome).library == tmp_path / "mine"
    assert "ODOO_HOME" in outcome[0]


@pytest.mark.parametrize("version", ["(18, 0, 0, FINAL, 0, '')", None])
def test_wrong_checkout_is_refused(monkeypatch, tmp_path, version):
    """A wrong ODOO_HOME is a sentence, not a fallback."""
    if version:
        tree(tmp_path / "mine", version)
    monkeypatch.setenv("ODOO_HOME", str(tmp_path / "mine"))
    with pytest.raises(Problem) as caught:
        odoo_source.find([])
    assert "19.0 is needed" in caught.value.sentence
    assert "unset ODOO_HOME" in caught.value.hint


def test_cached_tree_needs_no_network(monkeypatch, tmp_path):
    """What was fetched is used without asking anybody."""
    monkeypatch.delenv("ODOO_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(odoo_source, "importable", lambda: None)
    monkeypatch.setattr(odoo_source, "from_debian", _fail)
    library = tmp_path / paths.NAME / "odoo" / "debian-19.0" / debian.LIBRARY
    tree(library)
    assert odoo_source.find([]).library == library


def _fail(_directory):
    raise Problem("no way.", "none")


def test_git_follows_debian(monkeypatch, tmp_path):
    """Where the package cannot be had, a clone is made; ODOO_GIT_URL names it."""
    monkeypatch.delenv("ODOO_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(odoo_source, "importable", lambda: None)
    monkeypatch.setattr(odoo_source, "from_debian", _fail)
    repository = tree(tmp_path / "repository")
    git = [
        "git",
        "-C",
        repository,
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@example.com",
    ]
    for command in (
        ["init", "-q", "-b", "19.0"],
        ["add", "."],
        ["commit", "-qm", "x"],
    ):
        proc.run([*git, *command], tmp_path / "git.log", "git failed.")
    monkeypatch.setenv("ODOO_GIT_URL", str(repository))
    source = odoo_source.find([])
    assert odoo_source.series(source.library) == "19.0"
    assert "git-19.0" in str(source.library)


def test_no_odoo_anywhere(monkeypatch, tmp_path):
    """When nothing works, all ways out are named."""
    monkeypatch.delenv("ODOO_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("from_debian", "from_git"):
        monkeypatch.setattr(odoo_source, name, _fail)
    monkeypatch.setattr(odoo_source, "importable", lambda: None)
    with pytest.raises(Problem) as caught:
        odoo_source.find([])
    for way in ("network", "ODOO_HOME", "ODOO_GIT_URL"):
        assert way in caught.value.hint


TARGETS = """\
deb|main|bookworm-updates|http://mirror.example/debian
deb-src|main|bookworm|http://sources.example/debian
deb|contrib|bookworm|http://contrib.example/debian
deb|main|bookworm|http://mirror.example/debian
"""


@pytest.mark.parametrize(
    ("targets", "site"),
    [
        (TARGETS, "http://mirror.example/debian"),
        ("deb|main|noble|http://archive.ubuntu.example/ubuntu", ""),
        ("", ""),
    ],
)
def test_mirror_is_the_machines_own(monkeypatch, targets, site):
    """The release proper of the machine's apt is taken; Ubuntu is no Debian."""
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(proc, "output_of", lambda command: targets)
    assert debian.mirror() == site


def test_private_apt_touches_nothing(tmp_path):
    """Every directory apt writes to is below ours."""
    options = debian.private_apt(tmp_path)
    for name in ("Dir::State=", "Dir::State::Lists=", "Dir::Cache="):
        assert any(part.startswith(f"{name}{tmp_path}") for part in options), name


# === ENVIRONMENT === #


def test_locks_are_complete():
    """Every line of a lock file is pinned and hashed."""
    for lock in environment.REQUIREMENTS.glob("*.txt"):
        text = lock.read_text()
        packages = [line for line in text.splitlines() if line[:1].isalnum()]
        assert packages
        for line in packages:
            assert "==" in line, f"{lock.name}: {line}"
        assert text.count("--hash=sha256:") >= len(packages)


def test_environment_is_complete():
    """The lock, installed as it is, lacks nothing that its packages need."""
    check = [sys.executable, "-m", "pip", "check"]
    result = subprocess.run(check, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_lock_is_installed_without_resolving(monkeypatch):
    """A newer release of a dependency on the day of the installation changes nothing."""
    calls = []
    monkeypatch.setattr(
        environment, "pip", lambda *args, **_kw: calls.append(args) or 0
    )
    environment.install("python", "test")
    [arguments] = calls
    assert {"--no-deps", "--require-hashes"} <= set(arguments)


def test_no_apt_is_obeyed(monkeypatch):
    """NO_APT=1 keeps the system untouched."""
    monkeypatch.setenv("NO_APT", "1")
    monkeypatch.setattr(proc, "run", lambda *args, **kwargs: pytest.fail("apt ran"))
    assert environment.apt_install("chromium") is False


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("OSError: [Errno 28] No space left on device", "is full"),
        ("Temporary failure in name resolution", "out of reach"),
        ("nothing known", "pip failed."),
        ("x\nodoo.tools.convert.ParseError: in x.xml:12\ny", "ParseError: in x.xml:12"),
    ],
)
def test_failed_commands_are_explained(tmp_path, text, words):
    """A log is turned into the sentence it means."""
    log = tmp_path / "x.log"
    log.write_text(text)
    problem = proc.explain(log, "pip failed.", "")
    assert words in problem.sentence
    assert problem.hint


def test_too_little_room(monkeypatch, tmp_path):
    """A full disk is noticed before anything is built."""
    monkeypatch.setattr(workshop, "ROOM_COLD", 10**9)
    monkeypatch.setattr(workshop, "ROOM_WARM", 10**9)
    with pytest.raises(Problem) as caught:
        workshop.check_room()
    assert "MB are free" in caught.value.sentence


def test_cache_that_cannot_be_made(monkeypatch, tmp_path):
    """A cache directory that cannot exist is a sentence."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(Problem) as caught:
        paths.cache()
    assert "cannot be made" in caught.value.sentence


# === POSTGRESQL === #


@pytest.fixture
def cluster(monkeypatch):
    """Make a cluster far from the one the tests run on."""
    program = shutil.which("initdb")
    if not program:
        pytest.skip("PGHOST names a server, so there is no built-in one")
    home = Path(tempfile.mkdtemp(prefix="hb"))
    home.chmod(0o755)
    monkeypatch.setattr(paths, "state", lambda: home)
    yield postgres.Cluster("test", Path(program).parent, disposable=True)
    shutil.rmtree(home)


def test_cluster_starts_and_ends(cluster):
    """Inside the block it answers; afterwards nothing is left running."""
    with cluster:
        pid = cluster.process.pid
        assert (cluster.socket / ".s.PGSQL.5432").exists()
        assert cluster.socket.stat().st_mode & 0o777 == 0o700
    assert proc.command_of(pid) == ""
    assert not (cluster.data / "postmaster.pid").exists()


def test_cluster_survives_kill(cluster):
    """After a kill -9 the next start repairs what was left."""
    with cluster:
        os.kill(cluster.process.pid, signal.SIGKILL)
        time.sleep(0.2)
    assert (cluster.data / "postmaster.pid").exists()
    with cluster:
        assert cluster.process.poll() is None


def test_cluster_forgets_a_reused_pid(cluster):
    """A pid file that names somebody else's process is not believed."""
    with cluster:
        pass
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")
    with cluster:
        assert cluster.process.poll() is None


def test_cluster_of_another_version(cluster):
    """Data of another PostgreSQL are named as such."""
    with cluster:
        pass
    (cluster.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(Problem) as caught, cluster:
        raise AssertionError("it started")
    assert "another PostgreSQL version" in caught.value.sentence
    assert "make clean" in caught.value.hint


def test_own_server_out_of_reach(monkeypatch, tmp_path):
    """A PGHOST that does not answer is a sentence."""
    monkeypatch.setenv("PGHOST", str(tmp_path))
    with pytest.raises(Problem) as caught, postgres.Own(sys.executable):
        raise AssertionError("it answered")
    assert f"PGHOST={tmp_path}" in caught.value.sentence


# === SERVER === #


def test_port_taken_is_said(monkeypatch):
    """PORT names a port that is taken: a sentence. Without PORT: the next one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(Problem) as caught:
            served.choose_port()
        assert f"port {port}" in caught.value.sentence
        assert served.free_port(port) is None
        assert served.free_port(port, tries=20) > port


@pytest.mark.parametrize("value", ["abc", "0", "70000", "-1", "80 80"])
def test_senseless_port(monkeypatch, value):
    """PORT must be a port."""
    monkeypatch.setenv("PORT", value)
    with pytest.raises(Problem) as caught:
        served.choose_port()
    assert "no port number" in caught.value.sentence


def test_child_ends_with_its_group(tmp_path):
    """Stopping a child stops what it started."""
    script = "sleep 300 & echo $! > child; wait"
    process = proc.spawn(["sh", "-c", script], cwd=tmp_path)
    for _ in range(50):
        if (tmp_path / "child").exists() and (tmp_path / "child").read_text().strip():
            break
        time.sleep(0.1)
    child = int((tmp_path / "child").read_text())
    proc.stop(process, signal.SIGTERM, seconds=5)
    time.sleep(0.2)
    assert process.poll() is not None
    assert proc.command_of(child) == ""


def test_progress_names_the_module(tmp_path):
    """The sign of life tells how far an installation is."""
    log = tmp_path / "x.log"
    log.write_text("INFO x odoo.modules.loading: Loading module mail (8/76) \n")
    assert proc.last_line(log) == "module 8 of 76: mail"


def test_progress_is_not_what_a_tool_says_beside_its_work(tmp_path):
    log = tmp_path / "log"
    log.write_text(
        "Installing collected packages: lxml\n"
        "WARNING: Running pip as the 'root' user can break things.\n"
        "[notice] A new release of pip is available\n\n"
    )
    assert proc.last_line(log) == "Installing collected packages: lxml"


# === DATABASES === #


def test_dependencies_are_not_ours():
    """Templates hold what our addons need, and none of ours."""
    found = templates.dependencies()
    assert {"mail", "portal", "sale_timesheet", "sale_management"} <= set(found)
    assert not set(paths.ADDONS) & set(found)
    assert found == sorted(found)


def test_record_of_the_demo_database(tmp_path):
    """What cannot be read is made again; what was written is read."""
    record = tmp_path / "record.json"
    assert run.read(record) == {}
    record.write_text('{"addons": "1", "odoo": "2"}')
    assert run.read(record) == {"addons": "1", "odoo": "2"}
    record.write_text("{broken")
    assert run.read(record) == {}


LOG = """\
2026-01-01 10:00:00,000 1 INFO db odoo.x: fine
2026-01-01 10:00:00,000 1 WARNING db odoo.x: field has no label
2026-01-01 10:00:00,000 1 WARNING ? odoo.x: Running as user 'root' is a security risk
2026-01-01 10:00:00,000 1 ERROR db odoo.x: broken
Traceback (most recent call last):
"""


def test_loud_lines():
    """Warnings and errors are found, the harmless left out."""
    found = odoo.loud_lines(LOG)
    assert [line.split()[3] for line in found] == ["WARNING", "ERROR"]


# === INTERRUPTION === #


def test_interruption_ends_what_was_started(tmp_path, request):
    """Ctrl-C ends the child that is waited for."""
    # Jobs in the background are born deaf to this signal, and so would be this test.
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, former))
    child = tmp_path / "child"

    def interrupt():
        while not child.exists() or not child.read_text().strip():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        proc.run(["sh", "-c", f"echo $$ > {child}; exec sleep 300"], tmp_path / "log")
    assert proc.command_of(int(child.read_text())) == ""
