"""What packs and checks the addons elsewhere says the same as what does so here."""

import re

import pytest

from devtools import paths

PYPROJECTS = {
    addon: (paths.ROOT / addon / "pyproject.toml").read_text() for addon in paths.ADDONS
}
PRE_COMMIT = (paths.ROOT / ".pre-commit-config.yaml").read_text()


#: Heavier ones make the Apps page slow.
MAX_PICTURE = 150_000


@pytest.mark.parametrize("addon", paths.ADDONS)
def test_pictures_of_the_apps_page(addon):
    """Those named are there and small, and those that are there are named.

    Odoo shows ``static/description/index.html``, or else README.rst, where a picture
    is named from the root.
    """
    folder = paths.ROOT / addon / "static" / "description"
    there = {path.name for path in folder.iterdir()} - {"icon.png", "index.html"}
    assert {f"static/description/{name}" for name in there} == set(
        paths.manifest(addon).get("images", ())
    )
    assert [n for n in there if (folder / n).stat().st_size > MAX_PICTURE] == []
    page = folder / "index.html"
    shown = re.findall(r'src="(.+?)"', page.read_text() if page.exists() else "")
    readme = (paths.ROOT / addon / "README.rst").read_text()
    shown += re.findall(rf"image:: /{addon}/static/description/(\S+)", readme)
    assert set(shown) <= there
    assert readme.count("image::") <= len(shown)
    assert bool(shown) == bool(there)


@pytest.mark.parametrize("addon", paths.ADDONS)
def test_addons_are_packed_alike(addon):
    """Each addon has the pyproject.toml of the others: copy it to a new one."""
    assert PYPROJECTS[addon] == PYPROJECTS["helpdesk_base"]


def test_pre_commit_has_the_locked_tools():
    """No hook has a version or a repository of its own: requirements/lint.txt says it."""
    assert set(re.findall(r"language: (.+)", PRE_COMMIT)) == {"system", "pygrep"}
    assert re.findall(r"repo: (.+)", PRE_COMMIT) == ["local"]


def test_image_takes_the_wheel_of_all_addons():
    """The image is built by the command that README.md gives, for the same series."""
    steps = (paths.ROOT / "Dockerfile").read_text()
    readme = (paths.ROOT / "README.md").read_text()
    (command,) = re.findall(r"RUN (pip wheel --no-deps --wheel-dir) /wheels \.", steps)
    assert f"`{command} dist .`" in readme
    assert f"FROM odoo:{paths.SERIES}\n" in steps
