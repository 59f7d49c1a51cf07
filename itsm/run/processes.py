"""Processes by identity: a number alone may by now belong to a stranger.

What we start is written down as its number and its moment of birth (from /proc). Only a
process that still has both is ours to stop, even after a killed launcher or a reboot.
"""

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

POLL = 0.05


@dataclass(frozen=True)
class Identity:
    pid: int
    born: str

    def is_running(self) -> bool:
        return born(self.pid) == self.born


def born(pid: int) -> str:
    """The boot and the clock tick at which a process began; empty when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    # The name may hold spaces and brackets; what follows its last bracket is regular.
    fields = stat.rpartition(")")[2].split()
    state, ticks = fields[0], fields[19]
    return "" if state in "ZX" else f"{boot}:{ticks}"


def remember(folder: Path, name: str, pid: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"{pid} {born(pid)}\n")


def forget(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)


def recall(folder: Path, *, tidy: bool = True) -> dict[str, Identity]:
    """What a launcher left behind and still runs; notes about the dead are thrown away.

    Not `tidy`: by whoever looks at the notes of a launcher that works, and may be writing the next one just now.
    """
    alive: dict[str, Identity] = {}
    for note in sorted(folder.glob("*")):
        try:
            words = note.read_text().split()
        except FileNotFoundError:  # forgotten meanwhile
            continue
        known = Identity(int(words[0]), words[1]) if len(words) == 2 else None
        if known and known.is_running():
            alive[note.name] = known
        elif tidy:
            note.unlink(missing_ok=True)
    return alive


def signal_group(pid: int, number: int) -> None:
    """To the whole family of a process that leads one; to the process alone otherwise."""
    with suppress(ProcessLookupError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def end_family(leader: int) -> None:
    """All processes of a session that we started, whether or not the one that led it still lives."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def stop_all(known: Iterable[Identity], number: int, patience: float) -> None:
    """Ask all of them to end, then insist."""
    waiting = [one for one in known if one.is_running()]
    for one in waiting:
        with suppress(ProcessLookupError):
            os.kill(one.pid, number)
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and any(one.is_running() for one in waiting):
        time.sleep(POLL)
    for one in waiting:
        if one.is_running():
            signal_group(one.pid, signal.SIGKILL)
