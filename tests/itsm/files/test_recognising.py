"""What a file may show as is said by all of its bytes: what only begins as a picture is never shown."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from itsm.files.models import Attachment
from itsm.files.recognising import shown_type
from itsm.files.vocabulary import INLINE, ShownType
from tests.factories.files import chunk, picture

HOSTILE = {
    "script": b"<script>alert(document.domain)</script>",
    "script in capitals": b"<ScRiPt SRC=//evil.example/x.js></sCrIpT>",
    "page": b"<html><body onload=alert(1)>hello</body></html>",
    "doctype": b"<!DOCTYPE html><title>x</title>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "svg with a prefix": b'<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:script>alert(1)</s:script></s:svg>',
    "entity": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>',
    "stylesheet": b'<?xml version="1.0"?><?xml-stylesheet href="javascript:alert(1)"?><x/>',
    "frame": b"<iframe srcdoc='&lt;script&gt;alert(1)&lt;/script&gt;'></iframe>",
    "image": b"<img src=x onerror=alert(1)>",
    "object": b"<object data=javascript:alert(1)></object>",
    "refresh": b"<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "php": b"<?php system($_GET['c']); ?>",
}


def _png(extra: bytes = b"", after: bytes = b"") -> bytes:
    whole = picture("PNG")
    end = len(whole) - 12
    return whole[:end] + extra + whole[end:] + after


def _jpeg(extra: bytes = b"", after: bytes = b"") -> bytes:
    whole = picture("JPEG")
    return whole[:2] + extra + whole[2:] + after


def _gif(extra: bytes = b"", after: bytes = b"") -> bytes:
    whole = picture("GIF")
    return whole[:-1] + extra + whole[-1:] + after


def _webp(extra: bytes = b"", after: bytes = b"") -> bytes:
    body = picture("WEBP")[8:] + extra
    return b"RIFF" + struct.pack("<I", len(body)) + body + after


def _chunk_of_webp(words: bytes) -> bytes:
    return b"EXIF" + struct.pack("<I", len(words)) + words + b"\0" * (len(words) % 2)


CARRIERS: dict[str, Callable[[bytes], bytes]] = {
    "behind a PNG": lambda words: _png(after=words),
    "in a text of a PNG": lambda words: _png(extra=chunk(b"tEXt", b"Comment\0" + words)),
    "as an own part of a PNG": lambda words: _png(extra=chunk(b"heLp", words)),
    "behind a JPEG": lambda words: _jpeg(after=words + b"\xff\xd9"),
    "in a comment of a JPEG": lambda words: _jpeg(extra=b"\xff\xfe" + struct.pack(">H", len(words) + 2) + words),
    "behind a GIF": lambda words: _gif(after=words + b";"),
    "in a comment of a GIF": lambda words: _gif(extra=b"\x21\xfe" + bytes([len(words)]) + words + b"\0"),
    "as a GIF in its first bytes": lambda words: b"GIF89a/*" + words + b"*/=1;",
    "behind a WebP": lambda words: _webp(after=words),
    "in a part of a WebP": lambda words: _webp(extra=_chunk_of_webp(words)),
    "as a PNG in its first bytes": lambda words: b"\x89PNG\r\n\x1a\n" + words,
    "as a JPEG in its first bytes": lambda words: b"\xff\xd8\xff\xe0" + words + b"\xff\xd9",
    "alone": lambda words: words,
    "behind a mark of byte order": lambda words: b"\xef\xbb\xbf\r\n " + words,
    "in the middle of a text": lambda words: "Grüße,\nsee below\n".encode() + words,
    "in a PDF": lambda words: b"%PDF-1.7\n" + words,
    "in UTF-16": lambda words: words.decode().encode("utf-16"),
}
POLYGLOTS = {f"{what} {where}": make(words) for where, make in CARRIERS.items() for what, words in HOSTILE.items()}


def _kind(tmp_path: Path, content: bytes) -> ShownType:
    file = tmp_path / "sent"
    file.write_bytes(content)
    return shown_type(file)


def test_none_of_the_polyglots_is_shown(tmp_path: Path) -> None:
    assert len(POLYGLOTS) >= 120
    shown = [name for name, content in POLYGLOTS.items() if _kind(tmp_path, content) in INLINE]
    assert not shown


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_whole_picture_is_shown_as_what_it_is(kind: str, tmp_path: Path) -> None:
    assert _kind(tmp_path, picture(kind, side=64)) == f"image/{kind.lower()}"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("harm", [lambda whole: whole[:-1], lambda whole: whole + b"\0", lambda whole: whole + whole])
def test_a_picture_that_ends_elsewhere_is_none(kind: str, harm: Callable[[bytes], bytes], tmp_path: Path) -> None:
    assert _kind(tmp_path, harm(picture(kind))) == ShownType.OTHER


def test_a_png_whose_sums_are_wrong_is_none(tmp_path: Path) -> None:
    whole = bytearray(picture("PNG"))
    whole[-14] ^= 1
    assert _kind(tmp_path, bytes(whole)) == ShownType.OTHER


@pytest.mark.parametrize(
    "text",
    [
        "one line",
        "Grüße aus Köln\r\n\tπ ≈ 3",
        "a < b and b > a",
        '{"json": true}',
        "\ufeffwith a mark",
        "x" * 70_000 + "ü",
    ],
)
def test_plain_text_is_shown_as_such(text: str, tmp_path: Path) -> None:
    assert _kind(tmp_path, text.encode()) == ShownType.TEXT


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\0", b"caf\xe9", b"x" * 65_535 + b"\xc3", b"MIME-Version: 1.0\nContent-Type: multipart/related\n",
     b"  <anything", b"\x1b[31mred", b"PK\x03\x04zip", b"MZ\x90\0program"],
)  # fmt: skip
def test_what_is_neither_is_offered_for_download_alone(content: bytes, tmp_path: Path) -> None:
    assert _kind(tmp_path, content) == ShownType.OTHER


def test_a_pdf_is_known_and_not_shown(tmp_path: Path) -> None:
    assert _kind(tmp_path, b"%PDF-1.4 ...") == ShownType.PDF
    assert not Attachment(state="clean", shown_type=ShownType.PDF).shows_inline


def test_nothing_is_shown_before_the_scanner_has_spoken() -> None:
    assert Attachment(state="clean", shown_type=ShownType.PNG).shows_inline
    for state in ("waiting", "refused"):
        assert not Attachment(state=state, shown_type=ShownType.PNG).shows_inline
