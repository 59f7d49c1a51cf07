"""Schedules over REST: as they are sent, previewed, asked who is on call."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from itsm.oncall.models import Layer
from tests.api.world import World
from tests.together import each_of

pytestmark = pytest.mark.django_db

LAYER = {
    "unit": "days", "length": 1, "anchor_date": "2026-11-02", "handoff": "09:00", "zone": "Europe/Berlin",
    "slots": [["engineer"], ["builder"], []],
    "hours": [{"from_day": day, "from_time": "09:00", "to_day": day, "to_time": "19:00"} for day in range(5)],
}  # fmt: skip


def test_a_schedule_is_made_read_and_previewed(world: World, api: Any) -> None:
    client = api(world.people["manager"])
    made = client.post(
        "/api/v1/schedules/", {"name": "Days", "team": "payments", "zone": "UTC", "layers": [LAYER]}, format="json"
    )
    assert made.status_code == 201, made.content
    shown = made.json()
    assert shown["slug"] == "days"
    assert {name: shown["layers"][0][name] for name in LAYER} == LAYER
    sent = {"layers": [{**LAYER, "count": "covered"}], "begin": "2027-11-04T08:00:00Z", "end": "2027-11-09T08:00:00Z"}
    previewed = client.post("/api/v1/schedules/days/preview/", sent, format="json").json()
    assert [one["by"] for one in previewed["gaps"]] == ["gap"] * len(previewed["gaps"])
    assert Layer.objects.filter(schedule__slug="days").count() == 1
    headers = {"HTTP_IF_MATCH": '"1"'}
    edited = client.patch("/api/v1/schedules/days/", {"layers": [], "name": "Empty"}, format="json", **headers)
    assert edited.status_code == 200, edited.content
    assert (edited.json()["layers"], edited.json()["name"]) == ([], "Empty")


def test_many_schedules_take_as_many_statements_as_one(world: World, api: Any) -> None:
    client = api(world.people["manager"])

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            rows = client.get("/api/v1/schedules/").json()["results"]
        assert all(one["layers"] == client.get(f"/api/v1/schedules/{one['slug']}/").json()["layers"] for one in rows)
        return len(asked)

    before = statements()
    for name in ("Days", "Nights", "Weekends"):
        sent = {"name": name, "team": "payments", "zone": "UTC", "layers": [LAYER, LAYER]}
        assert client.post("/api/v1/schedules/", sent, format="json").status_code == 201
    assert statements() == before


def test_the_final_schedule_and_who_is_on_call(world: World, api: Any) -> None:
    client = api(world.people["agent"])
    final = client.get("/api/v1/schedules/payments/final/").json()
    assert final["shifts"][0]["people"] == ["engineer"]
    assert final["gaps"] == []  # the engineer takes time off, and the builder covers them
    now = client.get("/api/v1/on-call/?schedule=payments").json()["on_call"]
    assert [(one["schedule"], one["people"], one["is_gap"], one["live"]) for one in now] == [
        ("payments", ["engineer"], False, False)
    ]
    assert client.get("/api/v1/on-call/").json()["on_call"] == now
    tomorrow = (world.at + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    there = client.get(f"/api/v1/on-call/?at={tomorrow}").json()["on_call"]
    assert there[0]["people"] == ["builder"]
    assert client.get("/api/v1/on-call/?schedule=none").status_code == 404


@each_of(
    ("query", "status"),
    [
        ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", 400),
        ("from=2026-01-01T00:00:00Z&to=2028-01-01T00:00:00Z", 400),
        ("from=9999-12-31T00:00:00Z", 400),
        ("from=0001-01-01T00:00:00Z", 400),
        ("from=yesterday", 400),
        ("since=2026-01-02T00:00:00Z", 400),
        ("from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", 200),
    ],
)
def test_odd_times_are_refused(world: World, api: Any, query: str, status: int) -> None:
    client = api(world.people["agent"])
    assert client.get(f"/api/v1/schedules/payments/final/?{query}").status_code == status


def test_an_instant_of_other_centuries_is_refused(world: World, api: Any) -> None:
    client = api(world.people["agent"])
    assert client.get("/api/v1/on-call/?at=9999-12-31T23:59:59Z").status_code == 400
    assert client.get("/api/v1/on-call/?at=1969-12-31T23:59:59Z").status_code == 400


@each_of(
    "layer",
    [
        {**LAYER, "slots": [[]]}, {**LAYER, "zone": "Mars/Base"}, {**LAYER, "handoff": "25:00"}, {**LAYER, "unit": "years"},
        {**LAYER, "length": 10_000}, {**LAYER, "slots": [["nobody"]]}, {**LAYER, "anchor_date": "0001-01-01"},
        {**LAYER, "hours": [{"from_day": 0, "from_time": "09:00", "to_day": 0, "to_time": "09:00"}]},
        {**LAYER, "slots": [["pipeline"]]}, {**LAYER, "id": 12}, {**LAYER, "slots": [["engineer", "engineer"]]},
    ],
)  # fmt: skip
def test_odd_layers_are_refused_with_a_sentence(world: World, api: Any, layer: dict[str, Any]) -> None:
    client = api(world.people["manager"])
    answer = client.post(
        "/api/v1/schedules/", {"name": "X", "team": "payments", "zone": "UTC", "layers": [layer]}, format="json"
    )
    assert answer.status_code == 400
    assert all(one["pointer"].startswith("/layers") for one in answer.json()["errors"])


def test_what_has_passed_stands(world: World, api: Any) -> None:
    client = api(world.people["engineer"])
    at = timezone.now()

    def sent(begin: int, end: int) -> Any:
        times = {
            "starts_at": (at + timedelta(hours=begin)).isoformat(),
            "ends_at": (at + timedelta(hours=end)).isoformat(),
        }
        return client.post(
            "/api/v1/schedule-overrides/", {"schedule": "payments", "people": ["builder"], **times}, format="json"
        )

    assert [sent(-5, 5).status_code, sent(5, 3).status_code, sent(1, 2).status_code] == [409, 400, 201]
