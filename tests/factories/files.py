"""Files as people send them, drawn and written here: none comes from elsewhere."""

import io
import struct
import zlib

from PIL import Image

from itsm.files.receiving import Received


def received(name: str, content: bytes) -> Received:
    """As it stands on the disk once all of it came."""
    file = Received(name)
    for place in range(0, len(content), 1 << 16):
        file.take(content[place : place + (1 << 16)])
    file.whole()
    return file


def picture(kind: str = "PNG", side: int = 8, colour: str = "teal") -> bytes:
    """A whole picture of this kind (PNG, JPEG, GIF, WEBP)."""
    held = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(held, kind)
    return held.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    """A part of a PNG, with its sum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_that_says(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose head says how large it is: a bomb where it is unpacked."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
