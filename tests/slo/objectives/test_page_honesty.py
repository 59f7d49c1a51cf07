"""No page claims a measurement that was not made; and trust, with what speaks against it, can be read."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import User
from itsm.home.measures import exposition
from slo.engine.samples import Sample
from slo.measuring import operations as measuring_operations
from slo.models import Budget, Indicator, Objective, UptimeCheck
from slo.objectives import operations
from tests.factories.slo import MEASURER, MINUTE, a_service, an_indicator, an_objective, measured, steady

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]

EVERY_PAGE = ("/slos/", "/slos/wall/", "/slos/search-answers/", "/slos/of/search/", "/slos/badges/?slugs=search", "/")
CLAIMS = ("100 %", "100.0", "100\N{NARROW NO-BREAK SPACE}%", "data-chart=", 'class="spark"')


def now() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


def new_objective(**fields: object) -> Objective:
    service = a_service(slug="search", name="Search")
    return an_objective(slug="search-answers", name="Search answers", service=service, at=now(), **fields)


def text_of(browser: Client, path: str) -> str:
    return browser.get(path).content.decode()


@pytest.mark.parametrize("path", EVERY_PAGE[:5])
def test_where_nothing_was_measured_nothing_is_claimed(path: str, engineer: User, web: Web) -> None:
    new_objective()
    page = text_of(web(engineer), path)
    assert "Not yet measured" in page
    for claim in CLAIMS:
        assert claim not in page, claim
    words = " ".join(re.sub("<[^>]*>", " ", page).lower().split())
    assert "measured to just now" not in words
    assert "measured just now" not in words
    assert "budget-bar" not in page
    assert "No data" not in page.split("Up now")[0].split("Flags come before")[0]


def test_the_page_says_when_it_begins_to_decide(engineer: User, web: Web) -> None:
    objective = new_objective()
    page = text_of(web(engineer), "/slos/search-answers/")
    assert "Nothing has been measured yet" in page
    assert "about changes, after 60 more measured minutes" in page
    measured(objective.indicator, steady(now(), 12), now())
    operations.evaluate(at=now(), objectives=[objective.pk])
    page = text_of(web(engineer), "/slos/search-answers/")
    assert "New: 12 minutes are measured so far" in page
    assert "about changes, after 48 more measured minutes" in page


def test_a_stated_instant_is_shown(engineer: User, web: Web) -> None:
    new_objective(gates_from=now() + timedelta(days=2))
    assert "about changes, from" in text_of(web(engineer), "/slos/search-answers/")


def test_burn_windows_say_how_much_of_them_was_measured(engineer: User, web: Web) -> None:
    objective = new_objective()
    measured(objective.indicator, steady(now(), 120), now())
    operations.evaluate(at=now(), objectives=[objective.pk])
    page = text_of(web(engineer), "/slos/search-answers/")
    assert page.count("2\N{NARROW NO-BREAK SPACE}h measured") == 3  # of 6 h, 1 d and 3 d; the hour was measured whole
    assert "measured since" in page


def test_the_overview_as_csv_leaves_empty_what_was_not_measured(engineer: User, web: Web) -> None:
    new_objective()
    text = b"".join(web(engineer).get("/slos/overview.csv").streaming_content).decode()  # type: ignore[attr-defined]
    head, row = (line.split(",") for line in text.splitlines()[:2])
    shown = dict(zip(head, row, strict=True))
    assert [shown[name] for name in ("remaining", "headroom", "burn_1h", "measured_to")] == [""] * 4
    assert shown["state"] == "not_yet_measured"


def test_a_check_that_fails_is_not_said_to_answer(engineer: User, web: Web) -> None:
    check = an_indicator(source="uptime", check={"way": "http", "url": "https://shop.example/"})
    objective = new_objective(indicator=check)
    measured_at = now()
    UptimeCheck.objects.filter(pk=check.pk).update(last_checked_at=measured_at, last_result="status 503")
    Indicator.objects.filter(pk=check.pk).update(last_pull_at=measured_at)
    page = text_of(web(engineer), f"/slos/{objective.slug}/")
    assert "does not answer as it should" in page
    assert ">answers<" not in page


def test_a_source_that_was_asked_and_gave_nothing_is_not_said_to_answer(engineer: User, web: Web) -> None:
    measuring_operations.create_source(actor=MEASURER, slug="prom", url="http://prom.example:9090")
    pulled = an_indicator(
        source="prometheus", server_url="http://prom.example:9090", good_query="good", total_query="total"
    )
    new_objective(indicator=pulled)
    Indicator.objects.filter(pk=pulled.pk).update(last_pull_at=now())
    page = text_of(web(engineer), "/slos/search-answers/")
    assert "asked, nothing measured yet" in page
    assert ">answers<" not in page


def test_a_source_answers_beside_an_indicator_that_fails(engineer: User, web: Web) -> None:
    source = measuring_operations.create_source(actor=MEASURER, slug="prom", url="http://prom.example:9090")
    type(source).objects.update(last_ok_at=timezone.now())
    pulled = an_indicator(
        source="prometheus", server_url="http://prom.example:9090", good_query="good", total_query="total"
    )
    assert ">Answers<" in text_of(web(engineer), "/slos/sources/")
    Indicator.objects.filter(pk=pulled.pk).update(failing_since=timezone.now(), last_error="parse error")
    page = text_of(web(engineer), "/slos/sources/")
    assert "Answers, 1 indicator fails" in page
    assert ">Answers<" not in page


def test_an_evaluation_that_stopped_does_not_make_silence_of_newness(engineer: User, web: Web) -> None:
    new_objective()
    long_ago = timezone.now() - timedelta(hours=2)
    Budget.objects.update(watermark=long_ago, evaluated_at=long_ago)
    page = text_of(web(engineer), "/slos/search-answers/")
    assert "As it was when measurements stopped" not in page
    assert "Not yet measured" in page


def test_marks_against_the_measurements_are_read_with_their_reason(engineer: User, web: Web) -> None:
    objective, dice, at = new_objective(), Random(2), now()
    samples = [Sample(one.minute, 990, dice.randrange(995, 1400)) for one in steady(at, 2000)]
    measured(objective.indicator, samples, at)
    operations.evaluate(at=at, objectives=[objective.pk])
    assert "Nothing speaks against them" in text_of(web(engineer), "/slos/search-answers/")
    measured(objective.indicator, [Sample(at - MINUTE * back, 990, 1000) for back in range(1, 91)], at)
    operations.evaluate(at=at, objectives=[objective.pk])
    page = text_of(web(engineer), "/slos/search-answers/")
    assert "The very same measurement comes over and over" in page
    assert "It used to vary" in page


def test_a_retired_objective_is_neither_late_nor_in_a_state() -> None:
    kept, gone = an_objective(at=now()), an_objective(at=now())
    operations.retire_objective(gone, actor=MEASURER, version=1, at=now())
    Budget.objects.filter(pk=gone.pk).update(evaluated_at=timezone.now() - timedelta(days=9))
    Budget.objects.filter(pk=kept.pk).update(evaluated_at=timezone.now())
    said = dict(line.rsplit(" ", 1) for line in exposition().decode().splitlines() if not line.startswith("#"))
    assert float(said["headroom_budgets_evaluated_age_seconds"]) < 3600
    assert float(said['headroom_budgets{state="not_yet_measured"}']) == 1
