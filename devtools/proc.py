"""Child processes that end with us, logged, with a sign of life."""

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys

from devtools.ui import Problem, disk_full, heartbeat

PR_SET_PDEATHSIG = 1
# What tools say beside their work: no progress.
ASIDES = ("WARNING:", "DEPRECATION:", "[notice]")
MODULE = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")


def prepare_child(signal_number):
    """Return a ``preexec_fn`` for our children.

    Linux ends them even after our kill -9. What is started in the background ignores
    Ctrl-C's signal, by which we ask children to stop: they must not inherit that.
    """
    linux = sys.platform.startswith("linux")
    libc = ctypes.CDLL(None) if linux else None

    def prepare():
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if linux:
            libc.prctl(PR_SET_PDEATHSIG, signal_number)

    return prepare


def spawn(command, death=signal.SIGTERM, **options):
    """Start a child in a session of its own, so that Ctrl-C reaches only us."""
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=options.pop("stdin", subprocess.DEVNULL),
        start_new_session=True,
        preexec_fn=prepare_child(death),
        **options,
    )


def stop(process, signal_number=signal.SIGINT, seconds=20):
    """End a child we started: ask, wait, then force its whole group."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal_number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)


def last_line(path, size=65536):
    """Return the last line of a log that says something, shortened."""
    try:
        with open(path, "rb") as handle:
            handle.seek(0, os.SEEK_END)
            handle.seek(max(0, handle.tell() - size))
            text = handle.read().decode(errors="replace")
    except OSError:
        return ""
    modules = MODULE.findall(text)
    if modules:
        name, number, total = modules[-1]
        return f"module {number} of {total}: {name}"
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith(ASIDES)]
    return lines[-1][:120] if lines else ""


def run(*arguments, **options):
    """Run a child to its end. Return its exit code; see :func:`beside`."""
    with beside(*arguments, **options) as process:
        pass
    return process.returncode


@contextlib.contextmanager
def beside(command, log, sentence="", hint="", check=True, **options):
    """Run a child beside a ``with`` block, and to its end.

    Its output goes into a log, elapsed time on the screen.

    :param command: program and arguments
    :param log: path of the log file, overwritten
    :param sentence: what to say if it fails
    :param hint: what to do then
    :param check: stop with a :class:`Problem` when it fails
    :return: context manager giving the process
    """
    with open(log, "wb") as output:
        process = spawn(command, stdout=output, stderr=subprocess.STDOUT, **options)
    try:
        yield process
        with heartbeat(lambda: last_line(log)):
            process.wait()
    finally:
        stop(process)
    if process.returncode and check:
        raise explain(log, sentence or f"{command[0]} failed.", hint)


def explain(log, sentence, hint):
    """Return the problem a failed log tells about, by its known causes."""
    text = log.read_text(errors="replace") if log.exists() else ""
    if re.search(r"No space left on device|Disk quota exceeded", text):
        return disk_full(log)
    if re.search(
        r"name resolution|Could not resolve|Network is unreachable|Connection refused"
        r"|Connection timed out|NewConnectionError|ConnectTimeout|ProxyError",
        text,
    ):
        return Problem(
            f"{sentence} The network, or a server on it, is out of reach.",
            hint
            or "check the connection (and proxy), then run the same again: what "
            "is already downloaded is kept.",
            log,
        )
    causes = re.findall(r"^[\w.]*(?:Error|Exception)\b: .+", text, re.M)
    cause = f" It says: {causes[-1][:300]}" if causes else ""
    return Problem(sentence + cause, hint or "read the end of the log.", log)


def output_of(command, **options):
    """Return what a short command prints, or ``""`` if it fails or is missing."""
    try:
        return subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            text=True,
            check=True,
            stdin=subprocess.DEVNULL,
            **options,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def command_of(pid):
    """Return the command line of a live process, ``""`` if dead or a zombie."""
    try:
        with open(f"/proc/{pid}/stat") as handle:
            if handle.read().rpartition(")")[2].split()[0] == "Z":
                return ""
        with open(f"/proc/{pid}/cmdline", "rb") as handle:
            return handle.read().replace(b"\0", b" ").decode(errors="replace")
    except FileNotFoundError:
        if os.path.isdir("/proc/self"):
            return ""
    return output_of(["ps", "-o", "command=", "-p", str(pid)])
