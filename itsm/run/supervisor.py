"""Keeps children alive and ends them in order.

A child that dies is started again, soon at first and ever more slowly when it keeps dying,
and each time it is said. Stopping asks all programs at once, gives them their time, and
only then takes the servers away from under them.
"""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from itsm.run.child import Child
from itsm.run.processes import POLL
from itsm.run.say import say

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
PROVEN = 10.0  # seconds after which a child counts as healthy again: what cannot start dies sooner
HOUSEKEEPING = 60.0


@dataclass
class Kept:
    """A child and how it fares."""

    child: Child
    pause: float = FIRST_PAUSE
    due: float | None = None  # when to start it again; None while it runs

    def look(self, now: float) -> None:
        if self.due is not None:
            if now >= self.due:
                self.due = None
                self.child.start()
            return
        code = self.child.exit_code()
        if code is None:
            if self.child.has_gone_quiet():
                say(f"{self.child.name} is alive but finished nothing for {self.child.longest_silence:g} s; ending it")
                self.child.kill()
            return
        self.child.kill()  # a dead master's workers still hold its port and its work
        if now - self.child.began > PROVEN:
            self.pause = 0.0
        say(f"{self.child.name} ended ({reason(code)}); starting it again in {self.pause:g} s")
        if code > 0:
            say(f"its last words, from {self.child.log.name}:\n{self.child.last_lines()}")
        self.due = now + self.pause
        self.pause = min(max(self.pause * 2, FIRST_PAUSE), LONGEST_PAUSE)


@dataclass
class Supervisor:
    servers: list[Child] = field(default_factory=list)
    programs: list[Child] = field(default_factory=list)
    # Asked between two looks: other programs to go on with, or None.
    relief: Callable[[list[Child]], list[Child] | None] = lambda programs: None

    def watch(self) -> None:
        """Until a signal ends it (KeyboardInterrupt)."""
        kept = [Kept(child) for child in [*self.servers, *self.programs]]
        tidied = time.monotonic()
        while True:
            now = time.monotonic()
            for one in kept:
                one.look(now)
            if (others := self.relief(self.programs)) is not None:
                self.programs = others
                kept = [*kept[: len(self.servers)], *(Kept(child) for child in others)]
            if now - tidied > HOUSEKEEPING:
                tidied = now
                for one in kept:
                    one.child.keep_log_small()
            time.sleep(POLL * 4)

    def stop_programs(self) -> None:
        for child in self.programs:
            child.ask_to_stop()
        began = time.monotonic()
        for child in self.programs:
            child.wait_stopped(max(0.1, child.patience - (time.monotonic() - began)))


def reason(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
