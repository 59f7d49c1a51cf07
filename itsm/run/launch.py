"""One run from start to stop: alone in its folder, after clearing what a killed run left.

Whatever happens in between (a failed migration, Ctrl-C, a signal), the way out is the same:
programs first, then Valkey, then PostgreSQL.
"""

import fcntl
import os
import signal
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from itsm.run import passwords, processes
from itsm.run.child import Child
from itsm.run.say import GiveUp, say
from itsm.run.servers import Servers
from itsm.run.supervisor import Supervisor

Settings = dict[str, str]
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Servers last, and each as it likes to be asked.
ORPHAN_SIGNALS = {"valkey": signal.SIGTERM, "postgres": signal.SIGINT}


def run(
    servers: Servers,
    prepare: Callable[[Settings], list[Child]],
    ready: Callable[[Supervisor], None],
) -> None:
    """Servers up, `prepare` prepares and names the programs, `ready` tells; then watch."""
    supervisor = Supervisor()
    try:
        found = servers.start()
        supervisor.servers = servers.children()
        supervisor.programs = prepare(found)
        for child in supervisor.programs:
            child.start()
        ready(supervisor)
        supervisor.watch()
    except KeyboardInterrupt:
        say("stopping")
    finally:
        supervisor.stop_programs()
        servers.stop()
        say("stopped")


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """The lock of a run folder; the kernel lets it go when we die, however that happens."""
    passwords.private_folder(folder)
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise GiveUp(
                f"Headroom already runs from this folder (process {lock.read().strip()}).\n"
                "Stop it with Ctrl-C in its terminal, or run from another folder."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def is_taken(folder: Path) -> bool:
    """Whether a run works in this folder now."""
    try:
        with only_one(folder):
            return False
    except GiveUp:
        return True


def stop_orphans(folder: Path) -> None:
    """What a killed launcher left running is stopped before anything new starts."""
    left = processes.recall(folder / "pids")
    if not left:
        return
    say(f"stopping what an earlier run left behind: {', '.join(left)}")
    programs = [known for name, known in left.items() if name not in ORPHAN_SIGNALS]
    processes.stop_all(programs, signal.SIGTERM, patience=8)
    for name, number in ORPHAN_SIGNALS.items():
        if name in left:
            processes.stop_all([left[name]], number, patience=20)
    processes.recall(folder / "pids")


def hear_signals() -> None:
    for number in STOP_SIGNALS:
        # Under nohup the end of the terminal is not the end of the run.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, interrupt)


def interrupt(number: int, frame: types.FrameType | None) -> None:
    """Once: a second Ctrl-C must not cut the stopping short; its patience has an end anyway."""
    for one in STOP_SIGNALS:
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt
