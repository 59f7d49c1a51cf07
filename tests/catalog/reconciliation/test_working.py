"""Imports that are owed are taken in by workers: under the rights of who began them, one at a time at a source."""

from contextlib import closing

import pytest
from django.db import connection

from catalog.models import CI, Run
from catalog.reconciliation.operations import working
from catalog.reconciliation.tasks import go_on
from itsm.accounts.models import User
from itsm.locks import AdvisoryLock
from tests.catalog.reconciliation.sources import begun, server

pytestmark = pytest.mark.django_db


def test_what_is_owed_is_taken_in_once() -> None:
    begun("netbox", server("1", serial="1"))
    begun("ansible", server("h2", serial="2"))
    assert (go_on(), go_on()) == (2, 0)
    assert CI.objects.count() == 2


def test_who_may_no_longer_bring_items_in_brings_none_in(engineer: User) -> None:
    run = begun("netbox", server("1", serial="1"))
    Run.objects.update(started_by=engineer)
    engineer.roles = ["requester"]
    engineer.save(update_fields=["roles"])
    assert go_on() == 0
    run.refresh_from_db()
    assert (run.state, "may not" in run.problem) == ("failed", True)
    assert not CI.objects.exists()


def test_a_source_at_which_somebody_is_is_left_to_them() -> None:
    run = begun("netbox", server("1", serial="1"))
    with closing(connection.get_new_connection(connection.get_connection_params())) as other:
        other.cursor().execute("SELECT pg_advisory_lock(%s, %s)", [AdvisoryLock.RUN_OF_SOURCE, run.source_id])
        assert go_on() == 0
    assert go_on() == 1


def test_a_long_run_is_left_to_the_workers(monkeypatch: pytest.MonkeyPatch, system) -> None:
    run = begun("netbox", server("1", serial="1"), server("2", serial="2"))
    monkeypatch.setattr(working, "BATCH", 1)
    assert working.begin(run, actor=system).state == "planned"
    monkeypatch.setattr(working, "BATCH", 2)
    assert working.begin(run, actor=system).state == "done"


def test_whom_a_worker_was_faster_than_sees_what_the_worker_did(system) -> None:
    run = begun("netbox", server("1", serial="1"))
    assert go_on() == 1
    assert working.finish(run, actor=system).counts["created"] == 1
