"""Two doors, one room: REST refuses what the operation refuses, with the status that the refusal carries."""

from datetime import timedelta

import pytest
from django.utils import timezone

from changes.models import Change
from itsm.kernel.errors import DomainError
from tests.factories.changes import a_measured_service, a_model, ask

pytestmark = pytest.mark.django_db

APPROVE, DECLINE = {"decision": "approve"}, {"decision": "decline", "comment": "No."}
WINDOW = {"kind": "freeze", "name": "Stop", "starts_at": "2030-01-01T00:00:00Z", "ends_at": "2030-01-02T00:00:00Z",
          "reason": "Year end."}  # fmt: skip

# fmt: off
#    who          change       verb and path                                     body                                 status
DOORS = [
    ("requester", "approved",  "post",  "/api/v1/gate-evaluations/",              {"service": "{service}", "summary": "x"}, 403),
    ("approver",  "approved",  "post",  "/api/v1/gate-evaluations/",              {"service": "{service}", "summary": "x"}, 403),
    ("pipeline",  "approved",  "post",  "/api/v1/gate-evaluations/",              {"service": "no-such", "summary": "x"}, 400),
    ("approver",  "waiting",   "post",  "/api/v1/changes/{number}/approvals/",    APPROVE,                              201),
    ("manager",   "waiting",   "post",  "/api/v1/changes/{number}/approvals/",    DECLINE,                              201),
    ("approver",  "waiting",   "post",  "/api/v1/changes/{number}/approvals/",    {"decision": "decline"},              422),
    ("approver",  "waiting",   "post",  "/api/v1/changes/{number}/approvals/",    {"decision": "maybe"},                400),
    ("approver",  "approved",  "post",  "/api/v1/changes/{number}/approvals/",    APPROVE,                              409),
    ("pipeline",  "waiting",   "post",  "/api/v1/changes/{number}/approvals/",    APPROVE,                              403),
    ("engineer",  "waiting",   "post",  "/api/v1/changes/{number}/approvals/",    APPROVE,                              403),
    ("requester", "waiting",   "post",  "/api/v1/changes/{number}/approvals/",    APPROVE,                              403),
    ("pipeline",  "approved",  "post",  "/api/v1/changes/{number}/deployments/",  {"artifact": "{artifact}"},           201),
    ("pipeline",  "approved",  "post",  "/api/v1/changes/{number}/deployments/",  {},                                   400),
    ("pipeline",  "waiting",   "post",  "/api/v1/changes/{number}/deployments/",  {},                                   409),
    ("pipeline",  "approved",  "post",  "/api/v1/changes/{number}/deployments/",  {"artifact": {"digest": "sha256:other"}}, 400),
    ("pipeline",  "approved",  "post",  "/api/v1/changes/{number}/deployments/",  {"environment": "staging"},           400),
    ("engineer",  "approved",  "post",  "/api/v1/changes/{number}/deployments/",  {},                                   403),
    ("approver",  "approved",  "post",  "/api/v1/changes/{number}/deployments/",  {},                                   403),
    ("pipeline",  "approved",  "patch", "/api/v1/changes/{number}/deployments/1/", {"status": "succeeded"},             404),
    ("pipeline",  "running",   "patch", "/api/v1/changes/{number}/deployments/1/", {"status": "succeeded"},             200),
    ("pipeline",  "running",   "patch", "/api/v1/changes/{number}/deployments/1/", {"status": "splendid"},              400),
    ("pipeline",  "running",   "post",  "/api/v1/changes/{number}/deployments/",  {},                                   409),
    ("pipeline",  "running",   "post",  "/api/v1/changes/{number}/cancel/",       {},                                   409),
    ("pipeline",  "waiting",   "post",  "/api/v1/changes/{number}/cancel/",       {},                                   200),
    ("manager",   "waiting",   "post",  "/api/v1/changes/{number}/cancel/",       {"why": "Not now."},                  200),
    ("engineer",  "waiting",   "post",  "/api/v1/changes/{number}/cancel/",       {},                                   403),
    ("manager",   "waiting",   "post",  "/api/v1/changes/{number}/close/",        {"outcome": "successful"},            409),
    ("pipeline",  "waiting",   "patch", "/api/v1/changes/{number}/",              {"plan": "Another."},                 428),
    ("pipeline",  "waiting",   "patch", "/api/v1/changes/{number}/",              {"status": "closed"},                 400),
    ("engineer",  "waiting",   "post",  "/api/v1/calendar-windows/",              WINDOW,                               403),
    ("manager",   "waiting",   "post",  "/api/v1/calendar-windows/",              WINDOW,                               201),
    ("manager",   "waiting",   "post",  "/api/v1/calendar-windows/",              WINDOW | {"ends_at": "2029-01-01T00:00:00Z"}, 400),
    ("manager",   "waiting",   "get",   "/api/v1/changes/CHG-99999/",             None,                                 404),
    ("requester", "waiting",   "get",   "/api/v1/changes/{number}/",              None,                                 404),
]
# fmt: on


@pytest.fixture
def stage(owning, asker):
    """A change in one of three situations, at this very moment: REST has no other."""

    def make(situation):
        now = timezone.now()
        service = a_measured_service(at=now)
        a_model(service, owning, at=now)
        said = {} if situation == "waiting" else {"change_class": "standard"}
        change = ask(service, asker, at=now, **said).change
        if situation == "running":
            from changes.change.operations import deploying

            deploying.start_deployment(change, artifact_digest=change.artifact_digest, actor=asker, at=now)
        return change

    return make


@pytest.mark.parametrize(("who", "situation", "verb", "path", "body", "status"), DOORS)
def test_rest_answers_as_the_table_says(request, api, stage, who, situation, verb, path, body, status):
    change = stage(situation)
    named = {"{service}": change.service.slug, "{artifact}": {"digest": change.artifact_digest}}
    said = {name: named.get(value, value) if isinstance(value, str) else value for name, value in (body or {}).items()}
    before = Change.objects.values().get()
    client = api(request.getfixturevalue(who))
    read = {"If-Match": f'"{change.version}"'} if path.endswith("/approvals/") else {}
    answer = getattr(client, verb)(path.format(number=change.reference), said, format="json", headers=read)
    assert answer.status_code == status, answer.content
    if status >= 400:
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert Change.objects.values().get() == before


def test_every_refusal_carries_its_status_to_rest():
    """Whatever an operation may raise, the API's table translates by class, so one table serves both doors."""
    statuses = {refusal.status for refusal in DomainError.__subclasses__()}
    assert statuses >= {400, 403, 404, 409, 412, 422, 428, 503}


def test_allowed_is_said_only_of_what_is_good_now(api, pipeline, stage):
    change = stage("approved")
    evaluation = change.evaluations.get()
    client, path = api(pipeline), f"/api/v1/gate-evaluations/{evaluation.pk}/"
    assert client.get(path).json()["allowed"] is True
    type(evaluation).objects.update(expires_at=timezone.now() - timedelta(seconds=1))  # the sweeper has not come yet
    said = client.get(path).json()
    assert (said["allowed"], said["status"]) == (False, "expired")


def test_an_answer_is_not_allowed_once_it_was_used(api, pipeline, stage):
    evaluation = stage("running").evaluations.get()
    said = api(pipeline).get(f"/api/v1/gate-evaluations/{evaluation.pk}/").json()
    assert (said["allowed"], said["used_at"] is None) == (False, False)
