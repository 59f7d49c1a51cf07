"""The page of an objective: its figures can be done again from what it shows, and it costs the same however much there is."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from itsm.accounts.models import User
from slo.engine.burn import rounded_down, rounded_up
from slo.measuring import operations as measuring_operations
from slo.models import Correction, Indicator, Objective, Outage, OutageCause
from slo.objectives import operations
from slo.objectives import operations as objectives_operations
from slo.objectives.queries.objective_page.alert_rows import AlertRowStatus
from slo.objectives.queries.objective_page.arithmetic import arithmetic
from slo.objectives.queries.objective_page.sheet import Sheet, sheet
from slo.objectives.queries.objective_page.sums import ShownPart, ShownSum
from slo.objectives.queries.wording import length, promise
from tests.factories.slo import MEASURER, MINUTE, a_service, an_indicator, an_objective, evaluated, measured, steady

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]
MONTH = {"unit": "month", "zone": "Europe/Berlin", "count": 1}
SLICES = {"method": "timeslices", "time_slice_minutes": 5, "time_slice_target": Decimal("0.95")}


def _now() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


def _made(now: datetime, **terms: Any) -> Objective:
    """Three days of traffic with two bad episodes in them."""
    made = an_objective(at=now, **{"slug": "answers", "window_days": 7, "target": Decimal("0.99")} | terms)
    for indicator in _indicators(made):
        measured(indicator, steady(now, 3 * 1440, total=50), now)
        measured(indicator, steady(now - MINUTE * 2000, 20, bad=30, total=50), now)
        measured(indicator, steady(now - MINUTE * 30, 7, bad=3, total=50), now)
    evaluated(made, now)
    return made


def _indicators(objective: Objective) -> list[Indicator]:
    return list(Indicator.objects.filter(feeds__series__counted_periods__objective=objective).distinct())


def _number(text: str) -> Fraction:
    return Fraction(text.replace("\N{NARROW NO-BREAK SPACE}", "").replace("%", ""))


def _redone(one: ShownSum) -> Fraction:
    """Burn from nothing but what the page shows: failed, counted, share, weight."""
    components: dict[str, list[ShownPart]] = {}
    for part in one.parts:
        components.setdefault(part.name, []).append(part)
    allowed = {
        name: sum(_number(part.total) * _number(part.share) / 100 for part in parts)
        for name, parts in components.items()
    }
    for part in one.coming:
        allowed[part.name] = allowed.get(part.name, 0) + _number(part.total) * _number(part.share) / 100
    weighed = {
        name: sum(_number(part.bad) * _number(part.weight) for part in parts) for name, parts in components.items()
    }
    return sum((Fraction(weighed[name]) / allowed[name] for name in components if allowed[name]), Fraction(0))


def _terms(kind: str) -> dict[str, Any]:
    if kind == "composite":
        members = [
            objectives_operations.MemberTerms(an_indicator(), Decimal("0.99"), Decimal(2)),
            objectives_operations.MemberTerms(an_indicator(), Decimal("0.95"), Decimal("0.5")),
        ]
        return {"members": members}
    kinds: dict[str, dict[str, Any]] = {
        "rolling": {},
        "calendar": {"calendar": MONTH},
        "elapsed": {"calendar": MONTH, "budget_basis": "elapsed"},
        "slices": SLICES,
        "monthly slices": SLICES | {"calendar": MONTH},
        "ratio slices": {"method": "ratio_timeslices", "time_slice_minutes": 15, "missing_slices": "bad"},
    }
    return kinds[kind]


KINDS = ["rolling", "calendar", "elapsed", "slices", "monthly slices", "ratio slices", "composite"]


def _objective(kind: str, now: datetime) -> Objective:
    terms = _terms(kind)
    if "members" not in terms:
        return _made(now, **terms)
    made = operations.create_objective(
        actor=MEASURER, at=now, slug="answers", name="Answers", service=a_service(), target=Decimal("0.99"),
        window_days=7, **terms,
    )  # fmt: skip
    for place, indicator in enumerate(_indicators(made)):
        measured(indicator, steady(now, 3 * 1440, bad=place, total=50), now)
    evaluated(made, now)
    return made


@pytest.fixture
def reader(engineer: User, as_actor: Any) -> Any:
    return as_actor(engineer)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_page_shows_gives_what_is_stored(kind: str, reader: Any) -> None:
    now = _now()
    made = _objective(kind, now)
    operations.evaluate(at=now, objectives=[made.pk])
    found = sheet(reader, "answers", now)
    budget = found.line.budget
    assert found.sums.agrees
    assert budget.remaining < 1
    assert abs(Decimal(1) - rounded_up(_redone(found.whole)) - budget.remaining) <= Decimal("2e-9")
    for one in found.rows:
        assert abs(rounded_up(_redone(one.long)) - one.row.burn_long) <= Decimal("2e-9")
        assert abs(rounded_up(_redone(one.short)) - one.row.burn_short) <= Decimal("2e-9")
    assert found.coverage.share == budget.coverage
    assert abs(_number(found.whole.allowed) - Fraction(budget.allowed)) < Fraction(1, 10**6)


def test_several_versions_and_an_excluded_period_are_shown_each_with_its_share(
    reader: Any, manager: User, as_actor: Any
) -> None:
    now = _now()
    made = _made(now)
    operations.edit_objective(
        made, actor=MEASURER, version=made.version, at=now - MINUTE * 1000, target=Decimal("0.98")
    )
    one = operations.propose_correction(
        made, actor=MEASURER, at=now, category="other", starts_at=now - MINUTE * 2010, ends_at=now - MINUTE * 2000,
        reason="A drill.",
    )  # fmt: skip
    operations.approve_correction(one, actor=as_actor(manager), at=now)
    found = sheet(reader, "answers", now)
    assert found.sums.agrees
    assert [(part.version, part.share[0]) for part in found.whole.parts] == [(1, "1"), (2, "2")]
    assert found.coverage.excluded == 10
    assert 1 - _redone(found.whole) >= found.line.budget.remaining > 1 - _redone(found.whole) - Fraction(1, 10**8)
    assert [line.version.number for line in found.versions] == [2, 1]


@pytest.mark.parametrize("kind", ["rolling", "calendar", "elapsed"])
def test_the_time_to_exhaustion_follows_from_its_shown_inputs(kind: str, reader: Any) -> None:
    now = _now()
    _made(now, **_terms(kind))
    told = sheet(reader, "answers", now).exhaustion
    for pace in told.paces:
        if pace.net <= 0:
            assert pace.minutes is None
            continue
        minutes = Fraction(told.remaining) * told.basis_minutes / Fraction(pace.net)
        if kind != "rolling" and minutes > told.minutes_left + 1:
            assert pace.minutes is None
        else:
            assert pace.minutes is not None
            assert abs(minutes - pace.minutes) < 2


def test_what_leaves_the_window_is_taken_off_the_pace(reader: Any) -> None:
    now = _now()
    made = an_objective(slug="answers", at=now, window_days=7, target=Decimal("0.99"))
    indicator = Indicator.objects.get(objectives=made)
    measured(indicator, steady(now, 7 * 1440, total=100), now)
    measured(indicator, steady(now, 30, bad=4, total=100), now)
    measured(indicator, steady(now - MINUTE * (7 * 1440 - 60), 60, bad=1, total=100), now)
    evaluated(made, now)
    hour, day = (sheet(reader, "answers", now).exhaustion.paces[place] for place in (0, 2))
    assert [str(value.normalize()) for value in (hour.burn, hour.expiring, hour.net)] == ["2", "1", "1"]
    assert hour.minutes == 10080 - 120 - 60  # what is left, in minutes of burn 1
    assert (day.net, day.minutes) == (rounded_up(Fraction(60, 1440)), 24 * 9900)


def test_late_samples_are_said_until_the_next_evaluation(reader: Any, engineer: User, web: Web) -> None:
    now = _now()
    made = _made(now)
    measured(_indicators(made)[0], steady(now - MINUTE * 100, 3, bad=50, total=50), now)
    assert not sheet(reader, "answers", now).sums.agrees
    assert "newer than its figures" in web(engineer).get("/slos/answers/").content.decode()
    operations.evaluate(at=now, objectives=[made.pk])
    assert sheet(reader, "answers", now).sums.agrees


def _standings(found: Sheet) -> dict[str, AlertRowStatus]:
    return {one.row.long: one.standing for one in found.rows}


def test_each_burn_row_says_why_it_does_not_fire(reader: Any) -> None:
    now = _now()
    made = an_objective(slug="answers", at=now, window_days=28, target=Decimal("0.9"), alert_rows=["6h", "1d"])
    indicator = Indicator.objects.get(objectives=made)
    measured(indicator, steady(now, 300, total=0), now)
    measured(indicator, steady(now - MINUTE * 2, 1, bad=1, total=1), now)
    evaluated(made, now)
    found = sheet(reader, "answers", now)
    assert _standings(found) == {
        "1h": AlertRowStatus.UNREACHABLE, "6h": AlertRowStatus.HELD_BACK, "1d": AlertRowStatus.HELD_BACK, "3d": AlertRowStatus.NOT_CHOSEN,
    }  # fmt: skip
    assert found.rows[1].is_thin
    assert (found.rows[1].failed, found.rows[1].min_bad) == ("1", 5)
    assert found.rows[0].most_burn == rounded_down(Fraction(10))


def test_promises_in_words() -> None:
    space = "\N{NARROW NO-BREAK SPACE}"
    slices = Objective(target=Decimal("0.999"), **SLICES, calendar_unit="month", calendar_zone="Europe/Berlin")
    slices.indicator_id = 1
    assert promise(slices) == f"99.9{space}% of 5-minute slices good over the calendar month (Europe/Berlin)"
    events = Objective(target=Decimal("0.9995"), window_days=28)
    events.indicator_id = 1
    assert promise(events) == f"99.95{space}% of events good over 28 days, rolling"
    weeks = Objective(target=Decimal("0.99"), calendar_unit="week", calendar_count=2, calendar_zone="UTC")
    weeks.indicator_id = 1
    assert promise(weeks).endswith("over periods of 2 calendar weeks (UTC)")
    assert [length(minutes) for minutes in (0, 61, 4500)] == [
        f"0{space}min",
        f"1{space}h 1{space}min",
        f"3{space}d 3{space}h",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_of_every_kind_opens(kind: str, engineer: User, web: Web) -> None:
    _objective(kind, _now())
    answer = web(engineer).get("/slos/answers/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:", page)
    assert "Why this much left?" in page
    assert "None" not in re.sub(r"None (is up|has fired)", "", re.sub(r"<[^>]*>", "", page))
    assert (
        web(engineer).get("/slos/answers/what-if/?traffic=2&outage_minutes=5&outage_share=100&pace=1h").status_code
        == 200
    )


def test_the_chart_of_a_calendar_window_goes_on_to_the_period_s_end(engineer: User, web: Web) -> None:
    now = _now()
    made = _made(now, calendar=MONTH)
    _an_outage(made, now)
    drawn = web(engineer).get("/slos/answers/burn-down/").json()
    assert drawn["pace"] is True
    assert datetime.fromisoformat(drawn["to"]) > now
    assert datetime.fromisoformat(drawn["points"][-1][0]) <= now
    assert [one["number"] for one in drawn["outages"]] == [1]


def _an_outage(objective: Objective, now: datetime, back: int = 100) -> Outage:
    started = now - MINUTE * back
    outage = Outage.objects.create(
        objective=objective, started_at=started, ended_at=started + MINUTE * 5, failed=10, minutes=5,
        cost=Decimal("0.01"), recomputed_at=now,
    )  # fmt: skip
    for number in range(3):
        OutageCause.objects.create(
            outage=outage, reference=f"INC-{number:05d}", title="It is slow", url="/incidents/", began_at=started, score=50,
            why="on this service",
        )  # fmt: skip
    return outage


def _queries(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize("kind", ["rolling", "composite"])
def test_the_page_costs_the_same_however_much_happened(kind: str, manager: User, web: Web) -> None:
    now = _now()
    made, browser = _objective(kind, now), web(manager)
    _an_outage(made, now)
    _a_correction(made, now, 1)
    browser.get("/slos/answers/")
    few = _queries(browser, "/slos/answers/")
    for number in range(2, 9):
        _an_outage(made, now, back=100 * number)
        _a_correction(made, now, number)
    made.refresh_from_db()
    operations.edit_objective(made, actor=MEASURER, version=made.version, at=now, target=Decimal("0.98"))
    many = _queries(browser, "/slos/answers/")
    assert few == many <= 30


def _a_correction(objective: Objective, now: datetime, number: int) -> Correction:
    return operations.propose_correction(
        objective, actor=MEASURER, at=now, category="other", starts_at=now - timedelta(hours=number + 1),
        ends_at=now - timedelta(hours=number), reason="A drill.",
    )  # fmt: skip


def test_a_failing_source_says_since_when(engineer: User, web: Web) -> None:
    now = _now()
    made = _made(now)
    source = measuring_operations.create_source(actor=MEASURER, slug="mimir", name="Mimir", url="https://mimir.example")
    pulled = an_indicator(source="prometheus", data_source=source, good_query="good", total_query="all")
    operations.edit_objective(made, actor=MEASURER, version=made.version, at=now, indicator=pulled)
    Indicator.objects.filter(pk=pulled.pk).update(
        last_error="503 from there", failing_since=timezone.now() - timedelta(minutes=12, seconds=5), last_warning="partial data",
    )  # fmt: skip
    page = web(engineer).get("/slos/answers/").content.decode()
    assert "failing for 12\N{NO-BREAK SPACE}minutes" in page
    assert "503 from there" in page
    assert "partial data" in page
    assert "https://mimir.example" in page


def test_a_composite_lists_its_members_each_with_its_own_source(engineer: User, web: Web) -> None:
    made = _objective("composite", _now())
    page = web(engineer).get("/slos/answers/").content.decode()
    box = page[page.index('id="source"') :]
    for indicator in _indicators(made):
        assert indicator.slug in box


def test_the_sums_are_one_query(reader: Any) -> None:
    made = _made(_now())
    made.refresh_from_db()
    budget = made.budget
    with CaptureQueriesContext(connection) as queries:
        arithmetic(made, budget)
    assert len(queries) == 1


def test_composites_in_lists_cost_the_same_one_or_many(engineer: User, web: Web) -> None:
    now, browser = _now(), web(engineer)
    service = a_service(slug="shop")

    def compose(number: int) -> None:
        members = [objectives_operations.MemberTerms(an_indicator(), Decimal("0.99")) for _ in range(2)]
        operations.create_objective(
            actor=MEASURER, at=now, slug=f"whole-{number}", name="Whole", service=service, target=Decimal("0.99"),
            window_days=7, members=members,
        )  # fmt: skip

    compose(0)
    pages = ("/slos/of/shop/", "/slos/badges/?slugs=shop")
    few = [_queries(browser, path) for path in pages for _ in range(2)][1::2]
    for number in range(1, 5):
        compose(number)
    assert [_queries(browser, path) for path in pages] == few
