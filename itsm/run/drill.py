"""`make drill`: the newest backup, restored into an empty place of its own, proven there, and thrown away again.

Servers, folder and keys are the drill's own; nothing of the desk that runs is touched, but that its end is written down
there. Exit code 1 where a check failed, or the backup was refused.
"""

import argparse
import base64
import json
import os
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from itsm.run import backup, environment, homes, launch, prepare, processes, throwaway
from itsm.run.dumps import Place, reached_by
from itsm.run.noting import Told
from itsm.run.say import GiveUp, end_with, plain
from itsm.run.servers import Servers

# Where the outside anchors of the desk that runs lie: the history that came back is held against them.
ANCHORS = "HEADROOM_ANCHORS_DIR"
_SORTS_WITH = "-c maintenance_work_mem=256MB"


class EmptyPlace:
    """Servers and a folder that are gone afterwards."""

    def __init__(self, folder: Path, also: dict[str, str] | None = None) -> None:
        self.folder, self.also = folder, also or {}
        self.settings: dict[str, str] = {}

    @contextmanager
    def database(self) -> Iterator[Place]:
        servers = Servers(self.folder, throw_away=True)
        try:
            known = servers.embedded() | {"REDIS_URL": "redis://none"}
            self.settings = environment.untouched(self.folder, 0, known) | self.also
            place = reached_by(self.settings["DATABASE_OWNER_URL"])
            place.environment = {**place.environment, "PGOPTIONS": _SORTS_WITH}
            yield place
        finally:
            servers.stop()

    def unpack(self, folder: Path) -> None:
        homes.put_keys(folder, self.folder)
        files = folder / homes.FILES / homes.ATTACHED
        if files.is_dir():
            shutil.copytree(files, self.folder / "files")
        elif (packed := files.with_suffix(".tar")).is_file():
            with tarfile.open(packed) as opened:
                opened.extractall(self.folder / "files", filter="data")

    def lay_anchors(self, of_at: datetime) -> list[str]:
        """Those outside anchors that a history of this moment can know. Returns the instants of the later ones."""
        outside = self.also.get(ANCHORS)
        later: list[str] = []
        if outside is None:
            return later
        ours = self.folder / "anchors"
        ours.mkdir()
        for file in sorted(Path(outside).glob("*.ndjson")):
            lines = file.read_text().splitlines()
            later += [at for at in map(instant_of, lines) if at and datetime.fromisoformat(at) > of_at]
            known = [line for line in lines if (at := instant_of(line)) and datetime.fromisoformat(at) <= of_at]
            (ours / file.name).write_text("".join(f"{line}\n" for line in known))
        self.also = {**self.also, ANCHORS: str(ours)}
        return later

    def prove(self, of_at: datetime) -> Iterator[dict[str, Any]]:
        """Each check that the restored desk makes of itself, as it comes."""
        seen = 0
        with prepare.started(self.settings, "prove_restore", "--of", of_at.isoformat()) as asked:
            for line in asked.stdout or ():
                if line.startswith("{"):
                    seen += 1
                    yield json.loads(line)
                else:
                    plain(line.rstrip())
        if asked.returncode not in (0, 1) or not seen:
            raise GiveUp("The restored desk could not be asked; its words are above.")


def instant_of(line: str) -> str:
    """Of an anchor; "" where the line is none."""
    try:
        said = json.loads(base64.b64decode(json.loads(line)["payload"]))
        return str(said["at"])
    except (ValueError, KeyError, TypeError):
        return ""


def drill(folder: Path, place: EmptyPlace, told: Told) -> None:
    """Restore a backup there and prove it; what was found is in `told`. GiveUp where the backup is refused."""
    began = time.monotonic()
    manifest = backup.insist_whole(folder)
    told.of_at = datetime.fromisoformat(manifest["made_at"])
    told.facts = {"folder": folder.name, **backup.weighed(folder, manifest)}
    checks: list[dict[str, Any]] = []
    told.facts["checks"] = checks
    keep(checks, check("files of the backup", True, f"{len(manifest['sha256'])} as they were written", began))
    place.unpack(folder)
    since = time.monotonic()
    if later := place.lay_anchors(told.of_at):
        many = f"{len(later)} anchors from {later[0]} to {later[-1]} are"
        one = f"an anchor of {later[0]} is"
        gap = f"{many if len(later) > 1 else one} later than it: that history is lost with it"
        keep(checks, check("later history", None, gap, since))
    with place.database() as empty:
        since = time.monotonic()
        backup.put_back(empty, folder, manifest)
        said = f"{told.facts['rows']:,} in {len(manifest.get('rows', ()))} tables, as the manifest counts them"
        keep(checks, check("rows", "rows" in manifest or None, said, since))
        prepare.tables(place.folder, place.settings)
        for found in place.prove(told.of_at):
            keep(checks, found)
    told.facts["seconds"] = round(time.monotonic() - began, 1)
    if failed := [one["check"] for one in checks if one["holds"] is False]:
        told.problem = f"these checks failed: {', '.join(failed)}"


def check(name: str, holds: bool | None, said: str, since: float) -> dict[str, Any]:
    return {"check": name, "holds": holds, "said": said, "seconds": round(time.monotonic() - since, 2)}


def keep(checks: list[dict[str, Any]], found: dict[str, Any]) -> None:
    checks.append(found)
    word = {True: "ok", False: "FAILED", None: "not asked"}[found["holds"]]
    plain(f"  {found['check']:<20} {word:<9} {found['said']}  ({found['seconds']:.1f} s)")


def age(of_at: datetime, now: datetime) -> str:
    """In the words of people: 3 h 20 min."""
    minutes = max(0, round((now - of_at) / timedelta(minutes=1)))
    days, hours = divmod(minutes // 60, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min"


def chosen(folder: Path | None) -> Path:
    if found := folder or backup.newest():
        return found.absolute()
    raise GiveUp(f"There is no backup in {backup.BACKUPS}. Take one first: make backup")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m itsm.run.drill", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="a backup; without one the newest")
    parser.add_argument("--compose", action="store_true", help="written down in the services of docker-compose.yml")
    asked = parser.parse_args()
    home: homes.Home = homes.Compose() if asked.compose else homes.Run()
    launch.hear_signals()
    return run(chosen(asked.folder), home)


def run(folder: Path, home: homes.Home) -> int:
    """The drill, and what it came to, kept by `home`. 0 where everything holds."""
    with own_folder() as corner, written_down(home) as told:
        plain(f"\n  Restore drill of {folder}")
        drill(folder, EmptyPlace(corner, anchors(home)), told)
    how_old = age(told.of_at or told.began_at, datetime.now(UTC))
    took = told.facts["seconds"]
    plain(
        f"\n  The backup is {how_old} old. Restored and proven in {took:.0f} s; {told.problem or 'everything holds'}.\n"
    )
    return 1 if told.problem else 0


@contextmanager
def written_down(home: homes.Home) -> Iterator[Told]:
    """In the desk, where there is one: a drill on another machine tells its screen alone."""
    if not home.is_there():
        yield Told("drill", datetime.now(UTC))
        return
    with home.database(), home.noting("drill") as told:
        yield told


def anchors(home: homes.Home) -> dict[str, str]:
    settings: dict[str, str] = getattr(home, "settings", {}) or environment.given_settings()
    return {name: value for name, value in settings.items() if name == ANCHORS}


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder that a later run clears, should this one be killed."""
    throwaway.clear_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=throwaway.PREFIX))
    processes.remember(folder / throwaway.LAUNCHER, "pid", os.getpid())
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    end_with(main)
