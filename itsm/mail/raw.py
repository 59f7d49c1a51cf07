"""The bytes of mails as they came, on the disk by their hash, beside the files of records and swept by themselves."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext

from itsm.files import store
from itsm.kernel.errors import Unavailable

FOLDER = "mail"


def place_of(sha256: str) -> Path:
    """Where these bytes lie."""
    return Path(settings.FILES_DIR) / FOLDER / sha256[:2] / sha256


def keep(raw: bytes) -> str:
    """Write the bytes, through to the disk, and return their hash. The same bytes may lie there.

    Raises Unavailable where the disk does not take them.
    """
    sha256 = hashlib.sha256(raw).hexdigest()
    target = place_of(sha256)
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        written, path = store.begin()
        with written:
            written.write(raw)
            written.flush()
            os.fsync(written.fileno())
        path.replace(target)
        _written_through(target.parent)
    except OSError as error:
        raise Unavailable(gettext("The server cannot keep mail at the moment.")) from error
    return sha256


def being_read() -> Path:
    """Where the files of a mail lie while it is read, beside the mails: /tmp may be small, or memory."""
    made = Path(settings.FILES_DIR) / FOLDER / "being-read"
    made.mkdir(parents=True, exist_ok=True, mode=0o700)
    return made


def kept() -> Iterator[Path]:
    """Every mail on the disk, in no order."""
    yield from (Path(settings.FILES_DIR) / FOLDER).glob("[0-9a-f][0-9a-f]/*")


def _written_through(folder: Path) -> None:
    known = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(known)
    finally:
        os.close(known)
