"""A real streaming replica: what may be old is read there, what is decided never, and without it nothing is missed."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.test.utils import CaptureQueriesContext

from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm import replica
from itsm.clocks import heartbeat
from itsm.run import ports
from itsm.run.child import Child
from itsm.run.postgres import SUPERUSER, Postgres
from tests.api.world import SYSTEM, browser, founded
from tests.run.desks import eventually

pytestmark = pytest.mark.django_db(transaction=True)


class Standby:
    """Made of the run's own PostgreSQL by pg_basebackup, and following it."""

    def __init__(self, folder: Path) -> None:
        self.known, self.port = connection.settings_dict, ports.free()
        self.main = Postgres(Path(os.environ["HEADROOM_FILES_DIR"]).parent, throw_away=True, port=self.port)
        before, user = self.main.drop_root
        folder.chmod(0o777)
        data = folder / "standby"
        copied = subprocess.run(
            [*before, self.main.programs / "pg_basebackup", "--dbname", self.url("postgres", self.known["PORT"]),
             "--pgdata", data, "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"],
            capture_output=True, text=True, user=user, group=user, extra_groups=None if user is None else [],
        )  # fmt: skip
        assert copied.returncode == 0, copied.stderr
        words = [*before, self.main.programs / "postgres", "-D", data, *self.main.options({"fsync": "off"})]
        self.child = Child("standby", words, folder, workplace=data, stop_signal=signal.SIGINT, user=user)
        self.child.start()

    def url(self, database: str, port: object) -> str:
        return f"postgresql://{SUPERUSER}:{self.main.password}@{ports.HOST}:{port}/{database}"

    def told(self, statement: str) -> None:
        told = psycopg2.connect(self.url("postgres", self.port))
        told.autocommit = True
        with told.cursor() as cursor:
            cursor.execute(statement)
        told.close()


@pytest.fixture
def standby(tmp_path: Path, settings: Any) -> Iterator[Standby]:
    founded()
    heartbeat.swept("celery@here")
    made = Standby(tmp_path)
    settings.REPLICA_LAG = 30
    there = {**connection.settings_dict, "PORT": made.port}
    connections.settings[replica.ALIAS] = there
    # Under the name of the database itself: Django's tests forbid connections of any other name.
    connections[replica.ALIAS] = DatabaseWrapper(there)
    yield made
    connections[replica.ALIAS].close()
    del connections.settings[replica.ALIAS], connections[replica.ALIAS]
    replica._known.asked_at = None
    made.child.stop()


def is_fresh() -> bool:
    """Asked anew."""
    replica._known.asked_at = None
    return replica.is_fresh()


def is_the_replica() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        return bool(cursor.fetchone()[0])


def test_what_may_be_old_is_read_there_while_it_follows(standby: Standby, settings: Any, manager: Any) -> None:
    heartbeat.swept("celery@here")
    eventually(is_fresh)
    web = browser(manager)
    incidents.open_incident(actor=SYSTEM, title="Just now")
    number = Incident.objects.count()
    with replica.reading() as elsewhere:
        assert elsewhere
        assert is_the_replica()
        eventually(lambda: Incident.objects.count() == number)
        with pytest.raises(DatabaseError, match="read-only"):
            incidents.open_incident(actor=SYSTEM, title="Nothing is written there")
    assert not is_the_replica()

    def asked_there(path: str) -> int:
        with CaptureQueriesContext(connections[replica.ALIAS]) as there:
            answer = web.get(path)
            assert answer.status_code == 200
            assert b"".join(answer.streaming_content) if answer.streaming else answer.content
        return len(there)

    for path in ("/reports/", "/reports/incidents.csv", "/reports/toil/"):
        assert asked_there(path) > 0, path
    assert asked_there("/incidents/") == 0, "a list that people work from is never old"

    standby.told("SELECT pg_wal_replay_pause()")
    settings.REPLICA_LAG = 1
    eventually(lambda: not is_fresh())
    assert asked_there("/reports/toil/") == 0, "it is behind"
    standby.told("SELECT pg_wal_replay_resume()")
    settings.REPLICA_LAG = 3600
    assert is_fresh()
    standby.child.kill()
    answer = web.get("/reports/toil/")  # it was fresh a moment ago
    assert answer.status_code == 200
    assert not is_fresh()
    with replica.reading() as elsewhere:
        assert not elsewhere
        assert Incident.objects.count() == number
