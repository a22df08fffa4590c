"""Hours in sentences and on documents."""

import math
import re

from odoo.tools import float_compare
from odoo.tools.misc import formatLang


def format_hours(env, hours):
    """Write hours with one decimal, or two where needed, as the reader's language does.

    :param env: environment with the language of the reader
    :param float hours: hours, or a quantity of another unit of time
    :rtype: str
    """
    same = float_compare(round(hours, 1), round(hours, 2), precision_digits=2) == 0
    return formatLang(env, round(hours, 2) + 0.0, digits=1 if same else 2)


def format_clock(hours):
    """Write a duration as ``h:mm``, to the nearest minute.

    :param float hours: hours
    :rtype: str
    """
    minutes = round(abs(hours) * 60)
    sign = "-" if hours < 0 and minutes else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02}"


# 1:30, 1h30, 1h 30m; 1.5, 1,5, 1.5h; 90m, 90 min
_DURATIONS = (
    re.compile(r"(?P<h>\d*):(?P<m>[0-5]\d)"),
    re.compile(r"(?P<h>\d+)\s*h\s*(?P<m>[0-5]?\d)\s*(m|min)?"),
    re.compile(r"(?P<h>\d+[.,]?\d*|[.,]\d+)\s*h?"),
    re.compile(r"(?P<m>\d+[.,]?\d*|[.,]\d+)\s*(m|min)"),
)


def parse_duration(value):
    """Read a duration as people write it: ``1:30``, ``1.5``, ``1,5``, ``90m``,
    ``1h 30m``. A mere number is hours.

    :param value: a text, or a number of hours
    :return: hours
    :rtype: float
    :raise ValueError: if it says no duration
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise ValueError(value)
        return float(value)
    text = value.strip().lower() if isinstance(value, str) else ""
    for pattern in _DURATIONS:
        match = pattern.fullmatch(text)
        # Odoo is no place for a number of a thousand digits
        if match and len(text) < 20:
            said = {k: v.replace(",", ".") for k, v in match.groupdict().items() if v}
            return float(said.get("h", 0)) + float(said.get("m", 0)) / 60
    raise ValueError(value)


def round_to_sum(values, total):
    """Round hours to hundredths so that they add up to a total: what rounding leaves
    goes to those that lost most by it.

    :param list[float] values: hours
    :param float total: what the rounded hours shall add up to; at most one hundredth
        per value away from their sum
    :return: the rounded hours, in the same order
    :rtype: list[float]
    """
    cents = [math.floor(round(value * 100, 4)) for value in values]
    left = round(total * 100) - sum(cents)
    by_loss = sorted(range(len(values)), key=lambda n: cents[n] - values[n] * 100)
    for number in by_loss[: max(left, 0)]:
        cents[number] += 1
    for number in by_loss[len(values) + left :] if left < 0 else ():
        cents[number] -= 1
    return [cent / 100 for cent in cents]
