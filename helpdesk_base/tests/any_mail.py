"""Mails as nobody should write them, for hypothesis.

Imported by the test that uses it only: a server has no hypothesis.
"""

from hypothesis import strategies as st

BITS = st.sampled_from(
    [
        b"Hello",
        b"=?utf-8?q?=ff?=",
        b"=?x-no?b?Q2Fm?=",
        b"\x00",
        b"\xff\xfe",
        b"<",
        b">",
        b"@",
        b"a@b.example",
        b",",
        b'"',
        b"(",
        b")",
        b"\t",
        b"+",
        b";",
        b":",
        b"=",
        b"%00",
        b"a" * 3000,
        b"--frontier",
        "\u00e9\u4e16".encode(),
    ]
)
TEXTS = st.lists(BITS, max_size=8).map(b"".join)
NAMES = st.sampled_from(
    [
        b"Subject",
        b"Cc",
        b"Reply-To",
        b"Date",
        b"References",
        b"In-Reply-To",
        b"List-Id",
        b"X-Any",
        b"Received",
        b"MIME-Version",
        b"Sender",
    ]
)
HEADERS = st.lists(st.tuples(NAMES, TEXTS), max_size=5, unique_by=lambda pair: pair[0])
CHARSETS = st.sampled_from(
    [b"utf-8", b"x-mac-roman", b"utf-7", b"", b"\xff", b"utf-16", b'"', b"us-ascii"]
)
CODINGS = st.sampled_from(
    [b"7bit", b"8bit", b"base64", b"quoted-printable", b"x-uuencode", b"none", b""]
)
LEAVES = st.sampled_from(
    [
        b"text/plain",
        b"text/html",
        b"text/calendar",
        b"application/octet-stream",
        b"image/png",
        b"*/*",
        b"binary/octet-stream",
        b"text",
        b"\xff/\xff",
    ]
)
DISPOSITIONS = st.sampled_from(
    [
        b"",
        b"Content-Disposition: attachment\r\n",
        b'Content-Disposition: attachment; filename="a.txt"\r\n',
        b"Content-Disposition: inline; filename*=utf-9''%ff\r\n",
        b"Content-Id: <one@mail>\r\n",
    ]
)
KINDS = st.sampled_from([b"mixed", b"alternative", b"related", b"digest", b"nonsense"])


def _leaf(kind, charset, coding, disposition, text):
    return (
        b"Content-Type: %s; charset=%s\r\nContent-Transfer-Encoding: %s\r\n%s\r\n%s\r\n"
        % (kind, charset, coding, disposition, text)
    )


def _multipart(kind, parts, number, is_closed):
    mark = b"frontier%d" % number
    body = b"".join(b"--%s\r\n%s\r\n" % (mark, part) for part in parts)
    end = b"--%s--\r\n" % mark if is_closed else b""
    head = b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n' % (kind, mark)
    return head + body + end


def _attached(headers, part):
    return b"Content-Type: message/rfc822\r\n\r\n" + _head(headers) + part


def _head(headers):
    return b"".join(b"%s: %s\r\n" % pair for pair in headers)


PARTS = st.recursive(
    st.builds(_leaf, LEAVES, CHARSETS, CODINGS, DISPOSITIONS, TEXTS),
    lambda parts: (
        st.builds(
            _multipart,
            KINDS,
            st.lists(parts, max_size=3),
            st.integers(0, 9),
            st.booleans(),
        )
        | st.builds(_attached, HEADERS, parts)
    ),
    max_leaves=6,
)
#: Pairs of further headers and of what follows them.
MAILS = st.tuples(HEADERS.map(_head), PARTS)
