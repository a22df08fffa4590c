"""The floors of the billing addon know only what is below them."""

import ast
import re
from pathlib import Path

import pytest

MODELS = Path(__file__).parent.parent / "helpdesk_timesheet_reinvoice" / "models"
#: From the ground up.
FLOORS = ("time", "billing", "invoicing")
CRUD = ("create", "write", "unlink")


def classes(path):
    """Return the model classes of a file."""
    tree = ast.parse(path.read_text())
    return [node for node in tree.body if isinstance(node, ast.ClassDef)]


def members(floor):
    """Return ``(model, name)`` of the fields, methods and constants of a floor."""
    found = set()
    for path in sorted((MODELS / floor).glob("*.py")):
        for node in classes(path):
            for item in node.body:
                if isinstance(item, ast.FunctionDef):
                    found.add((path.stem, item.name))
                elif isinstance(item, ast.Assign):
                    found |= {(path.stem, target.id) for target in item.targets}
    return found


def words(path):
    """Return ``(line, word)`` of every attribute and of every text that names fields."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.value.lineno, node.arg
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if re.fullmatch(r"[\w.]+", node.value):
                for word in node.value.split("."):
                    yield node.lineno, word


def own_names(floor):
    """Return the names that a floor is the first to define.

    Only names nobody could mean otherwise: those with a word of ours in them, or
    private methods that no other floor has.
    """
    below = FLOORS[: FLOORS.index(floor)]
    lower = {name for other in below for _model, name in members(other)}
    names = {name for _model, name in members(floor)} - lower
    return {name for name in names if not name.startswith("_inherit")} - STOCK


#: Stock's hooks that an upper floor is the first to extend, and Odoo's own names.
STOCK = {
    "create", "write", "unlink", "onchange", "name_search", "web_name_search",
    "action_post", "action_confirm", "_name", "_inherit", "project_id",
}  # fmt: skip


@pytest.mark.parametrize("floor", FLOORS[:-1])
def test_floor_names_nothing_from_above(floor):
    """A field or method that an upper floor brings is not used below it."""
    above = FLOORS[FLOORS.index(floor) + 1 :]
    unknown = set().union(*(own_names(other) for other in above))
    found = [
        f"{path.relative_to(MODELS)}:{line}: {word}"
        for path in sorted((MODELS / floor).glob("*.py"))
        for line, word in words(path)
        if word in unknown
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("floor", FLOORS)
def test_floor_imports_downwards(floor):
    """No file of a floor imports a floor above, or a sibling's class."""
    above = FLOORS[FLOORS.index(floor) + 1 :]
    for path in (MODELS / floor).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level:
                target = [node.module or "", *(alias.name for alias in node.names)]
                assert not set(above) & set(".".join(target).split(".")), path


@pytest.mark.parametrize("floor", FLOORS)
def test_one_door_per_model_and_floor(floor):
    """A file is named after its model and holds its one class; each of create, write
    and unlink is there once at most."""
    for path in (MODELS / floor).glob("*.py"):
        if path.name == "__init__.py":
            continue
        models = [node for node in classes(path) if is_model(node)]
        if path.stem in ("time_run", "work"):
            continue  # no model: what an invoice run takes, what a choice looks at
        assert len(models) == 1, f"{path.name} holds {len(models)} models"
        names = [n.name for n in models[0].body if isinstance(n, ast.FunctionDef)]
        assert not {name for name in names if names.count(name) > 1}, path
        assert model_name(models[0]) == path.stem.replace("_", "."), path


def is_model(node):
    """Tell whether a class is a model of Odoo."""
    return any(ast.unparse(base).startswith("models.") for base in node.bases)


def model_name(node):
    """Return the name of the model that a class is or extends."""
    for item in node.body:
        if isinstance(item, ast.Assign) and item.targets[0].id in ("_name", "_inherit"):
            value = ast.literal_eval(item.value)
            return value if isinstance(value, str) else value[0]
    return None
