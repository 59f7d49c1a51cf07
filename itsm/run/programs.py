"""The programs of a service desk: web, workers, scheduler, watch, auditor, as the launcher keeps them."""

import sys
from pathlib import Path

from itsm.run import environment, keeping, places
from itsm.run.child import Child
from itsm.run.pulse import LONGEST, Pulse, here

OUTWARD = ["mail", "push", "webhook", "intake"]  # lanes, see itsm/notifications/lanes.py
WEB_SETTINGS = Path(__file__).with_name("web.py")


def programs(folder: Path, port: int, settings: dict[str, str]) -> list[Child]:
    made = [
        web(folder, port, settings),
        worker(folder, settings),
        beat(folder, settings),
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
    # TERM ends the running task within the soft shutdown's time and gives back the rest.
    made = child("worker", command, folder, settings | {"REMAP_SIGTERM": "SIGQUIT"})
    made.silence, made.longest_silence = Pulse(settings["DATABASE_URL"]), LONGEST
    return made


def beat(folder: Path, settings: dict[str, str]) -> Child:
    schedule = str(folder / "beat-schedule")
    command = ["celery", "-A", "itsm", "beat", "--loglevel", "info",
               "--schedule", schedule, "--pidfile="]  # fmt: skip
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
