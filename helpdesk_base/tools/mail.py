"""Reading mail that keeps to no standard: nothing here raises for what a mail holds."""

import codecs
import re
from contextlib import suppress
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage

from odoo.tools import email_split

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
_RECIPIENTS = ("delivered-to", "to", "cc", "resent-to", "resent-cc")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,250}")
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


def clean_text(text, keep_nul=False):
    """Return a text as a database and a file can take it: without halves of characters,
    and without NUL.

    :param str text: what was read of a mail
    :param bool keep_nul: whether NUL may stay
    :rtype: str
    """
    plain = str(text).encode("utf-8", "replace").decode("utf-8")
    if not keep_nul:
        plain = plain.replace("\x00", "")
    # markup stays markup
    return text if plain == text else type(text)(plain)


def read_header(message, name):
    """Return the text of all headers of a name, one after the other, also where the
    standard library cannot parse them.

    :param message: ``email.message.EmailMessage``
    :param str name: name of the headers
    :rtype: str
    """
    texts = []
    for header, value in message.raw_items():
        if header.lower() == name.lower():
            text = _clean(value)
            with suppress(Exception):
                text = _clean(make_header(decode_header(text)))
            texts.append(text)
    return ", ".join(texts)


def read_recipients(message):
    """Return all addresses a mail was sent to. Each header is read by itself, and one
    with an open quote or bracket character by character too: it hides what follows.

    :param message: ``email.message.EmailMessage``
    :return: plain addresses, in their order, each once
    :rtype: list[str]
    """
    found = []
    for header, value in message.raw_items():
        if header.lower() in _RECIPIENTS:
            text = _clean(value)
            with suppress(Exception):
                text = _clean(make_header(decode_header(text)))
            found += email_split(text)
            if text.count('"') % 2 or text.count("(") != text.count(")"):
                found += _ADDRESS.findall(text)
    return list(dict.fromkeys(found))


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
            elif part.get_content_maintype() == "text":
                guessed = _mend_text(part, charset) or guessed
    return guessed


def _mend_text(part, charset):
    """Texts that are not what they say they are: most are UTF-8, else what old programs
    for Windows write.

    :return: whether the charset had to be guessed
    :rtype: bool
    """
    content = part.get_payload(decode=True) or b""
    for name in (charset or "us-ascii", "utf-8", "cp1252"):
        with suppress(UnicodeError):
            content.decode(name)
            break
    else:
        name = "latin-1"  # reads anything
    if name == (charset or "us-ascii"):
        return False
    part.set_param("charset", name)
    return True


def find_forwarded(message):
    """Return the mails that are attached to a mail with a text of its own.

    :param message: ``email.message.EmailMessage``
    :return: its parts that hold a mail each
    :rtype: list
    """
    with suppress(Exception):
        parts = list(_walk_own(message))
        if any(map(_has_text, parts)):
            return [p for p in parts if p.get_content_type() == "message/rfc822"]
    return []


def fold_forwarded(parts):
    """Keep mails that are attached to a mail in one piece, so that the text of the
    sender stays apart from theirs. Changed in place.

    :param list parts: see :func:`find_forwarded`
    """
    for part in parts:
        with suppress(Exception):
            mail = part.get_payload(0)
            name = part.get_filename() or f"{_clean(mail.get('Subject') or 'mail')}.eml"
            part.set_content(
                read_bytes(mail),
                maintype="application",
                subtype="octet-stream",
                disposition="attachment",
                filename=name,
            )


def _walk_own(message):
    """Parts of a mail, without those of mails attached to it."""
    yield message
    if message.get_content_maintype() == "multipart":
        for part in message.iter_parts():
            yield from _walk_own(part)


def _has_text(part):
    return (
        part.get_content_maintype() == "text"
        and not part.is_attachment()
        and bool((part.get_payload(decode=True) or b"").strip())
    )


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
