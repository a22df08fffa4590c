"""Play on after a failure: count what breaks, and how little it takes.

Used to compare worlds; the test of the addon stops at the first failure instead.
"""

import collections
import contextlib
import dataclasses
import logging
import tempfile

import hypothesis
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.stateful import run_state_machine_as_test

from .machine import Violation, machine_on

_logger = logging.getLogger(__name__)


@dataclasses.dataclass
class Finding:
    """One kind of failure: a check, the shortest journal that breaks it, what it said,
    and the number of sequences in which it failed.

    A journal is a list of pairs of operation and arguments.
    """

    check: str
    journal: list
    text: str
    count: int = 1


@dataclasses.dataclass
class Report:
    """What came of a run."""

    steps: int
    sequences: int
    findings: dict
    counts: dict


#: Steps every sequence begins with, at least; see ``Machine.begin``.
BEGINNING = 6
#: Sequences played before the progress is logged.
TURN = 100
#: Keeps the further turns of one seed apart from those of the seeds beside it.
SEEDS_APART = 1_000_003


def run(machine, steps, seed, length=40, uniform=False):
    """Play a machine; stop at the first failure with the shortest way to it.

    :param machine: class made by :func:`machine.machine_on`
    :param int steps: how many steps to play at least; the last sequence is played to
        its end
    :param int seed: the same seed plays the same sequences
    :param int length: steps of a sequence after its beginning
    :param bool uniform: choose each operation with the same chance. Hypothesis prefers
        sequences that repeat operations: it shortens a failure well, but does rare
        operations seldom. A uniform walk meets more of them, and is not shortened.
    """
    play = _walk_examples if uniform else _play_examples
    played = turn = 0
    while played < steps:
        # Sequences end early where nothing more can be done: play others then.
        examples = min(-(-(steps - played) // (BEGINNING + length)), TURN)
        with _without_home():
            play(machine, examples, seed + SEEDS_APART * turn, length)
        before, played, turn = played, sum(machine.tally.values()), turn + 1
        if played == before:
            raise ValueError("The machine cannot take a single step.")
        _logger.info("%s of %s steps played", played, steps)


@contextlib.contextmanager
def _without_home():
    """Hypothesis would leave a directory behind where the server was started."""
    with tempfile.TemporaryDirectory() as home:
        set_hypothesis_home_dir(home)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _get_settings(examples, **options):
    return hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
        **options,
    )


def _play_examples(machine, examples, seed, length):
    settings = _get_settings(examples, stateful_step_count=length)
    run_state_machine_as_test(hypothesis.seed(seed)(machine), settings=settings)


def _walk_examples(machine, examples, seed, length):
    @hypothesis.seed(seed)
    @_get_settings(examples, phases=[hypothesis.Phase.generate])
    @hypothesis.given(st.data(), st.randoms(use_true_random=True))
    def walk(data, random):
        # The only part of hypothesis used here that is not documented.
        known = machine.setup_state()
        player = machine()
        try:
            for rule in known.initializers:
                _apply(player, rule, data)
            for _step in range(length):
                rules = [
                    rule
                    for rule in known.rules
                    if all(offered(player) for offered in rule.preconditions)
                ]
                _apply(player, random.choice(rules), data)
        finally:
            player.teardown()

    walk()


def _apply(player, rule, data):
    """Carry out a rule of the machine with arguments drawn for it."""
    arguments = {name: data.draw(value) for name, value in rule.arguments.items()}
    rule.function(player, **arguments)


def count(machine):
    """Return how often each operation was done and refused, by its name."""
    tally = machine.tally
    return {
        name: (tally[name, "done"], tally[name, "refused"])
        for name in sorted({name for name, _outcome in tally})
    }


def collecting(world, base):
    """Return a machine class that notes failures and plays on.

    A check counts once in a sequence; what is no refusal and no failed check ends the
    sequence.
    """
    machine = machine_on(world, base)

    class Collecting(machine):
        findings = []
        sequences = 0

        def __init__(self):
            super().__init__()
            type(self).sequences += 1
            self.journal = []
            self.failed = set()
            self.broken = False

        def request(self, operation, **arguments):
            if self.broken:
                return
            self.journal.append((operation, arguments))
            try:
                super().request(operation, **arguments)
            except Violation as violation:
                self._note(violation.names, violation)
            except Exception as error:
                self.broken = True
                self._note([type(error).__name__], error)

        def _note(self, names, error):
            for name in set(names) - self.failed:
                self.failed.add(name)
                self.findings.append((name, list(self.journal), str(error)))

    return Collecting


def play(world, base, journal):
    """Play a journal.

    :return: texts of the failures of its last step, by name of the check
    """
    machine = machine_on(world, base)()
    found = {}
    try:
        for operation, arguments in journal:
            found = {}
            try:
                machine.request(operation, **arguments)
            except Violation as violation:
                found = dict.fromkeys(violation.names, str(violation))
    except Exception as error:
        found = {type(error).__name__: str(error)}
    finally:
        machine.teardown()
    return found


def shorten(world, base, check, journal):
    """Leave steps away, many at a time first, as long as the check still fails."""
    text = ""
    size = len(journal) // 2
    while size:
        place = 0
        while place < len(journal) - 1:
            shorter = journal[:place] + journal[place + size :]
            found = play(world, base, shorter)
            if check in found:
                journal, text = shorter, found[check]
            else:
                place += size
        size //= 2
    return journal, text


def collect(world, base, steps, seed, short=True, uniform=False):
    """Play and count; see :func:`run`.

    :param bool short: whether to look for the shortest way to each failure
    :return: a :class:`Report`; its findings are by name of the check
    """
    machine = collecting(world, base)
    run(machine, steps, seed, uniform=uniform)
    counts = collections.Counter(name for name, _journal, _text in machine.findings)
    shortest = {}
    for name, journal, text in machine.findings:
        if name not in shortest or len(journal) < len(shortest[name][0]):
            shortest[name] = journal, text
    findings = {}
    for name, (journal, text) in shortest.items():
        if short:
            journal, said = shorten(world, base, name, journal)
            text = said or text
        findings[name] = Finding(name, journal, text, counts[name])
    played = count(machine)
    return Report(
        steps=sum(done + refused for done, refused in played.values()),
        sequences=machine.sequences,
        findings=findings,
        counts=played,
    )
