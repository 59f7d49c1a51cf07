"""Models are watched: a P1 stops one, its users hear of it, its owner is asked in time; history proposes new ones."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from changes.change.operations import people_decide
from changes.change_models import operations as change_models
from changes.model_review import operations, queries
from changes.models import Change, ChangeModel
from incidents.incident import operations as incidents
from itsm.kernel.errors import NotPermitted, StaleVersion, WrongState
from itsm.notifications.models import Notification
from itsm.work.models import Link
from tests.api.world import browser
from tests.factories.changes import a_measured_service, a_model, ask, change_of, ran, restate
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def service(owning):
    service = a_measured_service()
    a_model(service, owning)
    return service


def a_run(service, actor, at=T0, **words):
    restate(service, "healthy", at)
    evaluation = ask(service, actor, at=at, **({"change_class": "standard"} | words))
    return ran(change_of(evaluation), actor, at).change


def caused(change, priority, managing, at=T0):
    incident = incidents.open_incident(actor=managing, title="Down", service=change.service, priority=priority)
    Link.objects.create(
        from_kind="change", from_id=change.pk, to_kind="incident", to_id=incident.pk, meaning="caused", at=at
    )


@pytest.mark.parametrize(("priority", "suspended"), [(1, 1), (2, 0)])
def test_one_p1_stops_a_model_and_its_users_hear_of_it(priority, suspended, asker, managing, owning, pipeline):
    now = timezone.now()
    service = a_measured_service(at=now)
    a_model(service, owning, at=now)
    caused(a_run(service, asker, now), priority, managing, now)
    assert operations.watch(now) == suspended
    assert operations.watch(now) == 0
    model = ChangeModel.objects.get()
    assert model.status == ("suspended" if suspended else "approved")
    told = Notification.objects.filter(subject=f"The model {model.slug} is suspended")
    assert {one.to_id for one in told} == ({pipeline.owner_id, model.approved_by_id} if suspended else set())
    if suspended:
        assert change_of(ask(service, asker, at=now + DAY, change_class="standard")).change_class == "normal"


def test_a_p1_from_before_the_certificate_stops_nothing(service, asker, managing, owning):
    caused(a_run(service, asker), 1, managing)
    operations.watch(T0 + DAY)
    model = ChangeModel.objects.get()
    change_models.certify_model(model, actor=owning, version=model.version, at=T0 + 2 * DAY)
    assert operations.watch(T0 + 3 * DAY) == 0


def test_who_approved_it_is_asked_once_fourteen_days_ahead(service, owner, owning):
    assert operations.ask_to_certify(T0 + 165 * DAY) == 0
    assert operations.ask_to_certify(T0 + 166 * DAY) == 1
    assert operations.ask_to_certify(T0 + 167 * DAY) == 0
    assert Notification.objects.filter(to=owner, subject__startswith="Certify the model").count() == 1
    model = ChangeModel.objects.get()
    change_models.certify_model(model, actor=owning, version=model.version, at=T0 + 170 * DAY)
    assert operations.ask_to_certify(T0 + 336 * DAY) == 1


def test_a_person_stops_a_model_and_retires_it_for_good(service, owning, approving):
    model = ChangeModel.objects.get()
    with pytest.raises(NotPermitted):
        change_models.suspend_model(model, actor=approving, version=model.version, because="Odd")
    with pytest.raises(StaleVersion):
        change_models.suspend_model(model, actor=owning, version=model.version + 1, because="Odd")
    model = change_models.suspend_model(model, actor=owning, version=model.version, because="Odd")
    assert (model.status, model.suspended_because) == ("suspended", "Odd")
    model = change_models.retire_model(model, actor=owning, version=model.version)
    for again in (
        lambda: change_models.certify_model(model, actor=owning, version=model.version, at=T0),
        lambda: change_models.suspend_model(model, actor=owning, version=model.version, because="Odd"),
        lambda: change_models.retire_model(model, actor=owning, version=model.version),
    ):
        with pytest.raises(WrongState):
            again()


def test_figures_say_what_a_model_saved_and_cost(service, asker, approving, owner):
    peer = ask(service, asker)
    people_decide.decide_by_person(
        peer.change, actor=approving, decision="approve", comment="", at=T0 + timedelta(hours=3)
    )
    ran(change_of(peer), asker, T0 + timedelta(hours=3))
    a_run(service, asker, T0 + DAY)
    a_run(service, asker, T0 + 2 * DAY)
    (before,) = queries.figures(T0 + 3 * DAY)
    assert (before.as_of, before.runs, before.hours_saved) == (None, None, None)
    assert [operations.keep_figures(T0 + 3 * DAY), operations.keep_figures(T0 + 2 * DAY)] == [1, 0]  # the later stays
    with CaptureQueriesContext(connection) as read:
        (found,) = queries.figures(T0 + 3 * DAY)
    assert found.as_of == T0 + 3 * DAY
    assert not [one for one in read.captured_queries if "changes_change " in one["sql"] or "approvals" in one["sql"]]
    assert (found.runs, found.failures, found.without_people, found.hours_saved) == (2, 0, 2, 6.0)
    assert found.failure_bound is not None
    assert Decimal(0) < found.failure_bound < Decimal("0.15")
    page = browser(owner).get("/changes/models/figures/").content.decode()
    assert found.model.slug in page
    assert "6.0" in page


def over(service, asker, times, **last):
    """Normal changes of one kind, people's each; the last one with other figures."""
    for number in range(times):
        evaluation = ask(service, asker, at=T0 + number * DAY)
        change = Change.objects.filter(pk=evaluation.change_id)
        at = T0 + number * DAY
        change.update(status="scheduled", authorised_until=at + DAY)
        change.update(status="running", started_at=at)
        change.update(status="reviewing", finished_at=at)
        said = {"outcome_code": "successful"} | (last if number == times - 1 else {})
        decided_by = said.pop("decided_by", "person")
        change.update(status="closed", **said)
        evaluation.status, evaluation.decided_by, evaluation.expires_at = "expired", decided_by, at
        evaluation.save()
        change.get().deployments.create(
            number=1, evaluation=evaluation, environment="production", status="succeeded", started_at=at, finished_at=at
        )


@pytest.mark.parametrize(
    ("times", "last", "expected"),
    [
        (10, {}, 1),
        (9, {}, 0),
        (10, {"outcome_code": "unsuccessful"}, 0),
        (10, {"outcome_code": "successful_with_issues"}, 0),
        (10, {"decided_by": "policy"}, 0),
    ],
)
def test_ten_runs_without_a_failure_approved_by_people_are_proposed(
    times, last, expected, asker, owner, owning, monkeypatch
):
    service = a_measured_service("watch")
    over(service, asker, times, **last)
    found = queries.candidates(T0 + 20 * DAY)
    assert len(found) == expected
    if expected:
        (one,) = found
        assert (one.service, one.repository, one.workflow_name, one.runs) == (service, "shop", "deploy", 10)
        form = browser(owner).get("/changes/models/", {"service": service.slug, "repository": "shop"}).content.decode()
        assert 'value="shop"' in form
        monkeypatch.setattr(queries, "NEWEST", 9)
        assert queries.candidates(T0 + 20 * DAY) == []  # further back nobody looks
        monkeypatch.undo()
        a_model(service, owning)
        assert queries.candidates(T0 + 20 * DAY) == []
