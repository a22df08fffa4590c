"""The tables people read, the JSON programs read."""

import collections
import json
import re
from datetime import datetime

from . import runs


def table(headings, rows):
    """Return a table as text, numbers to the right.

    :param headings: one per column; a leading ``>`` aligns to the right
    """
    right = [heading.startswith(">") for heading in headings]
    lines = [[heading.lstrip(">") for heading in headings]]
    lines += [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = []
    for number, line in enumerate(lines):
        cells = (
            cell.rjust(width) if aligned else cell.ljust(width)
            for cell, width, aligned in zip(line, widths, right, strict=True)
        )
        text.append("  ".join(cells).rstrip())
        if not number:
            text.append("  ".join("-" * width for width in widths))
    return "\n".join(text)


def operations(rows):
    """Return the table of the operations.

    :param rows: list of :class:`benchmarks.measure.Row`
    """
    headings = (
        "op", "what", ">stock q", ">ours q", ">bar", "queries", ">stock ms",
        ">ours ms", ">x", ">x cpu", "time", ">tasks",
    )  # fmt: skip
    return table(headings, [_cells(row) for row in rows])


def _cells(row):
    if row.error:
        return [row.letter, row.title, *[None] * 3, "FAILED", *[None] * 6]
    stock, ours = row.figures["stock"], row.figures["ours"]
    return [
        row.letter,
        row.title,
        stock.queries,
        ours.queries,
        row.bar,
        "hit" if row.over <= 0 else f"MISS +{row.over}",
        f"{stock.ms:.0f}",
        f"{ours.ms:.0f}",
        f"{row.ratio:.2f}",
        f"{row.cpu_ratio:.2f}",
        "SLOWER" if row.slower else "hit",
        f"{row.extra_for_tasks:+d}" if row.extra_for_tasks else "0",
    ]


# === CLIENTS === #


def loads(rows):
    """Return the table of the XML-RPC clients.

    :param rows: list of :class:`benchmarks.clients.Load`
    """
    headings = (
        "flow", "target", ">clients", ">lines/s", ">lines", ">p50 ms", ">p95 ms",
        ">worst ms", ">retries", ">lost", ">missing", ">wrong items", "",
    )  # fmt: skip
    rates = {
        load.clients: load.per_second
        for load in rows
        if (load.flow, load.mode) == ("ours", "different")
    }
    return table(
        headings,
        [
            [
                load.flow,
                load.mode,
                load.clients,
                f"{load.per_second:.1f}",
                load.lines,
                f"{load.p50_ms:.0f}",
                f"{load.p95_ms:.0f}",
                f"{load.worst_ms:.0f}",
                load.retries,
                load.lost,
                load.missing,
                load.wrong_items,
                ", ".join(load.problems(rates.get(load.clients))) or "hit"
                if load.flow == "ours"
                else "",
            ]
            for load in rows
        ],
    )


# === DESK === #


def screens(rows):
    """Return the table of the desk with 100,000 tickets.

    :param rows: list of :class:`benchmarks.volume.Screen`
    """
    headings = (
        "screen",
        ">q small",
        ">q large",
        ">ms",
        "queries",
        "all tickets read by",
    )
    return table(
        headings,
        [
            [
                screen.name,
                screen.queries_small,
                screen.queries,
                f"{screen.ms:.0f}",
                "constant" if screen.queries <= screen.queries_small else "MISS grows",
                f"{len(screen.scans)} statements" if screen.scans else "none",
            ]
            for screen in rows
        ],
    )


def steps(found):
    """Return the table of a billing run.

    :param found: list of :class:`benchmarks.runs.Step`
    """
    headings = (
        "part", ">orders", ">queries", ">s", ">ms an order", ">cpu", ">MB more",
    )  # fmt: skip
    return table(
        headings,
        [
            [
                step.name,
                step.orders,
                step.queries,
                f"{step.seconds:.1f}",
                f"{step.ms:.0f}",
                f"{step.cpu_ms:.0f}",
                f"{step.growth:.0f}",
            ]
            for step in found
        ],
    )


# === ALL OF IT === #


def text(rows, clients, desk, run=()):
    """Return everything as text."""
    parts = []
    if rows:
        parts += ["Operations, medians of interleaved samples", operations(rows)]
    if clients:
        parts += ["XML-RPC clients, two workers", loads(clients)]
    if desk:
        parts += ["The desk with 100,000 tickets", screens(desk)]
    if run:
        parts += ["A billing run beside stock, a customer a transaction", steps(run)]
    missed = misses(rows, clients, desk, run)
    parts.append(f"Targets missed: {', '.join(missed) or 'none'}")
    return "\n\n".join(parts)


def misses(rows, clients, desk, run=()):
    """Return the names of what misses its target."""
    rates = {
        load.clients: load.per_second
        for load in clients
        if (load.flow, load.mode) == ("ours", "different")
    }
    missed = [row.letter for row in rows if row.missed]
    missed += [
        f"{load.mode} x {load.clients}"
        for load in clients
        if load.flow == "ours" and load.problems(rates.get(load.clients))
    ]
    missed += [screen.name for screen in desk if screen.queries > screen.queries_small]
    return missed + runs.misses(run)


def as_data(row):
    """Return a row as plain data."""
    return {
        "op": row.letter,
        "what": row.title,
        "bar": row.bar,
        "queries_over_bar": row.over,
        "ratio": row.ratio,
        "cpu_ratio": row.cpu_ratio,
        "extra_for_tasks": row.extra_for_tasks,
        "error": row.error,
        **{
            name: {
                "queries": figures.queries,
                "ms": round(figures.ms, 2),
                "cpu_ms": round(figures.cpu_ms, 2),
                "samples": figures.samples,
            }
            for name, figures in row.figures.items()
        },
    }


def save(path, result):
    """Write the JSON file.

    :param dict result: what was measured
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    result = {"finished": datetime.now().isoformat(timespec="seconds"), **result}
    path.write_text(json.dumps(result, indent=2, default=str) + "\n")


# === STATEMENTS === #


def shape(statement):
    """Return a statement without what differs from run to run."""
    text = re.sub(r"\s+", " ", statement).strip()
    return re.sub(r"\((%s(, )?)+\)", "(...)", text)


def _shapes(figures):
    return [shape(statement) for statement, _parameters in figures.statements]


def save_statements(directory, row):
    """Write which statements ours has that stock has not, and all of ours in order."""
    if row.error:
        return
    directory.mkdir(parents=True, exist_ok=True)
    counts = {
        name: collections.Counter(_shapes(row.figures[name]))
        for name in ("stock", "tasks", "ours")
    }
    lines = [f"{row.letter} {row.title}: " + _counts(row)]
    for title, more, less in (
        ("more in ours than in stock", "ours", "stock"),
        ("more in stock than in ours", "stock", "ours"),
        ("more in tasks with us installed than in stock", "tasks", "stock"),
    ):
        lines += ["", f"=== {title}"]
        extra = (counts[more] - counts[less]).most_common()
        lines += [f"{number:5d}  {text}" for text, number in extra]
    lines += ["", "=== ours, in order"]
    ordered = enumerate(_shapes(row.figures["ours"]))
    lines += [f"{number:5d}  {text}" for number, text in ordered]
    (directory / f"bench-sql-{row.letter}.txt").write_text("\n".join(lines) + "\n")


def _counts(row):
    return ", ".join(f"{name} {row.figures[name].queries}" for name in row.figures)
