"""A month's run: 1,000 orders rehearsed, 200 of them billed beside stock."""

import dataclasses
import resource
import time
from pathlib import Path

from odoo import fields

from .ground import Ground

#: Seconds that the rehearsal may take.
REHEARSAL = 20
#: Customers that are billed, and the days of which.
BILLED, DAYS = 200, 90
#: Of stock's time for an invoice, and megabytes that the process may grow by.
RATIO, GROWTH = 1.1, 30


@dataclasses.dataclass
class Step:
    """What a part of the month costs.

    :param cpu: seconds of Python
    :param growth: megabytes of the process, for a run from a tenth of it to its end
    """

    name: str
    orders: int
    queries: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    growth: float = 0.0

    @property
    def ms(self):
        """Milliseconds of an order."""
        return 1000 * self.seconds / self.orders

    @property
    def cpu_ms(self):
        """The same of Python alone."""
        return 1000 * self.cpu / self.orders


class Clock:
    """Adds the time of what happens within it to a step.

    :param step: :class:`Step`
    """

    def __init__(self, step):
        self.step = step

    def __enter__(self):
        self.start = time.perf_counter(), time.process_time()

    def __exit__(self, *_error):
        self.step.seconds += time.perf_counter() - self.start[0]
        self.step.cpu += time.process_time() - self.start[1]


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
        """Return a :class:`Step` for the rehearsal, stock's invoices and the run's."""
        self._warm_up()
        rehearsal = Step("rehearsal", 0)
        with self._at_work("ours") as env:
            run = self._new_run(env)
            size = megabytes()
            count = env.cr.sql_log_count
            with Clock(rehearsal):
                run.action_rehearse()
                env.cr.flush()
            rehearsal.queries = env.cr.sql_log_count - count
            rehearsal.orders = len(run.line_ids.order_id)
            rehearsal.growth = megabytes() - size
        with self._at_work("ours", commit=True) as env:
            customers = self.data["ours"]["ours"]["customers"][:BILLED]
            run = self._new_run(env, partner_ids=customers)
            run.action_rehearse()
            run.action_run()
        return [rehearsal, *self._bill(run.id)]

    def _warm_up(self):
        """The first invoice of a process reads what the others find in the caches."""
        for kind in self.sessions:
            with self._at_work(kind) as env:
                order_id = self.data[kind][kind]["orders"][-1]
                self._invoice_period(env["sale.order"].browse(order_id))

    def _period(self):
        today = fields.Date.today()
        return fields.Date.subtract(today, days=DAYS), today

    def _new_run(self, env, **values):
        start, end = self._period()
        values |= {"date_from": start, "date_to": end}
        return env["helpdesk.billing.run"].create(values)

    def _invoice_period(self, order):
        """As the stock wizard does it."""
        start, end = self._period()
        order.with_context(
            timesheet_start_date=start, timesheet_end_date=end
        ).order_line._recompute_qty_to_invoice(start, end)
        order.with_context(
            timesheet_start_date=start, timesheet_end_date=end
        )._create_invoices()

    def _at_work(self, kind, superuser=False, commit=False):
        uid = 1 if superuser else self.data[kind]["manager"]
        return self.sessions[kind].request(uid, commit=commit)

    def _bill(self, run_id):
        """Bill the customers of a run, one after the other as the job does, and after
        each an order on stock: a transaction each, the same moment."""
        with self._at_work("ours", superuser=True, commit=True) as env:
            run = env["helpdesk.billing.run"].browse(run_id)
            steps = Step("stock", BILLED), Step("run", len(run.line_ids.order_id))
            whole = Step("both", 1)
            jobs = env.registry["ir.cron"]
            commit, orders = jobs._commit_progress, iter(self._stock_orders())
            tenth, sizes = BILLED // 10, []

            def noting(job, *args, **kwargs):
                left = commit(job, *args, **kwargs)
                sizes.append(megabytes())
                order = next(orders, None)
                if order:
                    self._invoice_stock(order, steps[0])
                return left

            jobs._commit_progress = noting
            try:
                count = env.cr.sql_log_count
                with Clock(whole):
                    run.env["helpdesk.billing.run"]._cron_run()
                steps[1].queries = env.cr.sql_log_count - count
            finally:
                jobs._commit_progress = commit
            wrong = run.line_ids.filtered(lambda line: line.error or line.differs)
            if run.state != "done" or wrong:
                raise RuntimeError(f"The run is {run.state}: {wrong.mapped('error')}")
        steps[1].seconds = whole.seconds - steps[0].seconds
        steps[1].cpu = whole.cpu - steps[0].cpu
        steps[1].growth = sizes[-1] - sizes[tenth]
        return steps

    def _stock_orders(self):
        return self.data["stock"]["stock"]["orders"][:BILLED]

    def _invoice_stock(self, order_id, step):
        with Clock(step), self._at_work("stock", commit=True) as env:
            self._invoice_period(env["sale.order"].browse(order_id))
            env.cr.flush()
            step.queries += env.cr.sql_log_count


def misses(steps):
    """Return the names of what misses its target."""
    if not steps:
        return []
    rehearsal, stock, run = steps
    missed = ["rehearsal"] if rehearsal.seconds > REHEARSAL else []
    if min(run.ms / stock.ms, run.cpu_ms / stock.cpu_ms) > RATIO:
        missed.append("run")
    if run.growth > GROWTH:
        missed.append("memory of the run")
    return missed
