"""Measuring operations: the columns take turns, medians are kept."""

import dataclasses
import statistics
import traceback

from .flow import FLOWS
from .ground import Ground

#: Interleaved medians of the same queries differ by as much.
NOISE = 1.10
#: The columns: database, flow.
COLUMNS = {
    "stock": ("stock", "stock"),
    "tasks": ("ours", "stock"),
    "ours": ("ours", "ours"),
}


@dataclasses.dataclass
class Figures:
    """Medians of the samples of one operation in one column."""

    queries: int
    ms: float
    cpu_ms: float
    samples: int
    statements: list = dataclasses.field(repr=False, default_factory=list)

    @classmethod
    def of(cls, samples):
        """Return the medians of some samples."""
        return cls(
            queries=int(statistics.median_low(s.queries for s in samples)),
            ms=statistics.median(s.ms for s in samples),
            cpu_ms=statistics.median(s.cpu_ms for s in samples),
            samples=len(samples),
            statements=samples[-1].statements,
        )


@dataclasses.dataclass
class Row:
    """What an operation cost: figures by column, or why there are none."""

    letter: str
    title: str
    target: int | None
    figures: dict
    error: str = ""

    @property
    def bar(self):
        """Most queries allowed: the target, else what stock needs in this run."""
        if self.target is not None or "stock" not in self.figures:
            return self.target
        return self.figures["stock"].queries

    @property
    def over(self):
        """Queries above the bar, 0 or less when it is kept."""
        if "ours" not in self.figures or self.bar is None:
            return 0
        return self.figures["ours"].queries - self.bar

    @property
    def ratio(self):
        """Time of ours to stock, None when one is missing."""
        return self._ratio("ms")

    @property
    def cpu_ratio(self):
        """Processor time of Python in ours to stock: other programs disturb it less."""
        return self._ratio("cpu_ms")

    def _ratio(self, name):
        if not {"stock", "ours"} <= self.figures.keys():
            return None
        stock = getattr(self.figures["stock"], name)
        return getattr(self.figures["ours"], name) / stock if stock else None

    @property
    def extra_for_tasks(self):
        """Queries that plain tasks cost more because we are installed."""
        if not {"stock", "tasks"} <= self.figures.keys():
            return 0
        return self.figures["tasks"].queries - self.figures["stock"].queries

    @property
    def slower(self):
        """Whether ours takes longer than stock, on the clock and of the processor."""
        return bool(self.ratio) and min(self.ratio, self.cpu_ratio) > NOISE

    @property
    def missed(self):
        """Whether a target is missed: in queries, in time or for plain tasks."""
        return bool(
            self.error or self.over > 0 or self.slower or self.extra_for_tasks > 0
        )


class Bench:
    """The databases to measure on.

    :param dict sessions: :class:`benchmarks.session.Session` by name, ``stock`` (no
        addon of ours) and ``ours`` (both installed)
    :param int repeat: samples of an operation
    """

    def __init__(self, sessions, repeat):
        self.repeat = repeat
        self.columns = {}
        for name, (database, flow) in COLUMNS.items():
            session = sessions[database]
            with session.request() as env:
                data = Ground.load(env)
            self.columns[name] = (session, FLOWS[flow], data)

    def run(self, operation):
        """Measure an operation in all columns, one sample of each in turn.

        The first round only warms caches. Plain tasks are measured for their queries,
        which are the same each time, so two rounds are enough for them. Long operations
        come after short ones of the same kind, which warmed the caches: once is enough.

        :rtype: Row
        """
        samples = {name: [] for name in self.columns}
        rounds = 1 if operation.long else self.repeat + 1
        try:
            for number in range(rounds):
                for name in self.columns:
                    if name == "tasks" and number > 1:
                        continue
                    sample = self.sample(operation, name)
                    if number or operation.long:
                        samples[name].append(sample)
        except Exception:
            error = traceback.format_exc(limit=-6)
            return Row(operation.letter, operation.title, operation.target, {}, error)
        figures = {name: Figures.of(values) for name, values in samples.items()}
        return Row(operation.letter, operation.title, operation.target, figures)

    def sample(self, operation, column):
        """Measure an operation once.

        :rtype: benchmarks.session.Sample
        """
        session, flow, data = self.columns[column]
        part = data[flow.name]
        uid = {"agent": data["agents"][0], "manager": data["manager"], "system": 1}
        return session.sample(
            uid[operation.user],
            lambda env: operation.prepare(env, flow, part),
            lambda env, prepared: operation.run(env, flow, prepared),
        )
