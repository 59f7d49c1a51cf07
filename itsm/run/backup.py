"""`make backup` and `make restore`: database, secrets and files in one folder, and back into an empty place.

A backup is one moment of the database, whatever is written meanwhile, and is whole or not there. A restore is one
transaction: everything is back and nothing leaves the house until a person releases it, or nothing happened.
"""

import argparse
import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from itsm.run import archive, bases, launch, passwords, places
from itsm.run.dumps import Moment, Place
from itsm.run.homes import Compose, Home, Run
from itsm.run.say import GiveUp, end_with, in_words, keep_trace, plain, say

DUMP = "database.dump"
MANIFEST = "manifest.json"
UNFINISHED = ".unfinished"
BACKUPS = places.ROOT / "backups"
APPLIED = "SELECT app || '.' || name FROM public.django_migrations ORDER BY 1"
# A restore itself writes to these: nobody is signed in, all is held, and that it was done is written down.
WRITTEN = {"accounts_session", "notifications_quarantine"}


def back_up(home: Home, folder: Path) -> None:
    """Everything into a folder that does not exist yet and is for its owner alone."""
    if folder.exists():
        raise GiveUp(f"{folder} is there already; name another one.")
    unfinished = passwords.private_folder(folder.with_name(f"{folder.name}{UNFINISHED}"))
    try:
        with home.database() as place, home.noting("backup") as told:
            manifest = bases.take_base(home.whole(place), unfinished)
            with place.moment() as moment:
                told.of_at = datetime.now(UTC)
                manifest |= {"made_at": told.of_at.isoformat(timespec="seconds")}
                manifest |= rows_of(place, moment, unfinished)
            home.pack(unfinished)
            seal(unfinished, manifest)
            unfinished.rename(folder)
            told.facts = {"folder": folder.name, **weighed(folder, manifest)}
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    say(f"backed up to {folder}: it holds secrets, keep it where they may be kept")


def rows_of(place: Place, moment: Moment, unfinished: Path) -> dict[str, Any]:
    """The dump of this moment, and what the manifest says of it."""
    return {
        "postgresql": place.dump(unfinished / DUMP, moment),
        "migrations": ours(moment.lines(f"{APPLIED};")),
        "rows": moment.counts(),
    }


def seal(unfinished: Path, manifest: dict[str, Any]) -> None:
    """Everything is there: its sums, and the manifest, which comes last."""
    manifest["sha256"] = sums(unfinished)
    text = json.dumps(manifest, indent=1)
    passwords.write_private(unfinished / MANIFEST, f"{text}\n")


def manifests(backups: Path) -> list[dict[str, Any]]:
    """Of all finished backups in this folder."""
    files = (one / MANIFEST for one in backups.glob("*") if made_at(one) and not one.name.endswith(UNFINISHED))
    return [json.loads(file.read_text()) for file in files]


def place(folder: Path, settings: Mapping[str, str]) -> Path:
    """Where the backups of the desk in this run folder lie."""
    if given := settings.get("HEADROOM_BACKUP_DIR"):
        return Path(given)
    return BACKUPS if folder.resolve() == places.RUN.resolve() else folder / "backups"


def let_go_of_log(home: Home, made: Path) -> int:
    """Of the log, what no backup needs any more, now that one more lies where all of this desk's do. How many pieces.

    After one that was taken elsewhere nothing goes: those that lie here are not there to say what they need. GiveUp
    where the folder of the log refuses, which takes nothing from the backup.
    """
    settings: dict[str, str] = getattr(home, "settings", {})
    kept, own = archive.wanted(settings), place(getattr(home, "folder", places.RUN), settings)
    if kept is None or made.parent.resolve() != own.resolve():
        return 0
    try:
        return archive.prune(kept, manifests(own))
    except OSError as refused:
        keep_trace(refused)
        why = in_words(refused)
        raise GiveUp(f"The backup {made} is whole; the log in {kept} was not cleared of what is old. {why}") from None


def weighed(folder: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """What is told of a backup on the desk."""
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return {
        "bytes": size,
        "rows": sum(manifest.get("rows", {}).values()),
        "files": sum(1 for name in manifest["sha256"] if name.startswith("files/")),
    }


def ours(applied: Iterable[str]) -> list[str]:
    """Of `app.migration`, those of Headroom's own apps."""
    apps = {name.partition(".")[0] for name in known_migrations()}
    return [name for name in applied if name.partition(".")[0] in apps]


def known_migrations(root: Path = places.ROOT) -> set[str]:
    """Every migration that this version has, as `app.migration`."""
    found = [*root.glob("*/migrations/[0-9]*.py"), *root.glob("itsm/*/migrations/[0-9]*.py")]
    return {f"{file.parent.parent.name}.{file.stem}" for file in found}


def restore(home: Home, folder: Path) -> None:
    """A backup, into a home that has no data yet."""
    manifest = insist_whole(folder)
    home.insist_empty()
    home.unpack(folder)
    with home.database() as place, home.noting("restore") as told:
        told.of_at = datetime.fromisoformat(manifest["made_at"])
        put_back(place, folder, manifest)
        home.finish(place)
        told.facts = {"folder": folder.name, **weighed(folder, manifest)}
    plain(
        f"\n  Restored as of {manifest['made_at']}. What was owed then is held: it may have been sent since.\n"
        f"  Look, start, and let it leave with: {home.release}\n"
    )


def put_back(place: Place, folder: Path, manifest: dict[str, Any]) -> None:
    place.insist_empty()
    place.insist_reads(int(manifest["postgresql"]))
    say("bringing the rows back")
    place.load(folder / DUMP, reason=f"restored from a backup of {manifest['made_at']}")
    if differ := other_rows(manifest, place):
        raise GiveUp(f"What came back is not what was backed up: {differ}. Do not use it; try an older backup.")


def other_rows(manifest: dict[str, Any], place: Place) -> str:
    """What is not as the manifest counted it, of tables that a restore does not write to itself; "" where all is."""
    if "rows" not in manifest:
        return ""
    found, wanted = place.counts(), manifest["rows"]
    wrong = [
        name for name in sorted(found.keys() | wanted) if name not in WRITTEN and found.get(name) != wanted.get(name)
    ]
    return ", ".join(f"{name} has {found.get(name)} rows of {wanted.get(name)}" for name in wrong[:5])


def insist_whole(folder: Path) -> dict[str, Any]:
    """The manifest, when every file is as it was written and this version knows what it holds."""
    if folder.name.endswith(UNFINISHED):
        raise GiveUp(f"{folder} was never finished: whoever made it was interrupted. Take an older one.")
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        raise GiveUp(f"{folder} is no backup: it has no readable {MANIFEST}.") from None
    found = sums(folder)
    for name, digest in manifest["sha256"].items():
        if found.get(name) != digest:
            raise GiveUp(f"{folder / name} is missing or not what was written; this backup cannot be trusted.")
    if newer := sorted(set(manifest.get("migrations", ())) - known_migrations()):
        raise GiveUp(f"{folder} is of a later Headroom (it has {newer[0]}): restore it with that version.")
    return manifest


def newest(backups: Path = BACKUPS) -> Path | None:
    """The finished backup whose rows are the latest; None where there is none."""
    found = [folder for folder in backups.glob("*") if (folder / MANIFEST).is_file()]
    return max((one for one in found if not one.name.endswith(UNFINISHED)), key=made_at, default=None)


def made_at(folder: Path) -> str:
    """When its rows were read, as its manifest says; "" where it cannot be read."""
    try:
        return str(json.loads((folder / MANIFEST).read_text())["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def sums(folder: Path) -> dict[str, str]:
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and file.name != MANIFEST)
    return {str(file.relative_to(folder)): digest(file) for file in files}


def digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m itsm.run.backup", description=__doc__)
    parser.add_argument("verb", choices=["backup", "restore"])
    parser.add_argument("folder", nargs="?", type=Path, help="where to, or where from")
    parser.add_argument("--compose", action="store_true", help="the services of docker-compose.yml")
    chosen = parser.parse_args()
    home: Home = Compose() if chosen.compose else Run()
    launch.hear_signals()
    if chosen.verb == "backup":
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        made = (chosen.folder or BACKUPS / stamp).absolute()
        back_up(home, made)
        let_go_of_log(home, made)
    elif chosen.folder is None:
        raise GiveUp("Say which backup: make restore FROM=backups/20261128T060000Z")
    else:
        restore(home, chosen.folder.absolute())
    return 0


if __name__ == "__main__":
    end_with(main)
