"""Data sources, corrections, outage periods, forecasts and past budgets over REST."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from itsm.accounts.models import User
from slo.models import Correction, DataSource, Objective, Outage, OutageCause
from slo.objectives.operations import recompute_outages
from tests.factories.slo import MEASURER, MINUTE, an_indicator, an_objective, evaluated, measured, steady
from tests.together import each_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def erin(engineer: User, api: Callable[..., APIClient]) -> APIClient:
    return api(engineer)


@pytest.fixture
def mona(manager: User, api: Callable[..., APIClient]) -> APIClient:
    return api(manager)


@pytest.fixture
def objective() -> Objective:
    now = timezone.now().replace(second=0, microsecond=0)
    made = an_objective(at=now, window_days=7)
    measured(made.indicator, steady(now, 7 * 1440), now)
    measured(made.indicator, steady(now - timedelta(hours=3), 10, bad=500), now)
    evaluated(made, now)
    return made


def post(client: APIClient, path: str, body: Any, **headers: str) -> Any:
    return client.post(f"/api/v1/{path}", body, format="json", headers=headers)


def test_a_data_source_is_made_changed_and_deleted_while_unused(erin: APIClient, mona: APIClient) -> None:
    made = post(mona, "data-sources/", {"slug": "mimir", "url": "https://mimir.example/", "auth": "bearer", "credential": "mimir"})  # fmt: skip
    assert (made.status_code, made.json()["url"], made["ETag"]) == (201, "https://mimir.example", '"1"')
    indicator = an_indicator(
        source="prometheus", data_source=DataSource.objects.get(), good_query="good", total_query="all"
    )
    changed = erin.patch("/api/v1/data-sources/mimir/", {"lag_minutes": 3}, format="json", headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["lag_minutes"]) == (200, 3)
    assert erin.delete("/api/v1/data-sources/mimir/", headers={"If-Match": '"2"'}).status_code == 409
    indicator.feeds.all().delete()
    indicator.delete()
    assert erin.delete("/api/v1/data-sources/mimir/").status_code == 428
    assert erin.delete("/api/v1/data-sources/mimir/", headers={"If-Match": '"2"'}).status_code == 204


@each_of(
    "body",
    [
        {"url": "mimir.example"},
        {"url": "https://user:secret@mimir.example"},
        {"url": "https://mimir.example", "auth": "bearer"},
        {"url": "https://mimir.example", "credential": "x"},
        {"url": "https://mimir.example", "tenant": "x"},
        {"url": "https://mimir.example", "lag_minutes": 61},
    ],
)
def test_sources_that_make_no_sense(erin: APIClient, body: dict[str, Any]) -> None:
    answer = post(erin, "data-sources/", {"slug": "mimir"} | body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert not DataSource.objects.exists()


def test_a_correction_from_its_effect_to_its_approval(erin: APIClient, mona: APIClient, objective: Objective) -> None:
    end = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=3)
    body = {
        "slo": objective.slug, "category": "deployment", "reason": "The release went wrong on purpose.",
        "starts_at": f"{end - 10 * MINUTE:%Y-%m-%dT%H:%M:%SZ}", "ends_at": f"{end:%Y-%m-%dT%H:%M:%SZ}",
    }  # fmt: skip
    effect = post(erin, "corrections/effect/", body).json()
    assert (effect["remaining_before"], effect["remaining_after"]) == ("0.503968253", "1.000000000")
    made = post(erin, "corrections/", body)
    assert made.status_code == 201, made.content
    path = made["Location"].partition("/api/v1/")[2]
    assert post(erin, f"{path}approve/", {}).status_code == 403
    assert post(mona, f"{path}approve/", {}, **{"If-Match": '"2"'}).status_code == 412
    approved = post(mona, f"{path}approve/", {}, **{"If-Match": '"1"'})
    assert (approved.status_code, approved.json()["status"]) == (200, "approved"), approved.content
    assert approved.json()["remaining_after"] == effect["remaining_after"]
    assert erin.get(f"/api/v1/slos/{objective.slug}/budget/").json()["remaining"] == "1.000000000"
    assert post(erin, f"{path}withdraw/", {"reason": "A mistake"}).json()["status"] == "withdrawn"
    assert Correction.objects.get().status == "withdrawn"


def test_a_budget_as_it_was(erin: APIClient, objective: Objective) -> None:
    then = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=4)
    path = f"/api/v1/slos/{objective.slug}/budget/"
    was = erin.get(path, {"at": f"{then:%Y-%m-%dT%H:%M:%SZ}"}).json()
    assert (was["remaining"], was["watermark"]) == ("1.000000000", f"{then:%Y-%m-%dT%H:%M:%SZ}")
    assert erin.get(path).json()["remaining"] == "0.503968253"
    for wrong in ("yesterday", "2999-01-01T00:00:00Z", "1999-01-01T00:00:00Z", "2026-01-01T00:00:00"):
        assert erin.get(path, {"at": wrong}).status_code == 400, wrong
    assert erin.get(path, {"when": "now"}).status_code == 400


def test_outages_are_listed_and_their_causes_decided(erin: APIClient, objective: Objective) -> None:
    recompute_outages(actor=MEASURER, at=timezone.now())
    (outage,) = Outage.objects.all()
    OutageCause.objects.create(
        outage=outage, reference="INC-00007", title="Slow", url="/", began_at=outage.started_at, score=60, why="near"
    )
    (shown,) = erin.get("/api/v1/outages/", {"slo": objective.slug}).json()["results"]
    assert (shown["minutes"], shown["counted"], shown["cost"]) == (10, "events", "0.496031746")
    decided = post(erin, f"outages/{outage.pk}/decide/", {"reference": "INC-00007", "verdict": "confirmed"})
    assert decided.json()["causes"][0]["verdict"] == "confirmed"
    assert post(erin, f"outages/{outage.pk}/decide/", {"reference": "INC-1", "verdict": "confirmed"}).status_code == 404


def test_a_forecast(erin: APIClient, objective: Objective) -> None:
    path = f"/api/v1/slos/{objective.slug}/forecast/"
    plain = erin.get(path).json()
    assert plain["now"] == plain["then"]
    outage = erin.get(path, {"outage_minutes": "5"}).json()["then"]
    # Five minutes of 10,080 at 99.9 %: 5,000 failures of 10,080 allowed.
    assert outage["spent_by_outage"] == "0.496031747"
    assert erin.get(path, {"target": "0.99"}).json()["then"]["remaining"] == "0.950396825"
    for wrong in ({"target": "1"}, {"traffic": "-1"}, {"outage_minutes": "x"}, {"pace": "2h"}, {"outage": "5"}):
        assert erin.get(path, wrong).status_code == 400, wrong
