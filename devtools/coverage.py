"""What the tests of the addons left uncovered."""

import json

from devtools import paths

DATA = paths.DEV / "coverage" / "addons.data"
REPORT = paths.DEV / "coverage" / "addons.json"


def options():
    """Return pytest's options that measure the addons."""
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    return [
        f"--cov-config={paths.ROOT / '.coveragerc'}",
        *[f"--cov={addon}" for addon in paths.ADDONS],
        f"--cov-report=json:{REPORT}",
    ]


def ranges(numbers):
    """Return line numbers as people write them: ``3, 7-9``."""
    groups = []
    for number in sorted(numbers):
        if groups and number == groups[-1][1] + 1:
            groups[-1][1] = number
        else:
            groups.append([number, number])
    return ", ".join(
        str(first) if first == last else f"{first}-{last}" for first, last in groups
    )


def percent(covered, total):
    """Return a share in percent, rounded down; an empty file is covered."""
    return covered * 100 // total if total else 100


def report():
    """Return lines that tell the coverage of each addon and name what is missing."""
    try:
        files = json.loads(REPORT.read_text())["files"]
    except (OSError, ValueError, KeyError):
        return ["Coverage of our Python: not measured."]
    lines = []
    for addon in paths.ADDONS:
        mine = {name: data for name, data in files.items() if f"{addon}/" in name}
        covered = sum(data["summary"]["covered_lines"] for data in mine.values())
        total = sum(data["summary"]["num_statements"] for data in mine.values())
        lines.append(
            f"Coverage of {addon}: {percent(covered, total)} % "
            f"({covered} of {total} statements)"
        )
        for name, data in sorted(mine.items()):
            if data["missing_lines"]:
                lines.append(f"   not covered: {name}: {ranges(data['missing_lines'])}")
    return lines
