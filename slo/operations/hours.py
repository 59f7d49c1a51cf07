"""Reading and writing hour rows in bulk: one statement each, whatever the number of hours.

The caller holds the lock on the indicator's row.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from django.db import connection

from slo.engine.prefix import Hour, Sums

# An hour that is not there yet begins where its predecessor ended.
_READ = """
SELECT asked.hour, own.valid,
       coalesce(own.base_bad, before.base_bad + before.bad[60], 0),
       coalesce(own.base_total, before.base_total + before.total[60], 0),
       coalesce(own.base_valid, before.base_valid + bit_count(before.valid::bit(64)), 0),
       own.bad, own.total
FROM unnest(%(hours)s::int[]) AS asked (hour)
LEFT JOIN slo_slicehour own ON own.indicator_id = %(indicator)s AND own.hour = asked.hour
LEFT JOIN LATERAL (
  SELECT * FROM slo_slicehour h
  WHERE own.hour IS NULL AND h.indicator_id = %(indicator)s AND h.hour < asked.hour
  ORDER BY h.hour DESC LIMIT 1
) before ON true
"""

_WRITE = """
INSERT INTO slo_slicehour AS h (indicator_id, hour, base_bad, base_total, base_valid, valid, revision, bad, total)
SELECT %(indicator)s, r.hour, r.base_bad, r.base_total, r.base_valid, r.valid, 1, r.bad, r.total
FROM json_to_recordset(%(rows)s) AS r (
  hour int, base_bad bigint, base_total bigint, base_valid int, valid bigint, bad bigint[], total bigint[]
)
ON CONFLICT (indicator_id, hour) DO UPDATE SET
  base_bad = EXCLUDED.base_bad, base_total = EXCLUDED.base_total, base_valid = EXCLUDED.base_valid,
  valid = EXCLUDED.valid, bad = EXCLUDED.bad, total = EXCLUDED.total, revision = h.revision + 1
"""

_MOVE = """
UPDATE slo_slicehour h
SET base_bad = h.base_bad + s.bad, base_total = h.base_total + s.total, base_valid = h.base_valid + s.valid
FROM json_to_recordset(%(shifts)s) AS s (after int, before int, bad bigint, total bigint, valid int)
WHERE h.indicator_id = %(indicator)s AND h.hour > s.after AND h.hour < s.before
"""

_END_OF_TIME = 2**31 - 1


class Shift(NamedTuple):
    """Hours after this one, up to the next shift, have so much more before them."""

    after: int
    by: Sums


def read_hours(indicator_id: int, hours: Sequence[int]) -> dict[int, Hour]:
    """Each asked hour as it stands; an absent one comes empty, with the bases that it would have."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"indicator": indicator_id, "hours": list(hours)})
        return {
            hour: Hour(base_bad, base_total, base_valid)
            if valid is None
            else Hour(base_bad, base_total, base_valid, bad, total, valid)
            for hour, valid, base_bad, base_total, base_valid, bad, total in cursor.fetchall()
        }


def write_hours(indicator_id: int, hours: Mapping[int, Hour]) -> None:
    """Write each row once, one revision higher where it was there."""
    if not hours:
        return
    rows = [
        {
            "hour": number,
            "base_bad": hour.base_bad,
            "base_total": hour.base_total,
            "base_valid": hour.base_valid,
            "valid": hour.valid,
            "bad": hour.bad,
            "total": hour.total,
        }
        for number, hour in hours.items()
    ]
    _execute(_WRITE, indicator_id, rows=json.dumps(rows))


def move_later_bases(indicator_id: int, shifts: Sequence[Shift]) -> None:
    """Move the bases of the hours between and after the rewritten ones. Nothing to move, no statement."""
    ends = [*(later.after for _, later in pairwise(shifts)), _END_OF_TIME]
    rows = [
        {"after": shift.after, "before": end, **shift.by._asdict()}
        for shift, end in zip(shifts, ends, strict=True)
        if shift.by != Sums() and end > shift.after + 1
    ]
    if rows:
        _execute(_MOVE, indicator_id, shifts=json.dumps(rows))


def _execute(statement: str, indicator_id: int, **parameters: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"indicator": indicator_id, **parameters})
