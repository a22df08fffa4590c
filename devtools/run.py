"""``run``: a demo database with the addons, served until Ctrl-C."""

import contextlib
import json
import os
import time

from devtools import paths, served, templates
from devtools.ui import Problem, duration, say
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


def file(name):
    """Return the file of what is known about the demo database.

    :param name: ``record``: what it was last brought up with; ``address``: where it is
        served
    """
    return paths.state() / "run" / f"{name}.json"


def read(path):
    """Return what such a file holds, nothing if it is broken or not there."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def database_name(workshop):
    """Return the demo database's name; on a shared server it names the clone."""
    return DATABASE if workshop.bin_dir else f"{DATABASE}_{paths.clone_id()}"


def bring_up_to_date(odoo, workshop, name, outcome):
    """Make the demo database, or update it after the addons changed."""
    record = file("record")
    now = {
        "addons": paths.tree_hash(paths.ROOT / addon for addon in paths.TOGETHER),
        "odoo": workshop.key,
    }
    last = read(record)
    there = name in odoo.ready()
    if not there or not set(paths.TOGETHER) <= odoo.installed(name):
        template = templates.name_of(workshop, "demo")
        templates.install_ours(odoo, template, name, "--with-demo")
        outcome.append("made with demo data")
    elif last != now:
        modules = paths.TOGETHER if last.get("odoo") == now["odoo"] else ("base",)
        outcome.append("updated to the addons as they are now")
        odoo.install(name, modules, log="update", update=True)
        odoo.build_assets(name, log="assets")
    else:
        outcome.append("up to date")
    record.write_text(json.dumps(now))


@contextlib.contextmanager
def serving():
    """Serve the demo database inside a ``with`` block."""
    workshop = Workshop("run", steps=2)
    # Before minutes are spent, a PORT that can't be had is refused.
    with workshop.at_work(first=served.choose_port) as odoo:
        name = database_name(workshop)
        with workshop.steps.step("Demo database") as outcome:
            bring_up_to_date(odoo, workshop, name, outcome)
        log = paths.log("server")
        log.unlink(missing_ok=True)
        with contextlib.ExitStack() as stack:
            with workshop.steps.step("Server") as outcome:
                port = served.choose_port()
                if port != 8069 and not os.environ.get("PORT"):
                    outcome.append(f"port 8069 is taken, so on {port}")
                server = stack.enter_context(served.Served(odoo, name, log, port))
            address = {"url": server.url, "database": name}
            file("address").write_text(json.dumps(address))
            try:
                yield server
            finally:
                file("address").unlink(missing_ok=True)


def running():
    """Return address and database of this clone's running server, or ``None``."""
    address = read(file("address"))
    return address if address and served.answers(address["url"]) else None


def wait_for_the_end(server):
    """Wait until somebody wants the server to end.

    :raise Problem: if it ends by itself
    """
    try:
        code = server.wait()
    except KeyboardInterrupt:
        return
    raise Problem(
        f"the server ended by itself (exit code {code}).",
        "read the end of the log, then start it again.",
        server.log,
    )


def run(_arguments=()):
    """Serve the demo database until Ctrl-C. Return the exit code."""
    start = time.monotonic()
    with serving() as server:
        say(WELCOME.format(url=server.url, database=server.database, log=server.log))
        say(f"Ready after {duration(time.monotonic() - start)}.")
        wait_for_the_end(server)
    say("Stopped.")
    return 0
