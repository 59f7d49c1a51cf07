"""Setting objectives on the page: every way to measure, count and frame one; previews; retiring."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import User
from slo.engine.calendars import Calendar
from slo.engine.methods import Method
from slo.measuring import operations
from slo.models import Indicator, Objective
from slo.objectives.queries.previews import Asked, would_be
from tests.factories.slo import MEASURER, a_service, an_indicator, an_objective, measured, steady
from tests.together import each_of

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]
_MINUTE = timedelta(minutes=1)
SPACE = "\N{NARROW NO-BREAK SPACE}"


def words(**more: Any) -> dict[str, Any]:
    return {
        "name": "Search answers", "slug": "search-answers", "service": "search", "environment": "production",
        "target": "99.9", "window": "rolling", "window_days": "28", "gating": "on", "indicator": "requests",
        "source": "push", "method": "occurrences", "alerts": "all",
    } | more  # fmt: skip


@pytest.fixture
def browser(engineer: User, web: Web) -> Client:
    a_service(slug="search")
    return web(engineer)


def test_timeslices_by_the_calendar_with_chosen_alerts(browser: Client) -> None:
    said = words(
        method="timeslices", time_slice_target="95", time_slice_minutes="5", missing_slices="bad", window="calendar",
        calendar_unit="quarter", calendar_count="1", calendar_zone="Europe/Berlin", budget_basis="elapsed",
        alerts="chosen", alert_rows=["1h", "3d"], description="Why",
    )  # fmt: skip
    assert browser.post("/slos/new/", said).status_code == 302
    made = Objective.objects.get()
    assert (made.method, made.time_slice_target, made.time_slice_minutes) == ("timeslices", Decimal("0.95"), 5)
    assert (made.calendar_unit, made.calendar_zone, made.budget_basis) == ("quarter", "Europe/Berlin", "elapsed")
    assert (made.missing_slices, made.alert_rows, made.description) == ("bad", ["1h", "3d"], "Why")
    page = browser.get("/slos/search-answers/edit/").content.decode()
    assert 'value="Europe/Berlin" selected' in page
    assert 'value="95"' in page
    # Saved as it is shown, nothing changes.
    same = words(
        version=made.version, method="timeslices", time_slice_target="95", time_slice_minutes="5",
        missing_slices="bad", window="calendar", calendar_unit="quarter", calendar_count="1",
        calendar_zone="Europe/Berlin", budget_basis="elapsed", alerts="chosen", alert_rows=["1h", "3d"],
        description="Why", source="existing",
    )  # fmt: skip
    assert browser.post("/slos/search-answers/edit/", same).status_code == 302
    made.refresh_from_db()
    assert made.terms_version == 1


def test_a_new_objective_may_say_from_when_on_it_decides(browser: Client) -> None:
    soon = timezone.now() + timedelta(days=3)
    assert browser.post("/slos/new/", words(gates_from=f"{soon:%Y-%m-%dT%H:%M}")).status_code == 302
    made = Objective.objects.get()
    assert made.gates_from == soon.replace(second=0, microsecond=0)
    late = words(slug="other", gates_from=f"{soon + timedelta(days=99):%Y-%m-%dT%H:%M}")
    assert browser.post("/slos/new/", late).status_code == 400
    assert "It decides from" not in browser.get("/slos/search-answers/edit/").content.decode()


def test_an_uptime_check_and_what_is_wrong_with_one(browser: Client) -> None:
    check = words(source="uptime", way="http", url="https://www.example.org/health", timeout_seconds="5", most_ms="800")
    wrong = browser.post("/slos/new/", check | {"url": "ftp://nowhere"})
    assert wrong.status_code == 400
    assert "an http or https address" in wrong.content.decode()
    assert not Indicator.objects.exists()
    assert browser.post("/slos/new/", check).status_code == 302
    made = Indicator.objects.get().check_made
    assert (made.url, made.timeout_seconds, made.most_ms, made.method) == (check["url"], 5, 800, "GET")


def test_prometheus_with_a_known_source_and_a_threshold(browser: Client) -> None:
    source = operations.create_source(actor=MEASURER, slug="prom", url="http://prom.example:9090")
    said = words(
        source="prometheus", data_source="prom", measure="threshold", op="lt", threshold="0.3",
        value_query="latency", good_query="left over from another choice",
    )  # fmt: skip
    assert browser.post("/slos/new/", said).status_code == 302
    made = Indicator.objects.get()
    assert (made.data_source, made.value_query, made.op, made.threshold) == (source, "latency", "lt", Decimal("0.3"))
    assert made.good_query == ""


def test_a_composite_of_two_and_a_row_of_an_unknown_one(browser: Client) -> None:
    for slug in ("one", "two"):
        an_indicator(slug=slug)
    rows = {
        "members-TOTAL_FORMS": "4", "members-INITIAL_FORMS": "0", "members-0-indicator": "one",
        "members-0-target": "99", "members-2-indicator": "two", "members-2-weight": "2",
    }  # fmt: skip
    said = words(source="composite", indicator="") | rows
    wrong = browser.post("/slos/new/", said | {"members-2-indicator": "three"})
    assert wrong.status_code == 422
    assert "There is no indicator of this name." in wrong.content.decode()
    more = browser.post("/slos/new/", said | {"more": "1"})
    assert more.status_code == 200
    assert 'name="members-6-indicator"' in more.content.decode()
    odd = browser.post("/slos/new/", said | {"more": "1", "members-TOTAL_FORMS": "²"})
    assert 'name="members-6-indicator"' in odd.content.decode()
    assert not Objective.objects.exists()
    assert browser.post("/slos/new/", said).status_code == 302
    members = Objective.objects.get().versions.get().members.all()
    assert [(one.indicator.slug, one.target, one.weight) for one in members] == [
        ("one", Decimal("0.99"), Decimal(1)), ("two", Decimal("0.999"), Decimal(2)),
    ]  # fmt: skip
    assert 'value="two"' in browser.get("/slos/search-answers/edit/").content.decode()


@each_of(
    ("wrong", "sentence"),
    [
        ({"window_days": ""}, "Say how many days"),
        ({"indicator": ""}, "Say which indicator"),
        ({"source": "existing"}, "There is no indicator called requests"),
        ({"method": "timeslices"}, "Say from which share on"),
        ({"window": "calendar", "calendar_unit": "year", "calendar_count": "2", "calendar_zone": "UTC"}, "7 to 366"),
        ({"alerts": "chosen", "alert_rows": ["1h"], "target": "90"}, "can never fire"),
        ({"source": "prometheus"}, "needed"),
    ],
)
def test_what_is_wrong_is_said(wrong: dict[str, Any], sentence: str, browser: Client) -> None:
    answer = browser.post("/slos/new/", words(**wrong))
    assert answer.status_code in (400, 422)
    assert sentence in answer.content.decode()
    assert not Objective.objects.exists()


def test_the_preview_says_budget_alerts_and_what_cannot_fire(browser: Client) -> None:
    page = browser.post(
        "/slos/new/preview/", {"target": "90", "window": "rolling", "window_days": "30"}
    ).content.decode()
    assert f"3{SPACE}d" in page
    assert "It needs a burn above 14.40; even a total outage burns at 10.00." in page
    assert "Type a target" in browser.post("/slos/new/preview/", {"target": "x"}).content.decode()
    look = browser.post("/slos/new/", words(target="99", look="1"))
    assert look.status_code == 200
    assert "One in 100 may fail" in look.content.decode()
    assert not Objective.objects.exists()


def test_the_preview_holds_new_terms_against_what_was_measured(browser: Client) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    made = an_objective(slug="known", at=now, window_days=7)
    assert made.indicator
    measured(made.indicator, steady(now, 600, bad=1), now)
    said = {"target": "99.8", "window": "rolling", "window_days": "7", "indicator": made.indicator.slug}
    page = browser.post("/slos/known/edit/preview/", said | {"source": "existing"}).content.decode()
    assert f"50.0{SPACE}%" in page
    assert f"600 failures of 1{SPACE}200 allowed" in page


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("missing", ["excluded", "bad"])
def test_the_preview_agrees_with_the_evaluation(method: Method, missing: str, db: None) -> None:
    """Whatever is evaluated here and now is what the kept series says as well."""
    now = timezone.now().replace(minute=33, second=0, microsecond=0) - timedelta(hours=1)  # amid a slice
    indicator = an_indicator()
    across = steady(now - timedelta(days=7) + 103 * _MINUTE, 300, bad=90)  # over the window's beginning
    measured(indicator, [*across, *steady(now - 300 * _MINUTE, 300, bad=4), *steady(now, 200, bad=60)], now)
    sliced = method is not Method.OCCURRENCES
    missing = missing if sliced else "excluded"
    bar = Decimal("0.99") if method is Method.TIMESLICES else None
    asked = Asked(Decimal("0.9"), method, 5, bar, missing, 7, None, "full_window")
    foreseen = would_be(indicator, asked, now)
    kept = an_objective(
        at=now, indicator=indicator, target=Decimal("0.9"), window_days=7, method=method.value, time_slice_target=bar,
        time_slice_minutes=5 if sliced else None, missing_slices=missing,
    )  # fmt: skip
    assert foreseen is not None
    assert abs(
        Decimal(foreseen.remaining.numerator) / foreseen.remaining.denominator - kept.budget.remaining
    ) < Decimal("1e-8")
    again = would_be(indicator, asked, now)
    assert again == foreseen, "from the kept series as from the samples"


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("basis", ["full_window", "elapsed"])
def test_the_preview_of_a_period_agrees_as_well(method: Method, basis: str, db: None) -> None:
    now = timezone.now().replace(minute=33, second=0, microsecond=0) - timedelta(hours=1)  # amid a slice
    indicator = an_indicator()
    measured(indicator, [*steady(now - 300 * _MINUTE, 500, bad=4), *steady(now, 200, bad=60)], now)
    sliced = method is not Method.OCCURRENCES
    bar = Decimal("0.99") if method is Method.TIMESLICES else None
    calendar = Calendar("month", 1, "Asia/Tokyo")
    asked = Asked(Decimal("0.9"), method, 5 if sliced else 1, bar, "excluded", 31, calendar, basis)
    foreseen = would_be(indicator, asked, now)
    kept = an_objective(
        at=now, indicator=indicator, target=Decimal("0.9"), calendar={"unit": "month", "zone": "Asia/Tokyo"},
        method=method.value, time_slice_target=bar, time_slice_minutes=5 if sliced else None, budget_basis=basis,
    )  # fmt: skip
    assert foreseen is not None
    left = Decimal(foreseen.remaining.numerator) / foreseen.remaining.denominator
    assert abs(left - kept.budget.remaining) < Decimal("1e-8")


def test_retiring_and_taking_up_again(browser: Client, auditor: User, web: Web) -> None:
    made = an_objective(slug="old")
    assert web(auditor).post("/slos/old/retire/", {"version": made.version}).status_code == 403
    assert browser.post("/slos/old/retire/", {"version": made.version + 1}).status_code == 412
    assert browser.post("/slos/old/retire/", {"version": "²"}).status_code == 428
    assert browser.get("/slos/old/retire/").status_code == 405
    assert browser.post("/slos/old/retire/", {"version": made.version}).status_code == 302
    made.refresh_from_db()
    assert made.retired_at
    assert "Take it up again" in browser.get("/slos/old/edit/").content.decode()
    assert browser.post("/slos/old/revive/").status_code == 302
    made.refresh_from_db()
    assert made.retired_at is None


def test_no_part_of_the_form_needs_inline_scripts(browser: Client) -> None:
    page = browser.get("/slos/new/").content.decode()
    assert " style=" not in page
    assert "<script>" not in page
    assert 'name="members-3-indicator"' in page, "empty rows are there without scripts"
