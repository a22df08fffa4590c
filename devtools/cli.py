"""The command line: one word, then that command's own arguments."""

import importlib
import os
import signal
import sys
import traceback

from devtools import paths
from devtools.ui import Problem, as_problem, say

#: command: (module, function, what it does)
COMMANDS = {
    "run": ("run", "run", "serve a demo database on 127.0.0.1 until Ctrl-C"),
    "test": ("suite", "test", "run the tests, lint included, print one line of counts"),
    "test-deep": (
        "suite",
        "test_deep",
        "what takes long: coverage, random play, bench",
    ),
    "demo": ("demo", "demo", "do the documented steps over XML-RPC, save the invoice"),
    "lint": ("lint", "lint", "check and format-check everything (--fix repairs)"),
    "bench": ("bench", "bench", "measure against stock tasks, see benchmarks/"),
    "shell": ("shell", "shell", "open an Odoo shell on the demo database"),
    "i18n": ("i18n", "i18n", "write the translation templates of the addons anew"),
    "terms": ("i18n", "terms", "list where our translations differ from Odoo's words"),
    "dump": (
        "bench",
        "dump",
        "keep a database of this version for tests of later ones",
    ),
    "clean": ("clean", "clean", "delete what this clone built (--cache: shared too)"),
}
VARIABLES = """\
Environment:
  PORT=8070         port of `run` (default: the first free one from 8069)
  ODOO_HOME=DIR     an Odoo 19.0 checkout to use
  ODOO_GIT_URL=URL  where to clone Odoo from when there is no Debian package
  PGHOST=DIR|HOST   a PostgreSQL server of your own (with PGPORT, PGUSER, PGPASSWORD)
  XDG_CACHE_HOME    where downloads are kept (default ~/.cache)
  NO_APT=1          never install a system package
"""


def usage():
    """Return the help text."""
    lines = [
        "Usage: make <command> [ARGS='...'], or python3 devtools <command> ...",
        "",
    ]
    for name, (_module, _function, text) in COMMANDS.items():
        lines.append(f"  {name:<11}{text}")
    lines += [f"  {'help':<11}show this", "", VARIABLES]
    return "\n".join(lines)


def interrupted(_number, _frame):
    """End as by Ctrl-C, so that everything is stopped."""
    raise KeyboardInterrupt


def run(name, arguments):
    """Run one command, or tell of those there are. Return the exit code."""
    if name in ("help", "-h", "--help"):
        say(usage())
        return 0
    if name not in COMMANDS:
        say(f"There is no command {name!r}.\n\n{usage()}")
        return 2
    module, function, _text = COMMANDS[name]
    return getattr(importlib.import_module(f"devtools.{module}"), function)(arguments)


def main(arguments):
    """Run one command, and say what went wrong in a sentence. Return the exit code."""
    # Jobs in the background are born deaf to Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    try:
        return run(arguments[0] if arguments else "help", arguments[1:])
    except Problem as problem:
        say(f"\n{problem}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped by you. Run the same command again to go on.")
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; nothing is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        problem = as_problem(error)
        if problem is None:
            log = paths.log("crash")
            log.write_text(traceback.format_exc())
            problem = Problem(
                f"devtools failed unexpectedly: {error}",
                "please report it together with the log.",
                log,
            )
        say(f"\n{problem}")
        return 1
