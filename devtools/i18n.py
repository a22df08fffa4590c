"""``i18n``: write the translation templates of the addons anew."""

from devtools import paths, templates
from devtools.ui import Problem, say
from devtools.workshop import Workshop


def i18n(arguments):
    """Export the texts of the addons as they are now. Return the exit code.

    Translations (``i18n/*.po``) are left alone: a test names the texts they lack.
    """
    if arguments:
        raise Problem("i18n takes no arguments.", "run it without.")
    workshop = Workshop("test", steps=1)
    with workshop.at_work({"plain"}) as odoo:
        bases, _file = templates.prepare(workshop, odoo)
        database = f"{bases['addons']}_texts"
        odoo.duplicate(bases["addons"], database)
        try:
            export(odoo, database, paths.TOGETHER)
            # they add texts to records of the others
            odoo.install(database, paths.APART, log="install-apart")
            export(odoo, database, paths.APART)
        finally:
            odoo.drop(database)
    for addon in paths.ADDONS:
        say(f"{addon}/i18n/{addon}.pot")
    return 0


def export(odoo, database, addons):
    """Write the templates of some addons."""
    odoo.run(
        "i18n", "export", "-d", database, *addons,
        log="i18n", sentence="the texts could not be exported.",
    )  # fmt: skip
