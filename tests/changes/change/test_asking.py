"""Asking the gate: the class is derived, the change is found or opened, one answer at a time is good."""

import pytest

from changes.change.operations import asking, deploying
from changes.change.workflow import Status
from changes.models import Change, Decision, Evaluation
from itsm.audit.recording import timeline
from itsm.kernel.errors import InvalidInput, NotPermitted
from slo.models import Reservation
from tests.factories.changes import a_measured_service, a_model, an_artifact, ask, change_of, question
from tests.factories.slo import T0, a_service

pytestmark = pytest.mark.django_db


def test_a_standard_change_is_approved_and_its_steps_are_written_down(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    evaluation = ask(service, asker, change_class="standard")
    change = change_of(evaluation)
    assert (evaluation.status, evaluation.outcome, evaluation.decided_by) == ("approved", "approved", "policy")
    assert (change.status, change.change_class, change.verdict) == (Status.SCHEDULED, "standard", "approved")
    assert change.authorised_until == evaluation.expires_at
    events = [entry.event for entry in reversed(timeline(change))]
    assert events == ["change.created", "change.submitted", "change.evaluated", "change.authorised"]


def test_the_answer_in_memory_is_the_one_in_the_database(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    evaluation = ask(service, asker, change_class="standard")
    stored = Evaluation.objects.get(pk=evaluation.pk)
    fields = [field.attname for field in Evaluation._meta.concrete_fields]
    assert {name: getattr(evaluation, name) for name in fields} == {name: getattr(stored, name) for name in fields}
    fields = [field.attname for field in Change._meta.concrete_fields]
    assert {name: getattr(evaluation.change, name) for name in fields} == {
        name: getattr(stored.change, name) for name in fields
    }


@pytest.mark.parametrize("bound", ["nothing", "repository", "workflow_name", "environments", "suspended", "retired"])
def test_standard_is_derived_and_never_just_claimed(asker, owning, bound):
    service = a_measured_service()
    if bound in {"suspended", "retired"}:
        type(a_model(service, owning)).objects.update(status=bound)
    elif bound != "nothing":
        a_model(service, owning, **{bound: ["staging"] if bound == "environments" else "another"})
    evaluation = ask(service, asker, change_class="standard")
    assert change_of(evaluation).change_class == "normal"
    codes = [reason["code"] for reason in evaluation.decision.verdict["reasons"]]
    assert "standard_refused" in codes
    assert evaluation.outcome != "approved"


def test_a_model_within_its_bounds_makes_the_change_standard(asker, owning):
    service = a_measured_service()
    a_model(service, owning, repository="shop", workflow_name="deploy", environments=["production"])
    assert change_of(ask(service, asker, change_class="standard")).change_class == "standard"


def test_a_migration_needs_a_model_that_allows_it(asker, owning):
    plain, migrating = a_measured_service(), a_measured_service()
    a_model(plain, owning)
    a_model(migrating, owning, allows_migration=True)
    assert change_of(ask(plain, asker, change_class="standard", migration=True)).change_class == "normal"
    assert change_of(ask(migrating, asker, change_class="standard", migration=True)).change_class == "standard"


def test_an_emergency_names_an_incident_that_is_open(asker):
    evaluation = ask(a_measured_service(), asker, change_class="emergency", exception={"incident": "INC-00099"})
    assert change_of(evaluation).change_class == "normal"


def test_a_model_of_another_service_is_refused(asker, owning):
    model = a_model(a_measured_service(), owning)
    with pytest.raises(InvalidInput):
        ask(a_measured_service(), asker, change_class="standard", model=model)
    assert not Change.objects.exists()


def test_the_same_content_is_one_change_and_the_new_attempt_supersedes(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    same = question(service, change_class="standard")
    first = asking.ask_gate(same, actor=asker, at=T0)
    second = asking.ask_gate(same, actor=asker, at=T0)
    first.refresh_from_db()
    assert first.change_id == second.change_id
    assert (first.status, first.ended_because) == ("cancelled", "asked again")
    assert (second.status, change_of(second).status) == ("approved", Status.SCHEDULED)
    held = Reservation.objects.filter(holder=second.change.reference)
    assert held.count() == 2
    assert held.filter(released_at=None).count() == 1


def test_other_content_or_another_asker_is_another_change(asker, engineer, as_actor):
    service = a_measured_service()
    same = question(service)
    asking.ask_gate(same, actor=asker, at=T0)
    asking.ask_gate(same, actor=as_actor(engineer), at=T0)
    ask(service, asker, artifact_digest=an_artifact("other"))
    assert Change.objects.count() == 3


def test_a_change_under_way_is_not_asked_about_again_but_opened_anew(asker, owning):
    service = a_measured_service()
    a_model(service, owning)
    same = question(service, change_class="standard")
    first = asking.ask_gate(same, actor=asker, at=T0)
    deploying.start_deployment(first.change, artifact_digest=first.change.artifact_digest, actor=asker, at=T0)
    second = asking.ask_gate(same, actor=asker, at=T0)
    assert second.change_id != first.change_id


def test_ask_again_judges_a_draft_with_what_it_said_before(asker, approving):
    evaluation = ask(a_measured_service(), asker, proof={"tests_failed": 3})
    from changes.change.operations.evaluations import GATE, end

    end(evaluation, actor=GATE, status="expired", why="test", at=T0)
    again = asking.ask_again(change_of(evaluation), actor=asker, at=T0)
    assert again.claims == evaluation.claims
    assert "tests_failed" in [reason["code"] for reason in again.decision.verdict["reasons"]]
    with pytest.raises(NotPermitted):
        asking.ask_again(change_of(evaluation), actor=approving, at=T0)


@pytest.mark.parametrize("role", ["requester", "agent", "auditor", "approver"])
def test_who_may_not_ask_leaves_nothing_behind(person, as_actor, role):
    with pytest.raises(NotPermitted):
        ask(a_measured_service(), as_actor(person(role)))
    assert not Change.objects.exists()
    assert not Decision.objects.exists()


def test_the_natural_key_of_a_run_replays_its_answer(api, pipeline):
    service = a_service(tier=3)
    client = api(pipeline)
    run = {"provider": "ci", "repository": "shop", "workflow": "deploy", "run_id": 7, "attempt": 1}
    body = {"service": service.slug, "summary": "Deploy", "backout": "Back.", "pipeline": run}
    first = client.post("/api/v1/gate-evaluations/", body, format="json")
    again = client.post("/api/v1/gate-evaluations/", body, format="json")
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.headers["Location"], again.headers["ETag"]) == (first.headers["Location"], first.headers["ETag"])
    assert Evaluation.objects.count() == 1
    other = client.post("/api/v1/gate-evaluations/", body | {"summary": "Deploy more"}, format="json")
    assert (other.status_code, other.json()["type"].rsplit("/", 1)[-1]) == (422, "idempotency-mismatch")
    body["pipeline"] = run | {"attempt": 2}
    retried = client.post("/api/v1/gate-evaluations/", body, format="json").json()
    assert retried["change"] == first.json()["change"]
    assert retried["id"] != first.json()["id"]


def test_a_refused_question_leaves_no_claim_on_its_key(api, pipeline, requester):
    body = {"service": a_service().slug, "summary": "Deploy", "pipeline": {"run_id": 1}}
    assert api(requester).post("/api/v1/gate-evaluations/", body, format="json").status_code == 403
    assert api(pipeline).post("/api/v1/gate-evaluations/", body | {"service": "no"}, format="json").status_code == 400
    assert api(pipeline).post("/api/v1/gate-evaluations/", body, format="json").status_code == 202


def test_two_live_answers_for_one_change_are_refused_by_the_database(asker):
    from django.db import IntegrityError, transaction

    evaluation = ask(a_measured_service(), asker)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.create(
            change=evaluation.change, requested_by=evaluation.requested_by, asked_at=T0, content_hash="x" * 64,
            claims={}, pipeline={},
        )  # fmt: skip
