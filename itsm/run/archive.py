"""The log of the database, kept beside its backups: with it, any second since the oldest of them can be brought back.

HEADROOM_BACKUP_ARCHIVE names a folder, best on another machine. PostgreSQL hands over each piece of its log there, a
minute after its first line at the latest; a backup then holds the whole server as well (`base.tar.gz`), from which
`itsm.run.rewind` plays the log on. Files that people attach are never changed: new ones are copied beside the log, and
go with the bases that lack them, so that what was erased here is not kept there for longer than in the backups.
A piece is known by its server (`system_identifier`), so that a server which was brought back overwrites nothing.
"""

import re
import shlex
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from itsm.run import environment, places
from itsm.run.say import GiveUp

NAME = "HEADROOM_BACKUP_ARCHIVE"
BASE = "base.tar.gz"
FILES = "files"
MINUTE = "60"
_PLAIN = re.compile(r"/[\w./-]+")
_LOG = re.compile(r"(\d+)/[0-9A-F]{8}([0-9A-F]{16})")  # of a manifest: which server, and where its log begins
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
    """Take away what is older than the oldest base that is kept of its server: pieces of the log, and what people
    attached, which that base holds as far as it was there then. How many went; two may do so at once. Raises OSError
    where the folder cannot be read or written."""
    gone: list[Path] = []
    for server, (piece, begun) in _oldest_bases(manifests).items():
        gone += [
            file
            for file in (archive / server).glob("*.gz")
            if (known := _PIECE.fullmatch(file.name)) and known[1] < piece
        ]
        gone += [file for file in (archive / server / FILES).glob("??/*") if _changed(file) < begun]
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)


def _changed(file: Path) -> float:
    """In seconds of the clock; never, of what somebody else took away meanwhile."""
    with suppress(FileNotFoundError):
        return file.stat().st_mtime
    return float("inf")


def are_bases(manifests: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the log is played on from any of these."""
    return bool(_oldest_bases(manifests))


def _oldest_bases(manifests: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, float]]:
    """server -> where the log begins that its oldest base needs, and when that was taken (seconds of the clock)."""
    found: dict[str, tuple[str, float]] = {}
    for one in manifests:
        if log := _LOG.fullmatch(str(one.get("log", ""))):
            piece, begun = found.get(log[1], (log[2], float("inf")))
            found[log[1]] = min(piece, log[2]), min(begun, _made(one))
    return found


def _made(manifest: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(str(manifest["made_at"])).timestamp()


def attached_since(files: Path, since: float) -> list[Path]:
    """What people attached since then (seconds of the clock)."""
    folders = [one for one in files.glob("??") if one.stat().st_mtime >= since]
    return [file for one in folders for file in one.iterdir() if file.stat().st_mtime >= since]


def keep_files(new: Iterable[Path], archive: Path, manifests: Iterable[Mapping[str, Any]]) -> int:
    """Copy of these what no base of the server that runs holds, and the archive lacks. Before the first base there is
    nothing to copy: that will hold them. How many."""
    bases = [one for one in manifests if _LOG.fullmatch(str(one.get("log", "")))]
    if not bases:
        return 0
    server = str(max(bases, key=_made)["log"]).partition("/")[0]
    begun, copied = _oldest_bases(bases)[server][1], 0
    for file in new:
        target = archive / server / FILES / file.parent.name / file.name
        if file.stat().st_mtime >= begun and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            half = target.with_suffix(".new")
            shutil.copyfile(file, half)
            half.replace(target)
            copied += 1
    return copied
