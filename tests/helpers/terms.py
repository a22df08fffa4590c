"""``make terms``: our words beside Odoo's own translations of the same words."""

import ast
import collections
import sys
from pathlib import Path

import polib

from devtools import paths

#: What is meant to differ: ``language | English | ours | reason``, one a line.
MEANT = paths.ROOT / "devtools" / "terms.txt"
#: Asked where Odoo has no word in the language itself.
FALLBACKS = {"pt": "pt_BR"}
#: A sentence is written anew for its place; a term is a word that users learn once.
WORDS = 2


def read(path):
    """Return the texts of a catalogue that are translated: ``[(English, text)]``."""
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
            sys.exit(f"{MEANT.name}: {row} is not: language | English | ours | why")
    return [row[:3] for row in rows]


def is_meant(row, meant):
    """Tell whether a difference is in the list, where a star stands for any."""
    return any(
        all(b in ("*", a) for a, b in zip(row, line, strict=True)) for line in meant
    )


def differences(folder):
    """Yield ``(language, addon, English, ours, Odoo's most frequent word)``."""
    meant, apps = read_meant(), apps_below(folder)
    for language in paths.languages():
        odoo = read_odoo(apps, language)
        for addon in paths.ADDONS:
            path = paths.ROOT / addon / "i18n" / f"{language}.po"
            for english, ours in read(path) if path.exists() else ():
                theirs = odoo.get(english)
                known = not theirs or ours in theirs or len(english.split()) > WORDS
                if not known and not is_meant((language, english, ours), meant):
                    yield language, addon, english, ours, theirs.most_common(1)[0][0]


if __name__ == "__main__":
    found = list(differences(Path(sys.argv[1])))
    for row in found:
        print(" | ".join(row))
    print(f"\n{len(found)} terms differ: language | addon | English | ours | Odoo's")
    sys.exit(bool(found))
