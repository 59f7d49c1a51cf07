"""`make upgrade`: from the release that runs to the one in this folder, in one step, while people work.

Back up, bring the tables forward (no lock is waited for longer than a second), try this release's web server beside the
one that serves, and only then let the launcher go on with this release's programs. Whatever fails before leaves the
release before running, with tables that it can work with (migrations only expand, see itsm/continuity/migrating).
"""

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from itsm.run import backup, homes, launch, passwords, places, ports, prepare, programs, relief
from itsm.run.noting import Told
from itsm.run.say import GiveUp, end_with, plain, say
from itsm.run.serve import answers

PATIENCE = 600.0  # for the launcher to go on: on a busy machine every program takes a minute to begin


def upgrade(folder: Path, root: Path = places.ROOT) -> None:
    """Of the desk that runs from this run folder. GiveUp where the release before goes on."""
    home = homes.Run(folder)
    settings = home.of_the_running()
    if not settings:
        raise GiveUp(
            f"No desk runs from {folder}. One that is stopped needs no upgrade: make run brings its tables forward."
        )
    home.settings = settings
    insist_hears(folder)
    with home.noting("upgrade") as told:
        told.facts["backup"] = str(take_backup(home, settings).name)
        prepare.static_files(folder, settings)
        told.facts["migrations"] = bring_forward(settings)
        with led_here(folder, root):
            with tried(folder, settings):
                say("this release answers; going on with it")
            go_on(folder, root, told)
    plain("\n  This release serves now. The backup that was taken before: make restore, should it be needed.\n")


def restart(folder: Path) -> None:
    """All programs of this folder's desk anew, with its pages' files as they are now. GiveUp where what ran goes on."""
    insist_hears(folder)
    prepare.static_files(folder, homes.Run(folder).of_the_running(), served=True)
    go_on(folder, places.ROOT, Told("upgrade", datetime.now(UTC)))


def insist_hears(folder: Path) -> None:
    if not (folder / relief.HEARS).is_file():
        raise GiveUp(
            "The launcher that runs is of a release that cannot hand over. Take a backup (make backup), stop it with\n"
            "Ctrl-C, and start this one with its data: make run. That takes some seconds."
        )


def take_backup(home: homes.Home, settings: dict[str, str]) -> Path:
    folder = backup.place(getattr(home, "folder", places.RUN), settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = folder / datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    backup.back_up(home, made)
    return made


def bring_forward(settings: dict[str, str]) -> list[str]:
    """Each line that the migrations said. GiveUp where one failed."""
    role = prepare.role_of(settings["DATABASE_URL"])
    words = [] if role == prepare.role_of(settings["DATABASE_OWNER_URL"]) else ["--role", role]
    if words and (reader := prepare.role_of(settings.get("DATABASE_AUDITOR_URL", ""))):
        words += ["--auditor", reader]
    lines = []
    with prepare.started(settings, "upgrade_tables", *words, owner=True) as applying:
        for line in applying.stdout or ():
            lines.append(line.rstrip())
            say(line.rstrip()[:200])
    if applying.returncode != 0:
        raise GiveUp(
            f"The tables could not be brought forward; the release before goes on.\n{lines[-1] if lines else ''}"
        )
    return [line for line in lines if not line.startswith("{")]


@contextmanager
def tried(folder: Path, settings: dict[str, str]) -> Iterator[None]:
    """This release's web server beside the one that serves, on a port of its own, once it calls itself ready."""
    port = ports.free()
    web = programs.web(folder, port, settings | {"WEB_CONCURRENCY": "1"})
    web.name = web.noted_as = "web-on-trial"
    web.start()
    try:
        deadline = time.monotonic() + relief.PATIENCE
        while not answers(port):
            if not web.is_running() or time.monotonic() > deadline:
                raise GiveUp(f"This release is not ready; the release before goes on.\n{web.last_lines()}")
            time.sleep(0.2)
        yield
    finally:
        web.stop()


def go_on(folder: Path, root: Path, told: Told) -> None:
    """Ask the launcher, and wait for its word. GiveUp where it kept what ran."""
    asked = secrets.token_hex(8)
    (folder / relief.DONE).unlink(missing_ok=True)
    words = {"root": str(root.absolute()), "python": sys.executable, "asked": asked}
    passwords.write_private(folder / relief.NEXT, json.dumps(words))
    began = time.monotonic()
    os.kill(int((folder / relief.HEARS).read_text()), relief.SIGNAL)
    while not (folder / relief.DONE).is_file():
        if time.monotonic() - began > PATIENCE:
            raise GiveUp("The launcher says nothing; look at its terminal.")
        time.sleep(0.2)
    said = json.loads((folder / relief.DONE).read_text())
    if said["problem"]:
        raise GiveUp(f"The release before goes on: {said['problem']}")
    told.facts["seconds"] = round(time.monotonic() - began, 1)


@contextmanager
def led_here(folder: Path, root: Path) -> Iterator[None]:
    """The data stay where they are; `make run` and `./manage.py` of this release find them, once it goes on."""
    here = root / places.RUN.name
    made = not here.exists() and not here.is_symlink()
    if made:
        here.symlink_to(folder.resolve())
    try:
        yield
    except BaseException:
        if made:
            here.unlink()
        raise


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m itsm.run.upgrade", description=__doc__)
    parser.add_argument("before", nargs="?", type=Path, help="the folder of the release that runs; this one without it")
    parser.add_argument("--restart", action="store_true", help="only start all programs anew, one after the other")
    asked = parser.parse_args()
    folder = (asked.before or places.ROOT).absolute() / places.RUN.name
    launch.hear_signals()
    if asked.restart:
        restart(folder)
    else:
        upgrade(folder)
    return 0


if __name__ == "__main__":
    end_with(main)
