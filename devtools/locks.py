"""Two commands at the same time, in one clone or in several, do not collide."""

import contextlib
import fcntl
import os
import shutil
import time

from devtools.ui import Problem, say


@contextlib.contextmanager
def waiting(path, what):
    """Hold a lock file; wait while another process holds it.

    :param path: the lock file
    :param what: text said when there is something to wait for
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"      another process prepares {what}: waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def exclusive(path, sentence, hint):
    """Hold a lock file or stop with a sentence if another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            owner = handle.read().strip() or "unknown"
            raise Problem(f"{sentence} (process {owner}).", hint) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def complete(target):
    """Tell whether :func:`build_once` made a directory, and made all of it."""
    return target.is_dir() and not unfinished(target).exists()


def unfinished(target):
    """Return the file that lies beside a directory while it is being made."""
    return target.with_name(f"{target.name}.partial")


def build_once(target, builder, what):
    """Make a directory once, whoever asks first.

    A file beside it says that it is being made, so that neither a second process nor
    the next one after a crash takes it for complete.

    :param target: the directory wanted
    :param builder: callable that fills the empty directory it is given
    :param what: what it is, for the message of the one who waits
    :return: the directory
    """
    if complete(target):
        touch(target)
        return target
    with waiting(target.with_name(f"{target.name}.lock"), what):
        if complete(target):
            return target
        marker = unfinished(target)
        marker.touch()
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        try:
            builder(target)
        except BaseException:
            shutil.rmtree(target, ignore_errors=True)
            raise
        finally:
            marker.unlink()
    return target


def touch(target):
    """Note that a cached directory was used now; :func:`prune` goes by that."""
    with contextlib.suppress(OSError):
        os.utime(target)


def prune(directory, keep, days=14):
    """Delete cached directories not used for a while, but never the newest ones.

    :param directory: the directory that holds them
    :param keep: how many of the newest stay whatever their age
    :param days: age in days from which the others go
    """
    limit = time.time() - days * 86400
    found = [path for path in directory.glob("*") if path.is_dir()]
    found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in found[keep:]:
        if path.stat().st_mtime < limit:
            shutil.rmtree(path, ignore_errors=True)
