"""What the bytes of a file are, judged by themselves: whole pictures and plain text may be shown, all else is saved.

A signature alone proves nothing: what begins as a GIF may go on as a page. So a picture is walked block by block to its
very end, and nothing that a browser could take for markup may stand anywhere in what is shown.
"""

import codecs
import mmap
import re
import zlib
from collections.abc import Callable
from pathlib import Path

from itsm.files.vocabulary import ShownType

Bytes = mmap.mmap | bytes

# Five bytes and more, so that the noise of a photo does not look like one of them.
_MARKUP = re.compile(
    rb"<(?i:[/!]?\s{0,4}(?:[a-z]{1,12}:)?(?:script|svg|html|head|body|iframe|frame|img|image|object|embed|form|input|"
    rb"link|meta|style|base|math|video|audio|details|marquee|foreignobject|stylesheet|template)(?=[\s/>\x00])"
    rb"|!doctype|!entity|!element|\?xml\s|\?php\s|!\[cdata\[)|(?i:javascript:|vbscript:)"
)
_UNSEEN = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_LETTER = re.compile(r"^\s*mime-version:", re.IGNORECASE)  # a web archive is a letter
_PIECE = 1 << 16
_PDF_BEGINS_WITHIN = 1024
_WEBP_CHUNKS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF", b"XMP "}


def shown_type(path: Path) -> ShownType:
    """What the file at this path is, by its bytes. Memory: a few pages, however large it is."""
    if path.stat().st_size == 0:
        return ShownType.OTHER
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _judged(data)


def _judged(data: Bytes) -> ShownType:
    for begins, kind, is_whole in _PICTURES:
        if data[: len(begins)] == begins:
            return kind if is_whole(data) and not _MARKUP.search(data) else ShownType.OTHER
    if b"%PDF-" in data[:_PDF_BEGINS_WITHIN]:
        return ShownType.PDF
    return ShownType.TEXT if _is_plain_text(data) else ShownType.OTHER


def _is_plain_text(data: Bytes) -> bool:
    if _UNSEEN.search(data) or _MARKUP.search(data):
        return False
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        begin = decoder.decode(data[:_PIECE])
        for place in range(_PIECE, len(data), _PIECE):
            decoder.decode(data[place : place + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    begin = begin.lstrip("\ufeff").lstrip()
    return not begin.startswith("<") and not _LETTER.match(begin)


def _whole_png(data: Bytes) -> bool:
    place, size, first = 8, len(data), True
    while place + 12 <= size:
        length, name = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        end = place + 12 + length
        if end > size or not name.isalpha() or first != (name == b"IHDR"):
            return False
        if zlib.crc32(data[place + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            return False
        if name == b"IEND":
            return end == size and length == 0
        place, first = end, False
    return False


def _whole_jpeg(data: Bytes) -> bool:
    """Segments with their lengths, then scans; the end of the picture is the end of the file."""
    place, size = 2, len(data)
    while place + 2 <= size and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xD9:
            return place + 2 == size
        if marker == 0xFF:
            place += 1
            continue
        if marker in {0x00, 0x01, 0xD8} or place + 4 > size:
            return False
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        if length < 2:
            return False
        place += 2 + length
        if marker == 0xDA:
            place = _end_of_scan(data, place)
    return False


def _end_of_scan(data: Bytes, place: int) -> int:
    """Where the next marker stands that is part of no scan; past the end where there is none."""
    while (place := data.find(b"\xff", place)) >= 0 and place + 1 < len(data):
        if data[place + 1] != 0 and not 0xD0 <= data[place + 1] <= 0xD7:
            return place
        place += 2
    return len(data)


def _whole_gif(data: Bytes) -> bool:
    if len(data) < 14 or data[4:6] not in {b"7a", b"9a"}:
        return False
    place = _after_colours(data, 13, data[10])
    while place < len(data):
        block = data[place]
        if block == 0x3B:
            return place + 1 == len(data)
        if block == 0x21:
            place = _after_parts(data, place + 2)
        elif block == 0x2C and place + 10 < len(data):
            place = _after_parts(data, _after_colours(data, place + 10, data[place + 9]) + 1)
        else:
            return False
    return False


def _after_colours(data: Bytes, place: int, packed: int) -> int:
    return place + 3 * 2 ** ((packed & 7) + 1) if packed & 0x80 else place


def _after_parts(data: Bytes, place: int) -> int:
    while place < len(data) and data[place]:
        place += data[place] + 1
    return place + 1


def _whole_webp(data: Bytes) -> bool:
    size = len(data)
    if data[8:12] != b"WEBP" or int.from_bytes(data[4:8], "little") + 8 != size:
        return False
    place = 12
    while place + 8 <= size:
        if data[place : place + 4] not in _WEBP_CHUNKS:
            return False
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        place += 8 + length + length % 2
    return place == size


_PICTURES: tuple[tuple[bytes, ShownType, Callable[[Bytes], bool]], ...] = (
    (b"\x89PNG\r\n\x1a\n", ShownType.PNG, _whole_png),
    (b"\xff\xd8", ShownType.JPEG, _whole_jpeg),
    (b"GIF8", ShownType.GIF, _whole_gif),
    (b"RIFF", ShownType.WEBP, _whole_webp),
)
