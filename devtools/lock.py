"""``lock``: make the lock files again from the ranges in ``requirements/*.in``.

For maintainers. The tool that resolves for all supported Pythons at once is installed
into an environment of its own.
"""

import os
import subprocess
import sys

from devtools import environment, paths, proc
from devtools.ui import Problem, say

#: Lock files, and whether what they name is installed without its dependencies.
LOCKS = {"test": False, "lint": False, "postgres": True, "postgres-fallback": True}
OLDEST_PYTHON = "3.10"


def lock(_arguments):
    """Write the lock files. Return the exit code."""
    target = paths.cache() / "venv" / "lock"
    python = target / "bin" / "python"
    if not python.exists():
        environment.ensure_venv_module([])
        log = paths.log("venv-lock")
        proc.run([sys.executable, "-m", "venv", target], log, "venv failed.")
        environment.pip(python, log, "uv")
    for name, alone in LOCKS.items():
        command = [environment.script(python, "uv"), "pip", "compile", "--quiet"]
        command += ["--universal", "--python-version", OLDEST_PYTHON, "--upgrade"]
        command += ["--generate-hashes", "--no-header", f"requirements/{name}.in"]
        command += ["--output-file", f"requirements/{name}.txt"]
        command += ["--no-deps"] if alone else []
        result = subprocess.run(
            [str(part) for part in command],
            cwd=paths.ROOT,
            env={**os.environ, "NO_COLOR": "1"},
            stdout=subprocess.DEVNULL,
        )
        if result.returncode:
            raise Problem(
                f"requirements/{name}.in could not be resolved.", "see the lines above."
            )
        say(f"requirements/{name}.txt")
    return 0
