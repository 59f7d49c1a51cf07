"""A desk of one's own: a launcher in a temporary folder, and what it says."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from itsm.run import environment, places, ports, processes

PATIENCE = 600.0  # seconds: how long nothing may happen on a busy machine; on an idle one it is there at once


def eventually(question: Callable[[], object], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not question():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.05)


@dataclass
class Desk:
    folder: Path
    port: int = field(default_factory=ports.free)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def words(self) -> str:
        return (self.folder / "words").read_text()

    @property
    def settings(self) -> dict[str, str]:
        lines = (self.folder / "env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def children(self) -> dict[str, processes.Identity]:
        return processes.recall(self.folder / "pids", tidy=False)

    def start(self) -> "Desk":
        self.launch()
        eventually(lambda: "ready" in self.words or self.finished())
        assert not self.finished(), self.words
        return self

    def launch(self) -> None:
        with (self.folder / "words").open("wb") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.run.small_desk", self.folder, str(self.port)],
                cwd=places.ROOT,
                env=strangers(),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
            )

    def finished(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def end(self, number: int = signal.SIGTERM) -> int:
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def strangers() -> dict[str, str]:
    """The environment without our own names: the suite itself runs on servers of a launcher."""
    return {name: value for name, value in os.environ.items() if not environment.is_ours(name)}
