"""Completeness: one used authorisation for each production deployment, or an unauthorised change."""

from datetime import timedelta

import pytest

from changes.change.operations import deploying
from changes.delivery.formats.told import Told
from changes.delivery.operations import matching, record_event
from changes.delivery.operations.matching import overdue, reconcile
from changes.delivery.vocabulary import Result, Standing, ToldBy
from changes.models import Change, DeliverySource, DeploymentEvent, DeploymentRoute
from itsm.clocks.models import Due
from tests.factories.changes import a_measured_service, a_model, ask
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
SHA = "c" * 40


@pytest.fixture
def service(owning):
    service = a_measured_service()
    a_model(service, owning)
    return service


@pytest.fixture
def deploy(service, asker):
    """Ask, start and end a run under an authorisation; its event."""

    def run(at=T0, **words):
        asked = {"change_class": "standard", "commit": SHA, "pipeline": {"repository": "acme/shop", "run_id": "9"}}
        evaluation = ask(service, asker, at=at, **(asked | words))
        started = deploying.start_deployment(
            evaluation.change, actor=asker, at=at, artifact_digest=evaluation.change.artifact_digest
        )
        return started.event

    return run


@pytest.fixture
def tell(service, system):
    def say(number="1", at=T0, **words):
        said = {"told_by": ToldBy.GITHUB, "environment": "production", "started_at": at}
        event = record_event(Told(service=service, external_id=number, **(said | words)), actor=system, at=at)
        return event

    return say


def looked(event, at=T0):
    reconcile(at)
    event.refresh_from_db()
    return event.standing, event.matched_by, event.same_as_id


def test_it_is_matched_by_the_artifact_first_then_by_commit_then_by_the_run(deploy, tell):
    run = deploy()
    by_digest = tell("1", artifact_digest=run.artifact_digest)
    assert looked(by_digest) == (Standing.AUTHORISED, "digest", run.pk)
    by_commit = tell("2", told_by=ToldBy.GITLAB, commit=SHA[:8])
    assert looked(by_commit) == (Standing.AUTHORISED, "commit", run.pk)
    by_run = tell("3", told_by=ToldBy.GENERIC, repository="Acme/Shop", run_id="9")
    assert looked(by_run) == (Standing.AUTHORISED, "run", run.pk)
    assert by_run.change_id == run.change_id
    assert list(DeploymentEvent.objects.told_once()) == [run]


@pytest.mark.parametrize(
    "words",
    [
        {
            "artifact_digest": "sha256:" + "f" * 64,
            "commit": SHA,
            "run_id": "9",
        },  # another artifact: nothing else counts
        {"commit": "d" * 40, "run_id": "9"},
        {"run_id": "9", "repository": "other/shop"},
        {"run_id": "8"},
        {"commit": SHA[:6]},
        {},
    ],
)
def test_what_is_another_is_not_taken_for_it(deploy, tell, words):
    deploy()
    assert looked(tell(**words)) == (Standing.WAITING, "", None)


@pytest.mark.parametrize(
    ("started", "standing"),
    [
        (T0 - 5 * MINUTE, Standing.AUTHORISED),
        (T0 - 5 * MINUTE - timedelta(seconds=1), Standing.WAITING),
        (T0 + timedelta(hours=6, minutes=5), Standing.AUTHORISED),
        (T0 + timedelta(hours=6, minutes=6), Standing.WAITING),
    ],
)
def test_only_within_its_time(deploy, tell, started, standing):
    deploy()
    assert looked(tell(at=started, commit=SHA), at=started)[0] == standing


def test_two_deployments_of_one_teller_never_share_an_authorisation(deploy, tell):
    run = deploy()
    first, second = tell("1", commit=SHA), tell("2", commit=SHA)
    assert looked(first) == (Standing.AUTHORISED, "commit", run.pk)
    assert looked(second) == (Standing.WAITING, "", None)


def test_what_stays_unmatched_for_five_minutes_is_an_unauthorised_change(tell):
    event = tell(version="4.7.1", result=Result.SUCCEEDED, finished_at=T0)
    assert looked(event, T0 + 5 * MINUTE - timedelta(seconds=1))[0] == Standing.WAITING
    assert looked(event, T0 + 5 * MINUTE)[0] == Standing.UNAUTHORISED
    assert (event.change.change_class, event.change.status) == ("unauthorised", "reviewing")
    assert "4.7.1" in event.change.summary
    assert event.change.review_due_at is not None
    reconcile(T0 + 6 * MINUTE)
    assert Change.objects.filter(change_class="unauthorised").count() == 1


def test_a_later_match_withdraws_it(deploy, tell):
    event = tell(at=T0, commit=SHA)
    assert looked(event, T0 + 6 * MINUTE)[0] == Standing.UNAUTHORISED
    unauthorised = event.change
    run = deploy(at=T0 + 4 * MINUTE)
    assert looked(event, T0 + 7 * MINUTE) == (Standing.WITHDRAWN, "commit", run.pk)
    unauthorised.refresh_from_db()
    assert (unauthorised.status, unauthorised.review_due_at) == ("cancelled", None)
    assert event.change_id == run.change_id
    assert not Due.objects.filter(record_kind="change", record_id=unauthorised.pk, done_at=None).exists()


def test_what_went_out_blind_stands_apart_and_the_platforms_telling_with_it(tell):
    blind = tell("b", told_by=ToldBy.REPORT, blind=True, commit=SHA)
    # Its start came to nobody; how it ended did.
    over = {"result": Result.SUCCEEDED, "started_at": T0, "finished_at": T0 + 5 * MINUTE}
    told = tell("1", at=T0 + 5 * MINUTE, commit=SHA, **over)
    assert looked(told, T0 + 15 * MINUTE) == (Standing.BLIND, "", blind.pk)
    assert not Change.objects.filter(change_class="unauthorised").exists()
    other = tell("2", at=T0 + 5 * MINUTE, commit=SHA, **over)
    assert looked(other, T0 + 15 * MINUTE)[0] == Standing.UNAUTHORISED  # one blind report covers one deployment


@pytest.mark.parametrize("ended", [False, True])
def test_nobody_was_blind_while_the_platform_told_the_desk_of_the_start(ended, tell):
    """Whoever says so afterwards would be looked at by nobody. Both are one deployment, and an unauthorised one."""
    told = tell("1", commit=SHA)
    if ended:
        over = {"result": Result.SUCCEEDED, "started_at": None, "finished_at": T0 + 3 * MINUTE}
        tell("1", at=T0 + 3 * MINUTE, commit=SHA, **over)
    said = tell("b", at=T0 + 4 * MINUTE, told_by=ToldBy.REPORT, blind=True, commit=SHA, started_at=T0)
    assert looked(told, T0 + 10 * MINUTE) == (Standing.UNAUTHORISED, "", None)
    said.refresh_from_db()
    assert said.same_as == told
    assert Change.objects.filter(change_class="unauthorised").count() == 1


def test_the_watch_counts_what_is_overdue(tell):
    tell()
    assert (overdue(T0 + 5 * MINUTE), overdue(T0 + 6 * MINUTE)) == (0, 1)


def test_nothing_outside_production_is_looked_for(tell):
    event = tell(environment="staging")
    assert looked(event, T0 + 10 * MINUTE)[0] == Standing.EXEMPT


def test_one_that_always_fails_is_parked_says_so_and_keeps_none_after_it_waiting(tell, monkeypatch) -> None:
    first, second = (tell(name) for name in ("odd", "sound"))
    sound = matching.candidates

    def break_on_the_odd_one(event):
        if event.pk == first.pk:
            raise ValueError("a commit that nobody can read")
        return sound(event)

    monkeypatch.setattr(matching, "candidates", break_on_the_odd_one)
    late = T0 + 6 * MINUTE
    assert matching.reconcile(late) == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.standing, second.standing) == (Standing.WAITING, Standing.UNAUTHORISED)
    assert (first.trouble, first.retry_at) == ("ValueError: a commit that nobody can read", late + timedelta(hours=1))
    assert matching.overdue(late) == 1  # whoever watches hears of it
    assert matching.reconcile(late + MINUTE) == 1  # it is let be for an hour
    monkeypatch.undo()
    matching.reconcile(late + timedelta(hours=1))
    first.refresh_from_db()
    assert (first.standing, first.trouble, first.retry_at) == (Standing.UNAUTHORISED, "", None)


def test_what_is_imported_of_watched_days_is_never_called_unauthorised(tell, deploy):
    """The operator brings the past: what fits a run is that one, what fits none needed no authorisation."""
    run = deploy()
    known = tell("known", told_by=ToldBy.IMPORT, commit=SHA, result=Result.SUCCEEDED, finished_at=T0 + MINUTE)
    other = tell("other", told_by=ToldBy.IMPORT, commit="d" * 40, result=Result.SUCCEEDED, finished_at=T0 + MINUTE)
    assert other.standing == Standing.WAITING
    reconcile(T0 + 6 * MINUTE)
    assert looked(known) == (Standing.AUTHORISED, "commit", run.pk)
    assert looked(other)[0] == Standing.EXEMPT
    assert not Change.objects.filter(change_class="unauthorised").exists()


@pytest.mark.parametrize("connected", [True, False])
def test_blind_where_a_platform_is_connected_is_looked_back_at(connected, tell, service, pipeline, manager):
    source = DeliverySource.objects.create(
        slug="ci", name="CI", platform="github", account=pipeline, created_at=T0,
        retired_at=None if connected else T0,
    )  # fmt: skip
    DeploymentRoute.objects.create(
        source=source, repository="acme/shop", service=service, environment="production", created_at=T0
    )
    blind = tell("blind", told_by=ToldBy.REPORT, blind=True, commit=SHA)
    assert looked(blind, T0 + 4 * MINUTE)[0] == Standing.BLIND
    assert looked(blind, T0 + 5 * MINUTE)[0] == (Standing.UNAUTHORISED if connected else Standing.BLIND)
    if not connected:
        return
    blind.refresh_from_db()
    assert blind.change.review_due_at is not None
    # Its platform tells of it late: one deployment, one change.
    told = tell("late", at=T0 + MINUTE, commit=SHA, result=Result.SUCCEEDED, finished_at=T0 + 2 * MINUTE)
    DeploymentEvent.objects.filter(pk=told.pk).update(told_at=T0 + 60 * MINUTE)
    assert looked(told, T0 + 66 * MINUTE) == (Standing.UNAUTHORISED, "", blind.pk)
    assert Change.objects.filter(change_class="unauthorised").count() == 1
