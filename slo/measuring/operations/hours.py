"""Reading and writing hour rows in bulk: one statement each, whatever the number of hours.

The caller holds the lock of the series' writers (see `slo.measuring.operations.samples`).
"""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from django.db import connection

from slo.engine.prefix import Hour, Sums

NARROW = 2**31 - 1  # what fits the four-byte arrays

# An hour that is not there yet begins where its predecessor ended.
_READ = """
SELECT asked.hour, own.valid,
       coalesce(own.base_bad, before.base_bad + coalesce(before.bad[60], before.wide_bad[60], 0), 0),
       coalesce(own.base_total, before.base_total + coalesce(before.total[60], before.wide_total[60], 0), 0),
       coalesce(own.base_valid, before.base_valid + bit_count(before.valid::bit(64)), 0),
       coalesce(own.bad::bigint[], own.wide_bad), coalesce(own.total::bigint[], own.wide_total)
FROM unnest(%(hours)s::int[]) AS asked (hour)
LEFT JOIN slo_hourcounts own ON own.series_id = %(series)s AND own.hour = asked.hour
LEFT JOIN LATERAL (
  SELECT * FROM slo_hourcounts h
  WHERE own.hour IS NULL AND h.series_id = %(series)s AND h.hour < asked.hour
  ORDER BY h.hour DESC LIMIT 1
) before ON true
"""

_CLOSE = "UPDATE slo_hourcounts SET live = false WHERE series_id = ANY (%s) AND live AND hour < %s"

_WRITE = """
WITH wanted AS (
  SELECT *, row_number() OVER (ORDER BY hour DESC) = 1 AS is_last
  FROM json_to_recordset(%(rows)s) AS r (
    hour int, base_bad bigint, base_total bigint, base_valid int, valid bigint, bad int[], total int[],
    wide_bad bigint[], wide_total bigint[]
  )
),
noted AS (
  UPDATE slo_series SET revision = revision + 1 WHERE id = %(series)s
),
there AS (
  UPDATE slo_hourcounts h SET
    base_bad = w.base_bad, base_total = w.base_total, base_valid = w.base_valid, valid = w.valid, bad = w.bad,
    total = w.total, wide_bad = w.wide_bad, wide_total = w.wide_total, revision = h.revision + 1
  FROM wanted w
  WHERE h.series_id = %(series)s AND h.hour = w.hour
  RETURNING h.hour
)
INSERT INTO slo_hourcounts (
  series_id, hour, base_bad, base_total, base_valid, valid, revision, live, bad, total, wide_bad, wide_total
)
SELECT %(series)s, w.hour, w.base_bad, w.base_total, w.base_valid, w.valid, 1,
       w.is_last AND NOT EXISTS (SELECT FROM slo_hourcounts h WHERE h.series_id = %(series)s AND h.hour >= w.hour),
       w.bad, w.total, w.wide_bad, w.wide_total
FROM wanted w
WHERE w.hour NOT IN (SELECT hour FROM there)
"""

_MOVE = """
UPDATE slo_hourcounts h
SET base_bad = h.base_bad + s.bad, base_total = h.base_total + s.total, base_valid = h.base_valid + s.valid
FROM json_to_recordset(%(shifts)s) AS s (after int, before int, bad bigint, total bigint, valid int)
WHERE h.series_id = %(series)s AND h.hour > s.after AND h.hour < s.before
"""

_END_OF_TIME = 2**31 - 1


class Shift(NamedTuple):
    """Hours after this one, up to the next shift, have so much more before them."""

    after: int
    by: Sums


def read_hours(series_id: int, hours: Sequence[int]) -> dict[int, Hour]:
    """Each asked hour as it stands; an absent one comes empty, with the bases that it would have."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"series": series_id, "hours": list(hours)})
        return {
            hour: _hour(base_bad, base_total, base_valid, bad, total, valid or 0)
            for hour, valid, base_bad, base_total, base_valid, bad, total in cursor.fetchall()
        }


def _hour(
    base_bad: int, base_total: int, base_valid: int, bad: list[int] | None, total: list[int] | None, valid: int
) -> Hour:
    empty = Hour(base_bad, base_total, base_valid, valid=valid)
    return Hour(base_bad, base_total, base_valid, bad or empty.bad, total or empty.total, valid)


def close_before(series_ids: Sequence[int], hour: int) -> None:
    """The live hours of these series go to the others where they lie before this one: nobody fills them any more."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, [list(series_ids), hour])


def replace_hours(series_id: int, stored: Mapping[int, Hour], wanted: Mapping[int, Hour]) -> bool:
    """Let these hours hold what `wanted` says (its bases are ignored), and move the bases of all hours after them.

    `stored` is what `read_hours` gave. What did not change is not written; False where nothing did.
    """
    if not wanted:
        return False
    changed: dict[int, Hour] = {}
    shifts: list[Shift] = []
    moved = Sums()
    for number in sorted(wanted):
        before, after = stored[number], wanted[number].on(stored[number])
        if moved != Sums() or after != before:
            changed[number] = after.after(moved)
        moved = moved.plus(after.sums().minus(before.sums()))
        shifts.append(Shift(number, moved))
    if changed and not stored[max(changed)].valid:
        close_before([series_id], max(changed))
    _write_hours(series_id, changed)
    _move_later_bases(series_id, shifts)
    return bool(changed)


def _write_hours(series_id: int, hours: Mapping[int, Hour]) -> None:
    if hours:
        _execute(_WRITE, series_id, rows=json.dumps([_row(number, hour) for number, hour in hours.items()]))


def _row(number: int, hour: Hour) -> dict[str, Any]:
    return {
        "hour": number,
        "base_bad": hour.base_bad,
        "base_total": hour.base_total,
        "base_valid": hour.base_valid,
        "valid": hour.valid,
        **_stored("bad", hour.bad),
        **_stored("total", hour.total),
    }


def _stored(name: str, running: list[int]) -> dict[str, list[int]]:
    """The running sums in the narrowest column that holds them; zeros need none."""
    if not running[-1]:
        return {}
    return {name if running[-1] <= NARROW else f"wide_{name}": running}


def _move_later_bases(series_id: int, shifts: Sequence[Shift]) -> None:
    """Move the bases of the hours between and after the rewritten ones. Nothing to move, no statement."""
    ends = [*(later.after for _, later in pairwise(shifts)), _END_OF_TIME]
    rows = [
        {"after": shift.after, "before": end, **shift.by._asdict()}
        for shift, end in zip(shifts, ends, strict=True)
        if shift.by != Sums() and end > shift.after + 1
    ]
    if rows:
        _execute(_MOVE, series_id, shifts=json.dumps(rows))


def _execute(statement: str, series_id: int, **parameters: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"series": series_id, **parameters})
