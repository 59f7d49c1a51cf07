"""A hundred and twenty mails made to cost time or memory, to break a parser, or to be taken for something else."""

from base64 import b64encode
from collections.abc import Iterator
from itertools import islice

HEAD = b"From: bo@example.org\nTo: support@desk.example\nMessage-ID: <h%d@x.example>\nSubject: hostile %d\nMIME-Version: 1.0\n"
CHARSETS = (
    b"utf-7", b"idna", b"punycode", b"unicode_escape", b"rot13", b"zlib_codec", b"base64_codec", b"undefined", b"utf-16",
    b"utf-32", b"hz", b"iso-2022-jp", b"iso-2022-kr", b"gb18030", b"big5", b"cp65001", b"x" * 900, b'"', b"=?utf-8?q?x?=",
    b"\xff\xfe",
)  # fmt: skip
ENCODINGS = (b"base64", b"quoted-printable", b"x-uuencode", b"7bit", b"binary", b"gzip", b"", b"base64, base64")


def _body(content_type: bytes, text: bytes, encoding: bytes = b"") -> bytes:
    encoded = b"Content-Transfer-Encoding: " + encoding + b"\n" if encoding else b""
    return b"Content-Type: " + content_type + b"\n" + encoded + b"\n" + text


def _nested(depth: int, kind: bytes = b"multipart/mixed") -> bytes:
    opened = b"".join(b"Content-Type: %s; boundary=b%d\n\n--b%d\n" % (kind, n, n) for n in range(depth))
    return opened + b"Content-Type: text/plain\n\nx\n"


def _rfc822(depth: int) -> bytes:
    return b"Content-Type: message/rfc822\n\n" * depth + b"\nx\n"


def _bodies() -> Iterator[bytes]:
    for charset in CHARSETS:
        yield _body(b"text/plain; charset=" + charset, b"Gr\xc3\xbc\xdfe\x00\n")
        yield (
            b"Subject: =?"
            + charset[:70]
            + b"?B?R3LDvMOfZQ==?= =?"
            + charset[:70]
            + b"?Q?=00=FF?=\n"
            + _body(b"text/plain", b"x")
        )
    for encoding in ENCODINGS:
        yield _body(b"text/plain", b"=" * 200_000, encoding)
        yield _body(b"text/plain", b"begin 644 x\n" + b"M" * 100_000, encoding)
    for depth in (20, 21, 100, 900, 1_000, 5_000):
        yield _nested(depth)
        yield _nested(depth, b"multipart/alternative")
        yield _rfc822(depth)
    yield b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"--b\n\nx\n" * 50_000
    yield b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"--b\n" * 400_000
    yield b'Content-Type: multipart/mixed; boundary=""\n\n--\nx\n'
    yield b"Content-Type: multipart/mixed\n\n--None\nx\n"
    yield b"Content-Type: multipart/digest; boundary=b\n\n" + b"--b\n\n" * 1_000
    yield _body(b"text/html", b"<div>" * 20_000 + b"x")
    yield _body(b"text/html", b"<div>" * 200_000)
    yield _body(b"text/html", b"<" * 400_000)
    yield _body(b"text/html", b"<!" * 200_000)
    yield _body(b"text/html", b"<![CDATA[" * 50_000)
    yield _body(b"text/html", b"<!--" * 100_000)
    yield _body(b"text/html", b"&" * 400_000)
    yield _body(b"text/html", b"<a href='" * 50_000)
    yield _body(b"text/html", b"<a " + b"x=y " * 100_000 + b">z")
    yield _body(b"text/html", b"<ul><li>" * 30_000)
    yield _body(b"text/html", b"<table><tr><td>" * 20_000)
    yield _body(b"text/html", b"<svg><style><![CDATA[</style><img src=x onerror=alert(1)>")
    yield _body(b"text/html", b"<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>")
    yield _body(b"text/plain", b"On On " * 60_000)
    yield _body(b"text/plain", b">" * 800_000)
    yield _body(b"text/plain", b"From: \n" * 60_000)
    yield _body(b"text/plain", b"On a@b 10:00\n" * 40_000)
    yield _body(b"text/plain", b"-- \n" * 200_000)
    yield _body(b"text/plain", b"\n" * 2_000_000)
    yield _body(b"text/plain", b"\r" * 2_000_000)
    yield _body(b"text/plain", b"\x00" * 1_000_000)
    yield _body(b"application/octet-stream; name*=utf-8''" + b"%41" * 15_000, b64encode(b"x" * 100), b"base64")
    yield _body(b"application/zip; name=" + b'"../../../etc/passwd"', b"PK")
    yield _body(b"application/x; " + b"; ".join(b"name*%d=x" % n for n in range(4_000)), b"x")
    yield _body(b"text/plain; charset=utf-8" + b"; a=b" * 10_000, b"x")
    yield _body(b"text/" + b"x" * 60_000, b"x")


def _heads() -> Iterator[bytes]:
    head = HEAD % (0, 0)
    for value in (
        b"(" * 6_000, b"(" * 20 + b"x" + b")" * 20, b'"' * 30_000, b"<" * 30_000, b"@" * 30_000, b"a@b," * 15_000,
        b"a@b, " * 499 + b"c@d", b":;" * 20_000, b"\\" * 30_000, b"=?utf-8?q?" + b"=41" * 15_000 + b"?=",
        b"=?" * 20_000, b"[" * 30_000, b"\xff" * 60_000,
    ):  # fmt: skip
        for name in (b"To", b"Cc", b"From"):
            yield head.replace(b"To: support", name + b": " + value + b"\nTo: support", 1) + b"\nx"
    yield b"From: bo@example.org\nReferences: " + b"<a@b> " * 10_000 + b"\n\nx"
    yield b"From: bo@example.org\nReferences: " + b"<" * 60_000 + b"\n\nx"
    yield b"From: bo@example.org\nDate: " + b"1 " * 30_000 + b"\n\nx"
    yield b"From: bo@example.org\nSubject: " + b"\n x" * 20_000 + b"\n\nx"
    yield b"X: y\n" * 30_000 + b"\nx"
    yield b""
    yield b"\n" * 100_000
    yield b"\x00" * 100_000
    yield b"no headers at all"


def mails() -> list[bytes]:
    """All of them, each with an id of its own where it has headers that can hold one."""
    bodies = [HEAD % (number, number) + body for number, body in enumerate(_bodies(), 1)]
    return list(islice([*bodies, *_heads()], 200))
