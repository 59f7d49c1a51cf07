"""Items that wait for somebody's word, in the one queue beside changes."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Request
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from tests.factories.requests import an_item, asks, item_of, question, task

pytestmark = pytest.mark.django_db
MANAGER = asks({"who": "manager", "value": "", "quorum": "any"})


def test_a_manager_who_only_asks_herself_decides_by_the_queue_and_the_tasks_begin(
    api: Any, web: Any, requester: Any, person: Any
) -> None:
    mona = person("requester", username="mona")
    requester.manager = mona
    requester.save()
    an_item(steps=[MANAGER], tasks=[task("order")], questions=[question("what", audience="confidential")])
    body = {"items": [{"item": "laptop", "quantity": 2, "answers": {"what": "<b>blue</b>"}}]}
    assert api(requester).post("/api/v1/requests/", body, format="json").status_code == 201
    item = item_of(Request.objects.get())
    (row,) = api(mona).get("/api/v1/approvals/mine/").json()["results"]
    assert (row["record"], row["reason"]) == (item.reference, "For requester")
    browser = web(mona)
    page = browser.get("/approvals/")
    text = page.content.decode()
    assert all(words in text for words in ("&lt;b&gt;blue&lt;/b&gt;", "How many", item.reference))
    sent = {**page.context["form"].initial, "vote": "approve", "comment": ""}
    assert browser.post(f"/approvals/{row['id']}/", sent).status_code == 302
    item.refresh_from_db()
    assert item.status == "fulfilling"
    assert browser.post(f"/approvals/{row['id']}/", sent).status_code == 409
    again = api(mona).post(
        f"/api/v1/approvals/{row['id']}/answer/", {"decision": "approve", "content_hash": "0" * 64}, format="json"
    )
    assert again.status_code == 409


def test_who_asked_or_is_served_does_not_decide_and_others_find_nothing(
    api: Any, requester: Any, person: Any, admin: Any
) -> None:
    requester.manager = person("requester", username="mona")
    requester.save()
    an_item(steps=[MANAGER])
    api(requester).post("/api/v1/requests/", {"items": [{"item": "laptop"}]}, format="json")
    (row,) = api(requester.manager).get("/api/v1/approvals/mine/").json()["results"]
    said = {"decision": "approve", "content_hash": row["content_hash"]}
    for somebody, status in ((requester, 403), (person("requester", username="rob"), 404), (admin, 403)):
        at = f"/api/v1/approvals/{row['id']}/answer/"
        assert api(somebody).post(at, said, format="json").status_code == status, somebody
        assert api(somebody).get("/api/v1/approvals/mine/").json()["results"] == []
    assert item_of(Request.objects.get()).status == "approving"


def test_a_manager_who_only_asks_names_a_substitute_of_those_around_them(
    api: Any, web: Any, requester: Any, person: Any, payments: Any
) -> None:
    """Both names are kept; nobody else is offered, and a name that they may not know is none."""
    mona, max_ = person("requester", username="mona"), person("requester", username="max")
    person("engineer", username="stranger")
    for one in (requester, max_):
        one.manager = mona
        one.save()
    until = f"{timezone.now() + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"
    said = {"delegate": "max", "scope": "request_item", "ends_at": until}
    client = api(mona)
    assert client.post("/api/v1/delegations/", {**said, "scope": ""}, format="json").status_code == 403
    odd, unknown = (
        client.post("/api/v1/delegations/", {**said, "delegate": name}, format="json")
        for name in ("stranger", "nobody")
    )
    assert (odd.status_code, unknown.status_code) == (400, 400)
    assert odd.json()["errors"] == unknown.json()["errors"]
    assert client.post("/api/v1/delegations/", said, format="json").status_code == 201
    text = web(mona).get("/delegations/").content.decode()
    assert ('value="max"' in text, "stranger" in text) == (True, False)
    an_item(steps=[MANAGER])
    api(requester).post("/api/v1/requests/", {"items": [{"item": "laptop"}]}, format="json")
    (row,) = api(max_).get("/api/v1/approvals/mine/").json()["results"]
    done = api(max_).post(
        f"/api/v1/approvals/{row['id']}/answer/", {"decision": "approve", "content_hash": row["content_hash"]}, format="json"
    )  # fmt: skip
    assert done.status_code == 200
    kept = ApprovalDecision.objects.get()
    assert (kept.by, kept.in_place_of) == (max_, mona)
    assert item_of(Request.objects.get()).status == "fulfilling"


def test_who_was_named_by_who_asks_keeps_out(api: Any, requester: Any, person: Any) -> None:
    mona = person("requester", username="mona")
    requester.manager = mona
    requester.save()
    until = f"{timezone.now() + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"
    said = {"delegate": "mona", "scope": "request_item", "ends_at": until}
    assert api(requester).post("/api/v1/delegations/", said, format="json").status_code == 201
    person("admin")
    an_item(steps=[MANAGER])
    api(requester).post("/api/v1/requests/", {"items": [{"item": "laptop"}]}, format="json")
    assert api(mona).get("/api/v1/approvals/mine/").json()["results"] == []
    assert ApprovalRequest.objects.get().people == [User.objects.get(username="admin").pk]
