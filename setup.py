"""The addons as one distribution, found by Odoo without an addons path.

Odoo 19 and ``odoo.addons`` are namespace packages: every addon is a package of its
own below them, taken from where it lies in the repository.
"""

import ast
from pathlib import Path

from setuptools import setup

HERE = Path(__file__).resolve().parent
ADDONS = sorted(path.parent.name for path in HERE.glob("*/__manifest__.py"))
#: A pyproject.toml packs the one addon beside it.
LEFT_OUT = {"__pycache__", "pyproject.toml"}


def manifest(addon):
    """Return the manifest of an addon."""
    return ast.literal_eval((HERE / addon / "__manifest__.py").read_text())


def packages(addon):
    """Return the Python packages of an addon, as they are called in Odoo."""
    for init in sorted((HERE / addon).rglob("__init__.py")):
        yield ".".join(("odoo", "addons", *init.parent.relative_to(HERE).parts))


def files(addon):
    """Return every file of an addon, relative to it."""
    root = HERE / addon
    return [
        str(path.relative_to(root))
        for path in sorted(root.rglob("*"))
        if path.is_file() and not LEFT_OUT & set(path.parts)
    ]


setup(
    name="odoo-helpdesk-billing",
    version=manifest("helpdesk_timesheet_reinvoice")["version"],
    description="Helpdesk for Odoo 19 Community, billed by the hour",
    long_description=(HERE / "README.md").read_text()
    if (HERE / "README.md").exists()
    else "",
    long_description_content_type="text/markdown",
    author="Helpdesk Billing contributors",
    license="LGPL-3.0-only",
    license_files=["LICENSE*"],
    python_requires=">=3.10",
    packages=[name for addon in ADDONS for name in packages(addon)],
    package_dir={f"odoo.addons.{addon}": addon for addon in ADDONS},
    package_data={f"odoo.addons.{addon}": files(addon) for addon in ADDONS},
    zip_safe=False,
    classifiers=[
        "Framework :: Odoo",
        "Framework :: Odoo :: 19.0",
        "Programming Language :: Python :: 3",
    ],
)
