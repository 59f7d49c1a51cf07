"""`make backup` and `make restore`: database, secrets and files in one folder, and back into an empty place.

A backup is one moment of the database, whatever is written meanwhile, and is whole or not there. A restore is one
transaction: everything is back and nothing leaves the house until a person releases it, or nothing happened.
"""

import argparse
import hashlib
import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from itsm.run import launch, passwords, places
from itsm.run.dumps import Place
from itsm.run.homes import Compose, Home, Run
from itsm.run.say import GiveUp, plain, say

DUMP = "database.dump"
MANIFEST = "manifest.json"
BACKUPS = places.ROOT / "backups"


def back_up(home: Home, folder: Path) -> None:
    """Everything into a folder that does not exist yet and is for its owner alone."""
    if folder.exists():
        raise GiveUp(f"{folder} is there already; name another one.")
    unfinished = passwords.private_folder(folder.with_name(f"{folder.name}.unfinished"))
    try:
        with home.database() as place:
            made_at = datetime.now(UTC).isoformat(timespec="seconds")
            version = place.dump(unfinished / DUMP)
        home.pack(unfinished)
        manifest = {"made_at": made_at, "postgresql": version}
        text = json.dumps(manifest | {"sha256": sums(unfinished)}, indent=1)
        passwords.write_private(unfinished / MANIFEST, f"{text}\n")
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    say(f"backed up to {folder}: it holds secrets, keep it where they may be kept")


def restore(home: Home, folder: Path) -> None:
    """A backup, into a home that has no data yet."""
    manifest = insist_whole(folder)
    home.insist_empty()
    home.unpack(folder)
    with home.database() as place:
        put_back(place, folder, manifest)
        home.finish(place)
    plain(
        f"\n  Restored as of {manifest['made_at']}. What was owed then is held: it may have been sent since.\n"
        f"  Look, start, and let it leave with: {home.release}\n"
    )


def put_back(place: Place, folder: Path, manifest: dict[str, Any]) -> None:
    place.insist_empty()
    place.insist_reads(int(manifest["postgresql"]))
    say("bringing the rows back")
    place.load(folder / DUMP, reason=f"restored from a backup of {manifest['made_at']}")


def insist_whole(folder: Path) -> dict[str, Any]:
    """The manifest, when every file is as it was written."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        raise GiveUp(f"{folder} is no backup: it has no readable {MANIFEST}.") from None
    found = sums(folder)
    for name, digest in manifest["sha256"].items():
        if found.get(name) != digest:
            raise GiveUp(f"{folder / name} is missing or not what was written; this backup cannot be trusted.")
    return manifest


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
        back_up(home, (chosen.folder or BACKUPS / stamp).absolute())
    elif chosen.folder is None:
        raise GiveUp("Say which backup: make restore FROM=backups/20261128T060000Z")
    else:
        restore(home, chosen.folder.absolute())
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
