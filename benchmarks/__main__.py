"""Entry point of ``python -m benchmarks``, called by ``make bench``."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
