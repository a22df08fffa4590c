"""Where things are kept.

* the **cache** outlives the clone and is shared by clones: Odoo, the Python
  environments, PostgreSQL's programs, ready-made databases. Keyed by hashes.
* the **state** belongs to one clone: its databases and files. Root keeps it outside
  the clone, because PostgreSQL then runs as another user who must reach it.
* ``.dev`` in the clone holds logs and the artefacts of the tests.
"""

import ast
import graphlib
import hashlib
import os
import tempfile
from pathlib import Path

from devtools.ui import Problem

NAME = "helpdesk-billing"
ROOT = Path(__file__).resolve().parent.parent
SERIES = "19.0"
DEV = ROOT / ".dev"
LOGS = DEV / "log"
ARTIFACTS = DEV / "artifacts"
#: A Unix socket's path must stay below 108 bytes; PostgreSQL adds its file name.
SOCKET_LIMIT = 80


def manifest(addon, folder=ROOT):
    """Return the manifest of one of our addons.

    :param folder: where it lies, if not in this clone
    """
    path = folder / addon / "__manifest__.py"
    try:
        return ast.literal_eval(path.read_text())
    except OSError:
        raise Problem(
            f"{addon} is missing from this clone.", "restore it: git checkout ."
        ) from None
    except (SyntaxError, ValueError) as error:
        raise Problem(f"{path} is no valid manifest: {error}") from None


def find_addons():
    """Return the addons of the repository, each after those it depends on."""
    found = sorted(path.parent.name for path in ROOT.glob("*/__manifest__.py"))
    needed = {x: [y for y in found if y in manifest(x)["depends"]] for x in found}
    try:
        return tuple(graphlib.TopologicalSorter(needed).static_order())
    except graphlib.CycleError as error:
        circle = " -> ".join(error.args[1])
        raise Problem(f"the manifests depend on each other: {circle}.") from None


def languages():
    """Return the languages that our addons speak."""
    return sorted({path.stem for path in ROOT.glob("*/i18n/*.po")})


def built_on(base):
    """Return the addons that need another one of ours, directly or not."""
    found = [base]
    for addon in ADDONS:
        if set(found) & set(manifest(addon)["depends"]):
            found.append(addon)
    return found[1:]


def is_root():
    """Tell whether we run as root (never so on systems without user ids)."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def short_hash(*parts):
    """Return ten hex digits that stand for the given texts."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(str(part).encode() + b"\0")
    return digest.hexdigest()[:10]


def clone_id():
    """Return what tells this clone from others on the same machine."""
    return short_hash(ROOT)


def cache():
    """Return the cache directory, made if needed."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(base).expanduser().absolute() / NAME
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(
            f"the cache directory {path} cannot be made ({error.strerror}).",
            "set XDG_CACHE_HOME to a directory you can write.",
        ) from None
    return path


def state():
    """Return this clone's state directory, made if needed."""
    path = Path("/var/lib") / NAME / clone_id() if is_root() else DEV / "state"
    path.mkdir(parents=True, exist_ok=True)
    if is_root():
        for directory in (path.parent, path):
            directory.chmod(0o755)
    return path


def sockets(name):
    """Return the directory of a PostgreSQL socket, short enough for one."""
    path = state() / name
    if len(str(path)) > SOCKET_LIMIT:
        user = os.geteuid() if hasattr(os, "geteuid") else 0
        path = Path(tempfile.gettempdir()) / f"{NAME}-{user}-{clone_id()}-{name}"
    return path


def log(name):
    """Return the path of a log file of this clone."""
    LOGS.mkdir(parents=True, exist_ok=True)
    return LOGS / f"{name}.log"


def tree_hash(directories, skip=("__pycache__", "static", "tests")):
    """Return a hash of what some directories hold that ends up in a database."""
    digest = hashlib.sha256()
    for directory in directories:
        for path in sorted(Path(directory).rglob("*")):
            name = path.relative_to(directory)
            if path.is_file() and not set(skip) & set(name.parts):
                digest.update(str(name).encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:10]


#: The addons of this repository, in dependency order.
ADDONS = find_addons()
#: Stock apps that make every page and every test slower: what needs one is left out of
#: the common databases, and tested on one of its own (``tests/test_website.py``).
HEAVY = {"website"}
APART = tuple(addon for addon in ADDONS if HEAVY & set(manifest(addon)["depends"]))
#: The addons that the common databases have.
TOGETHER = tuple(addon for addon in ADDONS if addon not in APART)
