"""What people approved is looked at again at the start: what is worse than they knew holds it, and they are asked."""

from datetime import timedelta

import pytest

from changes.change.operations import people_decide as deciding
from changes.change.workflow import Status
from changes.models import Deployment, Evaluation
from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.approvals import confirming
from itsm.approvals.models import ApprovalRequest
from itsm.audit.models import Entry
from itsm.clocks import due
from itsm.kernel.errors import Held, NotPermitted, WrongState
from itsm.notifications.models import Notification
from tests.factories import changes as factory
from tests.factories.catalog import relies_on
from tests.factories.changes import a_measured_service, a_window, ask, change_of, restate
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
LATER = T0 + 5 * MINUTE


@pytest.fixture
def asking(engineer, as_actor):
    """A person who asks, and may be told."""
    return as_actor(engineer)


@pytest.fixture
def colleague(person, as_actor):
    """Another of those who tend incidents."""
    return as_actor(person("agent", username="colleague"))


@pytest.fixture
def evaluation(asking, approving):
    """Approved by a person at T0, on a healthy service."""
    found = ask(a_measured_service(), asking)
    answer(found, approving)
    found.refresh_from_db()
    assert (found.status, found.decided_by) == ("approved", "person")
    return found


def answer(evaluation, actor, decision="approve", comment="", at=T0, **seen):
    return deciding.decide_by_person(
        change_of(evaluation), actor=actor, decision=decision, comment=comment, at=at, **seen
    )


def start(evaluation, actor, at=LATER):
    return factory.start(change_of(evaluation), actor, at)


def a_major(service, managing):
    return incidents.open_incident(actor=managing, title="Down", service=service, priority=1, major=True)


def burning(service, managing):
    restate(service, "burning_fast", LATER)


def exhausted(service, managing):
    restate(service, "exhausted", LATER)


def silent(service, managing):
    restate(service, "no_data", LATER)


def called_off(incident, managing, colleague, at=LATER):
    """A major_or_p1 one stays until a second person confirms that it may go."""
    waits = incidents.cancel(
        Incident.objects.get(pk=incident.pk), actor=managing, cancel_code="not_an_incident", reason="False alarm."
    ).awaits
    confirming.confirm(waits, actor=colleague, at=at, version=1)


def frozen(service, managing):
    a_window(
        managing, window_type="freeze", name="Year end", starts_at=T0, ends_at=T0 + timedelta(hours=2),
        reason="Now.", at=T0 + MINUTE,
    )  # fmt: skip


def reaching(service, managing):
    relies_on(a_measured_service(), service)


WORSE = [
    (a_major, "has a major incident since: INC-"),
    (burning, "is burning its budget fast since; it was healthy before"),
    (exhausted, "has used up its budget since"),
    (silent, "cannot be seen any more"),
    (frozen, "closed since by the freeze “Year end”, until 2 Mar 2026, 14:00 UTC"),
    (reaching, "It reaches more than before: service-"),
]


@pytest.mark.parametrize(("happened", "words"), WORSE)
def test_what_is_worse_than_they_knew_holds_the_start(evaluation, asking, approving, managing, happened, words):
    service = evaluation.change.service
    happened(service, managing)
    Notification.objects.all().delete()
    with pytest.raises(Held, match="is held") as refused:
        start(evaluation, asking)
    assert words in refused.value.detail
    evaluation.refresh_from_db()
    assert (evaluation.status, change_of(evaluation).status) == ("approved", Status.SCHEDULED)  # nothing is taken back
    put = ApprovalRequest.objects.get(status="open")
    assert asking.id in put.excluded
    told = dict(Notification.objects.values_list("to__username", "subject"))
    assert words in told["engineer"]
    assert "may it still go?" in told["approver"]
    assert words in told["approver"]
    assert words in Entry.objects.get(event="change.held").remark


@pytest.mark.parametrize("state", ["watch", "constrained", "low_confidence", "burning_slow"])
def test_what_people_decide_about_anyway_holds_nothing(evaluation, asking, state):
    restate(evaluation.change.service, state, LATER)
    assert start(evaluation, asking)


@pytest.mark.parametrize("happened", [a_major, burning, exhausted, silent, reaching])
def test_what_they_knew_holds_nothing(asking, approving, managing, happened):
    found = ask(a_measured_service(), asking)
    happened(found.change.service, managing)
    answer(found, approving, at=LATER)
    assert start(found, asking, LATER + MINUTE)


@pytest.mark.parametrize("happened", [a_major, burning, exhausted, silent, reaching])
def test_still_re_arms_it_for_what_they_know_now(evaluation, asking, approving, managing, happened):
    happened(evaluation.change.service, managing)
    with pytest.raises(Held):
        start(evaluation, asking)
    answer(evaluation, approving, comment="We know.", at=LATER)
    assert Entry.objects.get(event="change.confirmed").remark == "We know."
    assert start(evaluation, asking, LATER + MINUTE)
    assert Deployment.objects.count() == 1


def test_still_does_not_open_a_closed_calendar(evaluation, asking, approving, managing):
    frozen(evaluation.change.service, managing)
    with pytest.raises(Held):
        start(evaluation, asking)
    with pytest.raises(WrongState, match="lasts until"):
        answer(evaluation, approving, at=LATER)
    with pytest.raises(Held):
        start(evaluation, asking, LATER + MINUTE)
    restate(evaluation.change.service, "healthy", T0 + timedelta(hours=2))
    assert start(evaluation, asking, T0 + timedelta(hours=2))  # it has passed, so has the hold
    assert not ApprovalRequest.objects.filter(status="open").exists()
    assert Entry.objects.filter(event="change.let_go").count() == 1


def test_a_hold_passes_with_what_held_it(evaluation, asking, managing, colleague):
    incident = a_major(evaluation.change.service, managing)
    with pytest.raises(Held):
        start(evaluation, asking)
    called_off(incident, managing, colleague)
    assert start(evaluation, asking)


def test_what_has_passed_by_itself_is_allowed_again_without_another_try(evaluation, asking, managing, colleague):
    incident = a_major(evaluation.change.service, managing)
    with pytest.raises(Held):
        start(evaluation, asking)
    due.sweep(LATER + MINUTE)
    evaluation.refresh_from_db()
    assert evaluation.held  # the incident is still there
    called_off(incident, managing, colleague, LATER + MINUTE)
    due.sweep(LATER + 2 * MINUTE)
    evaluation.refresh_from_db()
    assert evaluation.held is None
    assert not ApprovalRequest.objects.filter(status="open").exists()
    assert Notification.objects.filter(to__username="engineer", subject__contains="what held it has passed").exists()
    assert start(evaluation, asking)


def test_starting_again_asks_nobody_twice(evaluation, asking, managing):
    a_major(evaluation.change.service, managing)
    for _ in range(3):
        with pytest.raises(Held):
            start(evaluation, asking)
    assert ApprovalRequest.objects.filter(status="open").count() == 1
    assert Entry.objects.filter(event="change.held").count() == 1


def test_what_gets_worse_still_is_said_and_asked_about(evaluation, asking, approving, managing):
    a_major(evaluation.change.service, managing)
    with pytest.raises(Held):
        start(evaluation, asking)
    answer(evaluation, approving, at=LATER)
    exhausted(evaluation.change.service, managing)
    with pytest.raises(Held, match="used up its budget"):
        start(evaluation, asking)
    assert ApprovalRequest.objects.filter(status="open").count() == 1


def test_not_any_more_ends_it(evaluation, asking, approving, managing):
    a_major(evaluation.change.service, managing)
    with pytest.raises(Held):
        start(evaluation, asking)
    change = answer(evaluation, approving, "decline", "Wait for the fix.", at=LATER)
    evaluation.refresh_from_db()
    assert (change.status, evaluation.status) == (Status.DRAFT, "rejected")
    with pytest.raises(WrongState):
        start(evaluation, asking)


def test_four_eyes_hold_for_still(evaluation, asking, managing, person, as_actor, payments):
    """Who asked, and who carries it out, never say it: though both hold the role that is asked."""
    service = evaluation.change.service
    service.team = payments
    service.save()
    starter = person("approver", payments, username="otto")
    for user in (starter, User.objects.get(pk=asking.id)):
        User.objects.filter(pk=user.pk).update(roles=["engineer", "approver"])
    asker, starter = (as_actor(User.objects.get(pk=pk)) for pk in (asking.id, starter.pk))
    a_major(service, managing)
    with pytest.raises(Held):
        start(evaluation, starter)
    assert ApprovalRequest.objects.get(status="open").role == "approver"
    for actor in (asker, starter):
        with pytest.raises(NotPermitted, match="Four eyes"):
            answer(evaluation, actor, at=LATER)
    evaluation.refresh_from_db()
    assert evaluation.held


def test_what_is_held_is_not_allowed(evaluation, asking, managing, api, approver):
    a_major(evaluation.change.service, managing)
    client = api(approver)
    path = f"/api/v1/gate-evaluations/{evaluation.pk}/"
    Evaluation.objects.update(expires_at=T0 + timedelta(days=3650))
    assert client.get(path).json()["allowed"] is True
    with pytest.raises(Held):
        start(evaluation, asking)
    said = client.get(path).json()
    assert said["allowed"] is False
    assert "has a major incident since" in said["held_because"][0]


def test_nobody_approves_into_an_incident_without_having_seen_it(asking, approving, managing):
    found = ask(a_measured_service(), asking)
    a_major(found.change.service, managing)
    with pytest.raises(WrongState, match="see what has changed since the gate looked") as refused:
        answer(found, approving, at=LATER, seen="")
    assert not ApprovalRequest.objects.exclude(status="open").exists()
    assert answer(found, approving, at=LATER, seen=refused.value.extra["seen"]).status == Status.SCHEDULED


def test_nor_over_rest(asking, approver, managing, api):
    found = ask(a_measured_service(), asking)
    a_major(found.change.service, managing)
    client, path = api(approver), f"/api/v1/changes/{found.change.reference}/approvals/"
    read = {"If-Match": client.get(path.removesuffix("approvals/"))["ETag"]}
    refused = client.post(path, {"decision": "approve"}, format="json", headers=read)
    assert refused.status_code == 409
    assert "has a major incident since" in " ".join(refused.json()["news"])
    seen = {"decision": "approve", "seen": refused.json()["seen"]}
    assert client.post(path, seen, format="json", headers=read).status_code == 201


def test_an_authorisation_that_ended_is_not_re_armed(evaluation, asking, approving, managing):
    a_major(evaluation.change.service, managing)
    with pytest.raises(Held):
        start(evaluation, asking)
    evaluation.refresh_from_db()
    with pytest.raises(WrongState):
        answer(evaluation, approving, at=evaluation.expires_at)


@pytest.mark.django_db(transaction=True)
def test_asking_again_is_committed_though_the_start_is_refused(evaluation, asking, managing, engineer, api):
    a_major(evaluation.change.service, managing)
    Evaluation.objects.update(expires_at=T0 + timedelta(days=3650))
    path = f"/api/v1/changes/{evaluation.change.reference}/deployments/"
    named = {"artifact": {"digest": evaluation.change.artifact_digest}}
    refused = api(engineer).post(path, named, format="json", headers={"Idempotency-Key": "k"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/wrong-state")
    evaluation.refresh_from_db()
    assert evaluation.held
    assert ApprovalRequest.objects.filter(status="open").count() == 1
