"""A task that is a standard change: opened once, put to the gate, followed to its end; what fails is for people."""

from typing import Any

import pytest
from django.utils import timezone

from catalog.models import WantedChange
from catalog.requests import operations, queries
from changes.change import receivers
from changes.change.operations import deploying, people_decide
from changes.change.operations.requested import open_wanted
from changes.models import Change, ChangeModel, Deployment
from itsm.accounts.models import Team
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict
from itsm.lifecycle import RecordEvent
from itsm.notifications.models import Notification
from itsm.work.linking import linked_to
from itsm.work.tasks import tasks_of
from tests.factories.changes import a_measured_service, a_model
from tests.factories.requests import a_request, an_item, item_of, question, task

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


@pytest.fixture
def desk(agent: Any, as_actor: Any) -> Any:
    team = Team.objects.get_or_create(slug="support", defaults={"name": "Support", "takes_work": True})[0]
    team.members.add(agent)
    return as_actor(agent)


@pytest.fixture
def model(owner: Any, as_actor: Any) -> ChangeModel:
    """Openings of ports are standard changes of the firewall, which is well."""
    now = timezone.now()
    return a_model(a_measured_service(slug="firewall", at=now), as_actor(owner), at=now)


def a_port(model: ChangeModel, *others: Any) -> Any:
    values = {"title": "Open port {{port}}", "plan": "Run the playbook for {{port}}."}
    change = task("open", kind="change", change_model=model.slug, values=values)
    return an_item("firewall-port", questions=[question("port")], tasks=[change, task("tell", "open"), *others])


def test_the_change_is_opened_judged_linked_and_its_good_end_goes_on(
    model: ChangeModel, desk: Any, requester: Any, approver: Any, owner: Any, manager: Any, as_actor: Any
) -> None:
    request = a_request(as_actor(requester), a_port(model), answers={"port": "8443"})
    item = item_of(request)
    change = Change.objects.get()
    assert change.summary == f"{item.reference}: Open port 8443"
    assert (change.model, change.plan) == (model, "Run the playbook for 8443.")
    assert change.verdict  # the gate was asked
    assert [one.record for one in linked_to(change, SYSTEM)] == [request]
    wanted = WantedChange.objects.get()
    assert (wanted.state, wanted.change_number) == ("opened", change.pk)
    opening, telling = queries.task_rows(item, desk)
    assert (opening.state, opening.change.reference, telling.state) == ("working", change.reference, "pending")
    says = queries.sentence(item)
    assert "schedul" in says
    assert change.reference not in says
    with pytest.raises(Conflict):
        operations.cancel_item(item, actor=as_actor(requester))  # it costs something by now
    open_wanted(wanted.task_id, at=timezone.now())
    assert Change.objects.count() == 1
    now = timezone.now()
    people_decide.decide_by_person(change, actor=as_actor(approver), decision="approve", comment="", at=now)
    running = deploying.start_deployment(change, actor=as_actor(owner), at=now, artifact_digest=change.artifact_digest)
    assert queries.sentence(item) == "We are working on it."
    deploying.finish_deployment(running, actor=as_actor(owner), status=Deployment.Status.SUCCEEDED, at=now)
    assert queries.sentence(item) == "We are working on it."  # it is looked at once more, and nothing is planned
    deploying.finishing.close(change, actor=as_actor(manager), outcome_code="successful")
    due.sweep(timezone.now())
    assert [one.state for one in queries.task_rows(item, desk)] == ["done", "open"]
    operations.settle_task(item, tasks_of(item)[1], actor=desk, outcome="done")
    request.refresh_from_db()
    assert (request.status, request.outcome) == ("done", "complete")


def _ends(change: Change, status: str) -> None:
    """The change comes to its end by somebody's step, and what is due is kept."""
    Change.objects.filter(pk=change.pk).update(status=status)
    change.refresh_from_db()
    step = next(one for one in change.workflow.steps.values() if one.target == status)
    receivers.requested_change_moved(Change, RecordEvent(change, f"change.{step.done}", SYSTEM, {}, step))
    assert due.sweep(timezone.now()) >= 1


def test_one_that_comes_to_nothing_is_for_people_who_may_try_again(
    model: ChangeModel, desk: Any, requester: Any, as_actor: Any
) -> None:
    request = a_request(as_actor(requester), a_port(model), answers={"port": "22"})
    item, change = item_of(request), Change.objects.get()
    _ends(change, "cancelled")
    assert queries.sentence(item) == "It is delayed: people look at it."
    assert Notification.objects.filter(to=desk.id, subject__contains="needs people").exists()
    opening = tasks_of(item)[0]
    assert not opening.is_over
    operations.retry_change(item, opening, actor=desk, at=timezone.now())
    assert Change.objects.count() == 2
    with pytest.raises(Conflict):
        operations.retry_change(item, opening, actor=desk, at=timezone.now())


def test_what_cannot_be_opened_stops_nothing_and_is_for_people(
    model: ChangeModel, desk: Any, requester: Any, as_actor: Any
) -> None:
    port = a_port(model)
    ChangeModel.objects.filter(pk=model.pk).update(status="suspended")
    request = a_request(as_actor(requester), port, answers={"port": "1"})
    item, wanted = item_of(request), WantedChange.objects.get()
    assert (request.status, wanted.state, Change.objects.count()) == ("fulfilling", "failed", 0)
    assert queries.sentence(item) == "It is delayed: people look at it."
    operations.settle_task(item, tasks_of(item)[0], actor=desk, outcome="done")  # by hand
    assert queries.task_rows(item, desk)[1].state == "open"


def test_who_decides_about_changes_gets_none_in_somebody_elses_name(
    model: ChangeModel, desk: Any, approver: Any, engineer: Any, as_actor: Any
) -> None:
    a_request(as_actor(approver), a_port(model), answers={"port": "1"})
    assert Change.objects.count() == 0
    assert "decides about changes" in WantedChange.objects.get().said
    a_request(as_actor(engineer), an_item("other", tasks=[task("open", kind="change", change_model=model.slug)]))
    assert Change.objects.get().requested_by == engineer


def test_ten_who_complete_the_same_task_open_one_change(
    model: ChangeModel, desk: Any, requester: Any, as_actor: Any
) -> None:
    values = {"title": "Open it"}
    item = an_item(
        "firewall-port",
        tasks=[task("check"), task("open", "check", kind="change", change_model=model.slug, values=values)],
    )
    request = a_request(as_actor(requester), item)
    assert Change.objects.count() == 0
    check = tasks_of(item_of(request))[0]
    operations.settle_task(item_of(request), check, actor=desk, outcome="done")
    for _again in range(9):
        with pytest.raises(Conflict):
            operations.settle_task(item_of(request), check, actor=desk, outcome="done")
    assert Change.objects.count() == 1


def test_what_was_approved_once_is_asked_of_nobody_again_and_who_owes_its_review_reads_what_waits(
    model: ChangeModel, desk: Any, requester: Any, manager: Any, engineer: Any, as_actor: Any, web: Any
) -> None:
    ChangeModel.objects.filter(pk=model.pk).update(proposed_by=engineer)  # another one than who approved it
    item = item_of(a_request(as_actor(requester), a_port(model), answers={"port": "8443"}))
    change, now = Change.objects.get(), timezone.now()
    assert (change.status, change.verdict) == ("scheduled", "approved")
    assert change.artifact_digest == f"sha256:{item.content_hash}"  # of what was asked for and approved
    running = deploying.start_deployment(
        change, actor=as_actor(engineer), at=now, artifact_digest=change.artifact_digest
    )
    deploying.finish_deployment(running, actor=as_actor(engineer), status=Deployment.Status.ROLLED_BACK, at=now)
    told = Notification.objects.filter(to=manager, subject__contains="looked back").last()
    assert told is not None
    assert f"{item.reference} waits until it is looked back at" in told.body
    assert f"{item.reference} waits until this change" in web(manager).get(change.get_absolute_url()).content.decode()
