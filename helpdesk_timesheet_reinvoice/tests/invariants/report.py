"""Play on after a failure: count what breaks, and how little it takes.

Used to compare worlds; the test of the addon stops at the first failure instead.
"""

import collections
import dataclasses

import hypothesis
from hypothesis.stateful import run_state_machine_as_test

from .machine import Violation, machine_on


@dataclasses.dataclass
class Finding:
    """One kind of failure: a check, the shortest journal that breaks it, what it said.

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
    broken: int
    findings: dict
    tally: dict


def settings(steps, steps_per_example):
    """Return the settings of a run.

    :param int steps: how many steps to play in all
    :param int steps_per_example: length of a sequence
    """
    return hypothesis.settings(
        max_examples=-(-steps // steps_per_example),
        stateful_step_count=steps_per_example,
        database=None,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )


def collecting(world, base):
    """Return a machine class that notes failures; the rest of a broken sequence is
    not played."""
    machine = machine_on(world, base)

    class Collecting(machine):
        findings = []
        sequences = 0

        def __init__(self):
            super().__init__()
            type(self).sequences += 1
            self.journal = []
            self.broken = False

        def request(self, operation, **arguments):
            if self.broken:
                return
            self.journal.append((operation, arguments))
            try:
                super().request(operation, **arguments)
            except Exception as error:
                self.broken = True
                names = getattr(error, "names", [type(error).__name__])
                self.findings.append((names, self.journal, str(error)))

    return Collecting


def play(world, base, journal):
    """Play a journal.

    :return: names of the checks that fail, and the text of the failure
    """
    machine = machine_on(world, base)()
    try:
        for operation, arguments in journal:
            machine.request(operation, **arguments)
    except Violation as violation:
        return violation.names, str(violation)
    except Exception as error:
        return [type(error).__name__], str(error)
    finally:
        machine.teardown()
    return [], ""


def shorten(world, base, check, journal):
    """Leave steps away, many at a time first, as long as the check still fails."""
    text = ""
    size = len(journal) // 2
    while size:
        place = 0
        while place < len(journal) - 1:
            shorter = journal[:place] + journal[place + size :]
            names, found = play(world, base, shorter)
            if check in names:
                journal, text = shorter, found
            else:
                place += size
        size //= 2
    return journal, text


def collect(world, base, steps, seed, steps_per_example=40):
    """Play and count.

    :return: a :class:`Report`; its findings are by name of the check
    """
    machine = hypothesis.seed(seed)(collecting(world, base))
    run_state_machine_as_test(machine, settings=settings(steps, steps_per_example))
    counts = collections.Counter()
    shortest = {}
    for names, journal, text in machine.findings:
        for name in names:
            counts[name] += 1
            if name not in shortest or len(journal) < len(shortest[name][0]):
                shortest[name] = journal, text
    findings = {}
    for name, (journal, text) in shortest.items():
        short, said = shorten(world, base, name, journal)
        findings[name] = Finding(name, short, said or text, counts[name])
    return Report(
        steps=sum(machine.tally.values()),
        sequences=machine.sequences,
        broken=len(machine.findings),
        findings=findings,
        tally=dict(machine.tally),
    )
