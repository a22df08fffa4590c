"""Chromium, which the browser tests drive: found, or installed as root on Debian."""

import shutil

from devtools import environment

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find():
    """Return the path of a Chromium, or ``None``."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def ensure(outcome):
    """Find Chromium or install it; without one the browser tests are skipped.

    :param outcome: list that receives what to tell the user
    """
    if find():
        outcome.append(find())
    elif environment.apt_install("chromium"):
        outcome.append("installed chromium")
    else:
        outcome.append(
            "no Chromium: browser tests will be skipped. Install the package "
            "chromium to run them"
        )
