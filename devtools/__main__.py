"""Entry point of ``python3 devtools <command>``."""

import os
import sys

if sys.version_info < (3, 10):
    sys.exit(
        "Python %d.%d is too old: Odoo 19 needs Python 3.10 or newer.\n"
        "What to do: run it with a newer one, e.g. make run PYTHON=python3.12"
        % sys.version_info[:2]
    )

# Started as a directory, Python puts devtools/ itself first on the path.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from devtools.ui import Problem  # noqa: E402

try:
    from devtools.cli import main
except Problem as problem:
    # a manifest that cannot be read
    sys.exit(str(problem))

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
