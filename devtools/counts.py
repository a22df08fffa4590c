"""What came of the tests, from pytest's report and log."""

import dataclasses
import xml.etree.ElementTree as ElementTree

STATES = {"failure": "failed", "error": "failed", "skipped": "skipped"}


@dataclasses.dataclass
class Case:
    """One test of a report.

    :param name: ``package.module.Class.method``
    :param state: ``passed``, ``failed`` or ``skipped``
    :param message: the first line of what it says
    """

    name: str
    seconds: float
    state: str = "passed"
    message: str = ""


@dataclasses.dataclass
class Counts:
    """Passed, failed and skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    @classmethod
    def of(cls, cases):
        """Count some cases."""
        states = [case.state for case in cases]
        return cls(*map(states.count, ("passed", "failed", "skipped")))

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def cases_of(report):
    """Return the cases of a JUnit report, none if there is no report."""
    try:
        found = list(ElementTree.parse(report).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return []
    return [_case(element) for element in found]


def _case(element):
    name = ".".join(filter(None, (element.get("classname"), element.get("name"))))
    case = Case(name, float(element.get("time", 0)))
    for mark in element:
        if mark.tag in STATES:
            case.state = STATES[mark.tag]
            case.message = (mark.get("message") or "").partition("\n")[0]
    return case


def failures_in(log, limit=150):
    """Return the part of a pytest log that tells about failures."""
    lines = log.read_text(errors="replace").splitlines()
    for number, line in enumerate(lines):
        if line.startswith("=" * 4) and (" FAILURES " in line or " ERRORS " in line):
            return [*lines[number : number + limit], f"(all of it: {log})"]
    return [*lines[-40:], f"(all of it: {log})"]
