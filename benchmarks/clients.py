"""XML-RPC clients that record time at once: lines per second, waits, lost calls."""

import dataclasses
import statistics
import threading
import time
import xmlrpc.client

from devtools.rpc import Rpc

from .flow import FLOWS
from .ground import PASSWORD

#: Worst wait allowed, and the share of the rate on different items to be reached.
WORST_SECONDS, SHARE = 2.0, 0.75
#: Each worker loads what it needs with its first calls.
WARM_UP_SECONDS = 2
MODES = (
    ("different", 1),
    ("different", 4),
    ("one item", 1),
    ("one item", 4),
    ("one ticket", 4),
)


@dataclasses.dataclass
class Load:
    """What came of one measurement."""

    flow: str
    mode: str
    clients: int
    lines: int
    lost: int
    per_second: float
    p50_ms: float
    p95_ms: float
    worst_ms: float
    retries: int
    missing: int = 0
    wrong_items: int = 0

    def problems(self, rate):
        """What is not as promised.

        :param rate: lines per second of as many clients on different items, if known
        """
        problems = []
        if self.lost:
            problems.append(f"MISS {self.lost} lost")
        if self.missing or self.wrong_items:
            problems.append("MISS not exact")
        if self.worst_ms > WORST_SECONDS * 1000:
            problems.append("MISS worst")
        if rate and self.per_second < SHARE * rate:
            problems.append(f"MISS {self.per_second / rate:.2f} of different")
        return problems


class Client:
    """One user that logs time.

    :param url: address of the server
    :param tickets: ids, taken in turn
    :param until: callable that returns when to stop
    """

    def __init__(self, url, database, login, flow, tickets, until):
        self.rpc = Rpc(url, database, login, PASSWORD)
        self.flow = flow
        self.tickets = tickets
        self.until = until
        self.waits, self.ids, self.faults = [], [], []
        self.accepted = 0

    def log(self, number):
        """Record one line."""
        ticket = self.tickets[number % len(self.tickets)]
        values = self.flow.line_values(ticket, 0.25)
        return self.rpc.create("account.analytic.line", values)

    def forget_waits(self):
        """Start to count anew; the lines recorded so far are still checked."""
        self.waits, self.faults = [], []
        self.accepted = 0

    def work(self):
        """Log until it is time."""
        number = 0
        while time.monotonic() < self.until():
            start = time.monotonic()
            try:
                self.ids.append(self.log(number))
                self.accepted += 1
            except (xmlrpc.client.Error, OSError) as error:
                self.faults.append(str(error))
            self.waits.append((time.monotonic() - start) * 1000)
            number += 1


class Clients:
    """Measures a served database.

    :param served: a :class:`devtools.served.Served`
    :param session: a :class:`benchmarks.session.Session` on the same database
    :param dict data: the world of that database
    """

    def __init__(self, served, session, data):
        self.served = served
        self.session = session
        self.data = data

    def measure(self, flow_name, mode, count, seconds):
        """Let some clients log for some seconds.

        :param mode: ``different`` (items and tickets), ``one item`` (a ticket per
            client) or ``one ticket``
        :rtype: Load
        """
        flow = FLOWS[flow_name]
        end = [0.0]
        clients = [
            Client(
                self.served.url,
                self.served.database,
                f"bench_agent_{number + 1}",
                flow,
                tickets,
                lambda: end[0],
            )
            for number, tickets in enumerate(self._tickets(flow, mode, count))
        ]
        self._run(clients, end, WARM_UP_SECONDS)
        for client in clients:
            client.forget_waits()
        retries = self._retries()
        spent = self._run(clients, end, seconds)
        load = self._load(flow_name, mode, clients, spent)
        load.retries = self._retries() - retries
        load.missing = self._missing(clients)
        load.wrong_items = self._wrong_items(clients)
        return load

    def _run(self, clients, end, seconds):
        """Let the clients work at the same time; return how long they took."""
        start = time.monotonic()
        end[0] = start + seconds
        threads = [threading.Thread(target=client.work) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.monotonic() - start

    def _tickets(self, flow, mode, count):
        """Ids of tickets for each client."""
        orders = self.data[flow.name]["orders"]
        with self.session.request() as env:
            items = env["sale.order"].browse(orders[:count]).order_line
            if mode == "different":
                return [self._of_item(env, flow, item)[:5] for item in items]
            tickets = self._of_item(env, flow, items[0])
        if mode == "one ticket":
            return [tickets[:1]] * count
        return [[ticket] for ticket in tickets[:count]]

    def _of_item(self, env, flow, item):
        return env[flow.model].search([("sale_line_id", "=", item.id)]).ids

    def _load(self, flow_name, mode, clients, spent):
        waits = sorted(wait for client in clients for wait in client.waits)
        lines = sum(client.accepted for client in clients)
        return Load(
            flow=flow_name,
            mode=mode,
            clients=len(clients),
            lines=lines,
            lost=sum(len(client.faults) for client in clients),
            per_second=lines / spent,
            p50_ms=statistics.median(waits),
            p95_ms=waits[int(len(waits) * 0.95)],
            worst_ms=waits[-1],
            retries=0,
        )

    # === WAS EVERYTHING KEPT? === #

    def _retries(self):
        """How often the server had to start a call again so far."""
        text = self.served.log.read_text(errors="replace")
        return text.count("try again in")

    def _missing(self, clients):
        """Accepted lines that are not there, and lines there that nobody sent."""
        ids = [line for client in clients for line in client.ids]
        with self.session.request() as env:
            lines = env["account.analytic.line"].browse(ids).exists()
        return len(ids) - len(lines)

    def _wrong_items(self, clients):
        """Items whose delivered quantity is not the sum of their lines."""
        ids = [line for client in clients for line in client.ids]
        with self.session.request() as env:
            items = env["account.analytic.line"].browse(ids).exists().so_line
            groups = env["account.analytic.line"]._read_group(
                [("so_line", "in", items.ids)], ["so_line"], ["unit_amount:sum"]
            )
            return sum(
                abs(item.qty_delivered - hours) > 0.001 for item, hours in groups
            )
