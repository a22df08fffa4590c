"""A month's run: 1,000 orders, beside stock invoicing of the same, one by one."""

import dataclasses
import resource
import time
from pathlib import Path

from .ground import Ground

#: Seconds that the rehearsal may take.
REHEARSAL = 20
#: Of stock's time for an invoice, and megabytes that the process may grow by.
RATIO, GROWTH = 1.1, 50


@dataclasses.dataclass
class Step:
    """What invoicing a month costs, one way.

    :param seconds: of all orders
    :param growth: megabytes of the process from a tenth of the orders to the end
    """

    name: str
    orders: int
    queries: int
    seconds: float
    growth: float

    @property
    def ms(self):
        """Milliseconds of an order."""
        return 1000 * self.seconds / self.orders


def megabytes():
    """Return how large this process is now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


class Month:
    """Measures a run on copies of databases: what it does is committed.

    :param dict sessions: :class:`benchmarks.session.Session` by ``stock``, ``ours``
    """

    def __init__(self, sessions):
        self.sessions = sessions
        self.data = {}
        for kind, session in sessions.items():
            with session.request() as env:
                self.data[kind] = Ground.load(env)

    def steps(self):
        """Yield a :class:`Step` for stock, the rehearsal and the run."""
        yield self._stock()
        with self._at_work("ours", commit=True) as env:
            run = env["helpdesk.billing.run"].create({"date_to": False})
            yield self._measured("rehearsal", env, run, lambda: run.action_rehearse())
            run.action_run()
        with self._at_work("ours", superuser=True, commit=True) as env:
            run = env["helpdesk.billing.run"].browse(run.id)
            yield self._measured("run", env, run, lambda: self._bill(run))
            lines = run.line_ids
            wrong = lines.filtered(lambda line: line.error or line.differs)
            if run.state != "done" or wrong:
                raise RuntimeError(f"The run is {run.state}: {wrong.mapped('error')}")

    def _at_work(self, kind, superuser=False, commit=False):
        uid = 1 if superuser else self.data[kind]["manager"]
        return self.sessions[kind].request(uid, commit=commit)

    def _measured(self, name, env, run, work):
        self.sizes = [megabytes()]
        count, start = env.cr.sql_log_count, time.perf_counter()
        work()
        env.cr.flush()
        seconds = time.perf_counter() - start
        queries = env.cr.sql_log_count - count
        orders = len(run.line_ids.order_id)
        return Step(name, orders, queries, seconds, megabytes() - self.sizes[-1])

    def _bill(self, run):
        """Bill all customers; note the size of the process after a tenth of them."""
        line_class = type(run.line_ids)
        bill, tenth = line_class._bill, len(run.line_ids) // 10
        calls = []

        def noting(lines):
            calls.append(1)
            if len(calls) == tenth:
                self.sizes.append(megabytes())
            return bill(lines)

        line_class._bill = noting
        try:
            run.env["helpdesk.billing.run"]._cron_run()
        finally:
            line_class._bill = bill

    def _stock(self):
        """Invoice one order after the other, a transaction each."""
        data = self.data["stock"]
        orders, queries, size = data["stock"]["orders"], 0, 0.0
        start = time.perf_counter()
        for number, order_id in enumerate(orders):
            if number == len(orders) // 10:
                size = megabytes()
            with self._at_work("stock", commit=True) as env:
                env["sale.order"].browse(order_id)._create_invoices()
                env.cr.flush()
                queries += env.cr.sql_log_count
        seconds = time.perf_counter() - start
        return Step("stock", len(orders), queries, seconds, megabytes() - size)


def misses(steps):
    """Return the names of what misses its target."""
    by_name = {step.name: step for step in steps}
    if not by_name:
        return []
    missed = []
    if by_name["rehearsal"].seconds > REHEARSAL:
        missed.append("rehearsal")
    if by_name["run"].ms > RATIO * by_name["stock"].ms:
        missed.append("run")
    if by_name["run"].growth > GROWTH:
        missed.append("memory of the run")
    return missed


__all__ = ["Month", "Step", "misses"]
