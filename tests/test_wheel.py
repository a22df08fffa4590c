"""The wheels hold every file of the addons and work in a clean environment.

One has all addons (``setup.py``); each addon has its own (its ``pyproject.toml``).
"""

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile

import pytest

from devtools import environment, lint, paths
from devtools.odoo import Odoo
from helpers.bench import Database

#: Builds the wheel of each addon named, as `pip wheel ./addon` would: in one process.
BUILD = """
import os, sys
from whool import buildapi
for addon in sys.argv[2:]:
    os.chdir(addon)
    buildapi.build_wheel(sys.argv[1])
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Copy what is tracked, so that nothing is left in the clone."""
    source = tmp_path_factory.mktemp("source")
    for path in lint.tracked():
        target = source / path.relative_to(paths.ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return source


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory):
    """Build the wheel of all addons."""
    output = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
    ]
    run([*command, "--wheel-dir", output, source])
    (built,) = output.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def addon_wheels(source, tmp_path_factory):
    """Build a wheel for each addon; return the directory they are in."""
    output = tmp_path_factory.mktemp("wheels")
    python = environment.with_lint_tools()
    run([python, "-c", BUILD, output, *(source / addon for addon in paths.ADDONS)])
    return output


def run(command, **options):
    """Run a command that must succeed; return what it prints."""
    result = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, **options
    )
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    return result.stdout


def test_wheel_holds_every_file(wheel):
    """Each tracked file of the addons is inside, and nothing else."""
    wanted = {
        f"odoo/addons/{lint.relative(path)}"
        for path in lint.tracked()
        if path.relative_to(paths.ROOT).parts[0] in paths.ADDONS
        and path.name != "pyproject.toml"
    }
    assert addon_files(wheel) == wanted


def addon_files(wheel):
    """Return the names of the files of addons in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if name.startswith("odoo/")}


@pytest.mark.parametrize("addon", paths.ADDONS)
def test_wheel_of_an_addon_holds_the_same(wheel, addon_wheels, addon):
    """Its wheel has its files, and is of the version of its manifest."""
    version = paths.manifest(addon)["version"]
    own = addon_wheels / f"odoo_addon_{addon}-{version}-py3-none-any.whl"
    inside = {name for name in addon_files(wheel) if name.split("/")[2] == addon}
    assert addon_files(own) == inside


def test_wheel_brings_no_namespace_package(wheel):
    """An __init__.py above the addons would hide all other addons."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert not {"odoo/__init__.py", "odoo/addons/__init__.py"} & names


def beside_odoo(home, bench, *wheels):
    """Install wheels beside Odoo in a new environment; return its Python."""
    venv.create(home / "venv", with_pip=False)
    packages = environment.site_packages(home / "venv")
    used = environment.site_packages(bench.odoo.python.parent.parent)
    # The packages Odoo needs are shared; only ours is installed anew.
    (packages / "odoo-needs.pth").write_text(
        f"import site; site.addsitedir({str(used)!r})\n"
    )
    python = home / "venv" / "bin" / "python"
    run(
        [bench.odoo.python, "-m", "pip", "--python", python, "install"]
        + ["--no-index", *wheels],
        cwd=home,
    )
    return python


def addons_found(python, **options):
    """Return ``{addon: path}`` of those of ours the Odoo of an environment finds."""
    code = (
        "import json, sys\n"
        "from odoo.modules.module import Manifest, initialize_sys_path\n"
        "initialize_sys_path()\n"
        "found = {name: Manifest.for_addon(name) for name in sys.argv[1:]}\n"
        "print(json.dumps({name: x.path for name, x in found.items() if x}))\n"
    )
    return json.loads(run([python, "-c", code, *paths.ADDONS], **options))


def test_addon_comes_with_those_it_needs(addon_wheels, bench, tmp_path):
    """pip brings the addons it depends on, and no other; Odoo finds them."""
    addon = "helpdesk_billing_run"
    offered = ["--find-links", addon_wheels, f"odoo-addon-{addon}"]
    python = beside_odoo(tmp_path, bench, *offered)
    # the configuration of these tests names the clone
    env = {name: value for name, value in os.environ.items() if name != "ODOO_RC"}
    assert set(addons_found(python, env=env, cwd=tmp_path)) == {
        name for name in paths.ADDONS if addon in (name, *paths.built_on(name))
    }


@pytest.fixture(scope="module")
def clean_odoo(wheel, bench, tmp_path_factory):
    """Install the wheel of all addons in a new environment, away from the clone."""
    home = tmp_path_factory.mktemp("clean")
    python = beside_odoo(home, bench, wheel)
    script = home / "venv" / "bin" / "odoo"
    script.write_text(f"#!{python}\nimport odoo.cli\n\nodoo.cli.main()\n")
    script.chmod(0o755)
    odoo = Odoo(python, bench.odoo.server, home, addons_path=())
    # Databases and files are those of the bench.
    odoo.data_dir = bench.odoo.data_dir
    odoo.conf.write_text(
        odoo.conf.read_text().replace(f"{home}/data", f"{odoo.data_dir}")
    )
    return odoo


def test_odoo_finds_the_addons_in_the_wheel(clean_odoo, tmp_path):
    """Odoo takes each addon from the environment, not from the clone."""
    found = addons_found(clean_odoo.python, env=clean_odoo.env, cwd=tmp_path)
    assert set(found) == set(paths.ADDONS)
    home = str(clean_odoo.python.parent.parent)
    assert [path for path in found.values() if not path.startswith(home)] == []


@pytest.mark.deep
def test_addons_install_from_the_wheel(clean_odoo, bench):
    """All addons install, without a warning."""
    name = bench.database("wheel", "plain").name
    database = Database(clean_odoo, name)
    try:
        database.install(*paths.TOGETHER)
        assert set(paths.TOGETHER) <= database.installed()
        assert database.loud_lines() == []
    finally:
        bench.odoo.drop(name)
