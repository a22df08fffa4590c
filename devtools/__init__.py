"""Everything around the addons: run, test, lint, demonstrate.

Plain standard library, Python 3.10 or newer. ``python3 devtools help`` lists the
commands; the Makefile only calls them.
"""
