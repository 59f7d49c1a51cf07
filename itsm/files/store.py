"""Bytes on disk, by their hash, under one folder: a temporary file, written through, then renamed. Rows come after.

`incoming` holds what is being sent, `thumbnails` small pictures; all else are folders of two hex digits.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.conf import settings

INCOMING, THUMBNAILS = "incoming", "thumbnails"


def folder(name: str) -> Path:
    """A folder of the store, made where it is not there, for its owner alone."""
    made = Path(settings.FILES_DIR) / name
    made.mkdir(parents=True, exist_ok=True, mode=0o700)
    return made


def place_of(sha256: str) -> Path:
    """Where these bytes lie."""
    return Path(settings.FILES_DIR) / sha256[:2] / sha256


def thumbnail_of(sha256: str) -> Path:
    """Where the small picture of these bytes lies, once it was made."""
    return Path(settings.FILES_DIR) / THUMBNAILS / sha256[:2] / f"{sha256}.webp"


def begin() -> tuple[IO[bytes], Path]:
    """A file to write into, and where it lies; who does not keep it unlinks it, and if they are killed, the sweep."""
    number, path = tempfile.mkstemp(dir=folder(INCOMING))
    return os.fdopen(number, "w+b"), Path(path)


def keep(written: Path, sha256: str) -> None:
    """Give what was written its place; written through to the disk before it has it. The same bytes may lie there."""
    with written.open("rb") as opened:
        os.fsync(opened.fileno())
    target = folder(sha256[:2]) / sha256
    written.replace(target)
    _written_through(target.parent)


def _written_through(path: Path) -> None:
    """Also the name in its folder survives that the power fails."""
    known = os.open(path, os.O_RDONLY)
    try:
        os.fsync(known)
    finally:
        os.close(known)


def kept() -> Iterator[Path]:
    """Everything that has its place, in no order."""
    for part in Path(settings.FILES_DIR).glob("[0-9a-f][0-9a-f]"):
        yield from part.iterdir()
