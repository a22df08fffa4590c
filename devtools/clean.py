"""``clean``: delete what was built; nothing anybody wrote."""

import contextlib
import shutil

from devtools import locks, paths, postgres
from devtools.ui import Problem, say

#: What has databases here.
NAMES = ("run", "test", "bench")


def size_of(directory):
    """Return the size of a directory in MB."""
    total = sum(path.lstat().st_size for path in directory.rglob("*"))
    return total // 2**20


def remove(directory, what):
    """Delete a directory if it is there, and say so."""
    if directory.exists():
        say(f"Deleting {what}: {directory} ({size_of(directory)} MB)")
        shutil.rmtree(directory)


def clean(arguments):
    """Delete this clone's databases and logs; with ``--cache`` the cache as well.

    :raise Problem: while a command of this clone is at work
    :return: the exit code
    """
    unknown = set(arguments) - {"--cache"}
    if unknown:
        raise Problem(
            f"clean does not know {' '.join(sorted(unknown))}.",
            "make clean, or make clean ARGS=--cache",
        )
    state = paths.state()
    hint = "stop it with Ctrl-C (or wait for it), then clean."
    with contextlib.ExitStack() as stack:
        for name in NAMES:
            sentence = f"`make {name}` is at work here"
            lock = locks.exclusive(state / f"{name}.lock", sentence, hint)
            stack.enter_context(lock)
        for name in NAMES:
            postgres.Cluster(name, "").end_leftover()
            socket = paths.sockets(f"{name}-s")
            if socket.exists():
                shutil.rmtree(socket)
        remove(state, "databases and files of this clone")
        for name in (".dev", "build", "dist", ".ruff_cache", ".pytest_cache"):
            remove(paths.ROOT / name, "built files")
        if "--cache" in arguments:
            remove(paths.cache(), "the cache all clones share")
    say("Clean. The next start makes what it needs again.")
    return 0
