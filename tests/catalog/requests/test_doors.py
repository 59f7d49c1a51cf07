"""Requests over REST: asking, deciding, fulfilling; who may, and what nobody else is shown."""

from typing import Any

import pytest

from catalog.models import Request
from catalog.requests import operations
from itsm.accounts.models import Team
from tests.factories.requests import a_request, an_item, asks, item_of, question, task
from tests.together import each_of

pytestmark = pytest.mark.django_db
MANAGER = asks({"who": "manager", "value": "", "quorum": "any"})


@pytest.fixture
def desk(agent: Any) -> Any:
    team = Team.objects.get_or_create(slug="support", defaults={"name": "Support", "takes_work": True})[0]
    team.members.add(agent)
    return agent


def test_asked_decided_worked_on_and_confirmed(api: Any, desk: Any, requester: Any, approver: Any) -> None:
    requester.manager = approver
    requester.save()
    an_item(steps=[MANAGER], tasks=[task("order"), task("ship", "order")], questions=[question("what")])
    body = {"items": [{"item": "laptop", "quantity": 2, "answers": {"what": "light"}}]}
    key = {"HTTP_IDEMPOTENCY_KEY": "ask-1"}
    made = api(requester).post("/api/v1/requests/", body, format="json", **key)
    assert made.status_code == 201, made.json()
    again = api(requester).post("/api/v1/requests/", body, format="json", **key)
    assert (again.status_code, again.json()["number"]) == (201, made.json()["number"])
    assert Request.objects.count() == 1
    assert (made.json()["state"], made.json()["dropped"]) == ("approving", [])
    (item,) = made.json()["items"]
    assert item["answers"] == [{"key": "what", "question": "What", "words": "light", "url": ""}]
    assert (item["team"], item["says"]) == (None, "It waits for approval: approver (Manager of requester).")
    one = f"/api/v1/requests/{made.json()['number']}/"
    mine = f"{one}items/1/"
    assert api(approver).get(mine).json()["available"] == ["decide"]
    assert api(desk).post(f"{mine}decide/", {"decision": "approve"}, format="json").status_code == 403
    assert api(approver).post(f"{mine}decide/", {"decision": "approve"}, format="json").status_code == 200
    tasks = api(desk).get(f"{mine}tasks/").json()
    assert [(row["title"], row["state"]) for row in tasks] == [("Order", "open"), ("Ship", "pending")]
    assert api(requester).get(f"{mine}tasks/").status_code == 403
    for row in tasks:
        ended = api(desk).post(f"{mine}tasks/{row['id']}/settle/", {"outcome": "done"}, format="json")
        assert ended.status_code == 200, ended.json()
    assert api(requester).get(one).json()["state"] == "done"
    assert api(requester).post(f"{one}confirm/", {}, format="json").status_code == 200
    assert api(requester).get(one).json()["available"] == []


def test_what_is_wrong_is_said_beside_each_answer(api: Any, requester: Any) -> None:
    an_item(questions=[question("why", required=True), question("seats", type="whole", rules={"max": 4})])
    body = {"items": [{"item": "laptop", "answers": {"seats": 9, "colour": "red"}}]}
    refused = api(requester).post("/api/v1/requests/", body, format="json")
    assert refused.status_code == 400
    wrong = {one["pointer"] for one in refused.json()["errors"]}
    assert wrong == {f"/items/0/answers/{key}" for key in ("why", "seats", "colour")}
    assert Request.objects.count() == 0


@each_of(
    "body",
    [
        {"items": []}, {"items": [{"item": "laptop", "quantity": 0}]}, {"items": [{"item": "laptop", "answers": 7}]},
        {"items": [{"item": "laptop", "answers": {"what": "x" * 10_001}}]}, {"items": "laptop"},
        {"items": [{"item": "laptop"}], "requested_for": "nobody"}, {"items": [{"item": "laptop"}] * 21},
        {"items": [{"item": "laptop", "answers": {"what": float(2)}}]},
    ],
)  # fmt: skip
def test_odd_bodies_are_refused_with_words(api: Any, requester: Any, body: Any) -> None:
    an_item(questions=[question("what")])
    assert api(requester).post("/api/v1/requests/", body, format="json").status_code == 400


def test_what_one_is_not_entitled_to_is_not_there(api: Any, requester: Any) -> None:
    item = an_item()
    item.entitlements.create(token="staff")
    absent = api(requester).post("/api/v1/requests/", {"items": [{"item": "nothing"}]}, format="json")
    hidden = api(requester).post("/api/v1/requests/", {"items": [{"item": "laptop"}]}, format="json")
    assert (absent.status_code, hidden.status_code) == (404, 404)
    assert absent.json()["detail"].replace("nothing", "laptop") == hidden.json()["detail"]


def test_only_what_is_theirs_is_listed_and_found(api: Any, requester: Any, engineer: Any, desk: Any) -> None:
    an_item(questions=[question("secret", audience="confidential")])
    body = {"items": [{"item": "laptop", "answers": {"secret": "it is blue"}}]}
    number = api(requester).post("/api/v1/requests/", body, format="json").json()["number"]
    other = api(engineer).post("/api/v1/requests/", body, format="json").json()["number"]
    assert [row["number"] for row in api(requester).get("/api/v1/requests/").json()["results"]] == [number]
    assert api(requester).get(f"/api/v1/requests/{other}/").status_code == 404
    assert api(requester).get(f"/api/v1/requests/{other}/items/1/").status_code == 404
    seen = api(engineer).get(f"/api/v1/requests/{number}/").json()  # works here, fulfils nothing of it
    assert seen["items"][0]["answers"] == []
    assert api(desk).get(f"/api/v1/requests/{number}/").json()["items"][0]["answers"][0]["words"] == "it is blue"
    assert [row["number"] for row in api(desk).get("/api/v1/requests/?item=laptop&state=open").json()["results"]] == [
        other, number,
    ]  # fmt: skip


def test_private_notes_stay_with_the_desk(api: Any, requester: Any, desk: Any) -> None:
    an_item()
    number = api(requester).post("/api/v1/requests/", {"items": [{"item": "laptop"}]}, format="json").json()["number"]
    notes = f"/api/v1/requests/{number}/notes/"
    assert api(desk).post(notes, {"text": "He always asks", "private": True}, format="json").status_code == 201
    assert api(desk).post(notes, {"text": "Coming"}, format="json").status_code == 201
    assert [one["text"] for one in api(requester).get(notes).json()] == ["Coming"]
    assert len(api(desk).get(notes).json()) == 2
    assert api(requester).post(notes, {"text": "x", "private": True}, format="json").status_code == 403
    assert api(requester).post(notes, {"text": "Thanks"}, format="json").status_code == 201
    assert item_of(Request.objects.get()).status == "fulfilling"


def test_figures_by_item_of_a_period_without_hidden_queues(api: Any, requester: Any, desk: Any, as_actor: Any) -> None:
    secret = Team.objects.create(slug="secret", name="Secret", takes_work=True, confidential=True)
    items = [an_item(), an_item("mouse"), an_item("clearance", team=secret)]
    for one in (*items, items[0]):
        a_request(as_actor(requester), one)
    found = Request.objects.filter(title="Laptop").order_by("pk")
    operations.fulfil(item_of(found[0]), actor=as_actor(desk))
    operations.cancel(found[1], actor=as_actor(requester))
    rows = api(desk).get("/api/v1/requests/report/?days=7").json()
    assert [(row["item"], row["asked"], row["open"], row["done"], row["cancelled"]) for row in rows] == [
        ("laptop", 2, 0, 1, 1), ("mouse", 1, 1, 0, 0),
    ]  # fmt: skip
    assert 0 <= rows[0]["fulfil_s"] < 600
    assert rows[0]["approve_s"] is None
    assert api(desk).get("/api/v1/requests/report/?days=0").status_code == 400
    assert api(requester).get("/api/v1/requests/report/").status_code == 403


def test_what_placeholders_would_make_is_refused_in_words_where_nobody_would_read_it(requester: Any, api: Any) -> None:
    plan = task("set_up", values={"description": "{{why}}" * 7})
    an_item("wordy", questions=[question("why", type="long")], tasks=[plan])

    def asked(length: int) -> Any:
        body = {"items": [{"item": "wordy", "answers": {"why": "x" * length}}]}
        return api(requester).post("/api/v1/requests/", body, format="json")

    fits = (65_536 - len(plan["values"]["description"])) // 7
    refused = asked(fits + 1)
    assert (refused.status_code, "64" in refused.json()["detail"]) == (400, True)
    assert "Answer more shortly" in refused.json()["detail"]
    assert asked(fits).status_code == 201
