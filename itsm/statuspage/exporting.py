"""A copy of the public pages for another host: files in a folder, or sent there one by one.

From the database where it answers; where it does not, the last snapshot is what there is.
"""

import logging
import os
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from itsm.notifications.credentials import Credentials, credentials_of
from itsm.notifications.outgoing import OutgoingFailed, request
from itsm.statuspage import places, snapshot
from itsm.statuspage.public.rendering import File

logger = logging.getLogger(__name__)
_WRITTEN = ".status-files"  # what an export put there, so that the next one takes away what is gone
_TRIES = 3


def files() -> dict[str, File]:
    """Path below the copy's root -> file; forms lead to this desk. Raises OSError where there is no snapshot either."""
    try:
        found = snapshot.public_files(timezone.now(), settings.BASE_URL)
    except (OperationalError, InterfaceError):
        logger.warning("the database does not answer: the last snapshot is exported")
        found = _from_snapshot()
    return {_named(path): file for path, file in found.items()}


def _named(path: str) -> str:
    return f"{path}index.html" if not path or path.endswith("/") else path


def _from_snapshot() -> dict[str, File]:
    name = places.current()
    _, written = places.read_manifest(name)
    release = places.folder() / places.RELEASES / name
    return {path: File(one.content_type, (release / one.name).read_bytes()) for path, one in written.items()}


def to_folder(folder: Path) -> int:
    """Each file put in place by a rename; what an earlier export put there and is gone now goes too. How many files.

    Raises OSError.
    """
    found = files()
    for path, file in found.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.new")
        beside.write_bytes(file.body)
        os.replace(beside, target)
    listed = folder / _WRITTEN
    before = set(listed.read_text(encoding="utf-8").splitlines()) if listed.exists() else set()
    for gone in sorted(before - set(found)):
        if not Path(gone).is_absolute() and ".." not in Path(gone).parts:
            (folder / gone).unlink(missing_ok=True)
    listed.write_text("\n".join(sorted(found)), encoding="utf-8")
    return len(found)


def to_address(address: str, credential: str = "") -> int:
    """Each file by PUT below an address; `credential`: the name of a token in HEADROOM_SECRETS_DIR. How many files.

    What others refer to goes first, fronts last. Raises OutgoingRefused, OutgoingFailed.
    """
    found = files()
    shown_by = credentials_of("bearer", credential) if credential else credentials_of("none")
    for path, file in sorted(found.items(), key=lambda one: (one[0].endswith(".html"), -one[0].count("/"))):
        _put(f"{address.rstrip('/')}/{path}", file, shown_by)
    return len(found)


def _put(url: str, file: File, credentials: Credentials) -> None:
    headers: Mapping[str, str] = {"Content-Type": file.content_type, "Cache-Control": "public, max-age=15"}
    for turn in range(_TRIES):
        try:
            status, _ = request("PUT", url, body=file.body, headers=headers, credentials=credentials)
        except OutgoingFailed:
            if turn == _TRIES - 1:
                raise
            continue
        if status < 300:
            return
        if status < 500 or turn == _TRIES - 1:
            raise OutgoingFailed(f"{url} was answered {status}.")
