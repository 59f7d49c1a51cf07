"""Servers that the user names, and servers that are thrown away."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from itsm.run import places, postgres, processes, roles, shelter
from itsm.run.say import GiveUp
from itsm.run.servers import Servers
from tests.run.desks import PATIENCE, eventually, strangers
from tests.slo.proving import IN_FULL


@pytest.fixture
def server(tmp_path: Path) -> Iterator[postgres.Postgres]:
    made = postgres.Postgres(tmp_path, throw_away=True)
    made.start()
    yield made
    made.stop()


def test_a_named_database_gets_an_application_role_beside_its_owner(
    server: postgres.Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = an_owner(server)
    monkeypatch.setenv("DATABASE_URL", owner)
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")

    servers = Servers(tmp_path)
    for _again in range(2):
        found = servers.start()
        assert found["DATABASE_OWNER_URL"] == owner
        assert found["REDIS_URL"] == "redis://elsewhere/0"
        assert servers.children() == []
        with psycopg2.connect(found["DATABASE_URL"]) as application, application.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == ("desk_application",)


def an_owner(server: postgres.Postgres) -> str:
    """As a careful administrator makes one: a database, and the right to make roles for it."""
    us = psycopg2.connect(server.url(postgres.SUPERUSER, server.password, "postgres"))
    us.autocommit = True
    with us.cursor() as cursor:
        cursor.execute("CREATE ROLE desk LOGIN CREATEROLE PASSWORD 'a pass'")
        cursor.execute("CREATE DATABASE desk OWNER desk")
    us.close()
    return server.url("desk", "a%20pass", "desk")


def test_an_owner_who_may_not_make_roles_is_used_for_everything(
    server: postgres.Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _application, owner = roles.make_ours(server)
    assert roles.beside_owner(owner, tmp_path) is None
    assert "one database role for everything" in capsys.readouterr().err


def throw_away(tmp_path: Path, code: str) -> "subprocess.Popen[bytes]":
    """A command with servers of its own, in a corner where no other run's servers are."""
    return subprocess.Popen(
        [sys.executable, "-m", "itsm.run", "--tmp", "--", sys.executable, "-c", code],
        cwd=places.ROOT,
        env=strangers() | {"TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_throw_away_servers_are_gone_after_a_failure(tmp_path: Path) -> None:
    connect = "import os, psycopg2; psycopg2.connect(os.environ['DATABASE_URL']);"
    assert throw_away(tmp_path, connect + "raise SystemExit(7)").wait(PATIENCE) == 7
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    killed = throw_away(tmp_path, "import time; time.sleep(3000)")
    eventually(lambda: list(tmp_path.glob("*/pids/command")))
    (folder,) = tmp_path.iterdir()
    left = processes.recall(folder / "pids")
    assert set(left) == {"command", "postgres", "valkey"}
    killed.send_signal(signal.SIGKILL)
    killed.wait()

    assert throw_away(tmp_path, "").wait(PATIENCE) == 0
    assert list(tmp_path.iterdir()) == []
    assert not any(one.is_running() for one in left.values())


@pytest.fixture
def room() -> Iterator[Path]:
    """Passable for everybody, which pytest's own folders are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def ways() -> list[str]:
    """Root may have to do without user namespaces; others have nothing to drop."""
    return ["by name space", "by another user"] if os.geteuid() == 0 else ["as is"]


@pytest.mark.in_turn(3, at=1)
def test_data_outlives_a_change_in_how_root_starts_the_server(
    tmp_path: Path, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelter, "ROOM", room)
    tmp_path.chmod(0o700)
    for way in ways():
        if way == "by another user":
            monkeypatch.setattr(postgres, "UNSHARE", ["no-such-program"])
        server = postgres.Postgres(tmp_path, throw_away=True)
        fresh = server.start()
        with psycopg2.connect(server.url("postgres", server.password, "postgres")) as us, us.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer")
            cursor.execute("SELECT answer FROM kept")
            assert cursor.fetchone() == (42,)
        server.stop()
        assert fresh is (way == ways()[0])
    assert tmp_path.stat().st_mode & 0o700 == 0o700


def test_data_of_another_major_version_is_not_touched(server: postgres.Postgres) -> None:
    server.stop()
    (server.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(GiveUp, match="made by PostgreSQL 15; this is 18"):
        server.start()


@pytest.mark.heavy
def test_runs_that_start_at_once_leave_each_other_alone(tmp_path: Path) -> None:
    """A folder is never seen without the note of who lives in it."""
    command = [sys.executable, "-c", _STARTS]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    runs = [
        subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(4 if IN_FULL else 2)
    ]
    complaints = [run.communicate(timeout=PATIENCE)[1] for run in runs]
    assert complaints == [""] * len(runs)


_STARTS = """
import shutil
from itsm.run import launch, throwaway
launch.hear_signals = lambda: None
throwaway.Servers = None  # nothing is started: the folder is made and looked at, many times
for _ in range(60):
    try:
        throwaway.run_with_servers([], False)
    except TypeError:
        pass
"""
