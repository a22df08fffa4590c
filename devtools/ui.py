"""What the user sees: numbered steps, elapsed time, one-sentence problems."""

import contextlib
import errno
import sys
import threading
import time

#: Seconds between two signs of life when the output is not a terminal.
QUIET_INTERVAL = 15


class Problem(Exception):
    """Something the user can put right: one sentence, and what to do."""

    def __init__(self, sentence, hint="", log=None):
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint
        self.log = log

    def __str__(self):
        lines = [f"Stopped: {self.sentence}"]
        if self.hint:
            lines.append(f"What to do: {self.hint}")
        if self.log:
            lines.append(f"Details: {self.log}")
        return "\n".join(lines)


def disk_full(where):
    """Return the problem of a full disk.

    :param where: path the write went to
    """
    return Problem(
        f"the disk that holds {where} is full.",
        "free some space (a first run takes about 3 GB) and run the same command "
        "again; `make clean` removes what this clone built.",
    )


def as_problem(error):
    """Turn an operating system error into a problem, or return ``None``."""
    if isinstance(error, OSError):
        where = error.filename or "this clone"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return disk_full(where)
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return Problem(
                f"{where} cannot be written ({error.strerror}).",
                "make it yours (a run as root may have left it behind), or set "
                "XDG_CACHE_HOME to a directory you can write.",
            )
    return None


def say(text=""):
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


def duration(seconds):
    """Return seconds as people say it: ``8 s`` or ``2 min 05 s``."""
    seconds = int(seconds)
    if seconds < 60:
        return f"{seconds} s"
    return f"{seconds // 60} min {seconds % 60:02d} s"


class Steps:
    """Numbered steps of one command: ``[2/5] PostgreSQL``."""

    def __init__(self, total):
        self.total = total
        self.done = 0

    @contextlib.contextmanager
    def step(self, title):
        """Announce a step, then say what came of it and how long it took.

        Yields a list; the texts appended to it are the outcome that is printed.
        """
        self.done += 1
        prefix = f"[{self.done}/{self.total}] {title}"
        say(f"{prefix} ...")
        outcome = []
        start = time.monotonic()
        yield outcome
        text = ", ".join(outcome) or "ready"
        say(f"      {text} ({duration(time.monotonic() - start)})")


@contextlib.contextmanager
def heartbeat(status):
    """Show elapsed time and a status text while something long goes on.

    :param status: callable that returns the text, e.g. the last line of a log
    """
    stop = threading.Event()
    terminal = sys.stdout.isatty()
    start = time.monotonic()

    def beat():
        while not stop.wait(1 if terminal else QUIET_INTERVAL):
            line = f"      {duration(time.monotonic() - start)}  {status()}"
            if terminal:
                print(f"\r{line[:100]:<100}", end="", flush=True)
            else:
                say(line[:160])

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        if terminal:
            print(f"\r{'':<100}\r", end="", flush=True)
