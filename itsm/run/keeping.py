"""Backups by the clock, beside the desk of `make run`: taken when the last one is due, drilled each week, the oldest
taken away. `python -m itsm.run.keeping FOLDER` of a run folder; the supervisor starts it again should it end.

HEADROOM_BACKUP_HOURS says how far apart (24; 0: never, which a demo company does), HEADROOM_BACKUP_KEEP how many stay
(14), HEADROOM_BACKUP_DIR where they lie: on another disk, best on another machine. HEADROOM_BACKUP_ARCHIVE keeps the
log of the database beside them, and what people attach: see `itsm.run.archive`. That goes on where backups are taken
by hand or by cron (0): the log does, and a record without its attachment is half a record. They have to lie in
HEADROOM_BACKUP_DIR then too, since what they hold is read there.
"""

import os
import shutil
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from itsm.run import archive, backup, drill, homes, launch
from itsm.run.say import GiveUp, in_words, keep_trace, say

LOOK = 30.0  # seconds
AGAIN = timedelta(minutes=30)  # after one that failed
DRILL_EVERY = timedelta(days=7)
DRILLED = "drilled"  # in the folder of backups, touched by each drill


def hours(settings: Mapping[str, str]) -> int:
    """Between backups; 0 for none. GiveUp for what is no number."""
    text = settings.get("HEADROOM_BACKUP_HOURS") or ("0" if settings.get("HEADROOM_DEMO") == "on" else "24")
    return _number("HEADROOM_BACKUP_HOURS", text)


def wanted(settings: Mapping[str, str]) -> bool:
    """Whether there is anything to do here: this desk takes backups by itself, or keeps an archive beside those that
    somebody takes."""
    return hours(settings) > 0 or archive.wanted(settings) is not None


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise GiveUp(f"{name} is {text!r}; say a whole number.")
    return int(text)


def due_at(backups: Path, apart: timedelta) -> datetime:
    """When the next backup should be taken."""
    newest = backup.newest(backups)
    return datetime.fromisoformat(backup.made_at(newest)) + apart if newest else datetime.min.replace(tzinfo=UTC)


def drill_is_due(backups: Path, now: datetime) -> bool:
    mark = backups / DRILLED
    return not mark.exists() or now - datetime.fromtimestamp(mark.stat().st_mtime, UTC) > DRILL_EVERY


def take_away(backups: Path, keep: int) -> list[Path]:
    """All finished backups but the newest so many. Returns those that went."""
    finished = [one for one in backups.glob("*") if backup.made_at(one) and not one.name.endswith(backup.UNFINISHED)]
    gone = sorted(finished, key=backup.made_at)[:-keep]
    for one in gone:
        shutil.rmtree(one)
    return gone


def one_round(home: homes.Home, backups: Path, apart: timedelta, keep: int, now: datetime) -> None:
    """What is due now; of backups that are taken elsewhere (`apart` is nothing) only what none of them needs goes from
    the archive. Raises GiveUp and OSError where it fails."""
    if not apart:
        prune(backups)
        return
    if due_at(backups, apart) <= now:
        backups.mkdir(parents=True, exist_ok=True, mode=0o700)
        backup.back_up(home, backups / now.strftime("%Y%m%dT%H%M%SZ"))
        for gone in take_away(backups, keep):
            say(f"took away the backup {gone.name}")
        prune(backups)
    newest = backup.newest(backups)
    if newest and drill_is_due(backups, now):
        (backups / DRILLED).touch()  # also where it fails: the desk says so, and tries again in a week or by hand
        drill.run(newest, home)


def tried(home: homes.Home, backups: Path, apart: timedelta, keep: int, now: datetime) -> bool:
    """`one_round`, and whether it came to its end: a disk that is full, or away, ends no later one."""
    try:
        one_round(home, backups, apart, keep, now)
    except GiveUp as gave_up:
        say(str(gave_up))
    except OSError as failed:
        keep_trace(failed)
        say(in_words(failed))
    else:
        return True
    return False


def prune(backups: Path) -> None:
    """Take from the archive, where there is one, what no backup needs that is kept; say where none tells."""
    kept = archive.wanted(os.environ)
    if kept is None:
        return
    found = backup.manifests(backups)
    if not archive.are_bases(found):
        say(
            f"no backup in {backups} holds the server from which the log in {kept} is played on: until one lies there "
            "(HEADROOM_BACKUP_DIR), what people attach is not copied and nothing is taken away"
        )
    archive.prune(kept, found)


def copy_files(settings: Mapping[str, str], since: float, backups: Path) -> float:
    """What people attached since then, beside the log where one is kept. Since when to look the next time."""
    kept, files, now = archive.wanted(settings), settings.get("HEADROOM_FILES_DIR"), time.time()
    if kept is None or not files:
        return now
    try:
        if new := archive.attached_since(Path(files), since - LOOK):
            archive.keep_files(new, kept, backup.manifests(backups))
    except OSError as error:  # a disk that is full, or away: backups go on
        keep_trace(error)
        say(f"what people attached is not copied to {kept}: {in_words(error)}")
        return since
    return now


def main(folder: Path) -> None:
    launch.hear_signals()
    backups, apart = backup.place(folder, os.environ), timedelta(hours=hours(os.environ))
    keep = max(1, _number("HEADROOM_BACKUP_KEEP", os.environ.get("HEADROOM_BACKUP_KEEP") or "14"))
    rest, looked = datetime.min.replace(tzinfo=UTC), 0.0
    while True:
        now = datetime.now(UTC)
        looked = copy_files(os.environ, looked, backups)
        if now >= rest:
            done = tried(homes.Run(folder), backups, apart, keep, now)
            rest = rest if done and apart else now + AGAIN
        time.sleep(LOOK)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(0)
