"""The templates hold every text of the addons, and translations fit them."""

import re

import polib
import pytest

from devtools import paths
from helpers import terms
from helpers.texts import compare, export, template_of

#: What a sentence is filled with: %(name)s, %s, {{ expression }}, and markup.
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\{.*?\}\}|</?\w+")
TRANSLATIONS = sorted(paths.ROOT.glob("*/i18n/*.po"))


@pytest.fixture(scope="module")
def exported(bench, tmp_path_factory):
    """Export the texts of the addons as they are installed; templates by addon."""
    database = bench.database("texts", "addons")
    try:
        return export(database, paths.TOGETHER, tmp_path_factory.mktemp("texts"))
    finally:
        database.drop()


@pytest.mark.parametrize("addon", paths.TOGETHER)
def test_template_is_up_to_date(exported, addon):
    """`make i18n` was run after the last change of a text."""
    compare(exported[addon], addon)


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: f"{path.stem}")
def test_translation_fits(path):
    """A translation is complete, and each text keeps its placeholders and markup."""
    addon = path.parent.parent.name
    translated = {
        entry.msgid: entry.msgstr
        for entry in polib.pofile(str(path))
        if entry.msgstr and not entry.fuzzy and not entry.obsolete
    }
    wanted = {entry.msgid for entry in template_of(addon)}
    assert not wanted - translated.keys(), "not translated"
    assert not translated.keys() - wanted, "no longer in the addon"
    for source, text in translated.items():
        kept = sorted(PLACEHOLDER.findall(text))
        assert kept == sorted(PLACEHOLDER.findall(source)), f"{source!r}: {text!r}"


def test_terms_lists_what_differs_from_odoo(tmp_path):
    """A word Odoo has otherwise is told of, unless it is meant; see `make terms`."""
    app = tmp_path / "addons" / "base"
    (app / "i18n").mkdir(parents=True)
    (app / "__manifest__.py").write_text("{}")
    words = {"Send": "Verzenden", "Calendar": "Rooster", "Pack": "Verpakken"}
    catalogue = polib.POFile()
    catalogue.extend(polib.POEntry(msgid=a, msgstr=b) for a, b in words.items())
    catalogue.save(str(app / "i18n" / "nl.po"))
    found = set(terms.differences(tmp_path))
    assert found == {("nl", "helpdesk_billing_run", "Calendar", "Agenda", "Rooster")}


def test_terms_that_are_meant_are_ours():
    """Each word in devtools/terms.txt is one of our texts still."""
    ours = {
        (path.stem, entry.msgid, entry.msgstr)
        for path in TRANSLATIONS
        for entry in polib.pofile(str(path))
    }
    unused = [
        line
        for line in terms.read_meant()
        if not any(terms.is_meant(row, [line]) for row in ours)
    ]
    assert unused == []
