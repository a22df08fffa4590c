"""``lint``: what .pre-commit-config.yaml lists, by the locked tools."""

import os
import subprocess

from devtools import environment, paths
from devtools.ui import Problem


def tracked():
    """Return the files of the repository as sorted paths, new ones among them.

    :raise Problem: outside of a git clone
    """
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        raise Problem(
            f"git does not list the files of {paths.ROOT}, which lint looks at: "
            f"{listed.stderr.strip()}",
            "run it in a clone of yours.",
        )
    files = [paths.ROOT / name for name in listed.stdout.split("\0") if name]
    return sorted(path for path in files if path.is_file())


def relative(path):
    """Return a path as it is called inside the repository."""
    return str(path.relative_to(paths.ROOT))


def pre_commit(*arguments, **options):
    """Run hooks on all files.

    :param arguments: of ``pre-commit run``, such as a hook's id
    :param options: of :func:`subprocess.run`
    :return: the ended process
    """
    python = environment.with_lint_tools()
    environ = {
        **os.environ,
        "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PRE_COMMIT_HOME": str(paths.cache() / "pre-commit"),
    }
    command = [python, "-m", "pre_commit", "run", *arguments, "--files"]
    command += map(relative, tracked())
    return subprocess.run(command, cwd=paths.ROOT, env=environ, **options)


def lint(arguments):
    """Run the hooks, with ``--fix`` first those that repair. Return the exit code.

    :param arguments: ``--fix``, or what else ``pre-commit run`` takes
    """
    rest = [text for text in arguments if text != "--fix"]
    if rest != arguments:
        pre_commit("--hook-stage", "manual")
    return pre_commit(*rest).returncode
