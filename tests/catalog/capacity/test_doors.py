"""Measures over REST and on pages: points pushed, forecasts read, what is hostile refused, what is hidden absent."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from catalog.capacity import operations
from catalog.capacity.operations import Sent
from catalog.capacity.queries import FIRST, listed
from catalog.models import Measure
from itsm.accounts.models import User
from itsm.ui.paging import paged
from tests.factories.catalog import KEEPER, an_item, joined
from tests.factories.slo import a_service
from tests.together import each_of

pytestmark = pytest.mark.django_db
SignIn = Callable[..., APIClient]
Web = Callable[..., Client]


def a_measure(**said: Any) -> Measure:
    wanted = {"ci": an_item(name="db-01"), "name": "Disk used", "limit": 100.0, "unit": "GB"} | said
    return operations.add_measure(actor=KEEPER, **wanted)


def filled(measure: Measure, days: int = 60) -> Measure:
    now = datetime.now(UTC)
    points = [Sent(now - timedelta(days=day + 1), 80.0 - day / 2) for day in range(days)]
    operations.take_points(measure, points, actor=KEEPER, at=now)
    operations.forecast_measure(measure, actor=KEEPER, at=now)
    return measure


def test_a_measure_lives_over_rest(api: SignIn, manager: User) -> None:
    client, item = api(manager), an_item()
    body = {"ci": item.reference, "name": "Disk used", "limit": 100, "unit": "GB"}
    made = client.post("/api/v1/measures/", body, format="json")
    assert made.status_code == 201, made.content
    path = made["Location"]
    now = datetime.now(UTC)
    points = [{"at": (now - timedelta(days=day)).isoformat(), "value": 50 + day} for day in range(60)]
    taken = client.post(f"{path}points/", {"points": points}, format="json")
    assert (taken.status_code, taken.json()) == (200, {"created": 60, "replaced": 0, "unchanged": 0})
    assert client.get(f"{path}forecast/").status_code == 404
    operations.forecast_all(actor=KEEPER, at=now)
    forecast = client.get(f"{path}forecast/").json()
    assert forecast["points"] == 59  # today is not over
    assert forecast["soonest"] is None
    assert set(forecast["bands"][0]) == {"at", "low", "centre", "high", "stretched"}
    patched = client.patch(path, {"limit": 40.5, "season": 7, "fold": "mean"}, format="json", HTTP_IF_MATCH='"1"')
    assert patched.status_code == 200, patched.content
    assert patched.json()["limit"] == 40.5
    retired = client.post(f"{path}retire/", format="json", HTTP_IF_MATCH='"2"')
    assert retired.status_code == 200, retired.content
    assert retired.json()["retired_at"] is not None
    assert client.get("/api/v1/measures/").json()["results"] == []
    assert len(client.get("/api/v1/measures/?retired=true").json()["results"]) == 1
    assert client.post(f"{path}points/", {"points": points[:1]}, format="json").status_code == 409


def test_the_list_names_first_what_runs_out_first_on_every_page_of_it(web: Web, manager: User) -> None:
    item = an_item()
    soon = filled(a_measure(ci=item, name="Fills up", limit=85.0))
    never = a_measure(ci=item, name="A quiet one")
    later = filled(a_measure(ci=item, name="Later", limit=120.0))
    shown = web(manager).get("/measures/").content.decode()
    assert shown.index("Fills up") < shown.index("Later") < shown.index("A quiet one")
    seen: list[Measure] = []
    after = ""
    for _ in range(3):
        one = paged(listed(KEEPER), {"after": after} if after else {}, FIRST, size=1)
        seen, after = [*seen, *one.rows], one.after
    assert (seen, after) == ([soon, later, never], "")


@each_of(
    "points",
    [
        "x", [], [1], [{"at": "2026-06-01T00:00:00Z"}], [{"at": "yesterday", "value": 1}],
        [{"at": "2026-06-01T00:00:00Z", "value": "1"}], [{"at": "2026-06-01T00:00:00Z", "value": True}],
        [{"at": "2999-01-01T00:00:00Z", "value": 1}], [{"at": "1999-01-01T00:00:00Z", "value": 1}],
        [{"at": "2026-06-01T00:00:00Z", "value": 1, "more": 1}], [{"at": "2026-06-01T00:00:00", "value": 1}],
        [{"at": "2026-06-01T00:00:00Z", "value": 10**400}], None,
    ],
)  # fmt: skip
def test_hostile_points_are_refused(points: Any, api: SignIn, manager: User) -> None:
    answer = api(manager).post(f"/api/v1/measures/{a_measure().slug}/points/", {"points": points}, format="json")
    assert answer.status_code == 400, answer.content
    assert answer.json()["type"].endswith(("invalid-input", "malformed"))


@pytest.mark.parametrize("text", ['{"points": [{"at": "2026-06-01T00:00:00Z", "value": NaN}]}', '{"points": ['])
def test_bodies_that_are_no_json_are_refused(text: str, api: SignIn, manager: User) -> None:
    path = f"/api/v1/measures/{a_measure().slug}/points/"
    assert api(manager).post(path, text, content_type="application/json").status_code == 400


@each_of("path", ["measures", "findings", "conflicts", "relations", "ci-groups"])
def test_a_list_narrowed_by_what_is_no_item_is_refused(path: str, api: SignIn, manager: User) -> None:
    client = api(manager)
    where = f"/api/v1/{path}/"
    answer = client.get(f"{where}?ci=zz")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/ci"), answer.content
    assert client.get(f"{where}?ci=CI-99999").json()["results"] == []


def test_a_row_of_a_measure_says_what_its_dates_are_made_of(web: Web, manager: User) -> None:
    measure = a_measure()
    page = web(manager).get("/measures/").content.decode()
    assert "No forecast was made yet" in page
    assert "No forecast was made yet" in web(manager).get(f"/measures/of/{measure.ci.reference}/").content.decode()


def test_measures_of_what_one_may_not_see_are_absent(
    api: SignIn, web: Web, engineer: User, manager: User, requester: User
) -> None:
    measure = a_measure(ci=an_item(name="vault", confidential=True), name="Keys used")
    client = api(engineer)
    assert client.get("/api/v1/measures/").json()["results"] == []
    absent = client.get("/api/v1/measures/no-such/")
    hidden = client.get(f"/api/v1/measures/{measure.slug}/")
    assert (hidden.status_code, hidden.json()["detail"]) == (404, absent.json()["detail"])
    assert web(engineer).get(measure.get_absolute_url()).status_code == 404
    assert b"Keys used" not in web(engineer).get("/measures/").content
    assert api(manager).get(f"/api/v1/measures/{measure.slug}/").status_code == 200
    assert api(requester).get("/api/v1/measures/").status_code == 403


def test_pages_show_the_dates_and_the_picture(web: Web, manager: User) -> None:
    measure, browser = filled(a_measure()), web(manager)
    page = browser.get(measure.get_absolute_url()).content.decode()
    assert "When the limit comes" in page
    assert 'data-chart="forecast"' in page
    picture = browser.get(f"{measure.get_absolute_url()}picture/").json()
    assert picture["limit"] == 100.0
    assert len(picture["actual"]) == 60
    assert picture["bands"]
    assert "limit may come" in browser.get(f"/measures/of/{measure.ci.reference}/").content.decode()


def test_the_service_page_says_what_runs_out_first_of_what_it_runs_on_as_the_reader_may_see_it(
    web: Web, manager: User, engineer: User
) -> None:
    shop, host, vault = a_service(slug="shop"), an_item(name="esx-4"), an_item(name="vault", confidential=True)
    path = f"/measures/service/{shop.slug}/"
    assert "Nothing is measured of it" in web(engineer).get(path).content.decode()
    joined(shop, host, "runs_on")
    joined(host, vault, "runs_on")
    filled(a_measure(ci=host, name="Seats taken", limit=85.0))
    assert "No limit is in sight." not in web(engineer).get(path).content.decode()
    secret = filled(a_measure(ci=vault, name="Vault used", limit=81.0))
    filled(a_measure(ci=an_item(), name="Not its own"))
    seen = {one: web(one).get(path).content.decode() for one in (engineer, manager)}
    assert "Not its own" not in seen[manager]
    assert seen[manager].index("Vault used") < seen[manager].index("Seats taken")
    assert "Vault" not in seen[engineer]
    assert secret.slug not in seen[engineer]
    assert "Seats taken" in seen[engineer]
    assert path in web(engineer).get("/services/shop/").content.decode()


def test_a_measure_is_added_and_edited_on_pages(web: Web, manager: User) -> None:
    browser, item = web(manager), an_item()
    typed = {
        "ci": item.reference.lower(), "name": "Licences used", "unit": "", "side": "below", "limit": "50",
        "lead_days": "60", "step": "day", "season": "7", "fold": "max",
    }  # fmt: skip
    assert browser.post("/measures/new/", typed | {"ci": "CI-99999"}).status_code == 422
    assert browser.post("/measures/new/", typed).status_code == 302
    measure = Measure.objects.get(name="Licences used")
    assert (measure.ci_id, measure.season) == (item.pk, 7)
    edited = browser.post(f"{measure.get_absolute_url()}edit/", typed | {"limit": "70", "version": measure.version})
    assert edited.status_code == 302
    measure.refresh_from_db()
    assert measure.limit == 70
    assert browser.post(f"{measure.get_absolute_url()}forecast/").status_code == 302


def test_the_list_costs_the_same_with_one_measure_and_many(
    web: Web, manager: User, django_assert_max_num_queries: Any
) -> None:
    filled(a_measure())
    browser = web(manager)
    browser.get("/measures/")
    for number in range(10):
        filled(a_measure(name=f"Measure {number}"), days=3)
    with django_assert_max_num_queries(12):
        assert browser.get("/measures/").status_code == 200
