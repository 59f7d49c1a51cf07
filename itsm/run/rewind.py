"""`make backup AT=...`, `make restore AT=...`, `make drill AT=...`: as it was at an instant, to the second.

Of the newest backup before it that holds a base and the log that was kept since (`itsm.run.archive`), a server of its
own plays the log on until then; what that holds becomes a backup like any other, which is restored or drilled as ever.
"""

import argparse
import re
import shutil
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from itsm.run import archive, backup, drill, environment, homes, launch, passwords, roles
from itsm.run.dumps import Place, reached_by
from itsm.run.postgres import SUPERUSER, Postgres
from itsm.run.say import GiveUp, end_with, say

LATEST = "latest"
PATIENCE = 3600.0  # seconds: a day of a busy desk's log is played on in minutes
_SERVER = re.compile(r"([0-9]{1,20})/[0-9A-F]{24}\Z")
_LAST = "SELECT pg_catalog.pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC'"
_SWITCH = "SELECT pg_catalog.pg_walfile_name(pg_catalog.pg_switch_wal())"
_ARRIVED = "SELECT last_archived_wal >= '{piece}' FROM pg_catalog.pg_stat_archiver"


def instant(text: str) -> datetime | None:
    """None for the latest that there is. GiveUp for what is no instant of one zone, or is still to come."""
    if text == LATEST:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise GiveUp(f"{text!r} is no instant. Say it with its zone, AT=2026-11-30T08:14:00Z, or AT={LATEST}.")
    if found > datetime.now(UTC):
        raise GiveUp(f"{text} is still to come: no log reaches it. AT={LATEST} takes what there is.")
    return found.astimezone(UTC)


def base_before(at: datetime | None, backups: Path) -> Path:
    """The newest backup with a base that was whole by then. GiveUp where there is none."""
    rows = [one for one in backups.glob("*") if (one / archive.BASE).is_file() and backup.made_at(one)]
    fits = [one for one in rows if at is None or datetime.fromisoformat(backup.made_at(one)) <= at]
    if not fits:
        raise GiveUp(f"No backup in {backups} holds a base from before. Set {archive.NAME}, and take one: make backup")
    return max(fits, key=backup.made_at)


def as_of(at: datetime | None, base: Path, kept: Path, corner: Path, target: Path) -> Path:
    """A backup of that instant, in a folder that does not exist yet: the base with the log played on. GiveUp."""
    if target.exists():
        raise GiveUp(f"{target} is there already: restore from it, make restore FROM={target}, or take it away.")
    manifest = backup.insist_whole(base)
    server = _SERVER.match(str(manifest.get("log", "")))
    if server is None:  # a folder of that name is read, and a shell is told of it
        raise GiveUp(f"{base} does not say of which server its log is.")
    log = kept / server[1]
    unfinished = passwords.private_folder(target.with_name(f"{target.name}{backup.UNFINISHED}"))
    try:
        for name in (homes.SECRETS, homes.FILES):
            if (base / name).is_dir():
                shutil.copytree(base / name, unfinished / name)
        add_files(log / archive.FILES, unfinished / homes.FILES)
        with played_on(base, log, at, corner) as place:
            last = place.answer(_LAST)
            made_at = at or (datetime.fromisoformat(last).replace(tzinfo=UTC) if last else None)
            manifest = {"made_at": made_at.isoformat(timespec="seconds") if made_at else manifest["made_at"]}
            with place.moment() as moment:
                manifest |= backup.rows_of(place, moment, unfinished)
            backup.seal(unfinished, manifest)
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return target


def add_files(later: Path, files: Path) -> None:
    """What people attached after the base."""
    attached = files / homes.ATTACHED
    if later.is_dir() and not attached.with_suffix(".tar").exists():
        shutil.copytree(later, attached, dirs_exist_ok=True)


@contextmanager
def played_on(base: Path, log: Path, at: datetime | None, corner: Path) -> Iterator[Place]:
    """The database as it was then, on a server that is gone afterwards."""
    shutil.copyfile(base / homes.SECRETS / homes.POSTGRES, corner / "postgres.password")
    until = at.strftime("%Y-%m-%d %H:%M:%S.%f+00") if at else ""
    server = Postgres(corner, throw_away=True, also=archive.replaying(log, until), patience=PATIENCE, tries=0)
    server.data.mkdir(mode=0o700)
    with tarfile.open(base / archive.BASE) as opened:
        opened.extractall(server.data, filter="data")
    server.data.chmod(0o700)
    (server.data / "recovery.signal").touch()
    say(f"playing the log on until {at.isoformat() if at else 'its end'}")
    try:
        try:
            server.start()
        except GiveUp as failed:
            if "before configured recovery target" not in str(failed):
                raise
            raise GiveUp(f"The log in {log} does not reach {until}; AT={LATEST} takes what there is.") from None
        yield reached_by(server.url(SUPERUSER, server.password, roles.DATABASE))
    finally:
        if hasattr(server, "child"):
            server.stop()


def hand_over(home: homes.Home, patience: float = 60.0) -> None:
    """A desk that runs gives away the piece of its log that is not full yet."""
    with home.database() as place:
        whole = home.whole(place)
        if whole is None:
            return
        piece = whole.answer(_SWITCH)
        deadline = time.monotonic() + patience
        while whole.answer(_ARRIVED.format(piece=piece)) != "t" and time.monotonic() < deadline:
            time.sleep(0.2)


def run(verb: str, at: datetime | None, home: homes.Home) -> int:
    if home.is_there():
        hand_over(home)
    settings: dict[str, str] = getattr(home, "settings", {}) or environment.given_settings()
    kept = archive.wanted(settings)
    if kept is None:
        raise GiveUp(f"Say where the log of the database is kept: {archive.NAME}=folder make {verb} AT=...")
    backups = backup.place(home.folder, settings) if isinstance(home, homes.Run) else backup.BACKUPS
    if verb == "restore":
        home.insist_empty()
    base = base_before(at, backups)
    name = f"{at or datetime.now(UTC):%Y%m%dT%H%M%SZ}-rewound"
    with drill.own_folder() as corner:
        (corner / "server").mkdir()
        target = (corner if verb == "drill" else backups) / name
        as_of(at, base, kept, corner / "server", target)
        if verb == "drill":
            return drill.run(target, home)
    say(f"as it was then, of {base.name} and its log: {target}")
    if verb == "restore":
        backup.restore(home, target)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m itsm.run.rewind", description=__doc__)
    parser.add_argument("verb", choices=["backup", "restore", "drill"])
    parser.add_argument("at", help="an instant with its zone, or latest")
    parser.add_argument("--compose", action="store_true", help="the services of docker-compose.yml")
    asked = parser.parse_args()
    launch.hear_signals()
    return run(asked.verb, instant(asked.at), homes.Compose() if asked.compose else homes.Run())


if __name__ == "__main__":
    end_with(main)
