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

from devtools.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
