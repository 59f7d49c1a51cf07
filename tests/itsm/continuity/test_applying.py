"""Migrations under load: who holds a table is not waited for, who fails leaves nothing, and what was done stays done."""

import itertools
import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connection

from itsm.configuration.models import Setting
from itsm.continuity.migrating import applying

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def release(settings: Any) -> Iterator[None]:
    """The migrations of a release to come, outstanding; taken back afterwards."""
    settings.MIGRATION_MODULES = {"configuration": "tests.itsm.continuity.next_release.migrations"}
    yield
    call_command("migrate", "configuration", "0001_initial", verbosity=0, skip_checks=True)


@pytest.fixture
def somebody() -> Iterator[Any]:
    """Another connection, in a transaction of its own."""
    other = psycopg2.connect(**connection.get_connection_params())
    yield other
    other.close()


def grown(rows: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO configuration_setting (name, version) SELECT 'grown ' || n, 1 FROM generate_series(1, %s) n",
            [rows],
        )


def asked(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


COLUMNS = """
SELECT string_agg(column_name, ' ' ORDER BY column_name) FROM information_schema.columns
WHERE table_name = 'configuration_setting'
"""


def test_who_holds_the_table_is_let_finish_and_what_fails_leaves_what_came_before(release: None, somebody: Any) -> None:
    assert applying.outstanding()[0].name == "0002_note"
    grown(4_100)
    with somebody.cursor() as cursor:
        cursor.execute("LOCK TABLE configuration_setting IN ROW EXCLUSIVE MODE")
    said: list[str] = []

    def hears(words: str) -> None:
        said.append(words)
        if "waits" in words:
            here = "SELECT oid FROM pg_database WHERE datname = current_database()"
            behind = asked(f"SELECT count(*) FROM pg_locks WHERE NOT granted AND database = ({here})")
            assert behind == 0, "nobody stands behind it meanwhile"
            somebody.rollback()

    with pytest.raises(Exception, match="division by zero"):
        applying.apply_all(hears)
    assert "configuration.0002_note waits" in said[0]
    assert [words.split()[0] for words in said[1:]] == [
        "configuration.0002_note", "configuration.0003_filled", "configuration.0004_index", "configuration.0005_held",
        "configuration.0006_validated",
    ]  # fmt: skip
    assert [one.name for one in applying.outstanding()] == ["0007_fails"]
    assert asked(COLUMNS) == "id name note value version", "nothing of the one that failed"
    assert asked("SELECT bool_and(note = 'old') FROM configuration_setting")
    assert asked("SELECT indisvalid FROM pg_index WHERE indexrelid = 'setting_by_note'::regclass")
    assert asked("SELECT convalidated FROM pg_constraint WHERE conname = 'note_is_not_blank'")
    assert asked("SHOW lock_timeout") == "0"
    assert Setting.objects.exists(), "the release before goes on with it"
    with pytest.raises(CommandError, match="taken back: division by zero"):
        call_command("upgrade_tables")


def test_it_gives_up_when_nobody_lets_it_in(release: None, somebody: Any) -> None:
    with somebody.cursor() as cursor:
        cursor.execute("LOCK TABLE configuration_setting IN ROW EXCLUSIVE MODE")
    with pytest.raises(OperationalError, match="lock timeout"):
        applying.apply_all(lambda words: None, timedelta(0))
    somebody.rollback()
    assert asked(COLUMNS) == "id name value version"


def test_an_index_that_was_given_up_is_taken_away_before_the_next_try() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX given_up ON configuration_setting (version)")
    try:
        with (
            closing(psycopg2.connect(**connection.get_connection_params())) as duplicate,
            duplicate,
            duplicate.cursor() as cursor,
        ):
            cursor.execute("INSERT INTO configuration_setting (name, version) VALUES ('twice', 7), ('again', 7)")
        with connection.cursor() as cursor, pytest.raises(Exception, match="could not create unique index"):
            cursor.execute("CREATE UNIQUE INDEX CONCURRENTLY half_made ON configuration_setting (version)")
        assert asked("SELECT to_regclass('half_made') IS NOT NULL")
        applying._take_back()
        assert asked("SELECT to_regclass('half_made') IS NULL")
        assert asked("SELECT to_regclass('given_up') IS NOT NULL"), "what is valid stays"
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX given_up")
            cursor.execute("DELETE FROM configuration_setting WHERE name IN ('twice', 'again')")


@pytest.mark.heavy
@pytest.mark.skipif(os.environ.get("PROOF") != "full", reason="a minute: make prove")
def test_nobody_waits_two_seconds_while_a_million_rows_are_brought_forward(release: None) -> None:
    """People read and write rows of that very table, twenty times a second each, over every migration of the release."""
    grown(1_000_000)
    enough, waited = threading.Event(), list[float]()

    def works(n: int) -> None:
        own = psycopg2.connect(**connection.get_connection_params())
        own.autocommit = True
        with own.cursor() as cursor:
            for turn in itertools.count():
                began = time.monotonic()
                cursor.execute(
                    "UPDATE configuration_setting SET version = version + 1 WHERE name = %s", [f"grown {n + turn}"]
                )
                cursor.execute("INSERT INTO configuration_setting (name, version) VALUES (%s, 1)", [f"new {n} {turn}"])
                cursor.execute("SELECT value FROM configuration_setting WHERE name = %s", [f"grown {turn}"])
                waited.append(time.monotonic() - began)
                if enough.wait(0.05):
                    break
        own.close()

    threads = [threading.Thread(target=works, args=(n * 1000,)) for n in range(4)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    try:
        with pytest.raises(Exception, match="division by zero"):
            applying.apply_all(print)
    finally:
        enough.set()
        for thread in threads:
            thread.join(60)
    print(f"{time.monotonic() - began:.0f} s, {len(waited)} turns, the longest {max(waited):.2f} s")
    assert max(waited) < 2.0
