"""A request's whole life: asked, decided, fulfilled item by item; what moves it, and what the database holds."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from catalog.models import Request, RequestItem
from catalog.requests import operations, queries
from catalog.requests.operations import Wish
from itsm.accounts.models import Team
from itsm.approvals.models import ApprovalPlan, ApprovalRequest
from itsm.clocks.models import Clock
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation, NotFound, NotPermitted, WrongState
from itsm.notifications.models import Notification
from itsm.work.models import Note
from itsm.work.tasks import tasks_of
from tests.factories.requests import a_request, an_item, asks, item_of, question, task

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(agent: Any, as_actor: Any) -> Any:
    """An agent of the team that fulfils."""
    team = Team.objects.get_or_create(slug="support", defaults={"name": "Support", "takes_work": True})[0]
    team.members.add(agent)
    return as_actor(agent)


@pytest.fixture
def asker(requester: Any, approver: Any, as_actor: Any) -> Any:
    """A requester with a manager."""
    requester.manager = approver
    requester.save()
    return as_actor(requester)


MANAGER = asks({"who": "manager", "value": "", "quorum": "any"})


def test_without_anybody_to_ask_it_is_fulfilled_at_once_by_the_tasks_of_its_plan_in_order(
    desk: Any, asker: Any
) -> None:
    laptop = an_item(
        tasks=[task("order"), task("image", "order"), task("desk", "order"), task("hand_over", "image", "desk")]
    )
    request = a_request(asker, laptop)
    assert (request.reference[:4], request.status, request.title) == ("REQ-", "fulfilling", "Laptop")
    item = item_of(request)
    assert item.status == "fulfilling"
    assert item.approved_at is not None
    order, image, table, hand_over = tasks_of(item)
    assert [one.state for one in queries.task_rows(item, desk)] == ["open", "pending", "pending", "pending"]
    with pytest.raises(Conflict):
        operations.settle_task(item, image, actor=desk, outcome="done")
    operations.begin_task(item, order, actor=desk)
    operations.settle_task(item, order, actor=desk, outcome="done")
    assert [one.state for one in queries.task_rows(item, desk)] == ["done", "open", "open", "pending"]
    operations.settle_task(item, table, actor=desk, outcome="skipped", reason="Has one")
    operations.settle_task(item, image, actor=desk, outcome="done")
    assert item_of(request).status == "fulfilling"
    operations.settle_task(item, hand_over, actor=desk, outcome="done")
    request.refresh_from_db()
    assert (item_of(request).status, request.status, request.outcome) == ("done", "done", "complete")
    assert request.closed_at is not None
    assert request.approved_at == item.approved_at


def test_an_approval_is_put_to_the_manager_and_never_to_whom_it_is_for(
    desk: Any, asker: Any, approver: Any, as_actor: Any
) -> None:
    request = a_request(asker, an_item(steps=[MANAGER], tasks=[task("order")]))
    item = item_of(request)
    assert (request.status, item.status, list(tasks_of(item))) == ("approving", "approving", [])
    ask = ApprovalRequest.objects.get(record_kind="request_item", record_id=item.pk, status="open")
    assert ask.people == [approver.pk]
    with pytest.raises(NotPermitted):
        operations.decide(item, actor=asker, decision="approve")
    with pytest.raises(NotPermitted):
        operations.decide(item, actor=desk, decision="approve")
    operations.decide(item, actor=as_actor(approver), decision="approve", comment="Fine")
    request.refresh_from_db()
    assert (request.status, item_of(request).status) == ("fulfilling", "fulfilling")
    assert [one.title for one in tasks_of(item)] == ["Order"]
    with pytest.raises(WrongState):
        operations.decide(item, actor=as_actor(approver), decision="approve")


def test_a_decline_says_why_and_ends_what_was_asked(asker: Any, approver: Any, as_actor: Any) -> None:
    request = a_request(asker, an_item(steps=[MANAGER]))
    with pytest.raises(MissingInformation):
        operations.decide(item_of(request), actor=as_actor(approver), decision="decline")
    operations.decide(item_of(request), actor=as_actor(approver), decision="decline", comment="Yours is new.")
    request.refresh_from_db()
    assert (request.status, request.outcome, item_of(request).reason) == ("declined", "none", "Yours is new.")
    told = Notification.objects.filter(to=asker.id, record_kind="request").latest("id")
    assert "declined" in told.subject
    assert "Yours is new." in told.body


def test_two_of_three_done_is_partial_and_the_last_one_closes_it(desk: Any, asker: Any) -> None:
    request = a_request(asker, an_item("laptop"), an_item("mouse"), an_item("desk"))
    operations.fulfil(item_of(request, 1), actor=desk, delivered="On your desk.")
    operations.skip(item_of(request, 3), actor=desk, reason="None left")
    request.refresh_from_db()
    assert (request.status, request.outcome) == ("fulfilling", "")
    operations.fulfil(item_of(request, 2), actor=desk)
    request.refresh_from_db()
    assert (request.status, request.outcome) == ("done", "partial")
    assert queries.plain_items(request, asker)[0].says == "On your desk."


def test_a_question_stops_the_clock_and_the_answer_goes_on(desk: Any, asker: Any) -> None:
    request = a_request(asker, an_item(expected_hours=8))
    item = item_of(request)
    clock = Clock.objects.get(record_kind="request_item", record_id=item.pk, name="fulfil")
    assert (clock.state, clock.target_s) == ("running", 8 * 3600)
    request.refresh_from_db()
    assert request.next_due == clock.due_at
    operations.wait(item, actor=desk, question="Which floor?")
    clock.refresh_from_db()
    assert clock.state == "paused"
    assert queries.plain_items(request, asker)[0].question == "Which floor?"
    assert Note.objects.get(record_kind="request", record_id=request.pk).text == "Which floor?"
    operations.reply(request, actor=asker, text="The third.")
    clock.refresh_from_db()
    assert (item_of(request).status, clock.state) == ("fulfilling", "running")
    operations.fulfil(item_of(request), actor=desk)
    clock.refresh_from_db()
    assert clock.state == "stopped"


def test_whose_it_is_cancels_while_it_costs_nothing(desk: Any, asker: Any) -> None:
    laptop, mouse = an_item("laptop", tasks=[task("order")]), an_item("mouse", tasks=[task("fetch")])
    request = a_request(asker, laptop, mouse)
    operations.cancel_item(item_of(request, 2), actor=asker)
    order = tasks_of(item_of(request))[0]
    operations.begin_task(item_of(request), order, actor=desk)
    with pytest.raises(Conflict):
        operations.cancel_item(item_of(request), actor=asker)
    with pytest.raises(Conflict):
        operations.cancel(request, actor=asker)
    other = a_request(asker, laptop, mouse)
    operations.cancel(other, actor=asker, reason="Found one")
    other.refresh_from_db()
    assert (other.status, other.outcome, {one.status for one in other.items.all()}) == (
        "cancelled",
        "none",
        {"cancelled"},
    )
    assert not tasks_of(item_of(other)).filter(done_at=None).exists()


def test_cancelling_takes_back_what_was_asked(asker: Any) -> None:
    request = a_request(asker, an_item(steps=[MANAGER]))
    operations.cancel(request, actor=asker)
    assert ApprovalPlan.objects.get(record_id=item_of(request).pk).status == "withdrawn"


def test_something_missing_takes_it_up_again_for_a_while(desk: Any, asker: Any) -> None:
    request = a_request(asker, an_item(tasks=[task("order")]))
    item = item_of(request)
    operations.settle_task(item, tasks_of(item)[0], actor=desk, outcome="done")
    request.refresh_from_db()
    operations.confirm(request, actor=asker)
    with pytest.raises(Conflict):
        operations.confirm(request, actor=asker)
    operations.reopen(item_of(request), actor=asker, reason="The charger is missing")
    request.refresh_from_db()
    assert (request.status, request.outcome, request.confirmed_at) == ("fulfilling", "", None)
    assert Clock.objects.get(record_kind="request_item", record_id=item.pk).state == "running"
    operations.fulfil(item_of(request), actor=desk)
    long_ago = timezone.now() - timedelta(days=15)
    RequestItem.objects.filter(pk=item.pk).update(ended_at=long_ago)
    with pytest.raises(Conflict):
        operations.reopen(item_of(request), actor=asker, reason="Again")


def test_what_could_not_be_done_is_left_to_people(desk: Any, asker: Any) -> None:
    request = a_request(asker, an_item(tasks=[task("order"), task("note", "order", mandatory=False)]))
    item = item_of(request)
    order, note = tasks_of(item)
    with pytest.raises(MissingInformation):
        operations.settle_task(item, order, actor=desk, outcome="not_done")
    operations.settle_task(item, order, actor=desk, outcome="not_done", reason="Sold out")
    operations.settle_task(item, note, actor=desk, outcome="done")
    with pytest.raises(MissingInformation) as told:
        operations.fulfil(item_of(request), actor=desk)
    assert "Order" in told.value.detail
    operations.fulfil_in_part(item_of(request), actor=desk, reason="Next month")
    request.refresh_from_db()
    assert (request.status, request.outcome) == ("done", "partial")


def test_a_hidden_answer_is_dropped_a_task_follows_its_condition_and_prices_are_exact(desk: Any, asker: Any) -> None:
    colour = question(
        "colour",
        type="choice",
        options=[{"key": "grey", "label": "Grey"}, {"key": "gold", "label": "Gold", "surcharge": 4999}],
    )
    why = question("why", required=True, show_when={"all": [{"field": "colour", "op": "is", "value": "gold"}]})
    gild = task("gild", title="Gild it: {{why}}", when={"all": [{"field": "colour", "op": "is", "value": "gold"}]})
    item = an_item(
        questions=[colour, why], tasks=[task("order"), gild, task("ship", "gild")], price_minor=100_01, currency="EUR"
    )
    plain, dropped = operations.submit(actor=asker, items=[Wish(item.slug, 3, {"colour": "grey", "why": "secret"})])
    assert [(one.item, one.key) for one in dropped] == [("laptop", "why")]
    assert item_of(plain).answers == {"colour": "grey"}
    assert item_of(plain).price_minor == 3 * 100_01
    assert [one.title for one in tasks_of(item_of(plain))] == ["Order", "Ship"]
    with pytest.raises(InvalidInput) as told:
        operations.submit(actor=asker, items=[Wish(item.slug, 1, {"colour": "gold"})])
    nested: Any = told.value.errors
    assert nested["items"]["0"]["answers"]["why"] == ["Answer this: Why"]
    golden, _none = operations.submit(actor=asker, items=[Wish(item.slug, 2, {"colour": "gold", "why": "{{colour}}"})])
    assert item_of(golden).price_minor == 2 * (100_01 + 49_99)
    assert queries.price_of(item_of(golden)) == "300.00 EUR once"
    assert [one.title for one in tasks_of(item_of(golden))] == ["Order", "Gild it: {{colour}}", "Ship"]


def test_a_bundle_brings_what_it_holds_with_the_answers_that_it_has_a_question_for(asker: Any) -> None:
    an_item("badge", questions=[question("name", required=True)])
    an_item("desk")
    starter = an_item("starter", questions=[question("name"), question("start")], bundle=["badge", "desk"])
    request = a_request(asker, starter, answers={"name": "Ada", "start": "Monday"})
    assert [(one.name, one.answers) for one in request.items.order_by("position")] == [
        ("Starter", {"name": "Ada", "start": "Monday"}), ("Badge", {"name": "Ada"}), ("Desk", {}),
    ]  # fmt: skip


def test_one_asks_for_others_by_what_they_are_entitled_to(
    desk: Any, asker: Any, requester: Any, approver: Any, as_actor: Any
) -> None:
    item = an_item()
    item.entitlements.create(token=f"user:{requester.pk}")
    with pytest.raises(NotFound):
        a_request(desk, item)
    request = a_request(desk, item, requested_for=requester)
    assert (request.by_id, request.requested_for_id) == (desk.id, requester.pk)
    assert queries.may_see(asker, request)
    assert a_request(as_actor(approver), item, requested_for=requester).requested_for == requester  # their manager
    with pytest.raises(NotPermitted):
        a_request(asker, an_item("mouse"), requested_for=approver)


def test_confidential_items_are_asked_for_by_themselves_and_hidden(desk: Any, asker: Any) -> None:
    secret = Team.objects.create(slug="secret", name="Secret", takes_work=True, confidential=True)
    item = an_item("clearance", team=secret)
    with pytest.raises(InvalidInput):
        a_request(asker, item, an_item("mouse"))
    request = a_request(asker, item)
    assert not queries.may_see(desk, request)
    assert queries.may_see(asker, request)
    with pytest.raises(NotFound):
        queries.by_reference(desk, request.reference)
    assert request not in Request.objects.visible_to(desk)


def test_who_is_asked_sees_it_and_nobody_else_without_a_role_here(
    asker: Any, approver: Any, as_actor: Any, requester: Any
) -> None:
    approver.roles = ["requester"]
    approver.save()
    boss = as_actor(approver)
    request = a_request(asker, an_item(steps=[MANAGER]))
    other = a_request(asker, an_item("mouse"))
    assert queries.may_see(boss, request)
    assert not queries.may_see(boss, other)
    operations.decide(item_of(request), actor=boss, decision="approve")
    assert queries.may_see(boss, request)


def test_the_database_keeps_what_the_tables_say(asker: Any) -> None:
    request = a_request(asker, an_item(steps=[MANAGER]))
    item = item_of(request)
    for change in (
        lambda: RequestItem.objects.filter(pk=item.pk).update(status="done", ended_at=timezone.now()),
        lambda: Request.objects.filter(pk=request.pk).update(status="draft"),
        lambda: Request.objects.filter(pk=request.pk).update(status="done"),
        lambda: RequestItem.objects.filter(pk=item.pk).update(status="fulfilling"),
        lambda: RequestItem.objects.filter(pk=item.pk).update(quantity=0),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_who_follows_it_sees_it_and_of_others_nothing(asker: Any, person: Any, as_actor: Any) -> None:
    friend = person("requester", username="friend")
    request, other = a_request(asker, an_item()), a_request(asker, an_item("mouse"))
    assert list(Request.objects.visible_to(as_actor(friend))) == []
    operations.watch(request, actor=asker, user=friend)
    assert list(Request.objects.visible_to(as_actor(friend))) == [request]
    operations.unwatch(request, actor=as_actor(friend), user=friend)
    assert not queries.may_see(as_actor(friend), request)
    assert set(Request.objects.visible_to(asker)) == {request, other}


@pytest.mark.parametrize(("currency", "amount", "words"), [("JPY", "12900", "12,900"), ("KWD", "12.900", "12.900")])
def test_a_price_has_as_many_digits_behind_the_point_as_its_currency(
    asker: Any, currency: str, amount: str, words: str
) -> None:
    item = item_of(a_request(asker, an_item(price_minor=12_900, currency=currency, price_period="month")))
    assert str(item.price) == amount
    assert queries.price_of(item).startswith(f"{words} {currency} ")
    assert not queries.price_of(item).endswith("once")
