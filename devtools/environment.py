"""Python environments: one with Odoo and the test tools, one with the lint tools."""

import os
import shutil
import sys
from pathlib import Path

from devtools import locks, paths, proc
from devtools.ui import Problem, say

REQUIREMENTS = paths.ROOT / "requirements"
METADATA = "Metadata-Version: 2.1\nName: odoo\nVersion: 19.0\n"


def python_key():
    """Return what an environment depends on in the calling Python."""
    return f"{sys.implementation.name}-{sys.version_info[0]}.{sys.version_info[1]}"


def ensure_venv_module(outcome):
    """Make sure ``python -m venv`` works; Debian packs it separately."""
    if proc.output_of([sys.executable, "-c", "import ensurepip, venv; print(1)"]):
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if apt_install(package, "python3-venv"):
        outcome.append(f"installed {package}")
        return
    raise Problem(
        f"{sys.executable} cannot make virtual environments (no ensurepip).",
        f"install it, on Debian and Ubuntu: apt-get install {package}",
    )


def apt_install(*candidates):
    """Install the first package that can be had, as root on a Debian system.

    ``NO_APT=1`` in the environment forbids it.

    :return: whether one was installed
    """
    if os.environ.get("NO_APT") or not paths.is_root() or not shutil.which("apt-get"):
        return False
    log = paths.log("apt")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for package in candidates:
        say(f"      installing the system package {package} (NO_APT=1 forbids it)")
        install = ["apt-get", "install", "-y", "--no-install-recommends", package]
        if proc.run(install, log, check=False, env=environment) == 0:
            return True
        proc.run(["apt-get", "update"], log, check=False, env=environment)
        if proc.run(install, log, check=False, env=environment) == 0:
            return True
    return False


def pip(python, log, *arguments, check=True):
    """Run pip of an environment."""
    environment = {
        **os.environ,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
    }
    environment.pop("PYTHONPATH", None)
    return proc.run(
        [python, "-m", "pip", "install", "--progress-bar=off", *arguments],
        log,
        "pip could not install the Python packages.",
        check=check,
        env=environment,
    )


def install(python, name):
    """Install a lock file; if it can't be had any more, the ranges behind it."""
    log = paths.log(f"pip-{name}")
    # The lock is complete. Older pips, left to resolve it, try newer releases of what is
    # asked for with an extra, and then miss their hashes.
    lock = ["--no-compile", "--no-deps", "--require-hashes"]
    lock += ["-r", REQUIREMENTS / f"{name}.txt"]
    if pip(python, log, *lock, check=False) == 0:
        return
    text = log.read_text(errors="replace")
    if "No matching distribution" not in text or "NewConnectionError" in text:
        raise proc.explain(log, "pip could not install the Python packages.", "")
    say("      a locked version is gone: installing the newest that fit instead")
    pip(python, log, "--no-compile", "-r", REQUIREMENTS / f"{name}.in")


def create(target, name, finish=None):
    """Make an environment from ``requirements/<name>.txt``, once.

    :param target: where
    :param name: name of the lock file
    :param finish: callable given the environment with its packages
    :return: its Python
    """

    def build(_empty):
        proc.run(
            [sys.executable, "-m", "venv", target],
            paths.log(f"venv-{name}"),
            "Python could not make a virtual environment.",
        )
        install(target / "bin" / "python", name)
        if finish:
            finish(target)

    locks.build_once(target, build, "the Python environment")
    return target / "bin" / "python"


def site_packages(environment):
    """Return the directory of an environment that holds its packages."""
    return next((environment / "lib").glob("python3*/site-packages"))


def connect(environment, source):
    """Make ``import odoo`` and the ``odoo`` command work in an environment.

    Odoo 19 is a namespace package: a line in a ``.pth`` file is enough. Only its own
    directory is shown, so that a system's other packages stay outside. The metadata
    satisfies wheels that require ``odoo``.
    """
    packages = site_packages(environment)
    exposed = source.library
    if not (exposed / "odoo-bin").exists():
        exposed = environment / "link"
        exposed.mkdir()
        (exposed / "odoo").symlink_to(source.library / "odoo")
    (packages / "odoo-19.pth").write_text(f"{exposed}\n")
    info = packages / "odoo-19.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(METADATA)
    (info / "INSTALLER").write_text("devtools\n")
    (info / "RECORD").write_text("")
    script = environment / "bin" / "odoo"
    script.write_text(
        f"#!{environment}/bin/python\nimport odoo.cli\n\n"
        'if __name__ == "__main__":\n    odoo.cli.main()\n'
    )
    script.chmod(0o755)


def with_odoo(source, outcome):
    """Return the Python of the environment that has Odoo and the test tools."""
    ensure_venv_module(outcome)
    lock = (REQUIREMENTS / "test.txt").read_bytes()
    key = paths.short_hash(python_key(), lock, source.library)
    directory = paths.cache() / "venv"
    locks.prune(directory, keep=2)
    target = directory / f"odoo-{key}"
    python = create(target, "test", lambda made: connect(made, source))
    outcome.append(f"Python {sys.version_info[0]}.{sys.version_info[1]}")
    return python


def with_lint_tools():
    """Return the Python of the environment that has the lint tools."""
    ensure_venv_module([])
    lock = (REQUIREMENTS / "lint.txt").read_bytes()
    target = paths.cache() / "venv" / f"lint-{paths.short_hash(python_key(), lock)}"
    return create(target, "lint")


def script(python, name):
    """Return a program of the environment a Python belongs to."""
    return Path(python).parent / name
