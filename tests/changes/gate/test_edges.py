"""Where one answer of the gate ends and the next begins: instants of the calendar and of readings, and their bounds."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from changes.gate.decide import decide
from changes.gate.evidence import (
    Calendar,
    CalendarEntry,
    Evidence,
    Window,
)
from changes.gate.policy_default import default_policy
from changes.gate.verdict import Verdict
from tests.changes.gate.scenes import AT, evidence, fact, with_budget

POLICY = default_policy()
LIMITS = POLICY.limits
INSTANT, HOUR = timedelta(microseconds=1), timedelta(hours=1)
SMALLEST = Decimal("0.000001")


def judged(found: Evidence) -> Verdict:
    return decide(found, POLICY, what_would_help=False)


def columns(found: Evidence) -> list[str]:
    return [one.column for one in judged(found).budgets]


def closed_by(*entries: tuple[datetime, datetime], window: tuple[datetime, datetime] | None = None) -> Verdict:
    """The answer with freezes at these times, for a change with this window."""
    found = evidence()
    freezes = tuple(CalendarEntry("freeze", f"CAL-{number}", *span) for number, span in enumerate(entries, 1))
    change = replace(found.change, window=Window(*window)) if window else found.change
    return judged(replace(found, change=change, calendar=fact(Calendar(freezes))))


# The calendar: the first instant of a freeze is closed, its end is open again.


@pytest.mark.parametrize(
    ("starts", "ends", "outcome"),
    [
        (AT, AT + HOUR, "postponed"),
        (AT + INSTANT, AT + HOUR, "approved"),
        (AT - HOUR, AT + INSTANT, "postponed"),
        (AT - HOUR, AT, "approved"),
    ],
)
def test_a_freeze_is_closed_from_its_first_instant_up_to_its_end(
    starts: datetime, ends: datetime, outcome: str
) -> None:
    assert closed_by((starts, ends)).outcome == outcome


@pytest.mark.parametrize(("begins_before_its_end", "outcome"), [(INSTANT, "postponed"), (0 * INSTANT, "approved")])
def test_a_window_that_ends_where_a_freeze_begins_is_open(begins_before_its_end: timedelta, outcome: str) -> None:
    begins = AT + 2 * HOUR - begins_before_its_end
    verdict = closed_by((begins, begins + HOUR), window=(AT + HOUR, AT + 2 * HOUR))
    assert verdict.outcome == outcome


def test_a_window_without_length_counts_as_the_instant_of_the_question() -> None:
    later = AT + 3 * HOUR
    freeze = (AT - HOUR, AT + HOUR)
    assert closed_by(freeze, window=(later, later)).outcome == "postponed"
    assert closed_by(freeze, window=(later, later + INSTANT)).outcome == "approved"


@pytest.mark.parametrize(("gap", "until"), [(0 * INSTANT, AT + 2 * HOUR), (INSTANT, AT + HOUR)])
def test_freezes_that_touch_hold_to_the_end_of_the_last(gap: timedelta, until: datetime) -> None:
    verdict = closed_by((AT - HOUR, AT + HOUR), (AT + HOUR + gap, AT + 2 * HOUR))
    assert (verdict.outcome, verdict.not_before) == ("postponed", until)


@pytest.mark.parametrize(
    ("kind", "outcome"), [("freeze", "approved"), ("blackout", "approved"), ("lockdown", "postponed")]
)
def test_elsewhere_than_in_production_only_a_lockdown_closes(kind: str, outcome: str) -> None:
    staged = evidence(environment="staging", calendar=kind)
    assert judged(staged).outcome == outcome
    assert judged(evidence(calendar=kind)).outcome == "postponed"


def test_a_lockdown_elsewhere_ends_with_the_lockdown_though_a_freeze_goes_on() -> None:
    spans = (("lockdown", AT - HOUR, AT + HOUR), ("freeze", AT, AT + 3 * HOUR))
    closed = Calendar(tuple(CalendarEntry(kind, kind, *span) for kind, *span in spans))
    for environment, until in (("staging", AT + HOUR), ("production", AT + 3 * HOUR)):
        verdict = judged(replace(evidence(environment=environment), calendar=fact(closed)))
        assert (verdict.outcome, verdict.not_before) == ("postponed", until)


# Readings: how old they may be, and what no reading can say.


@pytest.mark.parametrize(("more", "column"), [(0 * INSTANT, "healthy"), (INSTANT, "no_data")])
def test_a_reading_of_ten_minutes_is_the_oldest_that_counts(more: timedelta, column: str) -> None:
    oldest = AT - timedelta(seconds=LIMITS.no_data_after_seconds)
    assert columns(with_budget(evidence(), watermark=oldest - more)) == [column]


@pytest.mark.parametrize(("later", "column"), [(0 * INSTANT, "healthy"), (INSTANT, "no_data")])
def test_a_reading_of_this_instant_counts_and_one_of_the_next_does_not(later: timedelta, column: str) -> None:
    assert columns(with_budget(evidence(), watermark=AT + later)) == [column]


@pytest.mark.parametrize(
    ("figures", "column"),
    [
        ({"remaining": Decimal(1)}, "healthy"),
        ({"remaining": 1 + SMALLEST}, "no_data"),
        ({"remaining": Decimal("0.9"), "excused": Decimal("0.1")}, "healthy"),
        ({"remaining": Decimal("0.9"), "excused": Decimal("0.1") + SMALLEST}, "no_data"),
        ({"coverage": 1 + SMALLEST}, "no_data"),
        ({"reserved": -SMALLEST}, "no_data"),
        ({"excused": -SMALLEST}, "no_data"),
        ({"allowed_failures": -SMALLEST}, "no_data"),
        ({"reservations": -1}, "no_data"),
        ({"burns": {"3d": -SMALLEST}}, "no_data"),
        ({"flags": ("on_holiday",)}, "no_data"),
        ({"stored_level": "splendid"}, "no_data"),
        ({"watermark": None}, "no_data"),
    ],
)
def test_nobody_has_more_than_the_whole_budget_nor_less_than_none_of_anything(
    figures: dict[str, Any], column: str
) -> None:
    assert columns(with_budget(evidence(), **figures)) == [column]


def test_a_burn_is_believed_of_a_reading_that_counts_for_nothing_else() -> None:
    assert columns(with_budget(evidence(), watermark=AT + HOUR, flags=("burning_fast",))) == ["burning_fast"]


@pytest.mark.parametrize(
    ("burns", "verified", "column"),
    [
        ({"3d": 1 - SMALLEST}, True, "recovering"),
        ({"3d": Decimal(1)}, True, "exhausted"),
        ({"3d": 1 - SMALLEST}, False, "exhausted"),
        ({}, True, "exhausted"),
    ],
)
def test_it_recovers_while_it_burns_less_than_it_earns_and_the_fix_is_verified(
    burns: dict[str, Decimal], verified: bool, column: str
) -> None:
    found = with_budget(evidence(state="exhausted"), burns=burns, fix_verified=verified)
    assert columns(found) == [column]


@pytest.mark.parametrize(("less", "column"), [(0 * INSTANT, "healthy"), (INSTANT, "watch")])
def test_a_level_rises_after_exactly_the_hour(less: timedelta, column: str) -> None:
    since = AT - timedelta(seconds=LIMITS.hysteresis_seconds) + less
    rising = {"remaining": Decimal("0.9"), "stored_level": "watch", "better_since": since}
    assert columns(with_budget(evidence(), **rising)) == [column]
