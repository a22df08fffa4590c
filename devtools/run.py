"""``run``: a demo database with the addons, served until Ctrl-C."""

import contextlib
import json
import os
import signal
import time
import urllib.request

from devtools import locks, paths, served, templates
from devtools.ui import Problem, Steps, duration, say
from devtools.workshop import Workshop

DATABASE = "helpdesk_demo"
WELCOME = """
  Helpdesk is served at   {url}/odoo
  Log in as               admin   password  admin
  Click first             Helpdesk (top-left menu), then "Tickets" on a team's card
  Settings                Helpdesk > Configuration > Helpdesk Teams
  Over XML-RPC            {url}/xmlrpc/2/object   database {database}
  Log                     {log}

  Ctrl-C stops it and leaves nothing running.
"""


class Record:
    """What is known about the demo database: what it was last brought up with."""

    def __init__(self):
        self.path = paths.state() / "run" / "record.json"

    def read(self):
        """Return the record, empty if there is none."""
        try:
            return json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}

    def write(self, **values):
        """Replace the record."""
        partial = self.path.with_suffix(".partial")
        partial.write_text(json.dumps(values))
        partial.replace(self.path)


def database_name(workshop):
    """Return the demo database's name; on a shared server it names the clone."""
    return DATABASE if workshop.bin_dir else f"{DATABASE}_{paths.clone_id()}"


def bring_up_to_date(odoo, workshop, name, outcome):
    """Make the demo database, or update it after the addons changed."""
    record = Record()
    now = {
        "addons": paths.tree_hash(paths.ROOT / addon for addon in paths.ADDONS),
        "odoo": workshop.key,
    }
    last = record.read()
    there = name in odoo.ready()
    if not there or not set(paths.ADDONS) <= odoo.installed(name):
        template = templates.Templates(odoo, workshop.key)
        new = f"{name}_new"
        odoo.duplicate(template.ensure(True, outcome), new)
        odoo.install(new, paths.ADDONS, "--with-demo", log="install")
        odoo.build_assets(new, log="assets")
        odoo.drop(name)
        odoo.rename(new, name)
        outcome.append("made with demo data")
    elif last != now:
        modules = paths.ADDONS if last.get("odoo") == now["odoo"] else ("all",)
        outcome.append("updated to the addons as they are now")
        if modules == ("all",):
            modules = ("base",)
        odoo.install(name, modules, log="update", update=True)
        odoo.build_assets(name, log="assets")
    else:
        outcome.append("up to date")
    record.write(**now)


@contextlib.contextmanager
def serving(workshop, steps):
    """Serve the demo database of a prepared workshop inside a ``with`` block."""
    with workshop.open({"demo"}) as odoo:
        name = database_name(workshop)
        with steps.step("Demo database") as outcome:
            bring_up_to_date(odoo, workshop, name, outcome)
        log = paths.log("server")
        log.unlink(missing_ok=True)
        with steps.step("Server") as outcome:
            port = served.choose_port()
            if port != 8069 and not os.environ.get("PORT"):
                outcome.append(f"port 8069 is taken, so on {port}")
            server = served.Served(odoo, name, log, port)
            server.__enter__()
        address = {"url": server.url, "database": name, "pid": os.getpid()}
        address_file().write_text(json.dumps(address))
        try:
            yield server
        finally:
            address_file().unlink(missing_ok=True)
            server.stop()


def address_file():
    """Return the file that says where this clone is served."""
    return paths.state() / "run" / "address.json"


def running():
    """Return address and database of this clone's running server, or ``None``."""
    try:
        address = json.loads(address_file().read_text())
        url = f"{address['url']}/web/health"
        with urllib.request.urlopen(url, timeout=5) as reply:
            return address if reply.status == 200 else None
    except (OSError, ValueError, KeyError):
        return None


def wait_for_the_end(server):
    """Wait until the server ends or somebody wants it to."""
    wanted = []

    def note(number, _frame):
        wanted.append(number)
        server.process.send_signal(signal.SIGTERM)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, note)
    code = server.wait()
    if not wanted:
        raise Problem(
            f"the server ended by itself (exit code {code}).",
            "read the end of the log, then start it again.",
            server.log,
        )


def run(_arguments=()):
    """Serve the demo database until Ctrl-C. Return the exit code."""
    start = time.monotonic()
    steps = Steps(Workshop.STEPS + 2)
    lock = paths.state() / "run.lock"
    with locks.exclusive(
        lock,
        "this clone is served already",
        "use the running one (make demo finds it), or stop it with Ctrl-C first.",
    ):
        # Before minutes are spent: a PORT that can't be had is refused now.
        served.choose_port()
        workshop = Workshop("run", steps)
        workshop.prepare()
        with serving(workshop, steps) as server:
            say(
                WELCOME.format(url=server.url, database=server.database, log=server.log)
            )
            say(f"Ready after {duration(time.monotonic() - start)}.")
            wait_for_the_end(server)
        say("Stopped.")
    return 0
