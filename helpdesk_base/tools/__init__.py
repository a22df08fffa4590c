from .hours import format_hours, round_to_sum
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

__all__ = [
    "Private",
    "clean_text",
    "copy_readable",
    "find_forwarded",
    "flatten_source",
    "fold_forwarded",
    "format_hours",
    "mend_message",
    "read_bytes",
    "read_header",
    "read_private",
    "read_recipients",
    "round_to_sum",
]
