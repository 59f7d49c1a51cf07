"""What trust in measurements comes from: sums at fixed distances, and single minutes only where they tell more."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from slo.engine.prefix import Counts, Hour, Sums, minutes_of
from slo.engine.samples import epoch_minute
from slo.engine.trust import DAY, HOUR, LOOKS, Mark, Recent, Run, may_be_odd, usually_late

HOURS_READ = 4  # of the newest, and two of the day before


@dataclass(frozen=True, slots=True)
class Seen:
    """One indicator of an objective, as of a look at it."""

    objective_id: int
    slug: str
    recent: Recent
    known: Mapping[Mark, int]


# Every indicator that today's terms sum, with its own samples; how late they are is read off those alone.
_FACTS = """
WITH asked AS (
  SELECT b.objective_id, b.trust_at, b.trust_marks, o.terms_version
  FROM slo_budget b JOIN slo_objective o ON o.id = b.objective_id
  WHERE o.retired_at IS NULL AND b.evaluated_at <= %(at)s
    AND (%(objectives)s::bigint[] IS NULL AND (b.trust_at IS NULL OR b.trust_at <= %(at)s - %(rest)s)
         OR b.objective_id = ANY (%(objectives)s::bigint[]))
  ORDER BY b.trust_at NULLS FIRST, b.objective_id
  LIMIT %(most)s
),
feeding AS (
  SELECT DISTINCT a.objective_id, a.trust_at, m.indicator_id
  FROM asked a
  JOIN slo_countedperiod s ON s.objective_id = a.objective_id AND s.number = a.terms_version AND s.is_last
  JOIN slo_seriesmember m ON m.series_id = s.series_id
)
SELECT f.objective_id, i.slug, i.measure, i.step_minutes, r.id, r.began_minute, newest.ending,
       a.trust_at, a.trust_marks, i.impossible_since, i.impossible_at, i.value_last, i.value_newest, i.value_since,
       i.value_samples, i.value_longest, i.value_seen, sums.bad, sums.total, sums.valid
FROM feeding f
JOIN asked a ON a.objective_id = f.objective_id
JOIN slo_indicator i ON i.id = f.indicator_id
JOIN slo_seriesmember own ON own.indicator_id = i.id
JOIN slo_series r ON r.id = own.series_id AND r.method = 'occurrences'
CROSS JOIN LATERAL slo_newest(r.id, %(minute)s) newest
CROSS JOIN LATERAL (
  SELECT array_agg(coalesce(p.bad, 0) ORDER BY look.place) AS bad,
         array_agg(coalesce(p.total, 0) ORDER BY look.place) AS total,
         array_agg(coalesce(p.valid, 0) ORDER BY look.place) AS valid
  FROM unnest(%(looks)s::bigint[]) WITH ORDINALITY AS look (back, place)
  LEFT JOIN LATERAL slo_prefix(r.id, newest.ending - look.back) p ON true
) sums
ORDER BY f.objective_id, i.id
"""
_MINUTES = """
SELECT h.series_id, h.hour, h.valid, coalesce(h.bad::bigint[], h.wide_bad), coalesce(h.total::bigint[], h.wide_total)
FROM unnest(%(series)s::bigint[], %(hours)s::int[]) AS w (series, hour)
JOIN slo_hourcounts h ON h.series_id = w.series AND h.hour = w.hour
"""
# Kept in the row of the budget beside its marks: how late each indicator usually is.
LATE = "late"


@dataclass(frozen=True, slots=True)
class _Row:
    seen: Seen
    series_id: int


def facts(at: datetime, objectives: Collection[int] | None, *, rest: timedelta, most: int) -> list[Seen]:
    """One for each indicator of these objectives (None: those not looked at for so long, at most so many).

    Indicators that never measured anything are left out. Two queries whatever their number.
    """
    given: dict[str, Any] = {
        "at": at, "minute": epoch_minute(at), "looks": list(LOOKS), "rest": rest, "most": most,
        "objectives": None if objectives is None else sorted(objectives),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, given)
        rows = [_row(row, at) for row in cursor.fetchall()]
    odd = [one for one in rows if may_be_odd(one.seen.recent)]
    minutes = _minutes(odd) if odd else {}
    return [_with_minutes(one, minutes.get(one.series_id, {})) for one in rows]


def _row(row: tuple[Any, ...], at: datetime) -> _Row:
    (
        objective_id, slug, measure, step, series_id, began, until, looked_at, marks, impossible_since, impossible_at,
        last, newest, since, samples, longest, count, bad, total, valid,
    ) = row  # fmt: skip
    before = {back: Sums(*sums) for back, *sums in zip(LOOKS, bad, total, valid, strict=True)}
    marks = json.loads(marks) if isinstance(marks, str) else marks
    mine = [one for one in marks if one["indicator"] == slug]
    late = next((one["seconds"] for one in mine if one["mark"] == LATE), 0)
    if looked_at is None or at - looked_at >= timedelta(minutes=1):  # who looks again and again tells no habit
        late = usually_late(late, int(at.timestamp()) - (until + step) * 60)
    recent = Recent(
        until=until, began=until if began is None else began, step=step, before=before, late_seconds=late,
        impossible=(epoch_minute(impossible_since), epoch_minute(impossible_at)) if impossible_at else None,
        run=None if measure == "ratio" else Run(last, newest, since, samples, longest, count),
    )  # fmt: skip
    known = {Mark(one["mark"]): one["since"] for one in mine if one["mark"] != LATE}
    return _Row(Seen(objective_id, slug, recent, known), series_id)


def _minutes(odd: Sequence[_Row]) -> dict[int, dict[int, Counts]]:
    wanted = {(one.series_id, hour) for one in odd for hour in _hours(one.seen.recent.until)}
    given = {"series": [series for series, _ in wanted], "hours": [hour for _, hour in wanted]}
    found: dict[int, dict[int, Counts]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_MINUTES, given)
        for series_id, hour, valid, bad, total in cursor.fetchall():
            empty = Hour()
            held = minutes_of(Hour(bad=bad or empty.bad, total=total or empty.total, valid=valid))
            found[series_id] |= {hour * HOUR + minute: counts for minute, counts in held.items()}
    return found


def _hours(until: int) -> Iterable[int]:
    newest, day_ago = (until - 1) // HOUR, (until - 1 - DAY) // HOUR
    return (*range(newest - HOURS_READ, newest + 1), day_ago, day_ago + 1)


def _with_minutes(row: _Row, minutes: Mapping[int, Counts]) -> Seen:
    recent = row.seen.recent
    if not minutes:
        return row.seen
    newest, yesterday = {}, {}
    for minute, counts in minutes.items():
        if recent.until - (HOURS_READ + 1) * HOUR <= minute < recent.until:
            newest[minute] = counts
        elif minute < recent.until - DAY + HOUR:
            yesterday[minute] = counts
    return replace(row.seen, recent=replace(recent, newest=newest, yesterday=yesterday))
