"""Messages of every kind that a server meets, made from a number alone: the same number, the same octets.

Each holds its token (`token(number)`) somewhere, so that what comes back can be told from what went in.
"""

import base64
import random
import re

WORDS = ("mailroom letter parcel stamp ledger harbour winter quiet copper violin meadow engine "
         "thursday invoice meeting railway garden orchard signal lantern").split()
TOKEN = re.compile(rb"trip-(\d{6})-trip")
HUGE = 40 * 1024 * 1024


def token(number):
    return b"trip-%06d-trip" % number


def _text(rng, lines, width=12):
    return b"".join(" ".join(rng.choices(WORDS, k=rng.randint(1, width))).encode() + b"\r\n" for _ in range(lines))


def _head(rng, number, extra=b""):
    return (b"From: Sender %d <sender%d@example.net>\r\nTo: you@example.org\r\n"
            b"Subject: %s\r\nDate: Tue, %d Mar 2026 %02d:%02d:00 +0100\r\nMessage-ID: <%s@example.net>\r\n%s"
            % (number, number % 50, " ".join(rng.choices(WORDS, k=4)).encode(), 1 + number % 28,
               number % 24, number % 60, token(number), extra))


def _plain(rng, n):
    return _head(rng, n) + b"\r\n" + _text(rng, rng.randint(1, 80))


def _eight_bit(rng, n):
    return (_head(rng, n, b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                  b"Content-Transfer-Encoding: 8bit\r\nX-Raw: Gr\xc3\xbc\xc3\x9fe \xff\xfe\r\n")
            + b"\r\n" + "Grüße aus Köln, καλημέρα, 日本語\r\n".encode() * rng.randint(1, 30)
            + bytes(b for b in range(1, 256) if b not in (10, 13)) + b"\r\n")


def _dots(rng, n):
    return (_head(rng, n) + b"\r\n.\r\n..\r\n...\r\n.leading\r\n..twice\r\n \r\n.\r\n"
            + b".\r\n" * rng.randint(1, 20) + _text(rng, 3) + b"end.\r\n.\r\n")


def _long_lines(rng, n):
    return (_head(rng, n, b"X-Long: " + b"x" * rng.randint(900, 990) + b"\r\n")
            + b"\r\n" + (b"y" * rng.choice([998, 999, 4096, 70000])) + b"\r\n." + b"z" * 65536 + b"\r\n")


def _nested(rng, n):
    depth = rng.randint(2, 12)
    body = b"Content-Type: text/plain\r\n\r\n" + _text(rng, 3)
    for level in range(depth):
        mark = b"level-%d-%d" % (level, n)
        body = (b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n--%s\r\n%s\r\n--%s\r\n'
                b"Content-Type: message/rfc822\r\n\r\n%sSubject: inner\r\n\r\ninner text\r\n\r\n--%s--\r\n"
                % (mark, mark, body, mark, _head(rng, n), mark))
    return _head(rng, n, b"MIME-Version: 1.0\r\n") + body


def _attachment(rng, n):
    data = base64.encodebytes(rng.randbytes(rng.choice([100, 5000, 40000, 300000]))).replace(b"\n", b"\r\n")
    return (_head(rng, n, b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n' % n)
            + b"\r\npreamble\r\n--b%d\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n<p>caf\xe9</p>\r\n"
              b"--b%d\r\nContent-Type: application/octet-stream; name*=utf-8''%%E2%%82%%AC.bin\r\n"
              b"Content-Transfer-Encoding: base64\r\n\r\n%s\r\n--b%d--\r\nepilogue\r\n" % (n, n, data, n))


def _broken(rng, n):
    return rng.choice([
        # No final boundary.
        _head(rng, n, b'Content-Type: multipart/mixed; boundary="x"\r\n') + b"\r\n--x\r\n\r\none\r\n--x\r\n",
        # The boundary is named but never comes.
        _head(rng, n, b"Content-Type: multipart/alternative; boundary=never\r\n") + b"\r\n" + _text(rng, 4),
        # The inner multipart has the boundary of the outer.
        _head(rng, n, b'Content-Type: multipart/mixed; boundary="x"\r\n') + b"\r\n--x\r\n"
        b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n\r\nin\r\n--x--\r\n--x--\r\n',
        # No header at all, only an empty line.
        b"\r\n" + token(n) + b"\r\n",
        # A header and no body.
        _head(rng, n),
        # A header that never ends, with lines that are none.
        b"this is no header " + token(n) + b"\r\n: nor this\r\n\tor this\r\n" + _text(rng, 2),
        # Nonsense in structured fields.
        _head(rng, n, b'Content-Type: ;;=\r\nFrom: "unclosed <a@\r\nTo: ,,,;:\r\nDate: never\r\n') + b"\r\nx\r\n",
        # Broken base64 and an encoded word of an unknown charset.
        _head(rng, n, b"Content-Transfer-Encoding: base64\r\nSubject: =?x-none?B?!!!?= =?utf-8?Q?=ZZ?=\r\n")
        + b"\r\n!!!not base64!!!\r\n",
        # Received, Return-Path and From_ lines of its own at its top.
        b"Return-Path: <old@example.com>\r\nReceived: by nowhere; Mon, 1 Jan 2024 00:00:00 +0000\r\n"
        + _head(rng, n) + b"\r\nFrom the start\r\n>From\r\n",
    ])


def _many_parts(rng, n):
    parts = b"".join(b"--p\r\nContent-Type: text/plain\r\n\r\n%d\r\n" % i for i in range(rng.choice([200, 10000])))
    return _head(rng, n, b"Content-Type: multipart/mixed; boundary=p\r\n") + b"\r\n" + parts + b"--p--\r\n"


def _empty_lines(rng, n):
    return _head(rng, n) + b"\r\n" + b"\r\n" * rng.randint(1, 2000)


KINDS = ((_plain, 30), (_eight_bit, 12), (_dots, 12), (_long_lines, 6), (_nested, 12), (_attachment, 12),
         (_broken, 14), (_many_parts, 1), (_empty_lines, 1))


def message(number):
    """A message with CRLF line ends, as LMTP can carry it. Number 0 has 40 MiB."""
    rng = random.Random(number)
    if number == 0:
        line = bytes(rng.choice(b"abcdefghijklmnopqrstuvwxyz ") for _ in range(76)) + b"\r\n"
        return _head(rng, 0) + b"\r\n" + line * (HUGE // len(line))
    kind = rng.choices([k for k, _ in KINDS], [w for _, w in KINDS])[0]
    return kind(rng, number)


def bare(number):
    """A message for APPEND alone: bare LF, bare CR, no line end at its end."""
    rng = random.Random(-number)
    crlf = message(max(number, 1))
    return rng.choice([
        crlf.replace(b"\r\n", b"\n"),
        crlf.rstrip(b"\r\n") if crlf.strip() else crlf,
        crlf.replace(b"\r\n", b"\n", 3),
        crlf + b"bare \r and \n and \n\r and \r",
    ])


ADDED = (b"return-path:", b"delivered-to:", b"received:")


def difference(original, delivered):
    """None when `delivered` is `original` behind headers that a delivery adds; otherwise what is wrong."""
    if not delivered.endswith(original):
        common = next((i for i, (a, b) in enumerate(zip(reversed(original), reversed(delivered))) if a != b),
                      min(len(original), len(delivered)))
        return (f"{len(original)} octets went in, {len(delivered)} came out, equal in the last {common}; there "
                f"{original[-common - 40:len(original) - common]!r} became {delivered[-common - 40:len(delivered) - common]!r}")
    added = delivered[: len(delivered) - len(original)]
    if added and not added.endswith(b"\r\n"):
        return f"the added header does not end its line: {added!r}"
    for line in added.split(b"\r\n")[:-1]:
        if not line.lower().startswith(ADDED) and line[:1] not in (b" ", b"\t"):
            return f"a line was added that is no trace header: {line!r}"
    return None
