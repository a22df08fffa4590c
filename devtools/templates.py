"""Ready-made databases, so that a start takes seconds instead of minutes.

A *template* is a database with everything our addons depend on, with or without demo
data. Its name carries a hash of all it was made from. A new cluster of the embedded
PostgreSQL is kept in the cache once it holds the templates wanted, and copied into the
next clone; with a server of the user's own the templates simply stay on it.
"""

import contextlib
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


def name_of(workshop, kind):
    """Return the name of a template.

    :param workshop: a prepared :class:`devtools.workshop.Workshop`
    :param kind: ``plain`` or ``demo``
    """
    # On a server that clones share, each has its own: the files are in the clone.
    clone = [] if workshop.bin_dir else [paths.clone_id()]
    return f"{PREFIX}_{kind}_{paths.short_hash(workshop.key, *clone, *dependencies())}"


def ensure(workshop, odoo, outcome):
    """Make the templates a workshop needs, unless they are there; both at once."""
    wanted = {kind: name_of(workshop, kind) for kind in workshop.kinds}
    missing = {kind: name for kind, name in wanted.items() if name not in odoo.ready()}
    with contextlib.ExitStack() as stack:
        for kind, name in missing.items():
            odoo.drop(name)
            odoo.drop(f"{name}_new")
            options = ["--with-demo"] if kind == "demo" else []
            stack.enter_context(
                odoo.installing(f"{name}_new", dependencies(), *options, log=name)
            )
    for kind, name in missing.items():
        odoo.rename(f"{name}_new", name)
        outcome.append(f"built a {kind} database")


# === OUR ADDONS INSTALLED === #


def install_ours(odoo, template, name, *options):
    """Make a database of a template that has our addons, in place of one of that name.

    :param options: more options of the server command
    """
    new = f"{name}_new"
    odoo.duplicate(template, new)
    odoo.install(new, paths.TOGETHER, *options, log="install-addons")
    odoo.build_assets(new, log="assets-addons")
    odoo.drop(name)
    odoo.rename(new, name)


def with_addons(odoo, template, prefix):
    """Return a database without demo data that has our addons, as they are now."""
    content = paths.tree_hash(paths.ROOT / addon for addon in paths.TOGETHER)
    stem = f"{prefix}_addons_"
    name = stem + paths.short_hash(template, content)
    if name not in odoo.ready():
        for old in odoo.databases():
            if old.startswith(stem):
                odoo.drop(old)
        install_ours(odoo, template, name)
    return name


def prepare(workshop, odoo):
    """Make the databases to copy from, and a file that describes them.

    :return: database names by kind (those of the workshop: stock modules only,
        ``addons``: ours installed), and the path of the file
    """
    prefix = f"hb{paths.clone_id()[:6]}"
    names = {kind: name_of(workshop, kind) for kind in workshop.kinds}
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


def image(workshop):
    """Return where the cache holds a cluster with the templates of a workshop."""
    lock = (environment.REQUIREMENTS / "postgres.txt").read_text()
    provider = workshop.bin_dir.parent.parent.name
    key = paths.short_hash(workshop.key, lock, provider, *dependencies())
    return paths.cache() / "clusters" / f"{key}-{'-'.join(workshop.kinds)}"


def restore(cluster, source, outcome):
    """Fill a new cluster from the cache."""
    locks.touch(source)
    shutil.rmtree(cluster.home, ignore_errors=True)
    shutil.copytree(source / "data", cluster.home / "data")
    # What tells that a cluster is there comes last.
    partial = cluster.home / "pg.partial"
    shutil.copytree(source / "pg", partial, symlinks=True)
    partial.rename(cluster.data)
    cluster.data.chmod(0o700)
    cluster.own(cluster.data, *cluster.data.rglob("*"))
    outcome.append("copied ready-made databases from the cache")


def save(cluster, target, outcome):
    """Keep a stopped cluster that holds nothing but templates."""

    def build(empty):
        shutil.copytree(cluster.data, empty / "pg", symlinks=True)
        shutil.copytree(cluster.home / "data", empty / "data")

    locks.prune(target.parent, keep=2)
    locks.build_once(target, build, "the databases")
    outcome.append("kept in the cache for the next clone")
