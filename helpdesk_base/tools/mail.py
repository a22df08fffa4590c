"""Reading mail that keeps to no standard: nothing here raises for what a mail holds."""

import codecs
from contextlib import suppress
from email import policy
from email.message import EmailMessage

# What routing and answering need of a mail that cannot be read otherwise.
_HEADERS = (
    "Message-Id",
    "From",
    "To",
    "Cc",
    "Delivered-To",
    "Reply-To",
    "Return-Path",
    "Subject",
    "Date",
    "References",
    "In-Reply-To",
    "Auto-Submitted",
    "Precedence",
)
_MAX_HEADER = 10_000
# Characters of a mail that is shown as it was sent.
_MAX_SOURCE = 200_000


def read_bytes(message):
    """Return a mail as it came, as far as it can be written again.

    :param message: ``email.message.EmailMessage``
    :rtype: bytes
    """
    for rules in (policy.SMTP, policy.compat32):
        with suppress(Exception):
            return message.as_bytes(policy=rules)
    return b""


def mend_message(message):
    """Mend in place what stops the standard library: NUL in headers, and charsets that
    Python does not know.

    :param message: ``email.message.EmailMessage``
    :return: whether a charset had to be guessed
    :rtype: bool
    """
    for name, value in list(message.raw_items()):
        if "\x00" in str(value):
            with suppress(Exception):
                message.replace_header(name, _clean(value))
    guessed = False
    with suppress(Exception):
        for part in message.walk():
            charset = part.get_content_charset()
            if charset and not _is_known(charset):
                guessed = True
                part.set_param("charset", _guess_charset(charset))
    return guessed


def flatten_source(source):
    """Return a mail of one part that shows the source of another one.

    :param source: the mail as it came, ``bytes`` or ``str``
    :rtype: bytes
    """
    source = source.encode() if isinstance(source, str) else bytes(source)
    head, _blank, body = source.replace(b"\r\n", b"\n").partition(b"\n\n")
    kept, keep = [], False
    for line in head.split(b"\n"):
        if not line.startswith((b" ", b"\t")):
            keep = not line.lower().startswith((b"content-", b"mime-version"))
        if keep:
            kept.append(line)
    kept.append(b"Content-Type: text/plain; charset=utf-8")
    return b"\r\n".join([*kept, b"", body[:_MAX_SOURCE]])


def copy_readable(message):
    """Return a plain copy of a mail: its main headers, and all text found in it.

    :param message: ``email.message.EmailMessage``
    :rtype: email.message.EmailMessage
    """
    copy = EmailMessage(policy=policy.SMTP)
    for name, value in list(message.raw_items()):
        if name.title() in _HEADERS:
            with suppress(Exception):
                copy[name] = _clean(value)[:_MAX_HEADER]
    copy.set_content(_read_text(message) or "-")
    return copy


def _read_text(message):
    texts = []
    with suppress(Exception):
        for part in message.walk():
            if part.get_content_maintype() == "text":
                payload = part.get_payload(decode=True) or b""
                texts.append(payload.decode("utf-8", "replace"))
    return "\n".join(texts).replace("\x00", "")


def _clean(value):
    """One line of text, without what no header may hold."""
    text = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join(text.replace("\x00", "").split())


def _is_known(charset):
    try:
        return bool(codecs.lookup(charset))
    except (LookupError, ValueError):
        return False


def _guess_charset(charset):
    """``x-mac-roman`` is mac_roman; anything else is read as UTF-8, with replacement."""
    plain = charset.lower().removeprefix("x-").replace("-", "_")
    return plain if _is_known(plain) else "utf-8"
