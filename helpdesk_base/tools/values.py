"""What values may be, by type of field: what the ORM would read as something else, or
answer with a traceback, raises an error here.

Every function takes one value and returns it as the field can take it, or raises
``TypeError``, ``ValueError`` or ``OverflowError``.
"""

import math
from collections.abc import Set
from datetime import date

from odoo.api import NewId
from odoo.fields import Command, Date, Datetime
from odoo.models import BaseModel

from .mail import clean_text

MAX_INTEGER = 2**31 - 1


def as_text(value):
    if isinstance(value, bool | dict | list | tuple | Set):
        raise TypeError(value)
    return clean_text(value) if isinstance(value, str) else value


def as_boolean(value):
    # a text such as "false" would count as true
    if not isinstance(value, int) or value not in (0, 1):
        raise TypeError(value)
    return value


def as_float(value):
    if isinstance(value, bool) or not math.isfinite(float(value)):
        raise ValueError(value)
    return float(value)


def as_integer(value):
    number = as_float(value)
    if number != int(number) or abs(number) > MAX_INTEGER:
        raise ValueError(value)
    return int(number)


def as_date(value):
    """Like the ORM, but also the end of a text must be that of a date or time."""
    if not isinstance(value, str | date):
        raise TypeError(value)
    if isinstance(value, str) and len(value) > len("YYYY-MM-DD"):
        value = Datetime.to_datetime(value)
    return Date.to_date(value)


def as_datetime(value):
    if not isinstance(value, str | date):
        raise TypeError(value)
    return Datetime.to_datetime(value)


def as_id(value):
    if isinstance(value, BaseModel | NewId):
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(value)
    if not 0 < value <= MAX_INTEGER:
        raise ValueError(value)
    return value


def as_commands(value):
    if not isinstance(value, BaseModel):
        if not isinstance(value, list | tuple):
            raise TypeError(value)
        for command in value:
            _check_command(command)
    return value


def _check_command(command):
    """It is the ID of a record, or a command with all that it needs."""
    match command:
        case [Command.CREATE, _, dict()]:
            return
        case [Command.UPDATE, record_id, dict()]:
            as_id(record_id)
        case [Command.DELETE | Command.UNLINK | Command.LINK, record_id, *_]:
            as_id(record_id)
        case [Command.CLEAR, *_]:
            return
        case [Command.SET, _, list() | tuple() | Set() as ids]:
            for record_id in ids:
                as_id(record_id)
        case _:
            as_id(command)


#: By type of field; every other type takes what the ORM takes.
VALUE_CHECKS = {
    "boolean": as_boolean,
    "char": as_text,
    "date": as_date,
    "datetime": as_datetime,
    "float": as_float,
    "html": as_text,
    "integer": as_integer,
    "many2many": as_commands,
    "many2one": as_id,
    "monetary": as_float,
    "one2many": as_commands,
    "text": as_text,
}
