"""A whole server in one file, from which its log can be played on (`itsm.run.archive`)."""

import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from itsm.run import archive
from itsm.run.dumps import Place
from itsm.run.say import GiveUp

_BEGINS = re.compile(r"^START WAL LOCATION: .*\(file ([0-9A-F]{24})\)", re.MULTILINE)
_SERVER = "SELECT system_identifier FROM pg_catalog.pg_control_system()"


def take_base(place: Place | None, unfinished: Path) -> dict[str, Any]:
    """The whole server into a backup, and what its manifest says of that; nothing where no log is kept. GiveUp."""
    if place is None:
        return {}
    file = unfinished / archive.BASE
    file.touch(mode=0o600)
    words = ("--pgdata=-", "--format=tar", "--gzip", "--wal-method=fetch", "--checkpoint=fast", "--no-password")
    with file.open("wb") as out:
        ran = subprocess.run(place.command("pg_basebackup", *words, *place.connect), env=place.surroundings, stdout=out)
    if ran.returncode != 0:
        raise GiveUp("pg_basebackup failed; there is no backup.")
    return {"log": f"{place.answer(_SERVER)}/{begins(file)}"}


def begins(base: Path) -> str:
    """The piece of the log from which this base is to be played on."""
    with tarfile.open(base) as opened:
        label = opened.extractfile("backup_label")
        found = _BEGINS.search(label.read().decode()) if label else None
    if found is None:
        raise GiveUp(f"{base} does not say where it begins.")
    return found[1]
