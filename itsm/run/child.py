"""One process that the launcher keeps: started, remembered, logged to a file, stopped.

Each child leads a session of its own, so that Ctrl-C reaches the launcher alone, which then
stops everything in order.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from itsm.run import processes

LOG_LIMIT = 20_000_000


def private(path: str, flags: int) -> int:
    """An opener: what a log tells is for the owner of the run folder alone."""
    return os.open(path, flags, mode=0o600)


@dataclass
class Child:
    name: str
    command: Sequence[str | Path]
    folder: Path  # the run folder: logs and notes about processes
    environment: Mapping[str, str] | None = None
    workplace: Path | None = None
    stop_signal: int = signal.SIGTERM
    patience: float = 20
    user: int | None = None  # to run as, where the launcher is root and the child refuses to be
    silence: Callable[[], float | None] | None = None  # seconds since it finished something; None: cannot tell
    longest_silence: float = float("inf")  # after which it is as good as dead
    inherits: Sequence[int] = ()  # open files, such as the socket that a web server listens on
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    began: float = field(default=0, init=False)
    log_from: int = field(default=0, init=False)  # where this start's lines begin
    noted_as: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.noted_as = self.name

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def notes(self) -> Path:
        return self.folder / "pids"

    def start(self) -> None:
        with open(self.log, "ab", opener=private) as log:
            self.log_from = log.tell()
            self.process = subprocess.Popen(
                self.command,
                cwd=self.workplace,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=self.inherits,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            )
        self.began = time.monotonic()
        processes.remember(self.notes, self.noted_as, self.process.pid)

    def step_aside(self) -> None:
        """Another of the same name comes; this one is noted as what was before, until it has ended."""
        before, self.noted_as = self.notes / self.noted_as, f"{self.name}.before"
        if before.exists():
            before.rename(self.notes / self.noted_as)

    def step_back(self) -> None:
        """The other one is gone again."""
        before, self.noted_as = self.notes / self.noted_as, self.name
        if before.exists():
            before.rename(self.notes / self.name)

    def exit_code(self) -> int | None:
        """None while it runs (or has not been started)."""
        return self.process.poll() if self.process else None

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def has_gone_quiet(self) -> bool:
        """Alive, for long enough to have finished something, and yet nothing was finished."""
        if self.silence is None or not self.is_running() or time.monotonic() - self.began <= self.longest_silence:
            return False
        silent = self.silence()
        return silent is not None and silent > self.longest_silence

    def kill(self) -> None:
        """With its whole family, also when it has died itself: what it left behind would keep its port."""
        if self.process:
            processes.end_family(self.process.pid)

    def ask_to_stop(self) -> None:
        if self.process and self.is_running():
            os.kill(self.process.pid, self.stop_signal)

    def wait_stopped(self, patience: float) -> None:
        if not self.process:
            return
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()
        processes.forget(self.notes, self.noted_as)

    def stop(self) -> None:
        self.ask_to_stop()
        self.wait_stopped(self.patience)

    def last_lines(self, count: int = 12) -> str:
        if not self.log.is_file():
            return ""
        text = self.log.read_bytes()[self.log_from :].decode(errors="replace")
        lines = text.splitlines()[-count:]
        return "\n".join(f"    {line}" for line in lines)

    def keep_log_small(self) -> None:
        """The file stays open in the child (for appending), so it is cut, not renamed."""
        if self.log.is_file() and self.log.stat().st_size > LOG_LIMIT:
            self.log.with_suffix(".log.1").write_bytes(self.log.read_bytes())
            os.truncate(self.log, 0)
            self.log_from = 0
