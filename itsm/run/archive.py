"""The log of the database, kept beside its backups: with it, any second since the oldest of them can be brought back.

HEADROOM_BACKUP_ARCHIVE names a folder, best on another machine. PostgreSQL hands over each piece of its log there, a
minute after its first line at the latest; a backup then holds the whole server as well (`base.tar.gz`), from which
`itsm.run.rewind` plays the log on. Files that people attach are never changed: new ones are copied beside the log.
A piece is known by its server (`system_identifier`), so that a server which was brought back overwrites nothing.
"""

import re
import shlex
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from itsm.run import environment, places
from itsm.run.say import GiveUp

NAME = "HEADROOM_BACKUP_ARCHIVE"
BASE = "base.tar.gz"
FILES = "files"
MINUTE = "60"
_PLAIN = re.compile(r"/[\w./-]+")
_PIECE = re.compile(r"[0-9A-F]{8}([0-9A-F]{16})(\..+)?\.gz")
# Run by the server in its data folder. A piece that is there already is left alone: it is the same, or not ours.
_KEEP = (
    "d={folder}/$(LC_ALL=C {control} . | sed -n 's/^Database system identifier: *//p') && mkdir -p $d && "
    "if test -e $d/%f.gz; then gzip -dc $d/%f.gz | cmp -s - %p; "
    "else gzip -nc < %p > $d/%f.new && sync $d/%f.new && mv $d/%f.new $d/%f.gz; fi"
)
_FETCH = "test -f {folder}/%f.gz && gzip -dc {folder}/%f.gz > %p"


def wanted(settings: Mapping[str, str] | None = None) -> Path | None:
    """The folder of the archive; None where nobody wants one. GiveUp for a name that a shell would read otherwise."""
    given = (settings or {}).get(NAME) or environment.given(NAME) or _of_compose()
    if not given:
        return None
    folder = Path(given).absolute()
    if not _PLAIN.fullmatch(str(folder)):
        raise GiveUp(f"{NAME} is {given!r}; name a folder by letters, digits, dots, hyphens and slashes.")
    return folder


def _of_compose() -> str:
    """As docker compose reads it, from `.env`."""
    file = places.ROOT / ".env"
    lines = file.read_text().splitlines() if file.is_file() else []
    return next((line.partition("=")[2].strip() for line in lines if line.startswith(f"{NAME}=")), "")


def options(folder: str, programs: str = "") -> dict[str, str]:
    """PostgreSQL's settings. `programs`: the folder of its programs, where it does not find them by name."""
    control = shlex.quote(f"{programs}/pg_controldata") if programs else "pg_controldata"
    keep = _KEEP.format(folder=folder, control=control)
    return {"archive_mode": "on", "archive_timeout": MINUTE, "archive_command": keep}


def replaying(folder: Path, until: str) -> dict[str, str]:
    """PostgreSQL's settings to play on what lies there until an instant, or "" to its end, and then to open."""
    again = {
        "restore_command": _FETCH.format(folder=folder),
        "recovery_target_action": "promote",
        "archive_mode": "off",
        "hot_standby": "off",  # nobody comes in before it is where it should be
    }
    return again | ({"recovery_target_time": until} if until else {})


def prune(archive: Path, manifests: Iterable[Mapping[str, Any]]) -> int:
    """Take away what is older than the oldest base that is kept of its server. How many pieces went."""
    oldest: dict[str, str] = {}
    for one in manifests:
        server, _slash, piece = str(one.get("log", "")).partition("/")
        if piece:
            oldest[server] = min(oldest.get(server, piece[8:]), piece[8:])
    gone = [
        file
        for server, since in oldest.items()
        for file in (archive / server).glob("*.gz")
        if (known := _PIECE.fullmatch(file.name)) and known[1] < since
    ]
    for file in gone:
        file.unlink()
    return len(gone)


def keep_files(files: Path, archive: Path, since: float = 0.0) -> int:
    """Copy what people attached since then (seconds of the clock), and the archive lacks. How many."""
    new = 0
    folders = (one for one in files.glob("??") if one.stat().st_mtime >= since)
    for file in (file for one in folders for file in one.iterdir()):
        target = archive / FILES / file.parent.name / file.name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            half = target.with_suffix(".new")
            shutil.copyfile(file, half)
            half.replace(target)
            new += 1
    return new
