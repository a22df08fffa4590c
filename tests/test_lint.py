"""What `make lint` checks, one test each."""

import json
import re
import subprocess

import pytest

from devtools import environment, lint, paths

CONFIGURATION = paths.ROOT / ".pre-commit-config.yaml"
#: Names by id. Those that repair are left out: a test changes no file.
HOOKS = dict(
    re.findall(r"- id: (\S+)\n +name: (.+)\n +language:", CONFIGURATION.read_text())
)
AS_JSON = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))"


@pytest.fixture(scope="module")
def said():
    """Run all hooks once; return what they say."""
    # Who writes in the clone meanwhile is taken for the hook, which only looks.
    for _attempt in range(3):
        result = lint.pre_commit(
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if "files were modified by this hook" not in result.stdout:
            break
    return result.stdout


@pytest.mark.parametrize("hook", HOOKS)
def test_lint(said, hook):
    name = re.escape(HOOKS[hook])
    states = re.findall(rf"^{name}\.*(?:\(.*\))?([A-Z]\w+)$", said, re.M)
    assert states in (["Passed"], ["Skipped"]), said


def test_banned_words_are_found():
    """The rules bite: each finds what it is for."""
    python = environment.with_lint_tools()
    with open(CONFIGURATION) as file:
        printed = subprocess.check_output([python, "-c", AS_JSON], stdin=file)
    [local] = json.loads(printed)["repos"]

    def found(name, text):
        return [
            hook["id"]
            for hook in local["hooks"]
            if hook["language"] == "pygrep"
            and re.search(hook.get("files", ""), name)
            and not re.search(hook.get("exclude", "^$"), name)
            and re.search(hook["entry"], text, re.M)
        ]

    samples = {
        ("helpdesk_base/models/x.py", "_sql_" + "constraints = []\n"): "constraints",
        ("helpdesk_base/models/y.py", "from odoo import _, fields\n"): "translation",
        ("helpdesk_base/views/x.xml", "<" + "tree>\n"): "list",
        ("README.md", "see https://pypi." + "org/project\n"): "registries",
        ("docs/x.rst", "cd /wo" + "rk/main\n"): "machine-paths",
        ("devtools/x.py", "# TO" + "DO: later\n"): "leftovers",
    }
    for sample, hook in samples.items():
        assert found(*sample) == [hook]
    assert not found("README.md", "go to /my/tickets and ~/.cache\n")
