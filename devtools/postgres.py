"""A PostgreSQL of our own: programs from a wheel, clusters that end with us.

Only the wheel's programs are used. A server listens on a Unix socket that nobody else
may open. PostgreSQL refuses to run as root, so for root it runs as ``nobody``.
Set ``PGHOST`` (and PGPORT, PGUSER, PGPASSWORD) to use a server of your own instead.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

from devtools import environment, locks, paths, proc
from devtools.ui import Problem, disk_full

SUPERUSER = "odoo"
WHEELS = ("postgres", "postgres-fallback")
SETTINGS = {"listen_addresses": "", "unix_socket_permissions": "0700"}
#: A database that tests may lose at any time need not survive a power cut.
DISPOSABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
}


def programs(python):
    """Return the directory of PostgreSQL's programs, fetching them if needed.

    :param python: Python of an environment that has pip
    """
    lock = (environment.REQUIREMENTS / "postgres.txt").read_bytes()
    key = f"postgres-{paths.short_hash(lock)}"
    # For root the server runs as `nobody`, who may not enter a home directory.
    place = paths.state().parent if paths.is_root() else paths.cache()
    made = locks.build_once(
        place / key, lambda target: fetch(python, target), "PostgreSQL"
    )
    return next(made.rglob("bin/initdb")).parent


def fetch(python, target):
    """Install the first wheel that can be had into a directory."""
    for name in WHEELS:
        log = paths.log(f"pip-{name}")
        lock = environment.REQUIREMENTS / f"{name}.txt"
        arguments = ["--no-deps", "--require-hashes", "--target", target, "-r", lock]
        environment.pip(python, log, *arguments, check=False)
        if any(target.rglob("bin/initdb")):
            return
    raise proc.explain(
        log,
        "no PostgreSQL could be downloaded for this machine.",
        "check the network, or set PGHOST (and PGUSER) to a server of your own.",
    )


def server_user():
    """Return whom the server runs as, ``None`` if the system does not know us by name."""
    try:
        return pwd.getpwnam("nobody") if paths.is_root() else pwd.getpwuid(os.geteuid())
    except KeyError:
        return None


class Own:
    """The server the user names by PGHOST: used, never started or stopped."""

    embedded = False

    def __init__(self, python):
        self.python = python
        self.env = {
            key: value for key, value in os.environ.items() if key.startswith("PG")
        }

    def __enter__(self):
        probe = "import psycopg2, sys; psycopg2.connect(dbname='postgres').close()"
        result = subprocess.run(
            [str(self.python), "-c", probe], capture_output=True, text=True
        )
        if result.returncode:
            lines = [x for x in result.stderr.splitlines() if "Error: " in x]
            reason = lines[-1].split("Error: ", 1)[1] if lines else "no answer"
            raise Problem(
                f"the PostgreSQL server at PGHOST={self.env['PGHOST']} can't be used: "
                f"{reason}",
                "start it and check PGPORT, PGUSER and PGPASSWORD; the role must be "
                "allowed to create databases. Or unset PGHOST to use the built-in one.",
            )
        return self

    def __exit__(self, *_error):
        pass


class Cluster:
    """One PostgreSQL cluster of this clone, alive inside a ``with`` block.

    :param name: directory below the state directory
    :param bin_dir: PostgreSQL's programs
    :param disposable: trade safety at a power cut for speed
    """

    embedded = True

    def __init__(self, name, bin_dir, disposable=False):
        self.home = paths.state() / name
        self.data = self.home / "pg"
        self.bin_dir = Path(bin_dir)
        self.disposable = disposable
        self.socket = paths.sockets(f"{name}-s")
        self.log = paths.log(f"postgres-{name}")
        self.process = None
        self.env = {
            "PGHOST": str(self.socket),
            "PGUSER": SUPERUSER,
            "PGPORT": "5432",
            "PATH": f"{self.bin_dir}{os.pathsep}{os.environ.get('PATH', '')}",
        }

    # === LIFE === #

    def __enter__(self):
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._prepare_socket()
        self._start()
        return self

    def __exit__(self, *_error):
        if self.process:
            proc.stop(self.process, signal.SIGINT, seconds=60)
            self.process = None

    def _as_server_user(self):
        """Return what makes a child run as the user that owns the cluster."""
        options = {"env": {**os.environ, "HOME": "/", "LC_ALL": "C"}}
        if paths.is_root():
            user = server_user()
            options.update(
                user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd="/"
            )
        return options

    def own(self, *found):
        """Give paths to the user the server runs as."""
        if paths.is_root():
            user = server_user()
            for path in found:
                shutil.chown(path, user.pw_uid, user.pw_gid)

    def _initialise(self):
        if not server_user():
            raise Problem(
                f"the user id {os.geteuid()} has no name on this machine, and "
                "PostgreSQL's initdb insists on one.",
                "run as a user the system knows (in a container: add one to "
                "/etc/passwd), or set PGHOST to a server of your own.",
            )
        partial = self.home / "pg.partial"
        for path in (partial, self.data):
            shutil.rmtree(path, ignore_errors=True)
        partial.mkdir(parents=True)
        self.own(partial)
        partial.chmod(0o700)
        command = [self.bin_dir / "initdb", "-D", partial, "-U", SUPERUSER]
        command += ["-A", "trust", "-E", "UTF8", "--locale=C"]
        proc.run(
            command,
            paths.log("initdb"),
            "PostgreSQL could not make its data directory.",
            **self._as_server_user(),
        )
        partial.rename(self.data)

    def _prepare_socket(self):
        self.socket.mkdir(parents=True, exist_ok=True)
        self.socket.chmod(0o700)
        self.own(self.socket)

    # === START, WHATEVER WAS LEFT BEHIND === #

    def _start(self):
        options = {**SETTINGS, "unix_socket_directories": self.socket}
        options.update(DISPOSABLE if self.disposable else {})
        command = [self.bin_dir / "postgres", "-D", self.data]
        for key, value in options.items():
            command += ["-c", f"{key}={value}"]
        for _attempt in range(5):
            self.end_leftover()
            with open(self.log, "wb") as output:
                self.process = proc.spawn(
                    command,
                    death=signal.SIGINT,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    **self._as_server_user(),
                )
            if self._answers():
                return
            # Memory of a server that was killed stays in use for a moment.
            time.sleep(1)
        raise self._start_problem()

    def _answers(self):
        """Wait until the server accepts connections or has ended."""
        for _ in range(600):
            if self.process.poll() is not None:
                return False
            if "ready to accept connections" in self.log.read_text(errors="replace"):
                return True
            time.sleep(0.1)
        return False

    def _start_problem(self):
        self.__exit__()
        text = self.log.read_text(errors="replace")
        if "No space left" in text:
            return disk_full(self.data)
        if "incompatible with server" in text:
            return Problem(
                "this clone's databases were made by another PostgreSQL version.",
                "`make clean` removes them; the next start makes new ones.",
                self.log,
            )
        return Problem(
            "PostgreSQL did not start.",
            "read the end of the log; `make clean` starts over with new databases.",
            self.log,
        )

    def end_leftover(self):
        """Stop or forget the server a killed run of this clone left behind."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return
        for _ in range(100):
            if not self._is_ours(pid):
                break
            # A smart or fast shutdown may be under way already.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            time.sleep(0.1)
        if not self._is_ours(pid):
            pid_file.unlink(missing_ok=True)

    def _is_ours(self, pid):
        """Tell whether a process is alive and serves this data directory."""
        return str(self.data) in proc.command_of(pid)
