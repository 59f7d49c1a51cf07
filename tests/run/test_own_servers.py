"""Servers that the user names, and servers that are thrown away."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from itsm.run import places, postgres, processes, roles
from itsm.run.servers import Servers
from tests.run.desks import eventually, strangers


@pytest.fixture
def server(tmp_path: Path) -> Iterator[postgres.Postgres]:
    made = postgres.Postgres(tmp_path, throw_away=True)
    made.start()
    yield made
    made.stop()


def test_a_named_database_gets_an_application_role_beside_its_owner(
    server: postgres.Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = server.url(postgres.SUPERUSER, server.password, "postgres")
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
            assert cursor.fetchone() == ("postgres_application",)


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
    assert throw_away(tmp_path, connect + "raise SystemExit(7)").wait(20) == 7
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    killed = throw_away(tmp_path, "import time; time.sleep(60)")
    eventually(lambda: list(tmp_path.glob("*/pids/command")))
    (folder,) = tmp_path.iterdir()
    left = processes.recall(folder / "pids")
    assert set(left) == {"command", "postgres", "valkey"}
    killed.send_signal(signal.SIGKILL)
    killed.wait()

    assert throw_away(tmp_path, "").wait(20) == 0
    assert list(tmp_path.iterdir()) == []
    assert not any(one.is_running() for one in left.values())
