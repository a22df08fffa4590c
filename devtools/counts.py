"""Counts of tests, from the reports of the tools that ran them."""

import dataclasses
import re
import xml.etree.ElementTree as ElementTree


@dataclasses.dataclass
class Counts:
    """Passed, failed and skipped; can be added up."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Counts(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def of_junit(path, exit_code):
    """Return the counts of a pytest run.

    A run that failed without saying why (a crash, nothing collected) counts as one
    failure: silence is no success.

    :param path: its JUnit report
    :param exit_code: its exit code
    """
    try:
        suites = list(ElementTree.parse(path).getroot().iter("testsuite"))
    except (OSError, ElementTree.ParseError):
        return Counts(failed=1)

    def total(name):
        return sum(int(suite.get(name, 0)) for suite in suites)

    failed = total("failures") + total("errors")
    skipped = total("skipped")
    passed = max(0, total("tests") - failed - skipped)
    if exit_code and not failed:
        failed = 1
    return Counts(passed, failed, skipped)


def _marked_of_junit(path, marks):
    """Return ``test: first line of the message`` of the tests marked in a report."""
    try:
        cases = ElementTree.parse(path).getroot().iter("testcase")
    except (OSError, ElementTree.ParseError):
        return []
    found = []
    for case in cases:
        for mark in case:
            if mark.tag in marks:
                message = (mark.get("message") or "").partition("\n")[0]
                found.append(f"{case.get('classname')}.{case.get('name')}: {message}")
    return found


def skips_of_junit(path):
    """Return ``test: reason`` of every skipped test of a pytest run."""
    return _marked_of_junit(path, {"skipped"})


def failures_of_junit(path):
    """Return ``test: message`` of every failed test of a pytest run."""
    return _marked_of_junit(path, {"failure", "error"})


#: Odoo's closing line, and a skipped test in its log.
SUMMARY = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests when loading")
SKIP = re.compile(r" skipped? (test_\w+.*)$", re.M)


def of_odoo_log(text, loud):
    """Return the counts of Odoo's own test runner.

    The run counts as one, because pytest has counted the same tests one by one; each
    failed test counts, and so does each loud line of the log.

    :param text: its log
    :param loud: its lines of level WARNING and above that matter
    """
    found = SUMMARY.search(text)
    if not found or not int(found[3]):
        return Counts(failed=1)
    failed = int(found[1]) + int(found[2])
    if failed:
        # Odoo logs a failed test as an error: the same thing, said twice.
        return Counts(failed=failed, passed=0)
    return Counts(passed=1 + (not loud), failed=len(loud))
