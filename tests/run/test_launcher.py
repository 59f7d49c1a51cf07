"""The launcher with real servers: what it starts, what it survives, what it leaves behind."""

import os
import signal
import socket
import urllib.request

import psycopg2
import pytest

from itsm.run import ports
from tests.run.desks import PATIENCE, Desk, eventually


def test_a_run_from_start_to_stop(desk: Desk) -> None:
    desk.start()
    settings, children = desk.settings, desk.children()

    assert set(children) == {"web", "postgres", "valkey"}
    assert (desk.folder / "env").stat().st_mode & 0o777 == 0o600
    assert desk.folder.stat().st_mode & 0o777 == 0o700
    eventually(lambda: answers(desk))
    the_application_is_not_the_owner(settings)
    nobody_enters_without_a_password(settings)

    assert desk.end(signal.SIGINT) == 0
    assert not any(child.is_running() for child in children.values())
    assert "stopped" in desk.words
    assert "database system is shut down" in (desk.folder / "postgres.log").read_text()


def the_application_is_not_the_owner(settings: dict[str, str]) -> None:
    with psycopg2.connect(settings["DATABASE_OWNER_URL"]) as owner, owner.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (line text)")
        cursor.execute("GRANT SELECT, INSERT ON kept TO headroom")
        cursor.execute("INSERT INTO kept VALUES ('before')")
    with psycopg2.connect(settings["DATABASE_URL"]) as application, application.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
    for forbidden in ("CREATE TABLE mine ()", "DELETE FROM kept", "SET ROLE headroom_owner"):
        with psycopg2.connect(settings["DATABASE_URL"]) as application, application.cursor() as cursor:
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(forbidden)
            application.rollback()


def nobody_enters_without_a_password(settings: dict[str, str]) -> None:
    wrong = settings["DATABASE_URL"].replace("headroom:", "headroom:not-", 1)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(wrong)
    port = int(settings["REDIS_URL"].rpartition(":")[2].partition("/")[0])
    with socket.create_connection((ports.HOST, port), timeout=5) as talk:
        talk.sendall(b"PING\r\n")
        assert talk.recv(100).startswith(b"-NOAUTH")


@pytest.mark.in_turn(3, at=0)
def test_what_dies_is_started_again_and_said_so(desk: Desk) -> None:
    desk.start()
    before = desk.children()
    for child in before.values():
        os.kill(child.pid, signal.SIGKILL)

    eventually(lambda: len(desk.children()) == 3 and answers(desk))
    after = desk.children()
    assert all(after[name] != before[name] for name in before)
    for name in before:
        assert f"{name} ended (SIGKILL); starting it again" in desk.words


def answers(desk: Desk) -> bool:
    try:
        psycopg2.connect(desk.settings["DATABASE_URL"]).close()
        urllib.request.urlopen(f"http://127.0.0.1:{desk.port}/", timeout=5).close()
    except (psycopg2.OperationalError, OSError):
        return False
    return True


@pytest.mark.in_turn(3, at=1)
def test_orphans_of_a_killed_launcher_make_way_and_the_data_stays(desk: Desk) -> None:
    desk.start()
    with psycopg2.connect(desk.settings["DATABASE_OWNER_URL"]) as owner, owner.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    desk.end(signal.SIGKILL)
    orphans = desk.children()
    assert set(orphans) == {"web", "postgres", "valkey"}

    desk.start()
    assert "stopping what an earlier run left behind" in desk.words
    assert not any(orphan.is_running() for orphan in orphans.values())
    with psycopg2.connect(desk.settings["DATABASE_OWNER_URL"]) as owner, owner.cursor() as cursor:
        cursor.execute("SELECT answer FROM kept")
        assert cursor.fetchone() == (42,)


@pytest.mark.in_turn(3, at=2)
def test_a_second_run_from_the_same_folder_says_who_is_first(desk: Desk) -> None:
    desk.start()
    second = Desk(desk.folder)
    first_words = desk.words
    second.launch()
    assert second.process
    assert second.process.wait(PATIENCE) == 1
    assert desk.process
    assert f"already runs from this folder (process {desk.process.pid})" in second.words
    assert "ready" in first_words
    assert desk.children()


def test_a_taken_port_is_named_with_a_way_out(desk: Desk) -> None:
    with socket.socket() as stranger:
        stranger.bind((ports.HOST, desk.port))
        stranger.listen()
        desk.launch()
        assert desk.process
        assert desk.process.wait(PATIENCE) == 1
    assert f"Port {desk.port} is taken" in desk.words
    assert "make run PORT=" in desk.words
    assert "Traceback" not in desk.words
    assert not desk.children()
