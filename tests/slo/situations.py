"""Random situations of one objective: indicators, samples, terms that change, corrections; and how each is stored.

A situation knows nothing of the engine. `stored` writes it through the app's operations and answers the same
thing as a case of the slow oracle (`tests.slo.naive`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from unittest.mock import patch

from hypothesis import assume
from hypothesis import strategies as st

from itsm.kernel.errors import InvalidInput
from slo.engine.samples import Sample
from slo.measuring import operations as measuring_operations
from slo.measuring.operations import samples as samples_taken
from slo.models import Correction, Indicator, Objective
from slo.objectives import operations
from slo.objectives import operations as objectives_operations
from slo.objectives.operations.counted_periods import write_counted_periods
from tests.factories.slo import MEASURER, a_service, an_indicator
from tests.slo.naive import OCCURRENCES, RATIO, TIMESLICES, Calendar, Case, Component, Member, Version

# Sundays and Mondays at which clocks jump or weeks and months begin, and a plain day.
INSTANTS = ["2026-03-02T12:00", "2026-03-08T07:30", "2026-03-29T01:20", "2026-03-30T00:40", "2026-10-25T01:00"]
INSTANTS += ["2026-11-01T06:01", "2026-10-04T15:45", "2027-01-01T00:10"]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
TARGETS = st.sampled_from(["0.9", "0.99", "0.999", "0.9995", "0.123456789", "0.999999999"]).map(Decimal)
WEIGHTS = st.sampled_from(["1", "0.25", "2.5", "0.333333"]).map(Decimal)
BARS = st.sampled_from(["0.9", "0.99", "0.5", "1"]).map(Decimal)
# Where mistakes hide: the newest minutes, each window's edge, the far end of the long window.
PLACES = st.one_of(
    st.integers(0, 400), st.sampled_from([1440, 2880, 4320, 10_010, 10_075, 10_085, 28 * 1440, 31 * 1440])
)
TOTALS = st.sampled_from(["0", "1", "7", "1000", "1000000000", "0.333", "12.5005"]).map(Decimal)
SHARES = st.sampled_from(["0", "0", "0.0004", "0.01", "0.2", "1"]).map(Decimal)

Run = tuple[int, int, int, Decimal, Decimal]  # indicator, minutes ago it ends, length, good, total


@dataclass(frozen=True)
class Terms:
    """One version: how long ago it began, and what it says of each component."""

    age: int
    indicators: tuple[int, ...]
    target: Decimal
    members: tuple[tuple[Decimal, Decimal, Decimal | None], ...]  # target, weight, own target of a slice
    method: str
    slice_target: Decimal
    slice_minutes: int
    missing: str
    window: int | Calendar
    basis: str


@dataclass(frozen=True)
class Situation:
    now: datetime
    steps: tuple[int, ...]  # of the indicators
    versions: tuple[Terms, ...]
    runs: tuple[tuple[Run, ...], ...]  # batches, in the order in which they are sent
    corrections: tuple[tuple[int, int], ...]  # seconds ago: from, until
    looks: tuple[int, ...] = field(default=())  # seconds after now


def windows() -> st.SearchStrategy[int | Calendar]:
    starts = st.sampled_from([datetime(2024, 1, 1), datetime(2024, 1, 31, 2, 30), datetime(2026, 3, 29, 2, 0)])  # noqa: DTZ001
    weeks = st.builds(Calendar, st.just("week"), st.integers(1, 2), st.sampled_from(ZONES), starts)
    return st.one_of(
        st.sampled_from([7, 7, 7, 28]),
        weeks,
        st.builds(Calendar, st.just("month"), st.just(1), st.sampled_from(ZONES), starts),
    )


@st.composite
def terms(draw: st.DrawFn, age: int, count: int) -> Terms:
    indicators = tuple(draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=3, unique=True)))
    return Terms(
        age,
        indicators,
        draw(TARGETS),
        tuple((draw(TARGETS), draw(WEIGHTS), draw(st.none() | BARS)) for _ in indicators),
        draw(st.sampled_from([OCCURRENCES, OCCURRENCES, TIMESLICES, RATIO])),
        draw(BARS),
        draw(st.sampled_from([1, 5, 15, 60])),
        draw(st.sampled_from(["excluded", "good", "bad"])),
        draw(windows()),
        draw(st.sampled_from(["full_window", "elapsed"])),
    )


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    steps = tuple(draw(st.lists(st.sampled_from([1, 1, 5]), min_size=1, max_size=3)))
    runs = st.tuples(st.integers(0, len(steps) - 1), PLACES, st.integers(1, 150), SHARES, TOTALS)
    ages = draw(st.lists(st.sampled_from([0, 3, 47, 360, 2000, 10_180]), max_size=2, unique=True))
    masks = st.tuples(
        st.sampled_from([0, 30, 600, 7_000, 86_400, 620_000]), st.sampled_from([60, 90, 4_000, 200_000, 3_000_000])
    )
    return Situation(
        datetime.fromisoformat(draw(st.sampled_from(INSTANTS))).replace(tzinfo=UTC),
        steps,
        tuple(draw(terms(age, len(steps))) for age in [100_000, *sorted(ages, reverse=True)]),
        tuple(tuple(batch) for batch in draw(st.lists(st.lists(runs, max_size=4), min_size=1, max_size=4))),
        tuple((ago + length, ago) for ago, length in draw(st.lists(masks, max_size=2))),
        tuple(sorted(draw(st.lists(st.sampled_from(LOOKS), min_size=1, max_size=3)))),
    )


LOOKS = [60 * minutes for minutes in (-8 * 1440, -400, -61, -10, -1, 0, 0, 9, 10, 11, 30, 65, 4320, 10_080)]
LOOKS += [30, 59, 630, 14 * 60 + 1]


def stored(situation: Situation, shuffle: Any) -> tuple[Objective, Case]:
    """Write it through the app; the case says what was written in the oracle's words."""
    made = [an_indicator(step_minutes=step) for step in situation.steps]
    objective = _objective(situation, made)
    samples = _measured(situation, made, shuffle)
    for begins, ends in situation.corrections:
        _corrected(objective, situation.now - timedelta(seconds=begins), situation.now - timedelta(seconds=ends))
    write_counted_periods(objective)
    now = _minute(situation.now)
    masks = tuple((now + -begins // 60, now - ends // 60) for begins, ends in situation.corrections)
    return objective, Case(_versions(situation), samples, masks)


def _everything(indicator_id: int, series_id: int, minutes: Any, at: datetime) -> Any:
    return minutes


def _objective(situation: Situation, made: Sequence[Indicator]) -> Objective:
    first, *later = situation.versions
    try:
        objective = operations.create_objective(
            actor=MEASURER, at=situation.now - timedelta(minutes=first.age), slug="it", name="It", service=a_service(),
            **_said(first, made),
        )  # fmt: skip
        for one in later:
            at = situation.now - timedelta(minutes=one.age)
            objective = operations.edit_objective(
                objective, actor=MEASURER, version=objective.version, at=at, **_said(one, made)
            )
    except InvalidInput:  # such as slices that are shorter than a step, or a target that could never alert
        assume(False)
    objective.refresh_from_db()
    return objective


def _said(one: Terms, made: Sequence[Indicator]) -> dict[str, Any]:
    by_slices = one.method != OCCURRENCES
    said: dict[str, Any] = {
        "target": one.target,
        "method": one.method,
        "time_slice_minutes": one.slice_minutes if by_slices else None,
        "time_slice_target": one.slice_target if one.method == TIMESLICES else None,
        "missing_slices": one.missing if by_slices else "excluded",
        "budget_basis": one.basis,
        "calendar": None,
    }
    if isinstance(one.window, int):
        said["window_days"] = one.window
    else:
        calendar = one.window
        start = calendar.anchor.isoformat(timespec="minutes")
        said["calendar"] = {"unit": calendar.unit, "count": calendar.count, "zone": calendar.zone, "start": start}
    if len(one.indicators) == 1:
        return said | {"indicator": made[one.indicators[0]], "members": []}
    members = [
        objectives_operations.MemberTerms(made[place], target, weight, own if one.method == TIMESLICES else None)
        for place, (target, weight, own) in zip(one.indicators, one.members, strict=True)
    ]
    return said | {"indicator": None, "members": members}


def _measured(situation: Situation, made: Sequence[Indicator], shuffle: Any) -> dict[int, dict[int, tuple[int, int]]]:
    """Send the batches, each in any order; what stands is the last word on each step."""
    kept: dict[int, dict[int, tuple[int, int]]] = {place: {} for place in range(len(made))}
    now = _minute(situation.now)
    for batch in situation.runs:
        sent: dict[int, dict[int, Sample]] = {place: {} for place in range(len(made))}
        for place, ago, length, share, total in batch:
            step = situation.steps[place]
            for minute in range(now - ago - length, now - ago):
                at = datetime.fromtimestamp(minute * 60, UTC)
                sent[place][minute - minute % step + step - 1] = Sample(at, total - total * share, total)
        for place, samples in sent.items():
            waiting = list(samples.values())
            shuffle.shuffle(waiting)
            with patch.object(samples_taken, "believed", _everything):  # any traffic goes: the sums are looked at here
                outcome = measuring_operations.record_samples(made[place], waiting, actor=MEASURER, at=situation.now)
            assert outcome.accepted == len(waiting), outcome.refused[:3]
            for minute, sample in samples.items():
                good, total = round(Decimal(sample.good) * 1000), round(Decimal(sample.total) * 1000)
                kept[place][minute] = (total - good, total)
    return kept


def _corrected(objective: Objective, begins: datetime, ends: datetime) -> None:
    Correction.objects.create(
        objective=objective, category="other", starts_at=begins, ends_at=ends, reason="It was not us.",
        status="approved", expires_at=datetime(2100, 1, 1, tzinfo=UTC), owner_name="Ola", proposed_at=begins,
        decided_by="Mona", decided_at=ends,
    )  # fmt: skip


def _versions(situation: Situation) -> list[Version]:
    """How slices count is as the newest terms say, for all versions."""
    newest, now, found = situation.versions[-1], _minute(situation.now), []
    for number, one in enumerate(situation.versions):
        found.append(
            Version(
                components=_components(one, newest, situation.steps),
                method=newest.method,
                window=one.window,
                from_minute=now - one.age if number else 0,
                slice_minutes=newest.slice_minutes if newest.method != OCCURRENCES else 1,
                missing=newest.missing if newest.method != OCCURRENCES else "excluded",
                basis=one.basis,
            )
        )
    return found


def _components(one: Terms, newest: Terms, steps: Sequence[int]) -> tuple[Component, ...]:
    alone = len(one.indicators) == 1
    places = list(zip(one.indicators, one.members, strict=True))
    if newest.method == OCCURRENCES:
        return tuple(
            Component(
                (Member(place),),
                Fraction(one.target if alone else target),
                Fraction(1 if alone else weight),
                steps[place],
            )
            for place, (target, weight, _) in places
        )
    # A slice target of its own counts only if its version evaluated by slices' targets.
    members = tuple(
        Member(
            place,
            Fraction(newest.slice_target if alone or own is None or one.method != TIMESLICES else own),
            Fraction(1 if alone else weight),
        )
        for place, (_, weight, own) in places
    )
    return (Component(members, Fraction(one.target)),)


def _minute(instant: datetime) -> int:
    return int(instant.timestamp()) // 60
