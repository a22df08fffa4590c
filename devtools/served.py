"""A running Odoo server as a child process."""

import os
import signal
import socket
import subprocess
import time
import urllib.request

from devtools import proc
from devtools.ui import Problem, heartbeat


def free_port(wanted=0, tries=1):
    """Return a free port on 127.0.0.1, or ``None``.

    :param wanted: first port to try; 0 for any
    :param tries: how many ports from there on
    """
    for port in range(wanted, wanted + tries):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    return None


def answers(url):
    """Tell whether an Odoo server answers at an address."""
    try:
        with urllib.request.urlopen(f"{url}/web/health", timeout=5) as reply:
            return reply.status == 200
    except OSError:
        return False


class Served:
    """An Odoo server that answers on 127.0.0.1 inside a ``with`` block.

    :param odoo: an :class:`devtools.odoo.Odoo`
    :param database: the one database it serves
    :param log: path of its log
    :param port: default any free one
    :param options: more options of the server command
    """

    def __init__(self, odoo, database, log, port=None, options=()):
        self.odoo = odoo
        self.database = database
        self.log = log
        self.port = port or free_port()
        self.options = options
        self.process = None

    @property
    def url(self):
        """The address, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        command = self.odoo.command(
            "server",
            "--database", self.database,
            "--db-filter", f"^{self.database}$",
            "--http-interface", "127.0.0.1",
            "--http-port", self.port,
            "--workers", "0",
            *self.options,
        )  # fmt: skip
        environ = {**self.odoo.env, "PYTHONUNBUFFERED": "1"}
        with open(self.log, "ab") as output:
            self.process = proc.spawn(
                command, stdout=output, stderr=subprocess.STDOUT, env=environ
            )
        try:
            with heartbeat(lambda: proc.last_line(self.log)):
                self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_error):
        self.stop()

    def stop(self):
        """Shut the server down; waits for running requests."""
        if self.process:
            proc.stop(self.process, signal.SIGTERM, seconds=20)

    def _wait_until_it_answers(self, seconds=180):
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                break
            if answers(self.url):
                return
            time.sleep(0.2)
        raise proc.explain(
            self.log, "the Odoo server did not start.", "read the end of the log."
        )

    def wait(self):
        """Wait for the server to end; return its exit code."""
        return self.process.wait()


def choose_port():
    """Return the port of ``make run``: PORT, or the first free one from 8069.

    :raise Problem: if PORT is no port, or taken
    """
    wanted = os.environ.get("PORT")
    if not wanted:
        port = free_port(8069, tries=50)
        sentence = "all ports from 8069 to 8118 are taken."
    elif wanted.isdigit() and 0 < int(wanted) < 65536:
        port = free_port(int(wanted))
        sentence = f"port {wanted} on 127.0.0.1 is taken or not allowed."
    else:
        port = None
        sentence = f"PORT={wanted} is no port number."
    if not port:
        raise Problem(
            sentence,
            "choose a free one from 1024 to 65535 (make run PORT=9000), or leave PORT "
            "away to get the first free one from 8069.",
        )
    return port
