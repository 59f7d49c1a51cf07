"""Other programs in the place of those that run, without a moment in which nobody answers.

`make upgrade` writes into the run folder which release goes on (`next`), and signals the launcher. That asks the
release for its programs, starts them beside those that run, and asks the old ones to end once the new ones have stood
for some seconds. Both web servers listen on the launcher's own socket, so no connection is refused or lost in between.
Where a new one ends early, all new ones are ended and the old ones go on. The same release again is a rolling restart.
"""

import json
import os
import signal
import socket
import subprocess
import time
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from itsm.run import environment, passwords, ports
from itsm.run.child import Child
from itsm.run.processes import POLL
from itsm.run.programs import as_described
from itsm.run.say import say

SIGNAL = signal.SIGUSR1
HEARS, NEXT, DONE = "hears-relief", "next", "relieved"
WEB = "web"
STANDS = 6.0  # seconds that new programs stand before the old ones go
PATIENCE = 180.0  # for the new web server to answer; the old one serves meanwhile

_asked = [False]


class Refused(Exception):
    """Why the new programs do not go on."""


def listen(folder: Path) -> None:
    """From now on this launcher hears the signal; the file says so to who would send it."""
    signal.signal(SIGNAL, _hear)
    _asked[0] = False
    (folder / DONE).unlink(missing_ok=True)
    passwords.write_private(folder / HEARS, f"{os.getpid()}\n")


def forget(folder: Path) -> None:
    (folder / HEARS).unlink(missing_ok=True)


def _hear(number: int, frame: types.FrameType | None) -> None:
    _asked[0] = True


def give_socket(programs: Sequence[Child], *listeners: socket.socket) -> None:
    """The web server among them listens on these sockets of the launcher."""
    for one in programs:
        if one.name == WEB:
            one.inherits = tuple(listener.fileno() for listener in listeners)
            bound = ",".join(f"fd://{number}" for number in one.inherits)
            one.environment = {**(one.environment or {}), "WEB_BIND": bound}


@dataclass
class Relief:
    """Called by the supervisor between two looks; see the module."""

    folder: Path
    port: int
    settings: Mapping[str, str]
    listener: socket.socket
    stands: float = STANDS
    answers: Callable[[int], bool] | None = None  # whether the web server on this port is ready
    own: list[socket.socket] = field(default_factory=list)

    def __call__(self, running: list[Child]) -> list[Child] | None:
        if not _asked[0]:
            return None
        _asked[0] = False
        asked = json.loads((self.folder / NEXT).read_text())
        say(f"going on with the release in {asked['root']}")
        new: list[Child] = []
        try:
            new += self.programs_of(asked)
            self.start(new, running)
        except (Refused, OSError) as refused:
            self.take_back(new, running)
            self.tell({"asked": asked.get("asked"), "problem": str(refused)})
            return None
        self.end(running)
        for socket_of_before in self.own[:-1]:
            socket_of_before.close()
        del self.own[:-1]
        self.tell({"asked": asked.get("asked"), "problem": ""})
        return new

    def programs_of(self, asked: Mapping[str, str]) -> list[Child]:
        """What the release says that it consists of."""
        command = [asked["python"], "-m", "itsm.run.programs", str(self.folder.absolute()), str(self.port)]
        said = subprocess.run(
            command, cwd=asked["root"], env=environment.full({}), input=json.dumps(dict(self.settings)),
            capture_output=True, text=True,
        )  # fmt: skip
        if said.returncode != 0:
            raise Refused(f"It does not say what it consists of: {said.stderr.strip()[-500:]}")
        return [as_described(self.folder, one) for one in json.loads(said.stdout)]

    def start(self, new: Sequence[Child], running: Sequence[Child]) -> None:
        """All of them, the web server first, which has to answer on a port of its own. Raises Refused."""
        private = ports.free()
        self.own.append(ports.listening(private))  # of the new web server alone, to be asked whether it is ready
        give_socket(new, self.listener, self.own[-1])
        for one in running:
            one.step_aside()
        for one in sorted(new, key=lambda child: child.name != WEB):
            one.start()
            if one.name == WEB and self.answers:
                self.wait_for(one, private)
        until = time.monotonic() + self.stands
        while time.monotonic() < until:
            if dead := [one for one in new if not one.is_running()]:
                raise Refused(f"{dead[0].name} ended by itself; its last words:\n{dead[0].last_lines()}")
            time.sleep(POLL)

    def wait_for(self, web: Child, private: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.answers and not self.answers(private):
            if not web.is_running() or time.monotonic() > deadline:
                raise Refused(f"its web server is not ready; its last words:\n{web.last_lines()}")
            time.sleep(POLL)

    def take_back(self, new: Sequence[Child], running: Sequence[Child]) -> None:
        say("it does not go on: what ran before goes on")
        self.end(new)
        if len(self.own) > 1:
            self.own.pop().close()
        for one in running:
            one.step_back()

    def end(self, programs: Sequence[Child]) -> None:
        """All at once; each has its time to finish what it is at."""
        for child in programs:
            child.ask_to_stop()
        began = time.monotonic()
        for child in programs:
            child.wait_stopped(max(0.1, child.patience - (time.monotonic() - began)))

    def tell(self, said: Mapping[str, object]) -> None:
        problem = str(said["problem"])
        say(f"it does not go on: {problem}" if problem else "it goes on")
        passwords.write_private(self.folder / DONE, json.dumps(said))
