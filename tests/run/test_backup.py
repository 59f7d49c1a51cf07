"""Backup under load, restore into an empty place: every decision replays, tokens work, nothing leaves by itself."""

import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection

from incidents.incident import operations as incidents
from itsm.accounts.actors import actor_for
from itsm.kernel.actors import Door
from itsm.notifications.models import Delivery
from itsm.run import backup, environment, homes, launch, places
from itsm.run.dumps import Place, reached_by
from itsm.run.noting import Told, noted
from itsm.run.say import GiveUp
from tests.api.world import SYSTEM, World, founded, token_of
from tests.databases import drop

PATIENCE = 600  # seconds: a ceiling for what never comes, not a measure


def url_of(database: str) -> str:
    """Of a database on the servers of this run, as their owner."""
    known = connection.settings_dict
    netloc = f"{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}"
    return urlunsplit(("postgresql", netloc, f"/{database}", "", ""))


class Here(homes.Run):
    """A home whose database is one of this run's, and whose folder is the test's."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder)
        self.url = url
        self.told: list[dict[str, Any]] = []
        self.settings = {
            "HEADROOM_SECRET_KEY": django_settings.SECRET_KEY,
            "HEADROOM_FILES_DIR": django_settings.FILES_DIR,
        }

    @contextmanager
    def database(self) -> Iterator[Place]:
        yield reached_by(self.url)

    def finish(self, place: Place) -> None:
        self.finished = manage(self.url, "migrate", "--check")

    def noting(self, what: str) -> AbstractContextManager[Told]:
        return noted(what, lambda said: self.told.append(json.loads(said)) is None)


@pytest.fixture
def empty() -> Iterator[str]:
    """A database of the test's own, without a table."""
    name = f"restored_{secrets.token_hex(6)}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield url_of(name)
    with connection.cursor() as cursor:
        drop(cursor, name)


def manage(url: str, *words: str, script: str = "") -> str:
    """A command of ours over there, with the restored key."""
    made = {
        "DATABASE_URL": url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "HEADROOM_SECRET_KEY": django_settings.SECRET_KEY,
    }
    result = subprocess.run(
        [sys.executable, str(places.ROOT / "manage.py"), *words], cwd=places.ROOT, env=environment.full(made),
        input=script or None, capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout


def writing(world: World, ready: threading.Event, enough: threading.Event) -> None:
    """Incidents and their news, one transaction each, until told to stop."""
    try:
        while not enough.is_set():
            made = incidents.open_incident(actor=SYSTEM, title="Under load", service=world.service)
            incidents.confirm(made, actor=actor_for(world.people["agent"], Door.WEB))
            ready.set()
    finally:
        connection.close()


# Three commands and a look in one process: each of its own takes seconds to begin.
LOOK = """
import io
import json
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from incidents.models import Incident
from itsm.notifications import outbox, quarantine
settings.ALLOWED_HOSTS = ["testserver"]
replayed = io.StringIO()
call_command("replay_decisions", stdout=replayed)
answer = Client(raise_request_exception=False).get("/api/v1/services/", HTTP_AUTHORIZATION="Bearer TOKEN")
incidents = Incident.objects.filter(title="Under load")
seen = {
    "token": answer.status_code, "left": outbox.relay(timezone.now()), "owed": quarantine.owed(),
    "held": quarantine.since() is not None, "incidents": incidents.count(),
    "half": incidents.filter(version=1).count(), "replayed": replayed.getvalue(),
}
released = io.StringIO()
call_command("release_outgoing", stdout=released)
answer = Client(raise_request_exception=False).get("/api/v1/services/", HTTP_AUTHORIZATION="Bearer TOKEN")
print(json.dumps(seen | {"released": released.getvalue(), "token after": answer.status_code}))
"""


@pytest.mark.in_turn(3, at=1)
@pytest.mark.django_db(transaction=True)
def test_a_backup_under_load_comes_back_whole_and_quiet(
    tmp_path: Path, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEADROOM_FILES_DIR", raising=False)
    world = founded()
    token = token_of(world.people["engineer"])
    Delivery.objects.create(channel="mail", key="owed", aggregate="a", payload={"notification": 0})
    ready, enough = threading.Event(), threading.Event()
    load = threading.Thread(target=writing, args=(world, ready, enough))
    load.start()
    try:
        ready.wait(PATIENCE)
        backup.back_up(Here(tmp_path / "run", url_of(connection.settings_dict["NAME"])), tmp_path / "kept")
    finally:
        enough.set()
        load.join()
    before = world.pending.change.decisions.count()
    assert before
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700
    assert not list(tmp_path.glob("*.unfinished"))

    new = Here(tmp_path / "new", empty)
    backup.restore(new, tmp_path / "kept")
    sha256 = world.attachment.sha256
    assert (tmp_path / "new" / "files" / sha256[:2] / sha256).read_bytes() == b"one line"
    assert not (tmp_path / "new" / "files" / "incoming").exists()
    assert (tmp_path / "new" / "secret").read_text().strip() == django_settings.SECRET_KEY
    seen = json.loads(manage(empty, "shell", "--no-imports", script=LOOK.replace("TOKEN", token)).splitlines()[-1])
    assert seen["replayed"]
    assert "failed" not in seen["replayed"].lower()
    assert (seen["token"], seen["token after"]) == (401, 200)
    assert seen["held"]
    assert seen["left"] == 0
    assert seen["owed"] >= 1
    assert seen["incidents"] >= 1
    assert seen["half"] <= 1  # one moment: at most the incident that was being confirmed just then
    assert "are owed and leave now" in seen["released"]

    with pytest.raises(GiveUp, match="restore into an empty one"):
        backup.restore(Here(tmp_path / "other", empty), tmp_path / "kept")


@pytest.mark.django_db(transaction=True)
def test_an_empty_database_is_no_backup_and_a_failed_one_leaves_nothing(tmp_path: Path, empty: str) -> None:
    with pytest.raises(GiveUp, match="nothing to back up"):
        backup.back_up(Here(tmp_path / "run", empty), tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A backup by its shape."""
    folder = tmp_path / "kept"
    (folder / "secrets").mkdir(parents=True)
    (folder / backup.DUMP).write_bytes(b"rows")
    (folder / "secrets" / "secret_key").write_text("key")
    manifest = {"made_at": "2026-11-28T00:00:00+00:00", "postgresql": 18, "sha256": backup.sums(folder)}
    (folder / backup.MANIFEST).write_text(json.dumps(manifest))
    return folder


@pytest.mark.parametrize("harm", [lambda f: f.write_bytes(b"row"), lambda f: f.unlink()], ids=["cut short", "gone"])
def test_a_backup_that_is_not_as_it_was_written_is_refused(kept: Path, harm: Callable[[Path], object]) -> None:
    backup.insist_whole(kept)
    harm(kept / backup.DUMP)
    with pytest.raises(GiveUp, match="cannot be trusted"):
        backup.insist_whole(kept)


def test_what_is_no_backup_is_named(tmp_path: Path) -> None:
    with pytest.raises(GiveUp, match="is no backup"):
        backup.insist_whole(tmp_path)


def test_a_home_with_data_is_left_alone(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    home = homes.Run(tmp_path / "run")
    (tmp_path / "run" / "pg").mkdir(parents=True)
    with pytest.raises(GiveUp, match="has data already"):
        backup.restore(home, kept)
    (tmp_path / "run" / "env").write_text("DATABASE_URL=x\n")
    with pytest.raises(GiveUp, match="has data already"):  # a killed run left its note
        backup.restore(home, kept)
    with launch.only_one(tmp_path / "run"), pytest.raises(GiveUp, match="Stop it"):
        backup.restore(home, kept)


def test_programs_that_are_too_old_are_refused_with_the_way_out() -> None:
    place = reached_by(url_of("postgres"))
    place.insist_reads(place.server)
    with pytest.raises(GiveUp, match=r"postgresql-client-99 .*\n.*PG_BIN=/usr/lib/postgresql/99/bin"):
        place.insist_reads(99)


def test_a_dump_of_a_newer_server_is_refused_by_an_older_one(monkeypatch: pytest.MonkeyPatch) -> None:
    place = reached_by(url_of("postgres"))
    monkeypatch.setattr("itsm.run.dumps.major", lambda said: 99)
    with pytest.raises(GiveUp, match="may not read it"):
        place.insist_reads(98)


def test_no_password_stands_on_a_command_line() -> None:
    place = reached_by("postgresql://headroom:se%40cret@127.0.0.1:5432/desk")
    assert place.connect == ("--dbname", "postgresql://headroom@127.0.0.1:5432/desk")
    assert place.environment == {"PGPASSWORD": "se@cret"}


DOCKER = """#!/bin/sh
# Stands in for `docker compose`: the programs of the postgres service are ours, and what else was asked is written down.
shift
case "$1" in
exec) shift 5; shift; exec "$@" ;;
*) echo "$@" >> "$SAID" ;;
esac
"""


@pytest.mark.django_db(transaction=True)
def test_the_services_of_compose_are_backed_up_and_restored_by_their_own_programs(
    tmp_path: Path, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without containers: a `docker` that runs the words meant for PostgreSQL's container on this run's servers."""
    founded()
    home = homes.Compose()
    with home_of_compose(tmp_path, monkeypatch, url_of(connection.settings_dict["NAME"])):
        backup.back_up(home, tmp_path / "kept")
        assert (tmp_path / "kept" / "secrets" / "secret_key").read_text() == "key"
        with pytest.raises(GiveUp, match="has secrets already"):
            backup.restore(home, tmp_path / "kept")
    (tmp_path / ".secrets" / "secret_key").unlink()
    with home_of_compose(tmp_path, monkeypatch, empty):
        backup.restore(home, tmp_path / "kept")
    assert (tmp_path / ".secrets" / "secret_key").read_text() == "key"
    assert (tmp_path / "said").read_text().splitlines() == [
        "up --detach --wait postgres",
        "run --rm --no-deps --no-TTY web tar -C /var/lib/headroom/files --exclude=./incoming -cf - .",
        "run --rm --no-deps --no-TTY web python manage.py note_continuity",
        "run --rm --no-deps --no-TTY web tar -C /var/lib/headroom/files -xf -",
        "up --detach --wait postgres",
        "run --rm migrate",
        "run --rm --no-deps --no-TTY web python manage.py note_continuity",
    ]
    assert "True" in manage(
        empty, "shell", "--no-imports",
        script="from itsm.notifications import quarantine\nprint(quarantine.since() is not None)\n",
    )  # fmt: skip


@contextmanager
def home_of_compose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> Iterator[None]:
    programs = tmp_path / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "docker").write_text(DOCKER)
    (programs / "docker").chmod(0o755)
    folder = tmp_path / ".secrets"
    if not folder.exists():
        folder.mkdir()
        (folder / "secret_key").write_text("key")
    parts, place = urlsplit(url), reached_by(url)
    with monkeypatch.context() as patch:
        patch.setattr(homes, "FOLDER", folder)
        patch.setattr(homes, "INSIDE", 'exec "$0" "$@"')
        patch.setattr(homes.roles, "DATABASE", parts.path.lstrip("/"))
        patch.setattr(homes.roles, "OWNER", parts.username)
        patch.setenv("SAID", str(tmp_path / "said"))
        patch.setenv("PATH", f"{programs}:{place.programs}:/usr/bin:/bin")
        for name, value in (("PGHOST", parts.hostname), ("PGPORT", str(parts.port)), ("PGPASSWORD", parts.password)):
            patch.setenv(name, str(value))
        # The superuser of the image is the owner here.
        patch.setattr(homes, "SUPERUSER", parts.username)
        yield
