"""Odoo's own lint tests, as far as they speak about our addons."""

import re

import pytest

from devtools import paths
from devtools.served import free_port

CLASSES = (
    "ManifestLinter",
    "TestDunderinit",
    "TestNaming",
    "TestLintOverrideSignatures",
    "TestIndex",
    "TestTestHoles",
    "TestDocstring",
    "RoutesLinter",
    "TestJsTranslations",
    "TestI18n",
)
#: Hardly a change touches what they look at.
pytestmark = pytest.mark.deep
#: Odoo obeys "excludes" (ir.module.module), but its linter does not list the key.
KNOWN = re.compile(r"'excludes' : Unknown manifest keys|manifest_keys - MANIFEST_KEYS")
SUMMARY = re.compile(r"\d+ failed, \d+ error\(s\) of (\d+) tests when loading")
RECORD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ ", re.M)


@pytest.fixture(scope="module")
def records(bench):
    """Run the lint tests once; return the log's records, multi-line ones whole."""
    database = bench.database("odoo_lint", "addons")
    tags = ",".join(f"/test_lint:{name}" for name in CLASSES)
    try:
        bench.odoo.run(
            "server", "-d", database.name, "-i", "test_lint", "--test-tags", tags,
            "--stop-after-init", "--max-cron-threads=0", "--workers=0",
            "--http-interface=127.0.0.1", f"--http-port={free_port()}",
            log="odoo-lint", sentence="Odoo's lint tests did not run.", check=False,
        )  # fmt: skip
    finally:
        database.drop()
    text = paths.log("odoo-lint").read_text(errors="replace")
    summary = SUMMARY.search(text)
    assert summary, "Odoo's lint tests did not run:\n" + text[-3000:]
    assert int(summary[1]) >= len(CLASSES)
    starts = [found.start() for found in RECORD.finditer(text)] + [len(text)]
    return [text[start:end] for start, end in zip(starts, starts[1:], strict=False)]


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_ran(records, name):
    """A class that is gone would make the findings below an empty promise."""
    assert any(f"{name}." in record for record in records)


def test_no_finding_names_our_addons(records):
    """No warning or failure of the linters speaks about our addons."""
    loud = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ")
    ours = re.compile("|".join([*paths.ADDONS, r"\bhelpdesk\."]))
    found = [
        record
        for record in records
        if loud.match(record)
        and ours.search(record.replace(str(paths.ROOT), ""))
        and not KNOWN.search(record)
    ]
    assert not found, "\n".join(found)
