"""Tasks of a change: what a mandatory one holds up, who plans and ticks them, and what comes with a model."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from changes.change.operations import checklist, deploying
from changes.change.workflow import Status
from changes.models import Change
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, MissingInformation, NotFound, NotPermitted, WrongState
from itsm.notifications.models import Notification
from itsm.work.models import Task
from itsm.work.tasks import edit_task, tasks_of
from tests.factories.changes import a_measured_service, a_model, ask, change_of, ran, restate, reviewed, start
from tests.factories.slo import MINUTE, T0

pytestmark = pytest.mark.django_db

OF_THE_MODEL = [
    {"kind": "implementation", "title": "Drain the queue", "mandatory": True},
    {"kind": "review", "title": "Look at the error budget", "mandatory": True},
    {"kind": "testing", "title": "Try the till", "mandatory": False},
]


@pytest.fixture
def going(asker: Actor, owning: Actor) -> Change:
    """A standard change that may go, with what its model says is to do."""
    service = a_measured_service()
    a_model(service, owning, tasks=OF_THE_MODEL)
    return change_of(ask(service, asker, change_class="standard"))


def titled(change: Change, title: str) -> Task:
    return tasks_of(change).get(title=title)


def test_a_mandatory_task_holds_up_the_step_of_its_kind(going: Change, asker: Actor, managing: Actor) -> None:
    assert [(one.task_kind, one.title, one.mandatory) for one in tasks_of(going)] == [
        (one["kind"], one["title"], one["mandatory"]) for one in OF_THE_MODEL
    ]
    ahead = checklist.add_task(going, actor=asker, title="Tell the shop", task_kind="planning", mandatory=True)
    with pytest.raises(MissingInformation, match="Still to do: Tell the shop"):
        start(going, asker)
    assert going.evaluations.get().used_at is None
    checklist.edit_task(going, ahead, actor=asker, done=True)
    running = start(going, asker)

    with pytest.raises(MissingInformation, match="Drain the queue"):
        deploying.finish_deployment(running, actor=asker, status="succeeded", at=T0 + MINUTE)
    checklist.edit_task(going, titled(going, "Drain the queue"), actor=asker, done=True)
    deploying.finish_deployment(running, actor=asker, status="succeeded", at=T0 + MINUTE)
    restate(going.service, "healthy", T0 + MINUTE + deploying.WATCH)
    deploying.watch_over(going.pk, T0 + MINUTE + deploying.WATCH)
    watched = change_of(going.evaluations.get())
    assert (watched.status, watched.outcome_code) == (Status.REVIEWING, "successful")  # clean, and not closed by itself

    with pytest.raises(MissingInformation, match="error budget"):
        deploying.close(watched, actor=managing, outcome_code="successful")
    checklist.edit_task(going, titled(going, "Look at the error budget"), actor=managing, done=True)
    assert deploying.close(watched, actor=managing, outcome_code="successful").status == Status.CLOSED
    with pytest.raises(WrongState, match="is over"):
        checklist.add_task(going, actor=asker, title="One more")


def test_what_is_rolled_back_need_not_be_done_any_more(going: Change, asker: Actor, managing: Actor) -> None:
    back = ran(going, asker, status="rolled_back", clean=False)
    change = change_of(back.evaluation)
    assert change.status == Status.REVIEWING
    reviewed(change, managing)
    with pytest.raises(MissingInformation, match="error budget"):
        deploying.close(change, actor=managing, outcome_code="unsuccessful")


@pytest.mark.parametrize(
    ("kind", "moves"), [("planning", "running"), ("implementation", "reviewing"), ("review", "closed")]
)
def test_the_database_holds_it_as_well(kind: str, moves: str, asker: Actor, owning: Actor, managing: Actor) -> None:
    service = a_measured_service()
    a_model(service, owning)
    change = change_of(ask(service, asker, change_class="standard"))
    if moves != "running":
        start(change, asker)
    if moves == "closed":
        deploying.finish_deployment(change.deployments.get(), actor=asker, status="succeeded", at=T0 + MINUTE)
    checklist.add_task(change, actor=managing, title="First", task_kind=kind, mandatory=True)
    more: dict[str, str] = {"outcome_code": "successful"} if moves == "closed" else {}
    with pytest.raises(IntegrityError, match="mandatory tasks"), transaction.atomic():
        Change.objects.filter(pk=change.pk).update(status=moves, **more)
    tasks_of(change).update(mandatory=False)
    Change.objects.filter(pk=change.pk).update(status=moves, **more)


def test_who_has_a_part_in_it_takes_no_promise_away(
    going: Change, asker: Actor, managing: Actor, approving: Actor, engineer: User, as_actor: Callable[..., Actor]
) -> None:
    for task in tasks_of(going)[:2]:
        for loosen in (
            lambda one=task: checklist.remove_task(going, one, actor=managing),
            lambda one=task: checklist.edit_task(going, one, actor=managing, mandatory=False),
            lambda one=task: checklist.edit_task(going, one, actor=managing, title="Nothing"),
        ):
            with pytest.raises(NotPermitted, match="comes with the model"):
                loosen()
    checklist.remove_task(going, titled(going, "Try the till"), actor=asker)  # nobody relied on it
    look = checklist.add_task(going, actor=managing, title="Ask the shop", task_kind="review", mandatory=True)
    with pytest.raises(NotPermitted, match="without a part in it"):
        checklist.remove_task(going, look, actor=asker)
    with pytest.raises(NotPermitted, match="without a part in it"):  # nobody looks back at their own
        checklist.edit_task(going, look, actor=asker, done=True)
    checklist.edit_task(going, look, actor=managing, done=True)
    with pytest.raises(NotPermitted, match="without a part in it"):  # nor loosens it once somebody has
        checklist.edit_task(going, look, actor=asker, mandatory=False)
    checklist.remove_task(going, look, actor=managing)
    with pytest.raises(NotPermitted, match="does not plan"):
        checklist.add_task(going, actor=approving, title="Mine")


@pytest.mark.parametrize("first", [{}, {"done": True}])
def test_nobody_makes_a_review_mandatory_that_they_did_themselves(
    first: dict[str, bool], going: Change, asker: Actor, managing: Actor
) -> None:
    """Neither in one breath, nor by doing it first while it is of another kind, or nobody has to."""
    of_kinds = [("review", {}), ("testing", {"task_kind": "review"})]
    for kind, more in of_kinds:
        look = checklist.add_task(going, actor=asker, title=f"Look back, {kind}", task_kind=kind)
        if first:
            checklist.edit_task(going, look, actor=asker, **first)
        with pytest.raises(WrongState if first else NotPermitted, match="without a part in it"):
            checklist.edit_task(going, look, actor=asker, mandatory=True, **more, **({} if first else {"done": True}))
        look.refresh_from_db()
        assert not look.mandatory
        checklist.edit_task(going, look, actor=asker, mandatory=True, done=False, **more)
        assert checklist.edit_task(going, look, actor=managing, done=True).done_by_id == managing.id


def test_a_task_that_was_taken_away_meanwhile_is_not_there(going: Change, asker: Actor) -> None:
    stale = [titled(going, "Try the till") for _ in range(2)]
    checklist.remove_task(going, titled(going, "Try the till"), actor=asker)
    with pytest.raises(NotFound, match="taken away meanwhile"):
        checklist.edit_task(going, stale[0], actor=asker, done=True)
    with pytest.raises(NotFound, match="taken away meanwhile"):
        edit_task(going, stale[1], actor=asker, done=True)


def test_whoever_was_given_one_hears_of_it_and_ticks_it(
    going: Change, asker: Actor, approver: User, approving: Actor, requester: User
) -> None:
    given = checklist.add_task(going, actor=asker, title="Watch the graphs", assigned_to=approver)
    assert Notification.objects.filter(to=approver, subject__contains="Watch the graphs").count() == 1
    assert checklist.edit_task(going, given, actor=approving, done=True).done_by_id == approver.pk
    with pytest.raises(NotPermitted):
        checklist.edit_task(going, given, actor=approving, title="Less")
    with pytest.raises(NotPermitted):
        checklist.edit_task(going, titled(going, "Try the till"), actor=approving, done=True)
    with pytest.raises(InvalidInput):
        checklist.add_task(going, actor=asker, title="Yours", assigned_to=requester)


def test_they_are_put_in_order_and_both_orders_are_kept(going: Change, asker: Actor) -> None:
    there = list(tasks_of(going).values_list("pk", flat=True))
    checklist.order_tasks(going, actor=asker, order=there[::-1])
    assert list(tasks_of(going).values_list("pk", flat=True)) == there[::-1]
    before, after = Entry.objects.get(event="change.tasks_ordered").changes["order"]
    assert before == after[::-1] == [one["title"] for one in OF_THE_MODEL]
    for odd in (there[:2], [*there, there[0]], [*there[:2], 10**15]):
        with pytest.raises(InvalidInput, match="Name each task"):
            checklist.order_tasks(going, actor=asker, order=odd)


def test_one_comes_a_place_earlier_the_first_stays_and_what_was_taken_away_meanwhile_is_said_so(
    going: Change, asker: Actor, approving: Actor
) -> None:
    first, second, third = tasks_of(going)
    checklist.take_task_earlier(going, third, actor=asker)
    checklist.take_task_earlier(going, first, actor=asker)
    assert list(tasks_of(going)) == [first, third, second]
    with pytest.raises(NotPermitted, match="does not plan"):
        checklist.take_task_earlier(going, third, actor=approving)
    checklist.remove_task(going, third, actor=asker)
    with pytest.raises(NotFound, match="no such task"):
        checklist.take_task_earlier(going, third, actor=asker)


def test_on_the_page_they_are_planned_ticked_and_moved(
    going: Change, manager: User, approver: User, requester: User, web: Callable[[User], Client]
) -> None:
    browser, at = web(manager), f"/changes/{going.reference}/tasks/"
    page = browser.get(at).content.decode()
    assert "before it is finished" in page
    assert page.index("Drain the queue") < page.index("Try the till")
    sent = {"title": "Call the vendor", "task_kind": "planning", "mandatory": "on", "due_at": "2031-05-01T10:00"}
    assert browser.post(f"{at}add/", sent).status_code == 302
    refused = browser.post(f"{at}add/", {"title": " ", "task_kind": "planning"})
    assert refused.status_code == 422
    added = tasks_of(going).get(title="Call the vendor")
    assert (added.task_kind, added.mandatory, added.position) == ("planning", True, 4)
    for verb in ("up", "done"):
        assert browser.post(f"{at}{added.pk}/{verb}/").status_code == 302
    added.refresh_from_db()
    assert (added.position, added.done_by_id) == (3, manager.pk)
    assert browser.post(f"{at}{added.pk}/away/").status_code == 404
    assert browser.post(f"{at}{added.pk}/undone/").status_code == 302
    edit = f"{at}{added.pk}/edit/"
    assert f'action="{edit}"' in browser.get(at).content.decode()
    said = sent | {"title": "Call the vendor twice", "task_kind": "review", "assigned_to": manager.pk}
    del said["mandatory"]
    assert browser.post(edit, said).status_code == 302
    added.refresh_from_db()
    assert (added.title, added.task_kind, added.mandatory) == ("Call the vendor twice", "review", False)
    assert (added.assigned_to_id, added.due_at is not None) == (manager.pk, True)
    assert 'value="2031-05-01T10:00"' in browser.get(at).content.decode()
    assert browser.post(edit, said | {"title": " "}).status_code == 422
    assert web(approver).post(edit, {}).status_code == 403
    kept = titled(going, "Drain the queue")  # a promise of its model: another date, the same words
    words = {"title": kept.title, "task_kind": kept.task_kind, "mandatory": "on", "due_at": "2031-05-01T10:00"}
    assert browser.post(f"{at}{kept.pk}/edit/", words).status_code == 302
    assert browser.post(f"{at}{kept.pk}/edit/", words | {"title": "Do not"}).status_code == 403
    assert browser.post(f"{at}{added.pk}/remove/").status_code == 302
    assert web(requester).get(at).status_code == 403
