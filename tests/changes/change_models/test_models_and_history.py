"""Change models live by their record; history halves every ninety days, exactly."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from changes.change.operations import counting
from changes.change.queries.history import decayed
from changes.change_models import operations as change_models
from changes.models import ChangeModel, History
from itsm.audit.models import Entry
from itsm.kernel.errors import Conflict, NotPermitted
from tests.factories.changes import a_measured_service, a_model, ask, change_of, ran, restate
from tests.factories.slo import T0, a_service

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def run(service, actor, status, at):
    """One standard deployment from asking to its end."""
    restate(service, "healthy", at)
    evaluation = ask(service, actor, at=at, change_class="standard")
    assert evaluation.outcome == "approved"
    ran(evaluation.change, actor, at, status=status)
    return evaluation


@pytest.fixture
def service(owning):
    service = a_measured_service()
    a_model(service, owning)
    return service


def test_two_failures_in_twenty_suspend_a_model(service, asker):
    hours = [T0 + timedelta(days=2 * number) for number in range(4)]
    run(service, asker, "succeeded", hours[0])
    run(service, asker, "failed", hours[1])
    assert ChangeModel.objects.get().status == "approved"
    run(service, asker, "rolled_back", hours[2])
    model = ChangeModel.objects.get()
    assert (model.status, model.suspended_because) == ("suspended", "2 failures in the last 3 runs")
    assert Entry.objects.filter(event="change_model.suspended").count() == 1
    restate(service, "healthy", hours[3])
    evaluation = ask(service, asker, at=hours[3], change_class="standard")
    assert (change_of(evaluation).change_class, evaluation.outcome) != ("standard", "approved")


def test_failures_older_than_twenty_runs_are_forgotten_by_the_model(service):
    History.objects.create(service=service, environment="production", model=ChangeModel.objects.get(), runs=21, weighted_runs=21,
                           recent=[True, *[False] * 19], as_of=T0)  # fmt: skip
    change = change_of_model(service)
    counting.count_run(change, failed=True, ended_at=T0)
    assert ChangeModel.objects.get().status == "approved"
    counting.count_run(change, failed=True, ended_at=T0)
    assert ChangeModel.objects.get().status == "suspended"


def change_of_model(service):
    from changes.models import Change

    return Change(service=service, environment="production", model=ChangeModel.objects.get())


def test_certifying_again_lifts_a_suspension(service, owning, asker, approving):
    ChangeModel.objects.update(status="suspended", suspended_because="2 failures")
    model = ChangeModel.objects.get()
    with pytest.raises(NotPermitted):
        change_models.certify_model(model, actor=approving, version=model.version, at=T0)
    certified = change_models.certify_model(model, actor=owning, version=model.version, at=T0)
    assert (certified.status, certified.suspended_because) == ("approved", "")
    assert ask(service, asker, change_class="standard").outcome == "approved"


def test_a_certificate_lasts_a_hundred_and_eighty_days(service, asker):
    for days, change_class in ((180, "standard"), (181, "normal")):
        at = T0 + timedelta(days=days)
        restate(service, "healthy", at)
        assert change_of(ask(service, asker, at=at, change_class="standard")).change_class == change_class


def test_history_halves_every_ninety_days():
    one = Decimal(1)
    assert decayed(one, T0, T0) == one
    assert decayed(one, T0, T0 + timedelta(days=90)) == Decimal("0.5")
    assert decayed(one, T0, T0 + timedelta(days=180)) == Decimal("0.25")
    assert decayed(one, T0, T0 + timedelta(days=45)) == Decimal("0.707106781")
    assert decayed(one, T0, T0 - timedelta(days=1)) == one  # a clock that goes back adds nothing


def test_runs_are_counted_with_their_age(service, asker):
    run(service, asker, "failed", T0 + 31 * MINUTE - MINUTE)  # counted a minute later
    run(service, asker, "succeeded", T0 + timedelta(days=90))
    row = History.objects.get()
    assert (row.runs, row.recent) == (2, [True, False])
    assert (row.weighted_runs, row.weighted_failures) == (Decimal("1.5"), Decimal("0.5"))


def test_normal_changes_have_a_history_of_their_own(service, asker):
    run(service, asker, "succeeded", T0)
    evaluation = ask(service, asker, at=T0)
    assert evaluation.decision.evidence["history"]["value"]["runs"] == 0
    standard = ask(service, asker, at=T0, change_class="standard")
    assert standard.decision.evidence["history"]["value"]["runs"] == 1


BODY = {"slug": "checkout", "name": "Checkout", "tier": 3, "standard_deployments": True}


def test_standard_deployments_are_on_the_owners_name(api, owner):
    assert api(owner).post("/api/v1/services/", BODY, format="json").status_code == 201
    model = ChangeModel.objects.get(service__slug="checkout")
    assert (model.slug, model.approved_by, model.status) == ("checkout-deployment", owner, "approved")
    assert timezone.now() - model.certified_at < timedelta(minutes=1)
    entry = Entry.objects.get(event="change_model.approved")
    assert (entry.actor_id, entry.changes["status"]) == (owner.pk, ["proposed", "approved"])
    first = model.versions.get()  # the default's words are Headroom's own
    assert (first.written_by, first.writers, first.approved_by) == (None, [], owner)


@pytest.mark.parametrize("role", ["engineer", "manager"])
def test_nobody_else_makes_deployments_standard(api, person, role):
    answer = api(person(role)).post("/api/v1/services/", BODY, format="json")
    assert answer.status_code == 403
    assert not ChangeModel.objects.exists()


def test_a_program_of_the_owners_does_not_either(person, as_actor):
    program = as_actor(person("owner", username="owner-bot", account_type="service"))
    with pytest.raises(NotPermitted):
        a_model(a_service(), program)


def test_a_slug_names_one_model(service, owning):
    with pytest.raises(Conflict):
        a_model(service, owning)
