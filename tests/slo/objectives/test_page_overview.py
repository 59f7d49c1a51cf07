"""The page of the overview: what a row says, which rows a filter leaves, and that a thousand cost what one costs."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from itsm.accounts.models import Team, User
from slo.measuring import operations as measuring_operations
from slo.models import Budget, Indicator, Objective
from slo.objectives import operations
from slo.objectives import operations as objectives_operations
from slo.objectives.queries.wording import count_said, minutes_said
from tests.factories.slo import MEASURER, a_service, an_indicator, an_objective, measured, steady
from tests.together import each_of

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]
SPACE = "\N{NARROW NO-BREAK SPACE}"


def _now() -> Any:
    return timezone.now().replace(second=0, microsecond=0)


def _page(browser: Client, query: str = "") -> str:
    answer = browser.get(f"/slos/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def overview(db: None) -> dict[str, Objective]:
    """One that counts events, one that counts minutes by the calendar; the first fails, the second is well."""
    now = _now()
    team = Team.objects.create(slug="payments", name="Payments")
    paid = a_service(slug="checkout", name="Checkout", team=team)
    events = an_objective(slug="events", name="Paying works", service=paid, at=now, window_days=7)
    assert events.indicator
    measured(events.indicator, steady(now, 3000, bad=2), now)
    time = an_objective(
        slug="time", name="Search is up", at=now, method="timeslices", time_slice_target=Decimal("0.99"),
        environment="staging", gating=False, calendar={"unit": "month", "zone": "UTC"},
    )  # fmt: skip
    assert time.indicator
    measured(time.indicator, steady(now, 3000), now)
    operations.evaluate(at=now, objectives=[events.pk, time.pk])
    return {"events": events, "time": time}


def test_rows_say_what_is_left_in_events_or_in_time(overview: Any, engineer: User, web: Web) -> None:
    page = _page(web(engineer))
    # 3000 minutes of 1000 events, one in a thousand may fail, two do.
    assert f"{chr(0x2212)}3{SPACE}000 of 3{SPACE}000 events" in page
    assert page.index("Paying works") < page.index("Search is up"), "worst first"
    assert re.search(rf"(\d+) of \1{SPACE}min", page), "nothing failed"
    assert "month" in page


@each_of(
    ("query", "left"),
    [
        ("team=payments", {"events"}), ("service=checkout", {"events"}), ("environment=staging", {"time"}),
        ("method=timeslices", {"time"}), ("window=rolling", {"events"}), ("window=calendar", {"time"}),
        ("gating=false", {"time"}), ("text=paying", {"events"}), ("state=burning_fast", {"events"}),
        ("retired=true", set()), ("source_failing=true", set()), ("source_failing=false", {"events", "time"}),
    ],
)  # fmt: skip
def test_filters(query: str, left: set[str], overview: Any, engineer: User, web: Web) -> None:
    page = _page(web(engineer), f"?{query}")
    assert {slug for slug in overview if f'href="/slos/{slug}/"' in page} == left


def test_chips_count_what_the_other_filters_leave(overview: Any, engineer: User, web: Web) -> None:
    browser = web(engineer)
    assert 'href="?team=payments&amp;state=burning_fast"' in _page(browser, "?team=payments")
    assert "state=healthy" not in _page(browser, "?team=payments")


def test_a_source_that_fails_is_said_in_its_row_and_above_the_list(overview: Any, engineer: User, web: Web) -> None:
    source = measuring_operations.create_source(actor=MEASURER, slug="prom", url="http://prom.example:9090")
    since = timezone.now() - timedelta(hours=2)
    type(source).objects.update(failing_since=since, last_error="No route.")
    Indicator.objects.filter(pk=overview["time"].indicator_id).update(failing_since=since, last_error="No route.")
    page = _page(web(engineer), "?source_failing=true")
    assert "prom does not answer since" in page
    assert "source fails" in page
    assert 'href="/slos/time/"' in page
    assert 'href="/slos/events/"' not in page


def test_a_silent_source_counts_as_no_data(overview: Any, engineer: User, web: Web) -> None:
    Budget.objects.filter(pk=overview["time"].pk).update(watermark=timezone.now() - timedelta(hours=1), state="healthy")
    page = _page(web(engineer), "?state=no_data")
    assert 'href="/slos/time/"' in page
    assert 'href="/slos/time/"' not in _page(web(engineer), "?state=healthy")


def test_the_download_holds_what_the_list_holds(overview: Any, engineer: User, requester: User, web: Web) -> None:
    Objective.objects.filter(slug="time").update(name="=1+1")
    answer = web(engineer).get("/slos/overview.csv?environment=staging")
    (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()))  # type: ignore[attr-defined]
    assert (row["slug"], row["name"], row["target"], row["calendar"]) == ("time", "'=1+1", "0.999", "month")
    assert row["gating"] == "no"
    assert web(requester).get("/slos/overview.csv").status_code == 403


def test_many_cost_what_few_cost(engineer: User, web: Web) -> None:
    browser, now = web(engineer), _now()
    first = an_objective(at=now)
    both = [an_indicator(), an_indicator()]
    members = [objectives_operations.MemberTerms(one, Decimal("0.99")) for one in both]

    def composite(slug: str) -> None:
        operations.create_objective(
            actor=MEASURER, at=now, slug=slug, name=slug, service=a_service(), target=Decimal("0.99"), members=members
        )

    composite("one")
    browser.get("/slos/")

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            answer = browser.get(path)
            if answer.streaming:
                b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        return len(asked)

    few = [cost("/slos/"), cost("/slos/overview.csv"), cost("/slos/wall/")]
    for number in range(12):
        an_objective(at=now, indicator=first.indicator)
        composite(f"composite-{number}")
    assert [cost("/slos/"), cost("/slos/overview.csv"), cost("/slos/wall/")] == few


@pytest.mark.parametrize(
    ("minutes", "said"),
    [("12.9", "12 min"), ("-0.5", "−1 min"), ("119", "119 min"), ("200", "3 h 20 min"), ("3000", "2 d 2 h")],
)
def test_minutes_in_words(minutes: str, said: str) -> None:
    assert minutes_said(Decimal(minutes)).replace(SPACE, " ") == said


@pytest.mark.parametrize(
    ("count", "said"), [("0.59", "0.5"), ("1234", "1 234"), ("56789", "56 k"), ("7890000", "7.8 M"), ("-3", "−3")]
)
def test_counts_in_words(count: str, said: str) -> None:
    assert count_said(Decimal(count)).replace(SPACE, " ") == said
