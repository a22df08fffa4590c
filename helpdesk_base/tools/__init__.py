from .columns import add_columns
from .hours import format_clock, format_hours, parse_duration, round_to_sum
from .known_use import forget_use
from .mail import (
    clean_text,
    copy_readable,
    find_forwarded,
    flatten_source,
    fold_forwarded,
    mend_message,
    read_bytes,
    read_header,
    read_recipients,
)
from .private_context import Private, read_private
from .values import VALUE_CHECKS, as_date
from .working_time import WorkingTime

__all__ = [
    "VALUE_CHECKS",
    "Private",
    "WorkingTime",
    "add_columns",
    "as_date",
    "clean_text",
    "copy_readable",
    "find_forwarded",
    "flatten_source",
    "fold_forwarded",
    "forget_use",
    "format_clock",
    "format_hours",
    "mend_message",
    "parse_duration",
    "read_bytes",
    "read_header",
    "read_private",
    "read_recipients",
    "round_to_sum",
]
