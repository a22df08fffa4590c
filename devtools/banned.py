"""Words that must not come in: idioms Odoo 19 dropped, machine names, leftovers.

Every entry says what to write instead. The patterns are put together so that this
file does not find itself.
"""

import re

from devtools import paths

#: (pattern, which files, what to write instead)
ADDON = rf"^(?:{'|'.join(paths.ADDONS)})/"
ADDON_CODE = ADDON + r"(?!.*\btests/).*\.py$"
ADDON_XML = ADDON + r".*\.xml$"
ANY = r""

RULES = [
    (r"\b_sql_" + "constraints", ADDON_CODE, "models.Constraint"),
    (r"odoo\.osv", ADDON_CODE, "odoo.fields.Domain"),
    (r"from odoo\.orm", ADDON_CODE, "odoo.api, odoo.fields, odoo.models"),
    (r"from odoo import .*\b_\b", ADDON_CODE, "self.env._"),
    (r"\.read_" + r"group\(", ADDON_CODE, "_read_group or formatted_read_group"),
    (r"\bname_" + r"get\b", ADDON_CODE, "_compute_display_name"),
    (r"check_access_" + "(rights|rule)", ADDON_CODE, "check_access, has_access"),
    (r"self\._(cr|uid|context)\b", ADDON_CODE, "self.env.cr, .uid, .context"),
    (r"group_" + "operator=", ADDON_CODE, "aggregator="),
    (r"\bauto_" + "join=", ADDON_CODE, "bypass_search_access="),
    (r"\(6, *0, *|\(0, *0, *", ADDON_CODE, "Command.set, Command.create"),
    (r"\.cr\.commit" + r"\(\)", ADDON_CODE, "ir.cron _commit_progress in crons"),
    (r"<" + r"tree\b", ADDON_XML, "<list>"),
    (r"\battrs=|\bstates=", ADDON_XML, "invisible=, readonly=, required="),
    (r"kanban-" + "box", ADDON_XML, 't-name="card"'),
    (r"oe_" + "chatter", ADDON_XML, "<chatter/>"),
    (r"\bt-(esc|raw)=", ADDON_XML, "t-out="),
    (r'name="groups_' + 'id"', ADDON_XML, "group_ids"),
    (r"/\*\* @odoo-" + r"module", r"\.js$", "nothing: modules are recognised"),
    (r"\bTO" + r"DO\b|\bFIX" + r"ME\b|\bXX" + r"X\b", ANY, "do it, or drop it"),
    (r"\bpypi\." + r"org|files\.pythonhosted|registry\.npm" + "js", ANY, "no host"),
    (r"\bdeb\.deb" + r"ian\.org|snapshot\.deb" + "ian", ANY, "the machine's mirror"),
    (r"(?<![\w.])/(ro" + r"ot|home/\w+|wo" + r"rk|opt/o" + r"d)/", ANY, "no path"),
    (r"-----BEGIN .*PRIVATE " + "KEY", ANY, "no credential"),
]
COMPILED = [
    (re.compile(pattern), re.compile(files), instead)
    for pattern, files, instead in RULES
]


def find(name, text):
    """Return the banned words of a file as ``:line: word (write ... instead)``.

    :param name: the file's path inside the repository
    :param text: its content
    """
    rules = [rule for rule in COMPILED if rule[1].search(name)]
    if name.startswith("requirements/") or name == "LICENSE":
        return []
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, _files, instead in rules:
            match = pattern.search(line)
            if match:
                found.append(f":{number}: {match[0]!r} (instead: {instead})")
    return found
