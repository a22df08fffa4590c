"""``lint``: one format, one set of rules, for everything in the repository."""

import subprocess
import xml.etree.ElementTree as ElementTree

from devtools import banned, environment, paths
from devtools.ui import say

PYTHON_TREES = (*paths.ADDONS, "devtools", "tests", "benchmarks", "setup.py")
#: What nobody wrote by hand, or is given: left alone.
TEXT_SUFFIXES = {
    ".cfg", ".cjs", ".css", ".csv", ".in", ".js", ".json", ".md", ".pot", ".py",
    ".rst", ".scss", ".sh", ".toml", ".txt", ".xml", ".yaml", ".yml",
}  # fmt: skip
#: Lines a file may have; data is read from top to bottom once, code again and again.
MAX_LINES = {".py": 960, ".js": 450, ".scss": 450, ".xml": 900}
#: `_ = request.env._` reads well (an imported `_` is found by devtools.banned), and a
#: compute that extends its parent returns nothing.
PYLINT = (
    "--rcfile=.pylintrc",
    # A model with several purposes has a file for each: classes stay apart.
    "--disable=prefer-env-translation,missing-return,"
    "consider-merging-classes-inherited",
)

#: No syntax, module or function that Python 3.10 lacks.
VERMIN = ("-q", "--target=3.10-", "--violations", "--no-tips", "--eval-annotations")
COMPOSE = """
import re, sys
from compose_spec import PyCompose
text = open(sys.argv[1]).read()
PyCompose.from_yaml(re.sub(r"\\$\\{\\w+:-(.*?)\\}", r"\\1", text)).validate()
"""


def tracked():
    """Return the files that belong to the repository, as paths.

    Without git (an unpacked archive) every file outside the ignored directories.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode == 0 and listed.stdout:
        files = [paths.ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        ignored = {".dev", "build", "dist", "__pycache__", ".git"}
        files = [
            path
            for path in paths.ROOT.rglob("*")
            if not ignored & set(path.relative_to(paths.ROOT).parts)
        ]
    return sorted(path for path in files if path.is_file())


def relative(path):
    """Return a path as it is called inside the repository."""
    return str(path.relative_to(paths.ROOT))


def text_files():
    """Return the tracked text files with their content."""
    for path in tracked():
        if path.suffix in TEXT_SUFFIXES or path.name in ("Makefile", "run"):
            yield path, path.read_bytes().decode("utf-8", errors="replace")


# === CHECKS WITHOUT TOOLS === #


def check_xml():
    """Every XML file is well-formed."""
    found = []
    for path in tracked():
        if path.suffix in (".xml", ".svg"):
            try:
                ElementTree.parse(path)
            except ElementTree.ParseError as error:
                found.append(f"{relative(path)}: {error}")
    return found


def check_hygiene():
    """No trailing blanks, no tabs, no CRLF, one newline at the end, no conflicts."""
    found = []
    for path, text in text_files():
        name = relative(path)
        generated = path.suffix == ".pot"
        if "\r" in text:
            found.append(f"{name}: carriage returns")
        if (
            text
            and not generated
            and (not text.endswith("\n") or text.endswith("\n\n"))
        ):
            found.append(f"{name}: must end with exactly one newline")
        for number, line in enumerate(text.splitlines(), 1):
            if line != line.rstrip() and not generated:
                found.append(f"{name}:{number}: blanks at the end of the line")
            if "\t" in line and path.name != "Makefile" and not generated:
                found.append(f"{name}:{number}: a tab")
            if line.startswith(("<" * 7 + " ", ">" * 7 + " ")):
                found.append(f"{name}:{number}: a merge conflict")
    return found


def check_sizes():
    """No file of ours grows beyond what one can keep in mind."""
    found = []
    for path, text in text_files():
        lines = text.count("\n")
        limit = MAX_LINES.get(path.suffix, lines)
        if lines > limit:
            found.append(f"{relative(path)}: {lines} lines, at most {limit}")
    return found


def check_banned():
    """No idiom of an older Odoo, no forgotten word, no name of a machine."""
    found = []
    for path, text in text_files():
        found += [f"{relative(path)}{hit}" for hit in banned.find(relative(path), text)]
    return found


# === CHECKS BY TOOLS === #


def script(name):
    """Return a program of the lint environment."""
    return environment.script(environment.with_lint_tools(), name)


def check_ruff(fix=False):
    """Likely bugs, style, the order of imports."""
    fixing = ["--fix"] if fix else []
    return run_tool(script("ruff"), "check", "--no-cache", "-q", *fixing, *PYTHON_TREES)


def check_format(fix=False):
    """One format for all Python."""
    fixing = [] if fix else ["--diff"]
    return run_tool(
        script("ruff"), "format", "--no-cache", "-q", *fixing, *PYTHON_TREES
    )


def check_pylint():
    """Odoo's idioms, by pylint-odoo."""
    return run_tool(script("python"), "-m", "pylint", *PYLINT, *paths.ADDONS)


def check_modules(fix=False):
    """Manifests, data files and views."""
    fixing = ["--fix"] if fix else []
    return run_tool(script("oca-checks-odoo-module"), *fixing, *paths.ADDONS)


def check_catalogues():
    """Translations are well-formed."""
    files = sorted(paths.ROOT.glob("*/i18n/*.po*"))
    return run_tool(script("oca-checks-po"), *map(relative, files)) if files else []


def check_python():
    """The oldest Python we promise has all that is used; ruff knows its syntax."""
    return run_tool(script("vermin"), *VERMIN, *PYTHON_TREES)


def check_compose():
    """compose.yaml follows the Compose Specification, variables at their defaults."""
    return run_tool(script("python"), "-c", COMPOSE, "compose.yaml")


def run_tool(*command):
    """Run a lint tool; return the lines of its output if it objects."""
    result = subprocess.run(
        [str(part) for part in command],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
    )
    output = (result.stdout + result.stderr).strip()
    if not result.returncode:
        return []
    return output.splitlines() or [f"exit code {result.returncode}"]


CHECKS = {
    "xml is well-formed": check_xml,
    "file hygiene": check_hygiene,
    "file sizes": check_sizes,
    "banned words": check_banned,
    "ruff check": check_ruff,
    "ruff format": check_format,
    "oldest Python": check_python,
    "compose file": check_compose,
    "pylint-odoo": check_pylint,
    "odoo module checks": check_modules,
    "translation checks": check_catalogues,
}
#: Checks that can repair what they find.
FIXING = {"ruff check", "ruff format", "odoo module checks"}


def lint(arguments):
    """Run every check and print what they object to. Return the exit code."""
    failed = 0
    for name, check in CHECKS.items():
        options = {"fix": True} if "--fix" in arguments and name in FIXING else {}
        found = check(**options)
        failed += bool(found)
        say(f"{'FAILED' if found else 'ok    '} {name}")
        for line in found:
            say(f"   {line}")
    say(f"\n{len(CHECKS) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0
