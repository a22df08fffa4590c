"""Hours in sentences and on documents."""

import math

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
