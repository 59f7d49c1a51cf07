"""The REST door: the contract's shapes, strict input, roles and scopes."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Service
from itsm.accounts.models import Team, User
from itsm.notifications.web_addresses import our_address
from slo.models import Budget, Indicator, Objective
from tests.factories.slo import a_service, an_indicator, measured_by
from tests.together import each_of

pytestmark = pytest.mark.django_db

BURN = {"5m", "30m", "1h", "2h", "6h", "1d", "3d"}


class Caller:
    """Somebody with a token, speaking JSON."""

    def __init__(self, client: APIClient) -> None:
        self._client = client

    def get(self, path: str) -> Any:
        return self._call("GET", path, "")

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self._call("POST", path, json.dumps(body), **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self._call("PATCH", path, json.dumps(body), **headers)

    def _call(self, method: str, path: str, body: str, **headers: str) -> Any:
        # Its own savepoint, so that a refusal rolls back its request and not the test's transaction.
        with transaction.atomic():
            return self._client.generic(method, f"/api/v1/{path}", body, "application/json", headers=headers)


@pytest.fixture
def erin(engineer: User, api: Callable[..., APIClient]) -> Caller:
    return Caller(api(engineer))


@pytest.fixture
def shop(payments: Team) -> Service:
    return a_service(slug="shop", team=payments)


def an_slo(**changes: Any) -> dict[str, Any]:
    return {
        "slug": "shop-availability",
        "name": "Shop answers",
        "service": "shop",
        "environment": "production",
        "target": "0.999",
        "window_days": 28,
        "gating": True,
        "indicator": {"slug": "shop-requests", "source": "push"},
    } | changes


def samples(minutes: int, *, good: Any = 999, total: Any = 1000) -> list[dict[str, Any]]:
    end = timezone.now().replace(second=0, microsecond=0)
    instants = [end - timedelta(minutes=back) for back in range(minutes, 0, -1)]
    return [{"minute": f"{one:%Y-%m-%dT%H:%M}:00Z", "good": good, "total": total} for one in instants]


def test_from_definition_to_budget(erin: Caller, shop: Service) -> None:
    made = erin.post("slos/", an_slo())
    assert made.status_code == 201, made.content
    assert made["Location"] == our_address("/api/v1/slos/shop-availability/")
    assert made.json()["target"] == "0.999"
    assert made.json()["objective_version"] == 1
    sent = erin.post("slis/shop-requests/samples/", {"samples": samples(120)})
    assert (sent.status_code, sent.json()) == (202, {"accepted": 120, "refused": [], **NONE_HELD})
    evaluated = erin.post("slos/shop-availability/evaluate/", {})
    assert evaluated.status_code == 200
    body = erin.get("slos/shop-availability/budget/").json()
    assert body == evaluated.json()
    assert set(body) == {
        "state", "remaining", "consumed", "burn", "flags", "coverage", "watermark", "window", "missing_minutes", "objective_version",
    }  # fmt: skip
    assert set(body["burn"]) == BURN
    assert body["burn"]["5m"] == "1.000000000"
    assert (body["remaining"], body["consumed"]) == ("0.000000000", "1.000000000")
    assert body["watermark"].endswith(":00Z")
    assert body["flags"] == ["low_confidence"]


def test_without_traffic_ratios_are_zero_and_never_null(erin: Caller, shop: Service) -> None:
    erin.post("slos/", an_slo())
    body = erin.get("slos/shop-availability/budget/").json()
    assert body["burn"] == dict.fromkeys(BURN, "0")
    assert (body["consumed"], body["remaining"], body["coverage"]) == ("0", "1.000000000", "0.000000000")
    assert None not in body.values()
    assert body["state"] == "not_yet_measured"


def test_a_refused_sample_says_why_and_the_others_count(erin: Caller) -> None:
    erin.post("slis/", {"slug": "requests", "source": "push"})
    batch = samples(3)
    batch[1]["good"] = 1000.5
    answer = erin.post("slis/requests/samples/", {"samples": batch}).json()
    assert answer["accepted"] == 2
    assert answer["refused"] == [
        {
            "index": 1,
            "minute": batch[1]["minute"],
            "reason": "good_above_total",
            "detail": "More good events than events.",
        }
    ]


@each_of(
    ("sample", "pointer"),
    [
        ({"minute": "yesterday", "good": 1, "total": 1}, "/samples/0"),
        ({"minute": "2026-03-02T12:00:00", "good": 1, "total": 1}, "/samples/0"),  # no zone
        ({"minute": 1772452800, "good": 1, "total": 1}, "/samples/0"),
        ({"minute": "2026-03-02T12:00:00Z", "good": "1", "total": 1}, "/samples/0"),
        ({"minute": "2026-03-02T12:00:00Z", "good": True, "total": 1}, "/samples/0"),
        ({"minute": "2026-03-02T12:00:00Z", "good": None, "total": 1}, "/samples/0"),
        ({"minute": "2026-03-02T12:00:00Z", "good": 1}, "/samples/0"),
        ({"minute": "2026-03-02T12:00:00Z", "good": 1, "total": 1, "bad": 0}, "/samples/0"),
        ("2026-03-02T12:00:00Z", "/samples/0"),
    ],
)
def test_a_wrong_shape_refuses_the_batch(erin: Caller, sample: Any, pointer: str) -> None:
    erin.post("slis/", {"slug": "requests", "source": "push"})
    answer = erin.post("slis/requests/samples/", {"samples": [sample, *samples(1)]})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


@each_of("body", [[], {}, {"samples": {}}, {"samples": None}, {"samples": samples(1), "at": "now"}])
def test_a_body_of_another_shape_is_refused(erin: Caller, body: Any) -> None:
    erin.post("slis/", {"slug": "requests", "source": "push"})
    assert erin.post("slis/requests/samples/", body).status_code == 400


@each_of(
    "change",
    [
        {"target": "1"},
        {"target": "0"},
        {"target": "0.9999999999"},
        {"target": 1e40},
        {"target": "NaN"},
        {"target": None},
        {"window_days": 6},
        {"window_days": "28"},
        {"window_days": 367},
        {"gating": "yes"},
        {"service": "nowhere"},
        {"service": 7},
        {"slug": "Not A Slug"},
        {"environment": ""},
        {"indicator": "shop-requests"},
        {"indicator": {"slug": "shop-requests"}},
        {"indicator": {"slug": "shop-requests", "source": "carrier-pigeon"}},
        {"indicator": {"slug": "shop-requests", "source": "prometheus"}},
        {"indicator": {"slug": "shop-requests", "source": "push", "good_query": "up"}},
        {"owner": "me"},
    ],
)
def test_an_impossible_objective_is_a_400_and_nothing_is_kept(erin: Caller, shop: Service, change: Any) -> None:
    answer = erin.post("slos/", an_slo(**change))
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not Objective.objects.exists()
    assert not Indicator.objects.exists()


def test_an_indicator_is_shared_by_its_definition(erin: Caller, shop: Service) -> None:
    erin.post("slos/", an_slo())
    assert erin.post("slos/", an_slo(slug="shop-second")).status_code == 201
    assert erin.post("slos/", an_slo(slug="shop-third", indicator={"slug": "shop-requests"})).status_code == 201
    other = {"slug": "shop-requests", "source": "prometheus", "server_url": "http://p:9090"}
    other |= {"good_query": "good", "total_query": "total"}
    assert erin.post("slos/", an_slo(slug="shop-fourth", indicator=other)).status_code == 409
    assert erin.post("slos/", an_slo()).status_code == 409
    assert Indicator.objects.count() == 1


def test_an_edit_needs_the_version_that_was_read(erin: Caller, shop: Service) -> None:
    erin.post("slos/", an_slo())
    assert erin.patch("slos/shop-availability/", {"target": "0.99"}).status_code == 428
    assert erin.patch("slos/shop-availability/", {"target": "0.99"}, **{"If-Match": '"7"'}).status_code == 412
    edited = erin.patch("slos/shop-availability/", {"target": "0.99"}, **{"If-Match": '"1"'})
    assert (edited.status_code, edited["ETag"]) == (200, '"2"')
    assert (edited.json()["target"], edited.json()["objective_version"]) == ("0.99", 2)
    assert Budget.objects.get().terms_version == 2


def test_names_are_not_terms(erin: Caller, shop: Service) -> None:
    erin.post("slos/", an_slo())
    edited = erin.patch("slos/shop-availability/", {"name": "Shop"}, **{"If-Match": '"1"'}).json()
    assert (edited["objective_version"], edited["version"]) == (1, 2)


NONE_HELD = {"waiting": 0, "quarantined": 0, "confirmation": "", "detail": ""}

#    role         scopes               read  define  send
DOORS = [
    ("requester", (),                  403,  403,    403),
    ("agent",     (),                  200,  403,    403),
    ("auditor",   (),                  200,  403,    403),
    ("approver",  (),                  200,  403,    403),
    ("engineer",  (),                  200,  201,    202),
    ("manager",   (),                  200,  201,    202),
    ("admin",     (),                  200,  201,    202),
    ("owner",     (),                  200,  403,    202),  # of another team's service
    ("engineer",  ("read",),           200,  403,    403),
    ("engineer",  ("samples:write",),  403,  403,    202),
    ("engineer",  ("slo:write",),      403,  201,    403),
]  # fmt: skip


@each_of(("role", "scopes", "read", "define", "send"), DOORS)
def test_roles_and_scopes(
    shop: Service,
    person: Callable[..., User],
    api: Callable[..., APIClient],
    role: str,
    scopes: tuple[str, ...],
    read: int,
    define: int,
    send: int,
) -> None:
    measured_by(an_indicator(slug="requests"), person(role))
    caller = Caller(api(person(role), *scopes))
    assert caller.get("slis/requests/").status_code == read
    assert caller.post("slos/", an_slo()).status_code == define
    assert caller.post("slis/requests/samples/", {"samples": samples(1)}).status_code == send


def test_an_owner_sets_objectives_for_the_services_of_their_team(
    shop: Service, payments: Team, person: Callable[..., User], api: Callable[..., APIClient]
) -> None:
    assert Caller(api(person("owner", payments))).post("slos/", an_slo()).status_code == 201


def test_a_pulled_indicator_takes_no_pushed_samples(erin: Caller) -> None:
    an_indicator(slug="requests", source="prometheus", server_url="http://p", good_query="a", total_query="b")
    assert erin.post("slis/requests/samples/", {"samples": samples(1)}).status_code == 409


def test_without_a_token_nothing_is_said(shop: Service) -> None:
    assert Client().get("/api/v1/slos/").status_code == 401


@pytest.mark.parametrize("rows", [1, 12])
def test_lists_cost_the_same_however_long(
    erin: Caller, shop: Service, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        erin.post("slos/", an_slo(slug=f"slo-{number}"))
    with django_assert_num_queries(7):
        answer = erin.get("slos/?service=shop")
    assert len(answer.json()["results"]) == rows
    assert erin.get("slos/?servce=shop").status_code == 400
