"""The selection bar of a list, and the page of what became of each record."""

from typing import Any

import pytest

from incidents.models import Incident
from itsm.accounts.models import Team, User
from itsm.bulk import operations, working
from itsm.bulk.models import Bulk
from itsm.work import actions
from itsm.work.models import Note
from tests.itsm.bulk.conftest import newest, priority
from tests.together import each_of

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


def references(incidents: list[Incident]) -> str:
    return " ".join(one.reference for one in incidents)


def test_what_the_bar_sends_comes_back_as_one_result(seven: list[Incident], agent: User, web: Any) -> None:
    body = {"references": references(seven), "field": "priority", "value": "2"}
    answer = web(agent).post("/bulk/of/incident/", body, headers=PART)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Priority: P2: 3 of 7 done" in page
    assert "Undo, 30 min left" in page or "Undo, 29 min left" in page
    assert f"{seven[4].reference} is closed" in page
    assert "<html" not in page


@pytest.mark.parametrize("field", ["assigned_to", "team"])
def test_people_and_queues_come_by_their_keys(rows_of: Any, agent: User, desk: Team, web: Any, field: str) -> None:
    some, printing = rows_of(2), Team.objects.create(name="Printing", slug="printing", takes_work=True)
    value = agent.pk if field == "assigned_to" else printing.pk
    web(agent).post(
        "/bulk/of/incident/", {"references": references(some), "field": field, "value": value}, headers=PART
    )
    assert set(Incident.objects.values_list(f"{field}_id", flat=True)) == {value}


def test_sent_twice_it_is_done_once(rows_of: Any, agent: User, web: Any) -> None:
    client, some = web(agent), rows_of(2)
    body = {"references": references(some), "text": "Look again", "form_token": "abc"}
    first, again = (client.post("/bulk/of/incident/note/", body) for _turn in range(2))
    assert first["Location"] == again["Location"] == newest().get_absolute_url()
    assert Note.objects.count() == 2


def test_what_needs_words_asks_for_them(rows_of: Any, agent: User, web: Any) -> None:
    client, some = web(agent), rows_of(2)
    asked = client.get("/bulk/of/incident/resolve/", headers=PART).content.decode()
    assert 'name="resolution"' in asked
    assert "<html" not in asked
    body = {"references": references(some), "resolution": "", "resolution_code": "solved"}
    assert client.post("/bulk/of/incident/resolve/", body, headers=PART).status_code == 422
    assert Bulk.objects.count() == 0
    answer = client.post("/bulk/of/incident/resolve/", {**body, "resolution": "New toner."}, headers=PART)
    assert "Resolve: 2 of 2 done" in answer.content.decode()
    assert set(Incident.objects.values_list("status", flat=True)) == {"resolved"}


@each_of(
    ("name", "said"),
    [
        ("reply", {"text": "Try again now."}), ("note", {"text": "x"}), ("acknowledge", {}), ("watch", {}),
        ("hold", {"hold_reason": "vendor", "reason": "Waits", "hold_until": "2027-01-05T10:00"}),
        ("cancel", {"cancel_code": "withdrawn", "reason": "No"}), ("escalate", {"words": "Look"}),
    ],
)  # fmt: skip
def test_everything_in_the_bar_can_be_done(
    rows_of: Any, agent: User, web: Any, manager: User, desk: Team, name: str, said: dict[str, str]
) -> None:
    from itsm.accounts.models import Membership

    Membership.objects.create(user=manager, team=desk, lead=True)
    some = rows_of(2, status="in_progress" if name == "hold" else "new")
    web(agent).post(f"/bulk/of/incident/{name}/", {"references": references(some), **said}, headers=PART)
    assert list(newest().rows.values_list("result", "sentence")) == [("done", "")] * 2


def test_labels_are_added_and_taken_away_beside_those_that_stand_and_taken_back(
    rows_of: Any, agent: User, web: Any
) -> None:
    client, (one, other) = web(agent), rows_of(2)
    Incident.objects.filter(pk=one.pk).update(labels=["old", "vip"])
    sent = {"references": references([one, other])}
    assert client.post("/bulk/of/incident/labels/", sent, headers=PART).status_code == 422, "nothing was named"
    assert (
        "cannot be a label"
        in client.post("/bulk/of/incident/labels/", {**sent, "add_labels": "none"}, headers=PART).content.decode()
    )
    answer = client.post(
        "/bulk/of/incident/labels/", {**sent, "add_labels": "Storm, printing", "remove_labels": "old"}, headers=PART
    )
    assert "2 of 2 done" in answer.content.decode()

    def labels() -> list[list[str]]:
        return list(Incident.objects.order_by("pk").values_list("labels", flat=True))

    assert labels() == [["printing", "storm", "vip"], ["printing", "storm"]]
    client.post(f"{newest().get_absolute_url()}undo/")
    assert labels() == [["old", "vip"], []]


def test_the_page_shows_first_what_somebody_should_look_at(seven: list[Incident], agent: User, web: Any) -> None:
    client = web(agent)
    client.post("/bulk/of/incident/", {"references": references(seven), "field": "priority", "value": "2"})
    at = newest().get_absolute_url()
    page, done = client.get(at).content.decode(), client.get(f"{at}?only=done").content.decode()
    assert seven[4].reference in page
    assert seven[0].reference not in page
    assert seven[0].reference in done
    assert seven[3].title not in client.get(f"{at}?only=unseen").content.decode().split("<tbody>")[1]


def test_it_is_taken_back_and_tried_again_from_its_page(seven: list[Incident], agent: User, web: Any) -> None:
    client = web(agent)
    client.post("/bulk/of/incident/", {"references": references(seven), "field": "priority", "value": "2"})
    made = newest()
    client.post(f"{made.get_absolute_url()}again/")
    assert list(newest().rows.values_list("record_id", flat=True)) == [one.pk for one in seven[4:6]]
    assert client.post(f"{made.get_absolute_url()}undo/").status_code == 302
    assert "taken back" in client.get(made.get_absolute_url()).content.decode()
    assert client.post(f"{made.get_absolute_url()}undo/", headers=PART).status_code == 409
    assert Incident.objects.filter(priority=2).count() == 1


def test_a_long_one_is_asked_again_until_it_is_done(rows_of: Any, agent: User, web: Any, as_actor: Any) -> None:
    ids = [one.pk for one in rows_of(3)]
    bulk = operations.send("incident", actor=as_actor(agent), ids=ids, todo=actions.parse(priority(2)))
    working.work(bulk, most=1)
    client = web(agent)
    page = client.get(bulk.get_absolute_url()).content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert "2 still wait" in page
    working.work(bulk)
    assert "every 2s" not in client.get(bulk.get_absolute_url()).content.decode()


@each_of(
    "body",
    [
        {}, {"field": "priority", "value": "x"}, {"field": "team", "value": "9" * 30}, {"field": "nope", "value": "1"},
        {"actions": "{"}, {"actions": "[" * 5000}, {"actions": '[{"kind": "step", "value": {"step": "explode"}}]'},
        {"field": "priority", "value": "2", "references": "CHG-00001"}, {"field": "priority", "value": "²"},
        {"field": "priority", "value": "2", "references": " ".join(f"INC-{n}" for n in range(1, 1002))},
        {"actions": r'[{"kind": "reply", "value": "half \ud800"}]'},
        {"actions": r'[{"kind": "tasks", "value": [{"title": "NUL \u0000"}]}]'},
        {"actions": r'[{"kind": "team", "value": "NUL \u0000"}]'}, {"actions": r'[{"kind": "assignee", "value": "\ud800"}]'},
        {"actions": r'[{"kind": "field", "value": {"\ud800": 1}}]'}, {"actions": r'[{"kind": "parent", "value": "\ud800"}]'},
        {"actions": '[{"kind": "field", "value": {"attributes": {"a": 1e999}}}]'},
        {"actions": '[{"kind": "field", "value": {"priority": NaN}}]'},
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_answered_with_a_sentence(agent: User, web: Any, body: dict[str, str]) -> None:
    answer = web(agent).post("/bulk/of/incident/", {"references": "INC-00001", **body}, headers=PART)
    assert answer.status_code == 400
    assert len(answer.content.decode()) > 10


def test_nobody_opens_somebody_elses(rows_of: Any, agent: User, admin: User, requester: User, web: Any) -> None:
    web(agent).post("/bulk/of/incident/", {"references": references(rows_of(1)), "field": "priority", "value": "2"})
    for other in (admin, requester):
        assert web(other).get(newest().get_absolute_url()).status_code == 404
        assert web(other).post(f"{newest().get_absolute_url()}undo/").status_code == 404


@pytest.mark.parametrize("who", ["requester", "auditor"])
def test_who_changes_nothing_here_sends_nothing(rows_of: Any, person: Any, web: Any, who: str) -> None:
    body = {"references": references(rows_of(1)), "field": "priority", "value": "2"}
    client = web(person(who))
    assert client.post("/bulk/of/incident/", body, headers=PART).status_code == 403
    assert client.get("/bulk/of/incident/resolve/").status_code == 403
    assert client.get("/bulk/of/change/resolve/").status_code == 404


def test_the_list_has_the_bar(rows_of: Any, agent: User, web: Any) -> None:
    rows_of(1)
    page = web(agent).get("/incidents/").content.decode()
    assert 'data-bulk="/bulk/of/incident/"' in page
    assert "Put on hold" in page
