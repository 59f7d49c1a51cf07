"""Budgets at given instants: windows, levels, flags, states, news, alerts."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from incidents.models import Incident
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor, Door, Kind, Role
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.lifecycle import RecordEvent, record_changed
from slo.engine.samples import Sample
from slo.measuring import operations as measuring_operations
from slo.models import Budget, BurnAlert, ObjectiveVersion
from slo.objectives import operations
from tests.factories.slo import (
    MEASURER,
    MINUTE,
    T0,
    a_service,
    an_indicator,
    an_objective,
    evaluated,
    measured,
    steady,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
WEEK = 7 * 1440
NO_BURN = [Decimal(0)] * 7


def test_half_of_three_thousand_allowed_failures_are_spent() -> None:
    """G10 in SQL: 3,000,000 events in four weeks at 99.9 %, 1,500 bad."""
    objective = an_objective()
    samples = steady(T0, 30_000, total=100)
    measured(objective.indicator, samples[:-15] + [Sample(s.minute, 0, 100) for s in samples[-15:]], T0)
    budget = evaluated(objective, T0)
    assert budget.remaining == Decimal("0.5")
    assert budget.allowed == 3000
    assert budget.level == "watch"


def test_windows_are_half_open() -> None:
    objective = an_objective(window_days=7)
    measured(objective.indicator, steady(T0, 400), T0)
    measured(objective.indicator, [Sample(T0 - MINUTE * 5, 0, 1000)], T0)
    inside = evaluated(objective, T0)
    measured(objective.indicator, [Sample(T0, 1000, 1000)], T0)
    outside = evaluated(objective, T0 + MINUTE)
    assert inside.bad[0] == 1_000_000
    assert outside.bad[0] == 0
    assert outside.bad[1] == 1_000_000


def test_the_running_minute_is_stored_but_not_seen() -> None:
    objective = an_objective()
    measured(objective.indicator, [*steady(T0, 100), Sample(T0, 0, 1000)], T0 + timedelta(seconds=40))
    assert evaluated(objective, T0 + timedelta(seconds=59)).bad_in_window == 0
    assert evaluated(objective, T0 + timedelta(seconds=60)).bad_in_window == 1_000_000


def test_the_same_instant_gives_the_same_budget_whatever_came_later() -> None:
    objective = an_objective(window_days=7)
    measured(objective.indicator, steady(T0 - MINUTE * 3, 1000, bad=1), T0)
    then = evaluated(objective, T0)
    measured(objective.indicator, steady(T0 + DAY, 1440, bad=500), T0 + DAY)
    again = evaluated(objective, T0)
    assert (again.watermark, again.remaining, again.burn) == (then.watermark, then.remaining, then.burn)


def test_a_week_of_burn_heals_when_it_leaves_the_window() -> None:
    """t0 and t0 + 8 days: one evaluation each, nothing in between."""
    objective = an_objective(window_days=7)
    measured(objective.indicator, steady(T0, WEEK), T0)
    assert evaluated(objective, T0).state == "healthy"
    measured(objective.indicator, steady(T0, 60, bad=300), T0)
    burnt = evaluated(objective, T0)
    assert (burnt.level, burnt.state) == ("exhausted", "burning_fast")
    measured(objective.indicator, steady(T0 + 8 * DAY, 8 * 1440), T0 + 8 * DAY)
    healed = evaluated(objective, T0 + 8 * DAY)
    assert (healed.remaining, healed.state, healed.flags) == (Decimal(1), "healthy", [])


def test_a_level_rises_only_after_a_calm_hour() -> None:
    objective = an_objective(window_days=7)
    measured(objective.indicator, steady(T0, WEEK), T0)
    measured(objective.indicator, steady(T0, 60, bad=300), T0)
    assert evaluated(objective, T0).level == "exhausted"
    back = T0 + 7 * DAY  # at this instant the last burning minute leaves the window
    measured(objective.indicator, steady(back + MINUTE * 60, WEEK + 60), back + MINUTE * 60)
    # Each level is reached an hour after the window held few enough of the sixty bad minutes.
    for minutes, level in ((0, "exhausted"), (30, "constrained"), (40, "watch"), (45, "healthy")):
        assert evaluated(objective, back + MINUTE * minutes).level == level


@pytest.mark.parametrize(("spent_later", "level"), [(4_600, "watch"), (4_500, "healthy")])
def test_a_level_rises_only_with_five_points_to_spare(spent_later: int, level: str) -> None:
    """10,080 failures are allowed: 4,600 leave 54.4 %, 4,500 leave 55.4 %."""
    objective = an_objective(window_days=7)
    measured(objective.indicator, steady(T0, WEEK), T0)
    episode = T0 - DAY
    measured(objective.indicator, [Sample(episode - MINUTE * back, 0, 1000) for back in range(1, 7)], T0)
    assert evaluated(objective, T0).level == "watch"
    corrected = [Sample(episode - MINUTE * back, 1000 - spent_later // 6, 1000) for back in range(1, 7)]
    measured(objective.indicator, corrected, T0)
    assert evaluated(objective, T0).level == level


def test_no_traffic_is_no_burn_and_not_no_data() -> None:
    objective = an_objective()
    measured(objective.indicator, steady(T0, 600, total=0), T0)
    budget = evaluated(objective, T0)
    assert set(budget.flags) == {"low_confidence", "no_traffic"}
    assert (budget.remaining, budget.burn) == (Decimal(1), NO_BURN)


@pytest.mark.parametrize(("seconds", "silent"), [(600, False), (601, True)])
def test_a_source_is_silent_after_ten_minutes(seconds: int, silent: bool) -> None:
    objective = an_objective()
    measured(objective.indicator, steady(T0, 600), T0)
    budget = evaluated(objective, T0 + timedelta(seconds=seconds))
    assert ("no_data" in budget.flags) is silent
    assert budget.watermark == T0


def test_an_objective_without_any_measurement_is_not_yet_measured_and_has_full_numbers() -> None:
    objective = an_objective()
    budget = Budget.objects.get(pk=objective.pk)  # evaluated when it was made
    assert (budget.state, budget.flags, budget.measured_to) == ("not_yet_measured", ["not_yet_measured"], None)
    assert budget.watermark == T0
    assert (budget.remaining, budget.coverage, budget.burn) == (Decimal(1), Decimal(0), NO_BURN)


@pytest.mark.parametrize(("minutes", "total", "confident"), [(36_288, 1, True), (36_287, 1, False), (40_320, 0, False)])
def test_confidence_needs_coverage_and_ten_allowed_failures(minutes: int, total: int, confident: bool) -> None:
    objective = an_objective()
    measured(objective.indicator, steady(T0, minutes, total=total), T0)
    assert ("low_confidence" not in evaluated(objective, T0).flags) is confident


@pytest.mark.parametrize(("events", "confident"), [(10_000, True), (9_999, False)])
def test_exactly_ten_allowed_failures_are_enough(events: int, confident: bool) -> None:
    """At 99.9 % ten of 10,000 events may fail; every minute was measured."""
    objective = an_objective(window_days=7)
    measured(
        objective.indicator,
        steady(T0, 10_080, total=1)[10_080 - events :] + steady(T0 - events * MINUTE, 10_080 - events, total=0),
        T0,
    )
    budget = evaluated(objective, T0)
    assert (budget.coverage, budget.allowed) == (1, Decimal(events) / 1000)
    assert ("low_confidence" not in budget.flags) is confident


def test_a_single_failure_at_low_traffic_fires_nothing() -> None:
    """G7: burn 100 over the hour, yet one failure among ten requests is no reason to wake anybody."""
    objective = an_objective()
    measured(objective.indicator, steady(T0, 10, total=1), T0)
    measured(objective.indicator, [Sample(T0 - MINUTE, 0, 1)], T0)
    budget = evaluated(objective, T0)
    assert budget.burn[2] == 100
    assert budget.firing == []


def test_a_burn_just_above_the_factor_fires() -> None:
    """G17 with the 28-day factor 13.44: equal does not fire, a thousandth of an event more does."""
    objective = an_objective()
    measured(objective.indicator, steady(T0, 60, total=100_000, bad=1344), T0)
    assert "1h" not in evaluated(objective, T0).firing
    measured(objective.indicator, [Sample(T0 - MINUTE, Decimal("98655.999"), 100_000)], T0)
    assert "1h" in evaluated(objective, T0).firing


def test_a_page_clears_five_minutes_after_the_errors_stop() -> None:
    """G5: the short window ends the alert."""
    objective = an_objective()
    measured(objective.indicator, steady(T0, 60, bad=150), T0)
    measured(objective.indicator, steady(T0 + MINUTE * 6, 6), T0 + MINUTE * 6)
    assert "1h" in evaluated(objective, T0 + MINUTE * 4).firing
    assert "1h" not in evaluated(objective, T0 + MINUTE * 5).firing


def test_a_lower_target_does_not_forgive_what_is_burnt() -> None:
    objective = an_objective(window_days=7)
    measured(objective.indicator, steady(T0, WEEK, bad=2), T0)
    assert evaluated(objective, T0).level == "exhausted"
    operations.edit_objective(objective, actor=MEASURER, version=1, at=T0, target=Decimal("0.9"))
    budget = Budget.objects.get(pk=objective.pk)
    assert (budget.remaining, budget.level, budget.terms_version) == (Decimal(-1), "exhausted", 2)
    assert [v.from_minute > 0 for v in ObjectiveVersion.objects.filter(objective=objective)] == [False, True]


def test_only_a_change_manager_changes_the_measure_of_an_exhausted_budget() -> None:
    objective = an_objective(window_days=7)
    measured(objective.indicator, steady(T0, WEEK, bad=2), T0)
    evaluated(objective, T0)
    erin = Actor(None, "Erin", Kind.HUMAN, frozenset({Role.ENGINEER}))
    mona = actor_for(User.objects.create(username="Mona", roles=["manager"]), Door.WEB)
    relaxed: list[dict[str, Any]] = [{"window_days": 90}, {"gating": False}, {"indicator": an_indicator()}]
    for fields in relaxed:
        with pytest.raises(NotPermitted, match="exhausted"):
            operations.edit_objective(objective, actor=erin, version=1, at=T0, **fields)
    operations.edit_objective(objective, actor=erin, version=1, at=T0, target=Decimal("0.9995"))
    assert operations.edit_objective(objective, actor=mona, version=2, at=T0, gating=False).awaits


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"target": Decimal(1)}, "between 0 and 1"),
        ({"target": Decimal("0.1234567891")}, "nine decimals"),
        ({"window_days": 6}, "7 to 366"),
        ({"window_days": 367}, "7 to 366"),
        ({"target": Decimal("0.2"), "window_days": 90}, "never alert"),
    ],
)
def test_impossible_terms_are_refused(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        an_objective(**fields)


def test_a_slug_names_one_definition_of_an_indicator() -> None:
    first = measuring_operations.get_or_create_indicator(actor=MEASURER, slug="checkout", source="push")
    assert measuring_operations.get_or_create_indicator(actor=MEASURER, slug="checkout", source="push") == first
    assert measuring_operations.get_or_create_indicator(actor=MEASURER, slug="checkout") == first
    with pytest.raises(Conflict):
        measuring_operations.get_or_create_indicator(
            actor=MEASURER,
            slug="checkout",
            source="prometheus",
            server_url="http://p:9090",
            good_query="a",
            total_query="b",
        )
    with pytest.raises(InvalidInput):
        measuring_operations.get_or_create_indicator(actor=MEASURER, slug="basket", source="push", good_query="up")


def test_only_a_change_of_state_is_news() -> None:
    heard: list[RecordEvent] = []

    def listen(sender: object, news: RecordEvent, **_: object) -> None:
        heard.append(news)

    objective = an_objective(window_days=7)
    measured(objective.indicator, steady(T0, WEEK), T0)
    record_changed.connect(listen, sender=Budget)
    try:
        for minute in range(3):
            evaluated(objective, T0 + MINUTE * minute)
    finally:
        record_changed.disconnect(listen, sender=Budget)
    assert [(news.event, news.changes["state"]) for news in heard] == [
        ("budget.state_changed", ["not_yet_measured", "healthy"])
    ]
    notes = Entry.objects.filter(record_kind="budget", record_id=objective.pk).order_by("id")
    assert [note.changes["state"] for note in notes] == [[None, "not_yet_measured"], ["not_yet_measured", "healthy"]]


def test_a_page_opens_one_incident_and_a_relapse_joins_it() -> None:
    objective = an_objective(service=a_service(slug="shop", tier=1))
    measured(objective.indicator, steady(T0, 60, bad=500), T0)
    for _ in range(2):
        evaluated(objective, T0)
    measured(objective.indicator, steady(T0 + MINUTE * 400, 400), T0 + MINUTE * 400)
    evaluated(objective, T0 + MINUTE * 400)
    measured(objective.indicator, steady(T0 + MINUTE * 460, 60, bad=500), T0 + MINUTE * 460)
    evaluated(objective, T0 + MINUTE * 460)
    incident = Incident.objects.get()
    assert (incident.service.slug if incident.service else "", incident.priority, incident.confirmed) == (
        "shop",
        2,
        True,
    )
    pages = BurnAlert.objects.filter(severity="page").order_by("started_at")
    assert [page.incident for page in pages] == [incident] * 2
    assert [page.ended_at for page in pages] == [T0 + MINUTE * 400, None]


def test_a_ticket_is_not_begun_while_a_page_fires() -> None:
    objective = an_objective()
    measured(objective.indicator, steady(T0, 4320, bad=100), T0)
    budget = evaluated(objective, T0)
    assert set(budget.firing) == {"1h", "6h", "1d", "3d"}
    assert [alert.severity for alert in BurnAlert.objects.filter(objective=objective)] == ["page"]


def test_slow_burn_is_at_least_watch() -> None:
    objective = an_objective()
    measured(objective.indicator, steady(T0, 40_320), T0)
    measured(objective.indicator, steady(T0, 1500, bad=4), T0)
    budget = evaluated(objective, T0)
    assert (budget.level, budget.flags, budget.state) == ("healthy", ["burning_slow"], "watch")
    assert not Incident.objects.exists()


@pytest.mark.parametrize("number", [1, 12])
def test_all_objectives_are_evaluated_in_a_few_statements_whatever_their_number(
    django_assert_num_queries: Any, number: int
) -> None:
    """The turn, the budgets, trust, and whether there is news of states and of alerts."""
    for _ in range(number):
        measured(an_objective().indicator, steady(T0, 10), T0)
    assert operations.evaluate(at=T0) == number
    # A savepoint, the turn, how many there are, the evaluating, the end of it; trust, states and alerts that are owed.
    with django_assert_num_queries(8):
        assert operations.evaluate(at=T0) == number
