"""The programs of a service desk: web, workers, scheduler, watch, auditor, as the launcher keeps them.

`python -m itsm.run.programs FOLDER PORT` in the folder of a release: those of that release, for a launcher of another
one that goes on with them (`itsm.run.relief`). Its settings come as JSON on standard input.
"""

import json
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from itsm.run import environment, keeping, places
from itsm.run.child import Child
from itsm.run.pulse import LONGEST, Pulse, here

OUTWARD = ["mail", "push", "webhook", "intake"]  # lanes, see itsm/notifications/lanes.py
WEB_SETTINGS = Path(__file__).with_name("web.py")


def programs(folder: Path, port: int, settings: dict[str, str], schedule: str = "beat-schedule") -> list[Child]:
    """`schedule`: the file of the scheduler, which locks it."""
    made = [
        web(folder, port, settings),
        worker(folder, settings),
        beat(folder, settings, schedule),
        lanes("paging", ["paging"], folder, settings),
        lanes("outward", OUTWARD, folder, settings),
        watch(folder, settings),
        auditor(folder, settings),
    ]
    return [*made, backups(folder, settings)] if keeping.wanted(settings) else made


def web(folder: Path, port: int, settings: dict[str, str]) -> Child:
    command = ["gunicorn", "itsm.wsgi:application", "--config", str(WEB_SETTINGS)]
    return child("web", command, folder, settings | {"WEB_BIND": f"127.0.0.1:{port}"})


def worker(folder: Path, settings: dict[str, str]) -> Child:
    # Gossip and mingle serve fleets of workers; one worker only starts slower with them.
    command = ["celery", "-A", "itsm", "worker", "-c", "2", "--loglevel", "info",
               "--without-gossip", "--without-mingle"]  # fmt: skip
    if node := settings.get("HEADROOM_NODE"):
        command += ["-n", f"celery@{node}"]
    # TERM ends the running task within the soft shutdown's time and gives back the rest.
    made = child("worker", command, folder, settings | {"REMAP_SIGTERM": "SIGQUIT"})
    made.silence, made.longest_silence = Pulse(settings["DATABASE_URL"]), LONGEST
    return made


def beat(folder: Path, settings: dict[str, str], schedule: str) -> Child:
    command = ["celery", "-A", "itsm", "beat", "--loglevel", "info",
               "--schedule", str(folder / schedule), "--pidfile="]  # fmt: skip
    made = child("beat", command, folder, settings)
    # Its ticks are what the worker finishes: where a new worker alone did not help, it is the scheduler that hangs.
    made.silence, made.longest_silence = Pulse(settings["DATABASE_URL"]), 2 * LONGEST
    return made


def lanes(name: str, kept: list[str], folder: Path, settings: dict[str, str]) -> Child:
    """Keeps these lanes; what wakes people has a program to itself."""
    made = child(name, ["manage", "keep_lanes", *kept], folder, settings)
    made.silence, made.longest_silence = Pulse(settings["DATABASE_URL"], here(*kept)), LONGEST
    return made


def watch(folder: Path, settings: dict[str, str]) -> Child:
    made = child("watch", ["manage", "watch_response"], folder, settings)
    made.silence, made.longest_silence = Pulse(settings["DATABASE_URL"], here("watch")), LONGEST
    return made


def auditor(folder: Path, settings: dict[str, str]) -> Child:
    """Asks what must hold, without Celery. The questions of an hour may take minutes."""
    made = child("auditor", ["manage", "audit_invariants"], folder, settings)
    made.silence, made.longest_silence = Pulse(settings["DATABASE_URL"], here("auditor")), 4 * LONGEST
    return made


def backups(folder: Path, settings: dict[str, str]) -> Child:
    """Takes backups by the clock, and drills them."""
    return child("backups", ["itsm.run.keeping", str(folder)], folder, settings)


def child(name: str, command: list[str], folder: Path, settings: dict[str, str]) -> Child:
    return Child(
        name,
        [sys.executable, "-m", *command],
        folder,
        environment=environment.full(settings),
        workplace=places.ROOT,
    )


def described(made: list[Child]) -> str:
    """What another launcher needs of them."""
    return json.dumps([_described(one) for one in made])


def _described(one: Child) -> dict[str, Any]:
    return {
        "name": one.name,
        "command": [str(word) for word in one.command],
        "environment": dict(one.environment or {}),
        "workplace": str(one.workplace),
        "workers": list(getattr(one.silence, "workers", ())),
        "longest_silence": one.longest_silence if one.silence else None,
    }


def as_described(folder: Path, one: Mapping[str, Any]) -> Child:
    """The child of a release that said this of it."""
    made = Child(one["name"], one["command"], folder, environment=one["environment"], workplace=Path(one["workplace"]))
    if one["longest_silence"] is not None:
        made.silence = Pulse(one["environment"]["DATABASE_URL"], tuple(one["workers"]))
        made.longest_silence = one["longest_silence"]
    return made


if __name__ == "__main__":
    own = f"beat-schedule-{secrets.token_hex(4)}"  # the scheduler that still runs has its own
    print(described(programs(Path(sys.argv[1]), int(sys.argv[2]), json.load(sys.stdin), own)))
