"""The repository agrees with itself. No database, no network."""

import ast
import re
import subprocess

import pytest

from devtools import lint, paths

MANIFESTS = {addon: paths.manifest(addon) for addon in paths.ADDONS}
VERSION = re.compile(r"^19\.0\.\d+\.\d+\.\d+$")
#: Lines a function may have; 25 is the aim. A test that tells a whole story has more.
MAX_METHOD, MAX_TEST = 40, 60
#: Kilobytes a file may have; pictures and catalogues need most.
MAX_KILOBYTES = 400
#: Four databases that are much alike, in one file: alone each would weigh as much.
HEAVIER = {"tests/data/databases.tar.xz": 1300}


def test_manifests_agree():
    """All addons carry one version, licence and author."""
    for key in ("version", "license", "author"):
        values = {manifest[key] for manifest in MANIFESTS.values()}
        assert len(values) == 1, f"{key} differs: {values}"
    one = MANIFESTS["helpdesk_base"]
    assert one["license"] == "LGPL-3"
    assert VERSION.match(one["version"]), one["version"]


def test_addons_are_found_in_order():
    """Every folder with a manifest is an addon, each after those it depends on."""
    found = {path.parent.name for path in paths.ROOT.glob("*/__manifest__.py")}
    assert set(paths.ADDONS) == found
    for number, addon in enumerate(paths.ADDONS):
        later = set(paths.ADDONS[number:])
        assert not later & set(MANIFESTS[addon]["depends"]), addon


@pytest.mark.parametrize("addon", paths.ADDONS)
def test_every_test_is_imported(addon):
    """Odoo's own runner sees what tests/__init__.py imports, and nothing else."""
    folder = paths.ROOT / addon / "tests"
    there = {path.stem for path in folder.glob("test_*.py")}
    if not folder.exists():
        return
    imported = {
        name.name
        for node in ast.walk(ast.parse((folder / "__init__.py").read_text()))
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for name in node.names
    }
    assert there == imported


def test_dependencies_point_one_way():
    """The desk knows nothing of time or money, but what to tick to get them."""
    base = set(MANIFESTS["helpdesk_base"]["depends"])
    reinvoice = set(MANIFESTS["helpdesk_timesheet_reinvoice"]["depends"])
    assert base <= {"mail", "portal", "rating", "resource"}
    assert {"helpdesk_base", "sale_timesheet", "sale_management"} <= reinvoice
    money = re.compile(r"sale_line|sale\.order|timesheet|analytic|account\.move")
    for path in (paths.ROOT / "helpdesk_base").rglob("*.py"):
        if "tests" not in path.parts:
            code = re.sub(r"\bmodule_\w+", "", path.read_text())
            assert not money.search(code), path


def test_rules_are_in_models():
    """An onchange obeys only the screen: imports and remote calls would miss it."""
    for addon in paths.ADDONS:
        for path in (paths.ROOT / addon).rglob("*.py"):
            assert "api.onchange" not in path.read_text(), path


def test_base_excludes_other_helpdesks():
    """Two apps that define helpdesk.ticket cannot share a database."""
    assert {"helpdesk", "helpdesk_mgmt"} <= set(MANIFESTS["helpdesk_base"]["excludes"])


@pytest.mark.parametrize("addon", paths.ADDONS)
def test_manifest_lists_every_data_file(addon):
    """No data file is forgotten, none is listed that does not exist."""
    manifest = MANIFESTS[addon]
    listed = [*manifest.get("data", ()), *manifest.get("demo", ())]
    assert len(listed) == len(set(listed))
    root = paths.ROOT / addon
    assert not [name for name in listed if not (root / name).is_file()]
    there = {
        str(path.relative_to(root))
        for folder in ("data", "demo", "report", "security", "views", "wizard")
        for suffix in ("xml", "csv")
        for path in (root / folder).rglob(f"*.{suffix}")
    }
    assert there <= set(listed), f"not in the manifest: {there - set(listed)}"


def test_changelog_has_the_version():
    """The reader who upgrades finds the version in the changelog."""
    version = MANIFESTS["helpdesk_base"]["version"]
    changelog = (paths.ROOT / "CHANGELOG.md").read_text()
    assert f"\n## {version}\n" in changelog


def test_licence_is_complete():
    """The licence the manifests name lies beside them."""
    text = (paths.ROOT / "LICENSE").read_text()
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "Version 3" in text


def test_methods_are_small():
    """No function grows beyond what one can keep in mind."""
    long = []
    for path in lint.tracked():
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body
                first = body[1] if ast.get_docstring(node) and body[1:] else body[0]
                lines = node.end_lineno - first.lineno + 1
                if lines > (MAX_TEST if node.name.startswith("test_") else MAX_METHOD):
                    long.append(f"{lint.relative(path)}:{node.lineno} {lines} lines")
    assert not long, "\n".join(long)


def test_public_methods_are_documented():
    """Every public method of a model says what it does."""
    silent = []
    for addon in paths.ADDONS:
        for path in (paths.ROOT / addon / "models").rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.ClassDef):
                    continue
                for method in node.body:
                    public = isinstance(
                        method, ast.FunctionDef
                    ) and not method.name.startswith("_")
                    if public and not documented(method):
                        silent.append(f"{lint.relative(path)}:{method.lineno}")
    assert not silent, "\n".join(silent)


def documented(method):
    """A docstring, or nothing to say: an override of a method of the framework."""
    framework = {
        *("create", "write", "unlink", "copy", "copy_data", "init", "default_get"),
        *("message_new", "message_update", "message_route", "message_post"),
    }
    if method.name in framework:
        return True
    return bool(ast.get_docstring(method))


def test_files_are_small():
    """Nothing heavy comes in."""
    heavy = [
        f"{lint.relative(path)}: {path.stat().st_size // 1024} kB"
        for path in lint.tracked()
        if path.stat().st_size
        > HEAVIER.get(str(lint.relative(path)), MAX_KILOBYTES) * 1024
    ]
    assert not heavy


def test_nothing_generated_is_tracked():
    """Downloads, databases and byte code stay outside."""
    result = subprocess.run(
        ["git", "ls-files"], cwd=paths.ROOT, capture_output=True, text=True
    )
    if result.returncode:
        pytest.skip("this is no git clone")
    bad = re.compile(r"\.pyc$|__pycache__|^\.dev/|\.whl$|\.deb$|\.zip$|\.dump$|^dist/")
    assert not [name for name in result.stdout.splitlines() if bad.search(name)]


def test_ci_runs_what_developers_run():
    """CI has no steps of its own."""
    script = (paths.ROOT / ".ci" / "run").read_text()
    commands = [
        line
        for line in script.splitlines()
        if line and not line.startswith(("#", "set ", "cd "))
    ]
    assert commands == ["exec make test"]
