"""``helpdesk_website`` on a database of its own: with the stock app Website in the common
ones every page and every test would be slower, and look otherwise.

The tests of the addon run here, in a pytest of their own; then it is uninstalled.
"""

import os
import subprocess

import pytest

from devtools import paths
from devtools.suite import odoo_options
from helpers.texts import compare, export

ADDON = "helpdesk_website"
SECONDS = 300
#: What would let anybody make tickets once nothing looks at them any more.
OPEN = """
    SELECT model FROM ir_model WHERE model = 'helpdesk.ticket' AND website_form_access
    UNION SELECT name FROM ir_model_fields
    WHERE model = 'helpdesk.ticket' AND NOT website_form_blacklisted"""


@pytest.fixture(scope="module")
def database(bench):
    """Add the website and the addon to ours."""
    made = bench.database("website", "addons")
    made.install(*paths.APART)
    yield made
    made.drop()


def test_which_addons_are_apart():
    """What is left out of the common databases is tested here."""
    assert paths.APART == (ADDON,)


def test_installs_without_a_word(database):
    """No warning, no error."""
    assert database.loud_lines() == []


@pytest.mark.parametrize(
    "which", ["not deep", pytest.param("deep", marks=pytest.mark.deep)]
)
def test_its_own_tests(database, which):
    """They pass beside all other addons."""
    environ = {
        name: value
        for name, value in {**os.environ, **database.odoo.env}.items()
        if not name.startswith("PYTEST_")
    }
    command = [database.odoo.python, "-m", "pytest", "-q", "--tb=short"]
    command += [
        "-p",
        "devtools.lanes",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-m",
        which,
    ]
    command += [*odoo_options(database.odoo, database.name), ADDON]
    result = subprocess.run(
        [str(part) for part in command],
        cwd=paths.ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
    assert " passed" in result.stdout


def test_template_is_up_to_date(database, tmp_path):
    """It adds texts to records of the others, so it is asked where it is installed."""
    compare(export(database, (ADDON,), tmp_path)[ADDON], ADDON)


@pytest.mark.deep
def test_uninstalled_no_form_is_open(database):
    """Without the addon nothing looks at what a form sends: tickets take none."""
    assert database.query(OPEN)
    database.uninstall(ADDON)
    assert database.query(OPEN) == []
    assert database.loud_lines() == []
