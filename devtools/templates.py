"""Ready-made databases, so that a start takes seconds instead of minutes.

A *template* is a database with everything our addons depend on, with or without demo
data. Its name carries a hash of all it was made from. For the embedded PostgreSQL the
whole cluster is kept in the cache once it holds the templates wanted, and copied into
the next clone; with a server of the user's own the templates simply stay on it.
"""

import json
import shutil

from devtools import environment, locks, paths

PREFIX = "hb_tmpl"


def dependencies():
    """Return the modules our addons depend on, without our own, sorted."""
    depends = {
        name for addon in paths.TOGETHER for name in paths.manifest(addon)["depends"]
    }
    return sorted(depends - set(paths.TOGETHER))


class Templates:
    """The templates of one Odoo on one server.

    :param odoo: an :class:`devtools.odoo.Odoo`
    :param key: text that stands for the Odoo source and the environment
    """

    def __init__(self, odoo, key):
        self.odoo = odoo
        # On a server that clones share, each has its own: the files are in the clone.
        self.key = key if odoo.server.embedded else (key, paths.clone_id())

    def name(self, demo):
        """Return the name of a template."""
        kind = "demo" if demo else "plain"
        return f"{PREFIX}_{kind}_{paths.short_hash(self.key, *dependencies())}"

    def ensure(self, demo, outcome):
        """Make a template unless it is there, and return its name."""
        name = self.name(demo)
        lock = paths.cache() / "locks" / f"{name}-{paths.clone_id()}"
        with locks.waiting(lock, "the same database"):
            if name in self.odoo.ready():
                return name
            kind = "with" if demo else "without"
            new = f"{name}_new"
            self.odoo.drop(new)
            self.odoo.drop(name)
            options = ["--with-demo"] if demo else []
            self.odoo.install(new, dependencies(), *options, log=name)
            self.odoo.rename(new, name)
            outcome.append(f"built a database {kind} demo data")
        return name


# === OUR ADDONS INSTALLED === #


def with_addons(odoo, template, prefix):
    """Return a database without demo data that has our addons, as they are now."""
    content = paths.tree_hash(paths.ROOT / addon for addon in paths.TOGETHER)
    stem = f"{prefix}_addons_"
    name = stem + paths.short_hash(template, content)
    if name in odoo.ready():
        return name
    for old in odoo.databases():
        if old.startswith(stem):
            odoo.drop(old)
    new = f"{stem}new"
    odoo.duplicate(template, new)
    odoo.install(new, paths.TOGETHER, log="install-addons")
    odoo.build_assets(new, log="assets-addons")
    odoo.rename(new, name)
    return name


def prepare(workshop, odoo):
    """Make the databases to copy from, and a file that describes them.

    :return: database names by kind (``plain``, ``demo``: stock modules only,
        ``addons``: ours installed), and the path of the file
    """
    prefix = f"hb{paths.clone_id()[:6]}"
    made = Templates(odoo, workshop.key)
    names = {"plain": made.name(False), "demo": made.name(True)}
    with workshop.steps.step("Addons installed") as outcome:
        names["addons"] = with_addons(odoo, names["plain"], prefix)
        outcome.append(", ".join(paths.TOGETHER))
    description = workshop.home / "bench.json"
    content = {
        "python": str(odoo.python),
        "home": str(workshop.home),
        "server": odoo.server.env,
        "templates": names,
        "prefix": prefix,
    }
    description.write_text(json.dumps(content))
    return names, description


# === CLUSTERS IN THE CACHE === #


def image(key, kinds):
    """Return the cached cluster that holds exactly these kinds of templates."""
    name = "-".join(sorted(kinds))
    return paths.cache() / "clusters" / f"{paths.short_hash(key)}-{name}"


def image_key(key, bin_dir):
    """Return what a cached cluster depends on."""
    lock = (environment.REQUIREMENTS / "postgres.txt").read_text()
    provider = bin_dir.parent.parent.name
    return paths.short_hash(key, lock, provider, *dependencies())


def restore(cluster, key, kinds, outcome):
    """Fill a cluster that does not exist yet from the best one in the cache.

    :param kinds: ``{"plain", "demo"}`` or one of them
    :return: whether one was found
    """
    if (cluster.data / "PG_VERSION").exists():
        return False
    candidates = [kinds, {"plain", "demo"}, {"demo"}, {"plain"}]
    for candidate in candidates:
        source = image(key, candidate)
        if source.is_dir() and kinds & candidate:
            break
    else:
        return False
    locks.touch(source)
    shutil.rmtree(cluster.home, ignore_errors=True)
    cluster.home.mkdir(parents=True)
    shutil.copytree(source / "data", cluster.home / "data")
    shutil.copytree(source / "pg", cluster.home / "pg.partial", symlinks=True)
    (cluster.home / "pg.partial").rename(cluster.data)
    cluster.data.chmod(0o700)
    cluster.own(cluster.data, *cluster.data.rglob("*"))
    outcome.append("copied ready-made databases from the cache")
    return True


def save(cluster, key, kinds, outcome):
    """Keep a stopped cluster that holds nothing but the templates wanted."""
    target = image(key, kinds)
    if target.is_dir():
        return
    locks.prune(target.parent, keep=2)

    def build(partial):
        shutil.copytree(cluster.data, partial / "pg", symlinks=True)
        shutil.copytree(cluster.home / "data", partial / "data")

    locks.build_once(target, build, "the databases")
    outcome.append("kept in the cache for the next clone")
