"""Behind pgbouncer in transaction mode: pages, programs, sweeps, exports and locks, on three connections of the server."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from itsm.clocks import due
from itsm.files.tasks import look_at_new_files
from itsm.locks import AdvisoryLock, SessionLock, for_a_session
from itsm.notifications import outbox
from tests.api.world import browser, founded, token_of
from tests.run.pooler import PROGRAM, Pooler

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which(PROGRAM), reason="pgbouncer is not installed"),
]


@pytest.fixture
def pooler(tmp_path: Path, settings: Any) -> Iterator[Pooler]:
    """Every connection of this test goes through it."""
    made = Pooler(tmp_path, connection.get_connection_params())
    known = connection.settings_dict
    before = {name: known[name] for name in ("HOST", "PORT", "DISABLE_SERVER_SIDE_CURSORS")}
    connection.close()
    settings.POOLED, settings.PREPARED_STATEMENTS = True, False
    known |= {"HOST": "127.0.0.1", "PORT": made.port, "DISABLE_SERVER_SIDE_CURSORS": True}
    yield made
    connection.close()
    known |= before
    made.stop()


def test_everybody_is_served_over_few_connections(pooler: Pooler) -> None:
    world = founded()
    token = token_of(world.people["manager"])
    wrong, exported = list[str](), list[int]()
    # The schema that answers are held to is drawn once, before there are threads.
    assert Client().get("/api/v1/changes/", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 200

    def work(n: int) -> None:
        try:
            web, program = browser(world.people["manager"]), Client(raise_request_exception=False)
            for path in ("/", "/incidents/", "/changes/", f"/changes/{world.pending.change.reference}/", "/reports/"):
                note(path, web.get(path).status_code, (200,))
            file = web.get("/reports/incidents.csv")
            note("export", file.status_code, (200, 503))  # so many at a time
            exported.append(len(file.getvalue()) if file.status_code == 200 else 0)
            answer = program.get("/api/v1/changes/", HTTP_AUTHORIZATION=f"Bearer {token}")
            note("api", answer.status_code, (200,))
            at = timezone.now()
            due.sweep(at)
            outbox.relay(at, 5)
            look_at_new_files()
        except Exception as error:
            wrong.append(f"{n}: {type(error).__name__} {error}")
        finally:
            connection.close()

    def note(what: str, status: int, wanted: tuple[int, ...]) -> None:
        if status not in wanted:
            wrong.append(f"{what}: {status}")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert wrong == []
    assert max(exported) > 100


def from_elsewhere(number: int) -> bool:
    """Whether another connection of ours gets the lock just now; it is given back at once."""
    found: list[bool] = []

    def ask() -> None:
        with for_a_session(AdvisoryLock.RUN_OF_SOURCE, number) as is_mine:
            found.append(is_mine)
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join(60)
    return found[0]


def test_a_lock_outlasts_transactions_and_ends_with_whoever_held_it(pooler: Pooler) -> None:
    held = SessionLock(AdvisoryLock.RUN_OF_SOURCE, 7)
    assert held.take(waits=False)
    with connection.cursor() as cursor:
        for _ in range(5):
            cursor.execute("SELECT 1")
    assert not from_elsewhere(7)
    assert from_elsewhere(8)
    held.give_back()
    held.give_back()
    assert from_elsewhere(7)
    with for_a_session(AdvisoryLock.RUN_OF_SOURCE, 7, waits=True) as is_mine:
        assert is_mine
        assert not from_elsewhere(7)
    assert from_elsewhere(7)


def test_nothing_that_a_connection_was_told_reaches_the_next_one(pooler: Pooler) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (0,)
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("15s",), "its limits come with the pooler's connect_query"
