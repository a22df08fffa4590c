from .mail import copy_readable, flatten_source, mend_message, read_bytes
from .private_context import Private, read_private

__all__ = [
    "Private",
    "copy_readable",
    "flatten_source",
    "mend_message",
    "read_bytes",
    "read_private",
]
