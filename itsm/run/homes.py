"""Where a desk lives, as a backup sees it: the run folder of `make run`, or the volumes of docker-compose.yml."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import urlsplit

from itsm.run import archive, environment, launch, passwords, places, prepare, roles
from itsm.run.dumps import Place, reached_by
from itsm.run.noting import Told, noted
from itsm.run.postgres import SUPERUSER
from itsm.run.production import FOLDER
from itsm.run.say import GiveUp, say
from itsm.run.servers import Servers

SECRETS, FILES = "secrets", "files"
POSTGRES = "postgres_password"  # among the secrets: of the server that a base is of
ATTACHED = "attached"  # what people sent, in the backup's files
VOLUME = "/var/lib/headroom/files"  # of the same, as docker-compose.yml mounts it
# Inside of the container, where the password is a file; what follows is the program and its words.
INSIDE = 'PGPASSWORD="$(cat /run/secrets/postgres_password)" exec "$0" "$@"'

# What a desk is known by, each in a file of its own: tokens, devices of people, signed decisions.
KEYS = {
    "secret_key": "HEADROOM_SECRET_KEY",
    "web_push_key": "HEADROOM_WEB_PUSH_KEY",
    "signing_key": "HEADROOM_SIGNING_KEY",
}


def put_keys(backup: Path, folder: Path) -> None:
    """The keys of a backup into a run folder, where `environment.defaults` finds them."""
    passwords.private_folder(folder)
    for name in KEYS:
        if (kept := backup / SECRETS / name).is_file():
            target = folder / ("secret" if name == "secret_key" else name)
            passwords.write_private(target, f"{kept.read_text().strip()}\n")


class Home(Protocol):
    release: str  # what lets outgoing deliveries leave again

    def is_there(self) -> bool:
        """Whether there is a desk at all."""

    def database(self) -> AbstractContextManager[Place]:
        """Its database, up and answering."""

    def whole(self, place: Place) -> Place | None:
        """How all of its server is read, where the log is kept (`itsm.run.archive`); None elsewhere."""

    def pack(self, folder: Path) -> None:
        """Secrets and files into a backup."""

    def insist_empty(self) -> None: ...

    def unpack(self, folder: Path) -> None:
        """Secrets and files out of a backup."""

    def finish(self, place: Place) -> None:
        """After the rows: tables as this version wants them, and the application's rights."""

    def noting(self, what: str) -> AbstractContextManager[Told]:
        """What is done inside, with its end or its problem, is written down in this desk, whose database is up."""


class Run:
    """`make run`: running or not; its own PostgreSQL, or the one of DATABASE_URL."""

    release = "./manage.py release_outgoing"

    def __init__(self, folder: Path = places.RUN) -> None:
        self.folder = folder
        self.settings: dict[str, str] = {}

    @contextmanager
    def database(self) -> Iterator[Place]:
        if running := self.of_the_running():
            self.settings = running
            yield reached_by(running["DATABASE_OWNER_URL"])
            return
        with launch.only_one(self.folder):
            launch.stop_orphans(self.folder)
            servers = Servers(self.folder)
            try:
                # The broker holds nothing that is not in the database; no name of one is needed either.
                self.settings = environment.complete(self.folder, 0, servers.database() | {"REDIS_URL": "redis://none"})
                yield reached_by(self.settings["DATABASE_OWNER_URL"])
            finally:
                servers.stop()

    def is_there(self) -> bool:
        return bool(self.of_the_running() or (self.folder / "pg").exists() or environment.given("DATABASE_URL"))

    def of_the_running(self) -> dict[str, str]:
        """Its settings; none where nothing runs, whatever a killed run left lying there."""
        file = self.folder / "env"
        if not file.is_file() or not launch.is_taken(self.folder):
            return {}
        return dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)

    def whole(self, place: Place) -> Place | None:
        parts = urlsplit(self.settings.get("DATABASE_OWNER_URL", ""))
        ours, secret = (self.folder / f"{name}.password" for name in (roles.OWNER, "postgres"))
        if archive.wanted(self.settings) is None or not (ours.is_file() and secret.is_file()):
            return None
        if parts.password != ours.read_text().strip():  # a server of the user's, whose log is theirs to keep
            return None
        server = f"{SUPERUSER}:{secret.read_text().strip()}@{parts.hostname}:{parts.port}"
        return reached_by(f"postgresql://{server}/postgres")

    def pack(self, folder: Path) -> None:
        for name, setting in KEYS.items():
            if value := self.settings.get(setting):
                passwords.write_private(passwords.private_folder(folder / SECRETS) / name, value)
        if (folder / archive.BASE).is_file():
            shutil.copyfile(self.folder / "postgres.password", folder / SECRETS / POSTGRES)
        if credentials := self.settings.get("HEADROOM_SECRETS_DIR"):
            shutil.copytree(credentials, folder / FILES / "credentials")
        attached = self.settings.get("HEADROOM_FILES_DIR")
        if attached and Path(attached).is_dir():
            # After the rows, whose bytes are all there; what is being sent meanwhile belongs to none of them.
            shutil.copytree(attached, folder / FILES / ATTACHED, ignore=shutil.ignore_patterns("incoming"))

    def insist_empty(self) -> None:
        if self.of_the_running():
            raise GiveUp("Headroom runs from this folder. Stop it, and move its folder away.")
        if (self.folder / "pg").exists() and not environment.given("DATABASE_URL"):
            raise GiveUp(f"{self.folder} has data already. Move it away: mv {self.folder} {self.folder}.before")

    def unpack(self, folder: Path) -> None:
        key = (folder / SECRETS / "secret_key").read_text().strip()
        if (given := environment.given("HEADROOM_SECRET_KEY")) and given != key:
            raise GiveUp("HEADROOM_SECRET_KEY is set to another key than the backup's: tokens would not be known.")
        put_keys(folder, self.folder)
        packed, wanted = folder / FILES / "credentials", environment.given("HEADROOM_SECRETS_DIR")
        if packed.is_dir():
            target = Path(wanted) if wanted else environment.credentials(self.folder)
            shutil.copytree(packed, target, dirs_exist_ok=True)
            say(f"credentials of data sources are in {target}")
        if (attached := folder / FILES / ATTACHED).is_dir():
            place = Path(environment.given("HEADROOM_FILES_DIR") or self.folder / "files")
            shutil.copytree(attached, place, dirs_exist_ok=True)

    def finish(self, place: Place) -> None:
        (self.folder / "rights").unlink(missing_ok=True)
        prepare.tables(self.folder, self.settings)

    def noting(self, what: str) -> AbstractContextManager[Told]:
        return noted(what, lambda said: prepare.told(self.settings, said, "note_continuity"))


class Compose:
    """docker-compose.yml: PostgreSQL's programs are those of its image."""

    release = "docker compose exec web ./manage.py release_outgoing"
    words = ("docker", "compose")
    run_once = ("run", "--rm", "--no-deps", "--no-TTY", "web")

    def is_there(self) -> bool:
        return FOLDER.exists()

    @contextmanager
    def database(self) -> Iterator[Place]:
        self.call("up", "--detach", "--wait", "postgres")
        yield Place(
            connect=(f"--username={SUPERUSER}", f"--dbname={roles.DATABASE}"),
            before=(*self.words, "exec", "--no-TTY", "postgres", "sh", "-c", INSIDE),
            role=roles.OWNER,
        )

    def whole(self, place: Place) -> Place | None:
        return replace(place, connect=place.connect[:1]) if place.answer("SHOW archive_mode") == "on" else None

    def pack(self, folder: Path) -> None:
        shutil.copytree(FOLDER, folder / SECRETS)
        if (settings := places.ROOT / ".env").is_file():
            shutil.copy(settings, passwords.private_folder(folder / FILES) / "env")
        credentials = os.environ.get("HEADROOM_CREDENTIALS")
        if credentials and Path(credentials).is_dir():
            shutil.copytree(credentials, folder / FILES / "credentials")
        with (passwords.private_folder(folder / FILES) / f"{ATTACHED}.tar").open("wb") as packed:
            self.call(*self.run_once, "tar", "-C", VOLUME, "--exclude=./incoming", "-cf", "-", ".", stdout=packed)

    def insist_empty(self) -> None:
        if FOLDER.exists() and any(FOLDER.iterdir()):
            raise GiveUp(f"{FOLDER} has secrets already, and the backup brings its own. Move it away first.")

    def unpack(self, folder: Path) -> None:
        shutil.copytree(folder / SECRETS, FOLDER, dirs_exist_ok=True)
        FOLDER.chmod(0o700)
        packed = folder / FILES / "env"
        if packed.is_file() and not (places.ROOT / ".env").exists():
            shutil.copy(packed, places.ROOT / ".env")
        if (attached := folder / FILES / f"{ATTACHED}.tar").is_file():
            with attached.open("rb") as opened:
                self.call(*self.run_once, "tar", "-C", VOLUME, "-xf", "-", stdin=opened)

    def finish(self, place: Place) -> None:
        self.call("run", "--rm", "migrate")

    def noting(self, what: str) -> AbstractContextManager[Told]:
        def tell(said: str) -> bool:
            command = [*self.words, *self.run_once, "python", "manage.py", "note_continuity"]
            return (
                subprocess.run(command, cwd=places.ROOT, input=said, text=True, stdout=subprocess.DEVNULL).returncode
                == 0
            )

        return noted(what, tell)

    def call(self, *words: str, stdin: IO[bytes] | None = None, stdout: IO[bytes] | None = None) -> None:
        ran = subprocess.run([*self.words, *words], cwd=places.ROOT, stdin=stdin, stdout=stdout)
        if ran.returncode != 0:
            raise GiveUp(f"docker compose {' '.join(words)} failed.")
