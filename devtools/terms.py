"""``terms``: our words beside Odoo's own translations of the same words."""

import ast
import collections
import os
import sys
import tempfile
from pathlib import Path

from devtools import debian, environment, paths
from devtools.ui import Problem, say

#: What is meant to differ: ``language | English | ours | reason``, one a line.
MEANT = Path(__file__).with_name("terms.txt")
#: Asked where Odoo has no word in the language itself.
FALLBACKS = {"pt": "pt_BR"}
#: A sentence is written anew for its place; a term is a word that users learn once.
WORDS = 2


def read(path):
    """Return the texts of a catalogue that are translated: ``[(English, text)]``."""
    import polib

    return [
        (entry.msgid, entry.msgstr)
        for entry in polib.pofile(str(path))
        if entry.msgstr and not entry.fuzzy and not entry.obsolete
    ]


def apps_below(folder):
    """Return the folders of Odoo's apps that our addons stand on."""
    known = {path.parent.name: path for path in folder.rglob("__manifest__.py")}
    found, asked = {}, ["base", *paths.ADDONS]
    while asked:
        app = asked.pop()
        if app in paths.ADDONS:
            asked += set(paths.manifest(app)["depends"]) - set(paths.ADDONS)
        elif app in known and app not in found:
            found[app] = known[app].parent
            asked += ast.literal_eval(known[app].read_text()).get("depends", ())
    return found.values()


def read_odoo(apps, language):
    """Return ``{English: Counter of Odoo's translations}``."""
    found = {}
    for code in filter(None, (language, FALLBACKS.get(language))):
        words = collections.defaultdict(collections.Counter)
        for app in apps:
            path = app / "i18n" / f"{code}.po"
            for english, translated in read(path) if path.exists() else ():
                words[english][translated] += 1
        found = {**words, **found}
    return found


def read_meant():
    """Return the differences that are meant: ``[(language, English, ours)]``."""
    lines = MEANT.read_text().splitlines()
    rows = [line.split(" | ") for line in lines if line and line[0] != "#"]
    for row in rows:
        if len(row) != 4 or not row[3].strip():
            raise Problem(
                f"{MEANT.name}: {row} is not: language | English | ours | why"
            )
    return [row[:3] for row in rows]


def is_meant(row, meant):
    """Tell whether a difference is in the list, where a star stands for any."""
    return any(
        all(b in ("*", a) for a, b in zip(row, line, strict=True)) for line in meant
    )


def differences(folder):
    """Yield ``(language, addon, English, ours, Odoo's most frequent word)``."""
    meant, apps = read_meant(), apps_below(folder)
    for language in languages():
        odoo = read_odoo(apps, language)
        for addon in paths.ADDONS:
            path = paths.ROOT / addon / "i18n" / f"{language}.po"
            for english, ours in read(path) if path.exists() else ():
                theirs = odoo.get(english)
                known = not theirs or ours in theirs or len(english.split()) > WORDS
                if not known and not is_meant((language, english, ours), meant):
                    yield language, addon, english, ours, theirs.most_common(1)[0][0]


def languages():
    """Return the languages that our addons speak."""
    return sorted({path.stem for path in paths.ROOT.glob("*/i18n/*.po")})


def terms(arguments):
    """List the terms that differ from Odoo's. Return the exit code."""
    if arguments:
        raise Problem("terms takes no arguments.", "run it without.")
    # polib is at home there
    tools = environment.with_lint_tools().parent.parent
    sys.path.append(str(environment.site_packages(tools)))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(os.environ.get("ODOO_HOME") or folder)
        if home == Path(folder):
            asked = {*languages(), *FALLBACKS.values()}
            debian.catalogues(debian.mirror(), home, asked, paths.log("terms"))
        found = list(differences(home))
    for row in found:
        say(" | ".join(row))
    say(f"\n{len(found)} terms differ: language | addon | English | ours | Odoo's")
    return 1 if found else 0
