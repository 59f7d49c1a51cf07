"""How long ago a worker last finished something: asked of the database, where the worker's sweeps leave their mark.

`python -m itsm.run.pulse [--end PIDFILE] [--of NAME ...]` is the health check of the worker's container: exit 0 when a
sweep was finished within a minute, by each of those who are named (lanes, or the watch). With --end it also ends a
worker that has been silent for too long: it is started anew.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from itsm import env
from itsm.run import environment

HEALTHY = 60.0  # sweeps come every five seconds
LONGEST = 90.0  # a worker that finished nothing for so long is ended
PAUSE = 5.0
_LIMITS = "-c statement_timeout=2000 -c lock_timeout=1000"
_SILENCE = """
SELECT extract(epoch FROM now() - min(greatest(swept_at, busy_at))), count(*) FROM clocks_heartbeat
WHERE worker = ANY (%s)
"""


def here(*names: str) -> tuple[str, ...]:
    """The names by which what works on this machine gives its signs of life; without any, the Celery worker's."""
    return tuple(f"{name}@{env.node()}" for name in names or ("celery",))


def silence(url: str, workers: Sequence[str]) -> float | None:
    """Seconds since the most silent of these finished a sweep, or said of a long task that it goes on.

    None: nobody can tell.
    """
    try:
        connection = psycopg2.connect(url, connect_timeout=2, options=_LIMITS)
    except psycopg2.Error:
        return None
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(_SILENCE, [list(workers)])
            age, heard = cursor.fetchone() or (None, 0)
    except psycopg2.Error:
        return None
    finally:
        connection.close()
    return float("inf") if age is None or heard < len(workers) else float(age)


@dataclass
class Pulse:
    """The silence of one program, asked at most every few seconds."""

    url: str
    workers: Sequence[str] = field(default_factory=here)
    known: float | None = None
    asked: float = 0.0

    def __call__(self) -> float | None:
        if time.monotonic() - self.asked > PAUSE:
            self.known = silence(self.url, self.workers)
            self.asked = time.monotonic()
        return self.known


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m itsm.run.pulse", description=__doc__)
    parser.add_argument("--end", type=Path, metavar="PIDFILE", help="end this process when it has gone silent")
    parser.add_argument("--of", nargs="+", default=[], metavar="NAME", help="lanes, or the watch")
    parser.add_argument("--within", type=float, default=HEALTHY, metavar="SECONDS", help="healthy while it said so")
    chosen = parser.parse_args()
    silent = silence(environment.given("DATABASE_URL") or "", here(*chosen.of))
    print("the database does not answer" if silent is None else f"last sweep finished {silent:.0f} s ago")
    if chosen.end and silent is not None:
        end_the_silent(chosen.end, silent, max(LONGEST, chosen.within))
    return 0 if silent is not None and silent <= chosen.within else 1


def end_the_silent(pid_file: Path, silent: float, longest: float = LONGEST) -> bool:
    """Whether it was: a worker that began just now has had no time to finish anything."""
    try:
        began = time.time() - pid_file.stat().st_mtime
        pid = int(pid_file.read_text())
    except (OSError, ValueError):
        return False
    if min(silent, began) <= longest:
        return False
    os.kill(pid, signal.SIGKILL)
    return True


if __name__ == "__main__":
    sys.exit(main())
