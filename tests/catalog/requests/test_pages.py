"""Pages of requests: the queue, the record of who fulfils, the plain words of whose it is."""

from typing import Any

import pytest

from catalog.models import Request
from catalog.requests import operations
from itsm.accounts.models import Team, User
from itsm.work.tasks import tasks_of
from tests.factories.knowledge import somebody
from tests.factories.requests import a_request, an_item, asks, item_of, question, task

pytestmark = pytest.mark.django_db
MANAGER = asks({"who": "manager", "value": "", "quorum": "any"})


@pytest.fixture
def desk(agent: Any) -> Any:
    team = Team.objects.get_or_create(slug="support", defaults={"name": "Support", "takes_work": True})[0]
    team.members.add(agent)
    return agent


@pytest.fixture
def asked(requester: Any, approver: Any, as_actor: Any) -> Request:
    """A laptop that waits for the manager."""
    requester.manager = approver
    requester.save()
    item = an_item(
        questions=[question("why"), question("secret", audience="confidential")], steps=[MANAGER],
        tasks=[task("order", title="Call Zyxwvut Supplies"), task("ship", "order")],
    )  # fmt: skip
    return a_request(as_actor(requester), item, answers={"why": "Mine is broken", "secret": "Oh dear"})


def _page(client: Any, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return str(answer.content.decode())


def test_from_the_queue_to_the_last_task_by_buttons(
    web: Any, asked: Request, desk: Any, approver: Any, requester: Any
) -> None:
    url, one = asked.get_absolute_url(), f"/requests/{item_of(asked).reference}/"
    decider = web(approver)
    assert "Oh dear" in _page(decider, url)
    refused = decider.post(f"{one}decide/", {"decision": "decline", "comment": ""})
    assert refused.status_code == 422
    assert decider.post(f"{one}decide/", {"decision": "approve", "comment": "Yes"}).status_code == 302
    worker = web(desk)
    assert asked.title in _page(worker, "/requests/")
    shown = _page(worker, url)
    assert "Call Zyxwvut Supplies" in shown
    order, ship = tasks_of(item_of(asked))
    assert worker.post(f"{one}tasks/{ship.pk}/end/", {"outcome": "done"}).status_code == 409
    assert worker.post(f"{one}tasks/{order.pk}/begin/").status_code == 302
    assert worker.post(f"{one}assign/", {"assigned_to": desk.pk}).status_code == 302
    assert asked.title in _page(worker, "/requests/?tab=mine")
    assert worker.post(f"{one}tasks/{order.pk}/end/", {"outcome": "not_done"}).status_code == 422
    assert worker.post(f"{one}wait/", {"question": "Which floor?"}).status_code == 302
    told = {delta.after for event in worker.get(url).context["events"] for delta in event.deltas}
    assert {"Waits for an answer", "approved"} <= told  # an item's own words, where its request has no such state
    assert not {"waiting", "approve"} & told
    mine = web(requester)
    assert "Which floor?" in _page(mine, url)
    assert mine.post(f"{url}say/", {"text": "Third"}).status_code == 302
    for one_task in (order, ship):
        assert worker.post(f"{one}tasks/{one_task.pk}/end/", {"outcome": "done"}).status_code == 302
    assert "Does it work?" in _page(mine, url)
    assert mine.post(f"{url}confirm/").status_code == 302
    assert "You said that it works" in _page(mine, url)


def test_whose_it_is_reads_no_word_of_the_desk(
    web: Any, as_actor: Any, asked: Request, desk: Any, approver: Any, requester: Any
) -> None:
    operations.decide(item_of(asked), actor=as_actor(approver), decision="approve")
    desk.name = "Zyxwvut of the desk"
    desk.save()
    operations.note(asked, actor=as_actor(desk), text="Zyxwvut: he breaks them all")
    operations.add_task(item_of(asked), actor=as_actor(desk), title="Zyxwvut check", assigned_to=desk)
    operations.begin_task(item_of(asked), tasks_of(item_of(asked))[0], actor=as_actor(desk))
    client = web(requester)
    for address in (asked.get_absolute_url(), "/requests/", f"{asked.get_absolute_url()}?as=desk"):
        page = _page(client, address)
        assert "Zyxwvut" not in page

    assert "Zyxwvut" in _page(web(desk), asked.get_absolute_url())
    as_theirs = _page(web(desk), f"{asked.get_absolute_url()}?as=requester")
    assert "breaks them all" not in as_theirs
    assert "Zyxwvut check" not in as_theirs


def test_others_find_nothing_and_readers_no_confidential_answer(
    web: Any, asked: Request, auditor: Any, as_actor: Any
) -> None:
    somebody("requester", "stranger")
    client = web(User.objects.get(username="stranger"))
    _page(client, asked.get_absolute_url(), 404)
    assert asked.title not in _page(client, "/requests/")
    page = _page(web(auditor), asked.get_absolute_url())
    assert "Mine is broken" in page
    assert "Oh dear" not in page


def test_a_list_takes_the_same_queries_for_any_number(
    web: Any, desk: Any, requester: Any, as_actor: Any, django_assert_max_num_queries: Any
) -> None:
    item = an_item(tasks=[task("order")])
    client, counts = web(desk), []
    for number in (1, 6):
        for _one in range(number):
            a_request(as_actor(requester), item)
        client.get("/requests/")
        with django_assert_max_num_queries(40) as captured:
            client.get("/requests/")
        counts.append(len(captured))
    assert counts[0] == counts[1]
