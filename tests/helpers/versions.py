"""Databases as versions leave them, kept for the tests of later versions.

``tests/data/databases.tar.xz`` holds, by version, the dump of a small database
(``VERSION.sql``, of the data of ``tests/data/world.py``) and what could be read in it when
it was made (``VERSION.json``, by ``tests/data/read.py``). The databases are much alike, so
one archive of all weighs little more than one of them. To keep this version, at its
release: ``make dump``. An earlier one, if it must be made anew::

    git worktree add DIR COMMIT
    make dump ARGS=DIR
"""

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

from devtools import paths
from helpers.bench import Bench

DATA = paths.ROOT / "tests" / "data"
ARCHIVE = DATA / "databases.tar.xz"
WORLD = (DATA / "world.py").read_text()
READ = (DATA / "read.py").read_text()
#: Modules that are not installed: an update finds them by itself.
FORGET = """
    DELETE FROM ir_model_data WHERE model = 'ir.module.module' AND res_id IN
        (SELECT id FROM ir_module_module WHERE state != 'installed');
    DELETE FROM ir_module_module WHERE state != 'installed'"""


def read(printed):
    """Return what :data:`READ` printed."""
    [found] = [line for line in printed.splitlines() if line.startswith("FOUND ")]
    return json.loads(found.removeprefix("FOUND "))


def make(bench, folder):
    """Return the files of a version by their names.

    :param bench: a :class:`helpers.bench.Bench`
    :param folder: directory of the addons of that version
    """
    names = sorted(path.parent.name for path in folder.glob("*/__manifest__.py"))
    names = [name for name in names if name not in paths.APART]
    options = [f"--addons-path={folder}"]
    database = bench.database("dump", "plain")
    try:
        stock = database.schema()
        database.install(*names, options=options)
        printed = database.shell(WORLD + READ, options=options)
        database.query(FORGET)
        own = sorted(map(list, database.schema() - stock))
        facts = {"modules": names, "records": read(printed), "schema": own}
        version = paths.manifest("helpdesk_base", folder)["version"]
        return {
            f"{version}.sql": to_sql(database),
            f"{version}.json": json.dumps(facts, indent=1, sort_keys=True),
        }
    finally:
        database.drop()


def to_sql(database):
    """Return a database as statements that any supported PostgreSQL understands."""
    text = subprocess.run(
        ["pg_dump", "--no-owner", "--no-acl", "--no-comments", database.name],
        env=database.odoo.env, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    newer = ("\\restrict", "\\unrestrict", "SET transaction_timeout")
    return "".join(
        line for line in text.splitlines(keepends=True) if not line.startswith(newer)
    )


def kept():
    """Return the files that are kept, by their names."""
    if not ARCHIVE.exists():
        return {}
    with tarfile.open(ARCHIVE) as packed:
        return {
            member.name: packed.extractfile(member).read().decode()
            for member in packed.getmembers()
        }


def keep(files):
    """Add files to those that are kept."""
    files = {**kept(), **files}
    # what is alike stands together
    names = sorted(files, key=lambda name: (name.rpartition(".")[2], name))
    with tarfile.open(ARCHIVE, "w:xz", preset=9) as packed:
        for name in names:
            content = files[name].encode()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))


if __name__ == "__main__":
    keep(make(Bench.prepared(), Path(sys.argv[1])))
    print(f"{ARCHIVE.relative_to(paths.ROOT)}: {ARCHIVE.stat().st_size // 1000} kB")
