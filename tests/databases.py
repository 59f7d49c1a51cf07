"""Databases of the tests: made once in a run, then copied, which costs a hundredth.

Each worker has a copy of the migrated tables under its usual name. A test that asks for `demo` has a copy of the demo
company instead, founded by the first who asks. Copies of the company are used again until a test has committed to one.
"""

import inspect
import json
import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import _lru_cache_wrapper
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.utils import timezone
from psycopg2 import sql

from tests import emptied

WANTED = "demo"
_COMMITS = {"transactional_db", "live_server", "django_db_reset_sequences"}
_LOCK = 2_811_2026  # whoever makes a database holds it, so that the other worker copies what is whole
_RUN = "RUN_OF_TESTS"
_HERE, _FIRST = pytest.StashKey["Databases"](), pytest.StashKey[pytest.Item]()


@dataclass(frozen=True)
class Demo:
    """When the demo company was founded, and what founding it said of itself."""

    founded_at: datetime
    told: dict[str, Any]


class Databases:
    """This worker's: one without a company, and one with the demo company once a test asked for it."""

    def __init__(self, worker: str, blocker: Any) -> None:
        usual = f"test_{connection.settings_dict['NAME']}"
        self._blocker = blocker
        self._tables, self._company = (f"{usual}_{kind}_{os.environ[_RUN]}" for kind in ("tables", "company"))
        self.own = "_".join(filter(None, (usual, worker)))
        self._demo = f"{self.own}_demo"
        self._demo_is_clean = False

    def prepare(self) -> None:
        with _alone() as cursor:
            if not _exists(cursor, self._tables):
                self._migrate()
            _copy(cursor, self._tables, self.own)
        self._lead_to(self.own)
        with self._blocker.unblock():
            emptied.remember()

    def lead(self, item: pytest.Item) -> None:
        """The connection, and those of threads to come, to what this test wants."""
        asked = set(getattr(item, "fixturenames", ()))
        if WANTED not in asked:
            self._lead_to(self.own)
            return
        marker = item.get_closest_marker("django_db")
        commits = bool(asked & _COMMITS or (marker and marker.kwargs.get("transaction")))
        if commits or not self._demo_is_clean:
            self._copy_company()
        self._demo_is_clean = not commits
        self._lead_to(self._demo)

    @property
    def demo(self) -> Demo:
        with _alone() as cursor:
            words = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
            cursor.execute(words, [self._company])
            said = json.loads(cursor.fetchone()[0])
        return Demo(datetime.fromisoformat(said["founded_at"]), said["told"])

    def drop(self) -> None:
        connection.close()
        with _alone() as cursor:
            _drop(cursor, self.own, self._demo)

    def _lead_to(self, name: str) -> None:
        if connection.settings_dict["NAME"] != name:
            connection.close()
            connection.settings_dict["NAME"] = name
            _forget_rows()

    def _migrate(self) -> None:
        connection.settings_dict["TEST"]["NAME"] = self._tables
        with self._blocker.unblock():
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()

    def _copy_company(self) -> None:
        self._lead_to(self.own)
        with _alone() as cursor:
            if not _exists(cursor, self._company):
                self._found(cursor)
            _copy(cursor, self._company, self._demo)
        _forget_rows()

    def _found(self, cursor: Any) -> None:
        """What stands is renamed to what can be copied, so that a half founded one is never taken for it."""
        from itsm.home.demo import seeding  # models are not loaded when this is

        _copy(cursor, self._tables, self._demo)
        self._lead_to(self._demo)
        at = timezone.now()
        with self._blocker.unblock():
            said = {"told": seeding.found(at, say=lambda words: None), "founded_at": at.isoformat()}
        self._lead_to(self.own)
        names = sql.Identifier(self._demo), sql.Identifier(self._company)
        cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))
        cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(names[1], sql.Literal(json.dumps(said))))


def _forget_rows() -> None:
    """What the product keeps by the key of a row that never changes: another database has another row of that key."""
    apps = ("itsm", "catalog", "slo", "changes", "incidents")
    for module in [one for name, one in sys.modules.items() if name.split(".")[0] in apps]:
        for kept in [one for one in vars(module).values() if isinstance(one, _lru_cache_wrapper)]:
            if any(name.endswith("_id") for name in inspect.signature(kept).parameters):
                kept.cache_clear()


@contextmanager
def _alone() -> Iterator[Any]:
    """A cursor beside the tests' databases, while no other worker has one."""
    beside = psycopg2.connect(**{**connection.get_connection_params(), "dbname": "postgres"})
    try:
        beside.autocommit = True
        with beside.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            yield cursor
    finally:
        beside.close()


def _exists(cursor: Any, name: str) -> bool:
    cursor.execute("SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)", [name])
    return bool(cursor.fetchone()[0])


def _copy(cursor: Any, template: str, name: str) -> None:
    _drop(cursor, name)
    names = sql.Identifier(name), sql.Identifier(template)
    cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(*names))


def _drop(cursor: Any, *names: str) -> None:
    for name in names:
        drop(cursor, name)


def send_away(cursor: Any, name: str, seconds: int = 10) -> None:
    """Nobody of ours is in the database: not a server's thread of a test of before either, which leaves when it is
    collected. Waited for, since a copy of the database is refused while one is on its way out."""
    ours = "pid <> pg_backend_pid() AND pg_has_role(usesysid, 'MEMBER')"  # of other roles nobody may be sent away
    others = f"FROM pg_stat_activity WHERE datname = %s AND usename IS NOT NULL AND {ours}"
    cursor.execute(f"SELECT pg_terminate_backend(pid, {1000 * seconds}) {others}", [name])


def drop(cursor: Any, name: str) -> None:
    """The database is gone, whoever of ours is still in it.

    Not by WITH (FORCE), which refuses who is no superuser while PostgreSQL itself vacuums there; without it that is
    asked to leave and waited for.
    """
    send_away(cursor, name)
    cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # workers are of the run that started them
        os.environ[_RUN] = uuid.uuid4().hex[:8]


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> Iterator[None]:
    """In place of pytest-django's own, which migrates for each worker."""
    here = Databases(getattr(request.config, "workerinput", {}).get("workerid", ""), django_db_blocker)
    here.prepare()
    here.lead(request.session.stash[_FIRST])
    request.session.stash[_HERE] = here
    yield
    here.drop()


@pytest.fixture
def demo(request: pytest.FixtureRequest, db: None) -> Demo:
    """The demo company stands; what a test does to it is undone."""
    return request.session.stash[_HERE].demo


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before the test's own transaction; no company of `world` stands around it (tests/standing.py)."""
    if here := item.session.stash.get(_HERE, None):
        here.lead(item)
    else:
        item.session.stash[_FIRST] = item


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Who started the run takes away what its workers copied."""
    if not hasattr(session.config, "workerinput"):
        with suppress(psycopg2.OperationalError), _alone() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"%{os.environ[_RUN]}%"])
            _drop(cursor, *(name for (name,) in cursor.fetchall()))
