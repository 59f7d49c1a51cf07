"""A desk that does its work: a change let go by policy, one that waits for people; and hands that go round all of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from changes.models import Evaluation
from itsm.accounts.models import User
from itsm.invariants import reading
from itsm.invariants.asking import ask as ask_invariants
from itsm.invariants.known import known as all_known
from itsm.kernel.actors import Actor
from tests.factories.changes import a_measured_service, a_model, ask, start
from tests.invariants_hold import AT_COMMIT

_GUARDED = """
SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT tgisinternal AND tgenabled = 'O' AND c.relnamespace = 'public'::regnamespace
"""


@pytest.fixture(autouse=True)
def auditor_goes_home() -> Iterator[None]:
    """Its own connection ends with the test: nobody can copy a database to which somebody is connected."""
    yield
    reading.close()


@contextmanager
def triggers_off(*tables: str) -> Iterator[Any]:
    """Whoever owns the tables can do this; the application cannot. They are on again afterwards, as if nothing was."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def behind(table: str, statement: str, given: dict[str, Any] | None = None) -> None:
    """Write as nobody should be able to."""
    with triggers_off(table) as cursor:
        cursor.execute(statement, given)
        assert cursor.rowcount > 0, statement


def _walked() -> dict[str, dict[str, int]]:
    """History is read as far as it goes but for its newest thousand rows: a worker's own may be long by now."""
    read: dict[str, dict[str, int]] = {}
    for one in all_known():
        for question in one.questions:
            if question.walks:
                with connection.cursor() as cursor:
                    cursor.execute(f"SELECT coalesce(max(id), 0) FROM {question.walks}")
                    read.setdefault(one.id, {})[question.name] = cursor.fetchone()[0]
    return read


def found_by(*, full: bool = False, only: tuple[str, ...] = (), at: datetime | None = None) -> dict[str, list[str]]:
    """Invariant -> references of what it found; what could not be asked fails."""
    found: dict[str, list[str]] = {}
    for answer in ask_invariants(at or timezone.now(), full=full, only=only, walked=_walked()):
        assert not answer.failed, answer.failed
        references = [
            row.reference for name, row in answer.found if not (connection.in_atomic_block and name in AT_COMMIT)
        ]
        if references:
            found[answer.invariant.id] = references
    return found


@pytest.fixture
def let_go(asker: Actor, owning: Actor) -> Evaluation:
    """Approved by policy just now, unused."""
    now = timezone.now().replace(microsecond=0)
    service = a_measured_service(at=now)
    a_model(service, owning, now)
    return ask(service, asker, now, change_class="standard")


@pytest.fixture
def running(let_go: Evaluation, asker: Actor) -> Evaluation:
    """The same, started."""
    start(let_go.change, asker, timezone.now())
    let_go.refresh_from_db()
    return let_go


@pytest.fixture
def waits(let_go: Evaluation, engineer: User, as_actor: Callable[..., Actor]) -> Evaluation:
    """People are asked about it."""
    now = timezone.now().replace(microsecond=0)
    return ask(let_go.change.service, as_actor(engineer), now, artifact_digest=f"sha256:{7:064x}")


@pytest.fixture
def asker(pipeline: User, as_actor: Callable[..., Actor]) -> Actor:
    return as_actor(pipeline)


@pytest.fixture
def owning(owner: User, as_actor: Callable[..., Actor]) -> Actor:
    return as_actor(owner)
