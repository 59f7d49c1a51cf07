"""The programs under measurement, started as `make run` starts them, and what memory they take."""

import os
import re
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from itsm.run import environment, ports, prepare, programs
from itsm.run.child import Child

_PATIENCE_SECONDS = 90
_KILOBYTES = re.compile(r"^(Rss|Pss):\s+(\d+) kB", re.MULTILINE)


@dataclass
class Memory:
    """The most that a program and its children took, in MiB, looked at twice a second."""

    process: int
    peak: dict[str, float] = field(default_factory=lambda: {"rss": 0.0, "pss": 0.0})

    def look(self) -> None:
        sums = {"rss": 0.0, "pss": 0.0}
        for process in _family(self.process):
            for name, kilobytes in _KILOBYTES.findall(_read(process)):
                sums[name.lower()] += int(kilobytes) / 1024
        self.peak = {name: round(max(self.peak[name], sums[name]), 1) for name in sums}


@dataclass
class Desk:
    """Where the web server listens, and the memory of it and of the worker."""

    port: int
    memory: dict[str, Memory]


def cpu_seconds(process: int) -> float:
    """Time that the process, its children and those that it buried have spent on processors."""
    ticks = 0
    for member in _family(process):
        try:
            ticks += sum(
                int(part) for part in Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()[11:15]
            )
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def desk() -> Iterator[Desk]:
    """Web server and worker up, stopped at the end; their settings are those of this process."""
    port, done = ports.free(), threading.Event()
    settings = {name: value for name, value in os.environ.items() if environment.is_ours(name)}
    settings |= {"HEADROOM_BASE_URL": f"http://127.0.0.1:{port}"}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        prepare.static_files(folder, settings)
        children = [programs.web(folder, port, settings), programs.worker(folder, settings)]
        try:
            for child in children:
                child.start()
            wait_until_it_lives(children[0], port)
            found = Desk(port, {child.name: Memory(child.process.pid) for child in children if child.process})
            threading.Thread(target=_watch, args=(found, done), daemon=True).start()
            yield found
        finally:
            done.set()
            for child in children:
                child.stop()


def wait_until_it_lives(web: Child, port: int) -> None:
    """Not until it is ready: that may ask for more than stands here."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not _lives(port):
        if not web.is_running() or time.monotonic() > end:
            raise RuntimeError(f"The web server did not come up:\n{web.last_lines()}")
        time.sleep(0.1)


def _lives(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{ports.HOST}:{port}/livez", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _watch(desk: Desk, done: threading.Event) -> None:
    while not done.wait(0.5):
        for memory in desk.memory.values():
            memory.look()


def _family(process: int) -> list[int]:
    """The process and everything below it."""
    children = Path(f"/proc/{process}/task/{process}/children")
    try:
        below = [int(child) for child in children.read_text().split()]
    except OSError:
        return []
    return [process, *(member for child in below for member in _family(child))]


def _read(process: int) -> str:
    try:
        return Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return ""
