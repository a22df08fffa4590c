"""The wheel holds every file of the addons and works in a clean environment."""

import shutil
import subprocess
import sys
import venv
import zipfile

import pytest

from devtools import environment, lint, paths
from devtools.odoo import Odoo
from helpers.bench import Database


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel from a copy, so that nothing is left in the clone."""
    source = tmp_path_factory.mktemp("source")
    for path in lint.tracked():
        target = source / path.relative_to(paths.ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
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
    }
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if name.startswith("odoo/")}
    assert inside == wanted


def test_wheel_brings_no_namespace_package(wheel):
    """An __init__.py above the addons would hide all other addons."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert not {"odoo/__init__.py", "odoo/addons/__init__.py"} & names


@pytest.fixture(scope="module")
def clean_odoo(wheel, bench, tmp_path_factory):
    """Install the wheel beside Odoo in a new environment, away from the clone."""
    home = tmp_path_factory.mktemp("clean")
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
        + ["--no-deps", "--no-index", wheel],
        cwd=home,
    )
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


@pytest.mark.parametrize("addon", paths.ADDONS)
def test_odoo_finds_the_addon_in_the_wheel(clean_odoo, addon, tmp_path):
    """Odoo takes the addon from the environment, not from the clone."""
    code = (
        "from odoo.modules.module import Manifest, initialize_sys_path\n"
        "initialize_sys_path()\n"
        f"print(Manifest.for_addon({addon!r}).path)\n"
    )
    printed = run([clean_odoo.python, "-c", code], env=clean_odoo.env, cwd=tmp_path)
    assert printed.strip().startswith(str(clean_odoo.python.parent.parent))


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
