"""Each deployment once: the gate's own, and what doors tell in whatever order and however often."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from changes.change.operations import deploying
from changes.delivery.formats.told import Told, ToldCommit
from changes.delivery.operations import record_event
from changes.delivery.vocabulary import Result, Rework, Standing, ToldBy
from changes.models import DeliveredCommit, DeploymentEvent
from itsm.audit.models import Entry
from itsm.kernel.errors import InvalidInput
from tests.factories.changes import a_measured_service, a_model, ask
from tests.factories.slo import T0, a_service

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def told(service, **words):
    said = {"told_by": ToldBy.GITHUB, "external_id": "acme/shop#7", "environment": "production"}
    return Told(**{**said, "service": service, "started_at": T0, "commit": "a" * 40, **words})


def happened(event):
    return list(
        Entry.objects.filter(record_kind="deployment_event", record_id=event.pk).values_list("event", flat=True)
    )


def test_the_gates_own_deployments_are_events_from_start_to_end(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    evaluation = ask(service, asker, change_class="standard", pipeline={"repository": "acme/shop", "run_id": "31"})
    run = deploying.start_deployment(
        evaluation.change, actor=asker, at=T0, artifact_digest=evaluation.change.artifact_digest
    )
    event = DeploymentEvent.objects.get()
    assert (event.told_by, event.external_id) == ("gate", f"{evaluation.change.reference}/1")
    assert (event.service, event.change_id, event.deployment_id) == (service, evaluation.change_id, run.pk)
    assert (event.repository, event.run_id, event.result, event.finished_at) == ("acme/shop", "31", "started", None)
    assert (event.standing, event.matched_by, event.who) == (Standing.AUTHORISED, "itself", asker.name)
    deploying.finish_deployment(run, actor=asker, status="rolled_back", at=T0 + MINUTE)
    event.refresh_from_db()
    assert (event.result, event.finished_at) == (Result.ROLLED_BACK, T0 + MINUTE)
    assert DeploymentEvent.objects.count() == 1


def test_an_event_is_told_once_however_often_it_is_told(system):
    service = a_service()
    first = record_event(told(service), actor=system, at=T0)
    again = record_event(told(service), actor=system, at=T0 + MINUTE)
    assert (again.pk, again.told_at, again.standing) == (first.pk, T0, Standing.WAITING)
    assert happened(first) == ["deployment_event.created"]


def test_an_end_that_comes_before_the_start_stays(system):
    service = a_service()
    ended = told(service, result=Result.SUCCEEDED, started_at=None, finished_at=T0 + 3 * MINUTE)
    record_event(ended, actor=system, at=T0 + 4 * MINUTE)
    event = record_event(told(service, version="1.2"), actor=system, at=T0 + 5 * MINUTE)
    event.refresh_from_db()
    assert (event.result, event.started_at, event.finished_at) == (Result.SUCCEEDED, T0, T0 + 3 * MINUTE)
    assert event.version == "1.2"


def test_a_second_end_that_contradicts_is_noted_and_changes_nothing(system):
    service = a_service()
    record_event(told(service, result=Result.FAILED, finished_at=T0), actor=system, at=T0)
    event = record_event(told(service, result=Result.SUCCEEDED, finished_at=T0), actor=system, at=T0)
    event.refresh_from_db()
    assert event.result == Result.FAILED
    assert "deployment_event.contradicted" in happened(event)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"external_id": " "}, "external_id"),
        ({"started_at": T0 + 6 * MINUTE}, "started_at"),
        ({"finished_at": T0 - MINUTE, "result": Result.FAILED}, "finished_at"),
    ],
)
def test_what_cannot_be_is_refused(system, words, field):
    with pytest.raises(InvalidInput) as refused:
        record_event(told(a_service(), **words), actor=system, at=T0)
    assert field in refused.value.errors
    assert not DeploymentEvent.objects.exists()


def test_five_minutes_ahead_are_a_clock_that_differs(system):
    assert record_event(told(a_service(), started_at=T0 + 5 * MINUTE), actor=system, at=T0).started_at > T0


def test_one_event_is_of_one_service(system):
    record_event(told(a_service()), actor=system, at=T0)
    with pytest.raises(InvalidInput):
        record_event(told(a_service()), actor=system, at=T0)


def test_its_standing_before_anybody_looked(system):
    service = a_service()

    def standing(**words):
        number = DeploymentEvent.objects.count()
        return record_event(told(service, external_id=f"x{number}", **words), actor=system, at=T0).standing

    assert standing(told_by=ToldBy.IMPORT) == Standing.EXEMPT  # nobody watched it yet
    assert standing(environment="staging") == Standing.EXEMPT
    assert standing(started_at=T0 - timedelta(days=1, seconds=1)) == Standing.EXEMPT  # sent once more by its platform
    assert standing(started_at=T0 - timedelta(days=1)) == Standing.WAITING
    assert standing(blind=True, told_by=ToldBy.REPORT) == Standing.BLIND
    assert standing() == Standing.WAITING
    assert standing(told_by=ToldBy.IMPORT, started_at=T0 - MINUTE) == Standing.EXEMPT
    assert standing(told_by=ToldBy.IMPORT, started_at=T0) == Standing.WAITING


def test_its_commits_are_kept_once(system):
    one = told(a_service(), commits=(ToldCommit("B" * 40, T0), ToldCommit("c" * 40, T0)), rework=Rework.FIX)
    event = record_event(one, actor=system, at=T0)
    record_event(replace(one, who="octo\0cat \ud800"), actor=system, at=T0)
    assert sorted(DeliveredCommit.objects.values_list("sha", flat=True)) == ["b" * 40, "c" * 40]
    event.refresh_from_db()
    assert event.who == "octocat "


def test_the_database_matches_one_to_one(system):
    service = a_service()
    own = record_event(told(service, told_by=ToldBy.GATE), actor=system, at=T0)
    for number in (1, 2):
        record_event(told(service, external_id=f"{number}"), actor=system, at=T0)
    rows = DeploymentEvent.objects.filter(told_by=ToldBy.GITHUB)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(same_as=own)
