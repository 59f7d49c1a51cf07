"""A copy of the public pages for another host: files in a folder, or sent there one by one.

From the database where it answers; where it does not, the last snapshot is what there is.
"""

import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.notifications.credentials import Credentials, credentials_of
from itsm.notifications.outgoing import OutgoingFailed, request
from itsm.statuspage import places, snapshot
from itsm.statuspage.public.rendering import File

logger = logging.getLogger(__name__)
_WRITTEN = ".status-files"  # what an export put there, so that the next one takes away what is gone
_LISTED = "status-files.txt"  # the same at an address
_OURS = re.compile(r"[a-z0-9][\w./-]{0,300}", re.ASCII)
_NOT_THERE = (404, 410)
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
    _made, written = places.read_manifest(name)
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

    What others refer to goes first, fronts last; then what an earlier export put there and is gone now, by DELETE. What
    is there is listed there too, in `status-files.txt`. Raises OutgoingRefused, OutgoingFailed: also where something
    that is public no longer stays there, which the next export tries to take away again.
    """
    found = files()
    there = _Mirror(address.rstrip("/"), credentials_of("bearer", credential) if credential else credentials_of("none"))
    gone = there.listed() - set(found)
    for path, file in sorted(found.items(), key=lambda one: (one[0].endswith(".html"), -one[0].count("/"))):
        there.put(path, file)
    left = {path for path in sorted(gone) if not there.deleted(path)}
    there.put(_LISTED, File("text/plain; charset=utf-8", "\n".join(sorted({*found, *left})).encode()))
    if left:
        raise OutgoingFailed(_("Still there, though no longer public: %(files)s") % {"files": ", ".join(sorted(left))})
    return len(found)


@dataclass(frozen=True, slots=True)
class _Mirror:
    """A host that serves what is put there."""

    address: str
    credentials: Credentials

    def listed(self) -> set[str]:
        """What an earlier export put there, by its own word; paths that none of ours can be are not believed."""
        status, body = self._ask("GET", _LISTED)
        if status in _NOT_THERE:
            return set()
        if status != 200:
            raise OutgoingFailed(f"{self.address}/{_LISTED} was answered {status}.")
        return {one for one in body.decode("utf-8", "replace").splitlines() if _OURS.fullmatch(one) and ".." not in one}

    def put(self, path: str, file: File) -> None:
        headers = {"Content-Type": file.content_type, "Cache-Control": "public, max-age=15"}
        status, _body = self._ask("PUT", path, file.body, headers)
        if status >= 300:
            raise OutgoingFailed(f"{self.address}/{path} was answered {status}.")

    def deleted(self, path: str) -> bool:
        """Whether it is gone; a host that knows no DELETE, or refuses it, keeps it."""
        status, _body = self._ask("DELETE", path)
        return status < 300 or status in _NOT_THERE

    def _ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Asked up to three times while it fails."""
        for turn in range(_TRIES):
            try:
                answer = request(
                    method, f"{self.address}/{path}", body=body, headers=headers, credentials=self.credentials
                )
            except OutgoingFailed:
                if turn == _TRIES - 1:
                    raise
                continue
            if answer[0] < 500:
                break
        return answer
