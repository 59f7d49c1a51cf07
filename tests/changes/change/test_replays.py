"""A repeated request makes nothing new, and is told the truth about what the first one made."""

from datetime import timedelta

import pytest
from django.utils import timezone

from changes.calendar.operations import windows
from changes.change.operations import deploying, editing
from changes.change.operations import people_decide as deciding
from changes.models import Change, Deployment, Evaluation
from incidents.models import Incident
from itsm.api.models import IdempotencyRecord
from itsm.notifications.web_addresses import our_address
from tests.factories.changes import a_measured_service, a_model, an_artifact, change_of

pytestmark = pytest.mark.django_db

GATE = "/api/v1/gate-evaluations/"
ARTIFACT = an_artifact("release")


class Desk:
    """A pipeline that asks by its natural key, and what happens to its answer meanwhile."""

    def __init__(self, client, service, asker, approving, managing):
        self.client, self.service = client, service
        self.asker, self.approver, self.manager = asker, approving, managing

    def ask(self, change_class="standard", key=None, attempt=1, **more):
        run = {"provider": "ci", "repository": "shop", "workflow": "deploy", "run_id": "7", "attempt": attempt}
        body = {
            "service": self.service.slug, "change_class": change_class, "summary": "Deploy", "backout": "Back.",
            "artifact": {"digest": ARTIFACT}, "pipeline": {k: v for k, v in run.items() if v is not None},
        }  # fmt: skip
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(GATE, body | more, format="json", headers=headers)

    @property
    def evaluation(self):
        return Evaluation.objects.select_related("change").order_by("asked_at").last()

    def start(self, headers=None):
        path = f"/api/v1/changes/{self.evaluation.change.reference}/deployments/"
        return self.client.post(path, {"artifact": {"digest": ARTIFACT}}, format="json", headers=headers or {})


@pytest.fixture
def desk(api, pipeline, owning, asker, approving, managing):
    now = timezone.now()
    service = a_measured_service(at=now)
    a_model(service, owning, at=now)
    return Desk(api(pipeline), service, asker, approving, managing)


def used(desk):
    assert desk.start().status_code == 201


def finished(desk):
    used(desk)
    deploying.finish_deployment(Deployment.objects.get(), actor=desk.asker, status="succeeded", at=timezone.now())


def expired_by_the_clock(desk):
    Evaluation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def frozen(desk):
    now = timezone.now()
    windows.add_window(
        actor=desk.manager, window_type="freeze", name="Stop", starts_at=now, ends_at=now + timedelta(hours=1),
        reason="Now.", at=now,
    )  # fmt: skip


def cancelled(desk):
    deciding.cancel_evaluation(desk.evaluation, actor=desk.asker, at=timezone.now())


def edited(desk):
    change = change_of(desk.evaluation)
    editing.edit(change, actor=desk.asker, version=change.version, at=timezone.now(), plan="Another.")


def approved(desk):
    deciding.decide_by_person(
        desk.evaluation.change, actor=desk.approver, decision="approve", comment="", at=timezone.now()
    )


def declined(desk):
    deciding.decide_by_person(
        desk.evaluation.change, actor=desk.approver, decision="decline", comment="No.", at=timezone.now()
    )


#    class       what happened            status       allowed
MEANWHILE = [
    ("standard", lambda desk: None, "approved", True),
    ("standard", used, "approved", False),
    ("standard", finished, "approved", False),
    ("standard", expired_by_the_clock, "expired", False),
    ("standard", frozen, "expired", False),
    ("standard", cancelled, "cancelled", False),
    ("standard", edited, "expired", False),
    ("normal", lambda desk: None, "pending", False),
    ("normal", approved, "approved", True),
    ("normal", declined, "rejected", False),
    ("normal", cancelled, "cancelled", False),
]


@pytest.mark.in_turn(2)
@pytest.mark.parametrize("key", ["k", None], ids=["by its key", "by its run"])
@pytest.mark.parametrize(("change_class", "meanwhile", "status", "allowed"), MEANWHILE)
def test_a_replayed_question_is_answered_as_it_stands_now(desk, key, change_class, meanwhile, status, allowed):
    first = desk.ask(change_class, key)
    meanwhile(desk)
    again = desk.ask(change_class, key)
    said = again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert (said["id"], again.status_code) == (first.json()["id"], first.status_code)
    assert (said["status"], said["allowed"]) == (status, allowed)
    now = desk.client.get(again["Location"])
    assert said == now.json()
    assert again["ETag"] == now["ETag"]
    assert again.has_header("Retry-After") == (status == "pending")
    assert Evaluation.objects.count() == 1


@pytest.mark.in_turn(3)
@pytest.mark.parametrize("attempt", [None, "", " "], ids=["no attempt", "an empty one", "a blank one"])
@pytest.mark.parametrize(("meanwhile", "anew"), [
    (lambda desk: None, False), (used, False), (finished, True), (expired_by_the_clock, True), (frozen, True),
    (cancelled, True),
])  # fmt: skip
def test_a_run_without_attempt_asks_anew_after_a_final_answer(desk, attempt, meanwhile, anew):
    first = desk.ask(attempt=attempt)
    assert first.status_code == 201, first.content
    meanwhile(desk)
    again = desk.ask(attempt=attempt)
    assert again.has_header("Idempotent-Replayed") == (not anew)
    assert (again.json()["id"] != first.json()["id"]) == anew
    third = desk.ask(attempt=attempt)  # and what it asked anew is the answer to repeat
    if again.json()["status"] in {"approved", "pending"}:
        assert third.json() == again.json()


def test_a_run_that_asks_anew_may_ask_about_something_else(desk):
    first = desk.ask(attempt=None)
    assert desk.ask(attempt=None, summary="Deploy more").status_code == 422  # the first is still good
    cancelled(desk)
    again = desk.ask(attempt=None, summary="Deploy more")
    assert (again.status_code, again.json()["id"] != first.json()["id"]) == (201, True)


def test_a_replay_of_an_answer_that_was_used_says_so_in_words(desk):
    assert desk.ask().json()["ended_because"] is None
    used(desk)
    said = desk.ask().json()
    assert said["allowed"] is False
    assert "used this answer" in said["ended_because"]


def test_no_picture_of_an_authorisation_is_kept(desk):
    desk.ask(key="k")
    kept = IdempotencyRecord.objects.get()
    assert (kept.made, kept.report) == (str(desk.evaluation.pk), "")


def test_a_replayed_start_shows_the_deployment_as_it_is_now(desk):
    desk.ask()
    first = desk.start({"Idempotency-Key": "k"})
    deploying.finish_deployment(Deployment.objects.get(), actor=desk.asker, status="failed", at=timezone.now())
    again = desk.start({"Idempotency-Key": "k"})
    assert (again.status_code, again["Idempotent-Replayed"], again["Location"]) == (201, "true", first["Location"])
    assert (again.json()["number"], again.json()["status"]) == (1, "failed")
    assert Deployment.objects.count() == 1


def test_a_second_start_without_a_key_names_what_runs(desk, pipeline):
    desk.ask()
    desk.start()
    refused = desk.start()
    said = refused.json()
    assert refused.status_code == 409
    assert "deployment 1, started by pipeline" in said["detail"]
    assert said["deployment"] == {
        "number": 1,
        "url": our_address(f"/api/v1/changes/{desk.evaluation.change.reference}/deployments/1/"),
    }


def test_a_replayed_approval_shows_the_change_as_it_is_now(desk, api, approver):
    desk.ask("normal")
    change = change_of(desk.evaluation)
    path, client = f"/api/v1/changes/{change.reference}/approvals/", api(approver)
    headers = {"Idempotency-Key": "k", "If-Match": f'"{change.version}"'}
    first = client.post(path, {"decision": "approve"}, format="json", headers=headers)
    deciding.cancel(change, actor=desk.asker, why="Not needed.", at=timezone.now())
    again = client.post(path, {"decision": "approve"}, format="json", headers=headers)
    assert (first.json()["state"], again.json()["state"]) == ("scheduled", "cancelled")
    assert again["ETag"] == f'"{Change.objects.get().version}"' != first["ETag"]


def test_a_replayed_incident_shows_its_present_state_and_version(api, agent, as_actor):
    from incidents.incident import operations as incidents

    client, headers = api(agent), {"Idempotency-Key": "k"}
    first = client.post("/api/v1/incidents/", {"title": "Slow"}, format="json", headers=headers)
    incidents.acknowledge(Incident.objects.get(), actor=as_actor(agent))
    again = client.post("/api/v1/incidents/", {"title": "Slow"}, format="json", headers=headers)
    assert (first.json()["state"], again.json()["state"]) == ("new", "in_progress")
    assert again["ETag"] == f'"{Incident.objects.get().version}"' != first["ETag"]


def test_what_is_gone_is_said_to_be_gone(api, admin):
    from slo.models import DataSource

    client, headers = api(admin), {"Idempotency-Key": "k"}
    body = {"slug": "main", "name": "Main", "url": "https://prometheus.example"}
    first = client.post("/api/v1/data-sources/", body, format="json", headers=headers)
    assert first.status_code == 201, first.content
    DataSource.objects.all().delete()
    again = client.post("/api/v1/data-sources/", body, format="json", headers=headers)
    assert (again.status_code, again.json()["type"]) == (404, "/problems/not-found")
