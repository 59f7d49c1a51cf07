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


def black_png(width: int, height: int) -> bytes:
    """A PNG of black and white that is small on the disk, however many pixels it has: a bomb where it is unpacked."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width + 7) // 8 + 1) * height, level=1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
