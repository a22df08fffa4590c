"""The texts of the addons beside their templates."""

import polib

from devtools import paths

EXPORT = """
from odoo.tools.translate import trans_export
for addon in {addons!r}:
    with open("{folder}/" + addon + ".po", "wb") as file:
        trans_export(False, [addon], file, "po", env)
"""


def template_of(addon):
    """Return the template of an addon."""
    return polib.pofile(str(paths.ROOT / addon / "i18n" / f"{addon}.pot"))


def export(database, addons, folder):
    """Export the texts of addons as they are installed; return them by addon."""
    database.shell(EXPORT.format(addons=addons, folder=str(folder)))
    return {addon: polib.pofile(f"{folder}/{addon}.po") for addon in addons}


def compare(exported, addon):
    """Fail unless the template of an addon has the texts that were exported."""
    now = {entry.msgid for entry in exported}
    kept = {entry.msgid for entry in template_of(addon)}
    assert now, "nothing was exported"
    assert not now - kept, "run `make i18n`: texts are missing"
    assert not kept - now, "run `make i18n`: texts are gone"
