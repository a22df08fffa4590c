"""Where Odoo 19 comes from, in a fixed order.

1. the checkout named by ``ODOO_HOME``;
2. an Odoo that the Python running this can import;
3. a tree fetched earlier, in the cache;
4. the Debian package, from the mirror of this machine's apt;
5. a git clone of branch 19.0 (``ODOO_GIT_URL`` names another repository).
"""

import dataclasses
import importlib.util
import os
import re
import shutil
from pathlib import Path

from devtools import debian, locks, paths, proc
from devtools.ui import Problem, say

GIT_URL = "https://github.com/odoo/odoo.git"


@dataclasses.dataclass(frozen=True)
class Source:
    """An Odoo tree.

    ``library`` is the directory to put on Python's path: it holds ``odoo/``.
    """

    library: Path
    origin: str
    key: str


def series(library):
    """Return the series of the Odoo below a directory (``"19.0"``) or ``None``."""
    release = Path(library) / "odoo" / "release.py"
    try:
        text = release.read_text()
    except OSError:
        return None
    found = re.search(r"^version_info = \((.+?), *(\d+),", text, re.M)
    return f"{found[1]}.{found[2]}".replace("'", "") if found else "unknown"


def identity(library):
    """Return a key that changes when the Odoo below a directory changes."""
    head = proc.output_of(["git", "-C", library, "rev-parse", "HEAD"])
    release = Path(library) / "odoo" / "release.py"
    return paths.short_hash(library, head or release.stat().st_mtime_ns)


def named():
    """Return the checkout the user names, or ``None``."""
    home = os.environ.get("ODOO_HOME")
    if not home:
        return None
    library = Path(home).expanduser().resolve()
    found = series(library)
    if found == paths.SERIES:
        return Source(library, f"ODOO_HOME {library}", identity(library))
    wrong = f"is Odoo {found}" if found else "holds no Odoo (no odoo/release.py)"
    raise Problem(
        f"ODOO_HOME={home} {wrong}, and Odoo {paths.SERIES} is needed.",
        "name a checkout of branch 19.0, or unset ODOO_HOME to let one be fetched.",
    )


def importable():
    """Return the Odoo 19 the calling Python can import, or ``None``."""
    try:
        spec = importlib.util.find_spec("odoo")
    except (ImportError, ValueError):
        return None
    for location in (spec and spec.submodule_search_locations) or ():
        library = Path(location).resolve().parent
        if series(library) == paths.SERIES:
            return Source(library, f"installed in {library}", identity(library))
    return None


def cached(directory):
    """Return the newest complete tree of the cache, or ``None``."""
    trees = filter(locks.complete, directory.glob("*-*"))
    for tree in sorted(trees, key=lambda path: path.stat().st_mtime, reverse=True):
        library = tree / debian.LIBRARY if tree.name.startswith("debian") else tree
        if series(library) == paths.SERIES:
            return Source(library, "from the cache", identity(library))
    return None


def from_debian(directory):
    """Fetch the Debian package, or return ``None`` where there is no Debian."""
    site = debian.mirror()
    if not site:
        return None
    log = paths.log("odoo-debian")
    locks.build_once(
        directory / "debian-19.0",
        lambda target: debian.build(site, target, log),
        "Odoo 19",
    )
    return cached(directory)


def from_git(directory):
    """Clone branch 19.0, or return ``None`` where there is no git."""
    if not shutil.which("git"):
        return None
    url = os.environ.get("ODOO_GIT_URL") or GIT_URL

    def build(target):
        proc.run(
            ["git", "clone", "--progress", "--depth=1", "--branch=19.0", url, target],
            paths.log("odoo-git"),
            f"Odoo could not be cloned from {url}.",
        )

    locks.build_once(directory / "git-19.0", build, "Odoo 19")
    return cached(directory)


def find(outcome):
    """Return an Odoo 19 tree, fetching it if there is none yet.

    :param outcome: list that receives what to tell the user
    """
    directory = paths.cache() / "odoo"
    directory.mkdir(exist_ok=True)
    source = named() or importable() or cached(directory)
    if source:
        outcome.append(source.origin)
        return source
    tried = []
    for origin, fetch in (("the Debian package", from_debian), ("git", from_git)):
        try:
            source = fetch(directory)
        except Problem as problem:
            tried.append(problem)
            say(f"      {problem.sentence}")
        if source:
            outcome.append(origin)
            return source
    raise Problem(
        "Odoo 19 could not be fetched, neither as a Debian package nor by git."
        + (f" {tried[-1].sentence}" if tried else ""),
        "check the network; or clone branch 19.0 of Odoo yourself and set "
        "ODOO_HOME=<that directory>; or install Odoo 19 for this Python; or set "
        "ODOO_GIT_URL to a repository you can reach.",
        tried[-1].log if tried else None,
    )
