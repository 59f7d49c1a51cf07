"""The minute's usual work in two statements: samples that are newer than all others of their series.

Whatever does not fit here (late samples, sums beyond four bytes, several minutes of one hour) is left
to the general way, which can do everything.
"""

from collections.abc import Iterable, Mapping

from django.db import connection

from slo.engine.prefix import Counts
from slo.operations.hours import NARROW

_GIVEN = """
WITH given AS (
  SELECT series, minute / 60 AS hour, (minute %% 60)::int AS place, bad, total
  FROM unnest(%(series)s::bigint[], %(minutes)s::bigint[], %(bads)s::bigint[], %(totals)s::bigint[])
       AS g (series, minute, bad, total)
)
"""

# Into the hour that is being filled: the sums from this minute on rise, the bit is set.
_FILL = f"""
{_GIVEN}
UPDATE slo_slicehour h
SET valid = h.valid | (1::bigint << g.place),
    bad = CASE WHEN g.bad = 0 THEN h.bad
               ELSE coalesce(h.bad[1:g.place], array_fill(0, ARRAY[g.place]))
                    || array_fill((coalesce(h.bad[60], 0) + g.bad)::int, ARRAY[60 - g.place]) END,
    total = CASE WHEN g.total = 0 THEN h.total
                 ELSE coalesce(h.total[1:g.place], array_fill(0, ARRAY[g.place]))
                      || array_fill((coalesce(h.total[60], 0) + g.total)::int, ARRAY[60 - g.place]) END,
    revision = h.revision + 1
FROM given g
WHERE h.series_id = g.series AND h.hour = g.hour AND h.valid > 0 AND h.valid >> g.place = 0
  AND h.wide_bad IS NULL AND h.wide_total IS NULL
  AND coalesce(h.bad[60], 0) + g.bad <= {NARROW} AND coalesce(h.total[60], 0) + g.total <= {NARROW}
  AND NOT EXISTS (SELECT FROM slo_slicehour later WHERE later.series_id = g.series AND later.hour > g.hour)
RETURNING h.series_id
"""  # noqa: S608 - only our own text and a number of ours

# Into an hour that begins with this minute: its bases are what the newest hour ends with.
_BEGIN = f"""
{_GIVEN}
INSERT INTO slo_slicehour (series_id, hour, base_bad, base_total, base_valid, valid, revision, bad, total)
SELECT g.series, g.hour, before.base_bad + coalesce(before.bad[60], before.wide_bad[60], 0),
       before.base_total + coalesce(before.total[60], before.wide_total[60], 0),
       before.base_valid + bit_count(before.valid::bit(64)), 1::bigint << g.place, 1,
       CASE WHEN g.bad > 0 THEN array_fill(0, ARRAY[g.place]) || array_fill(g.bad::int, ARRAY[60 - g.place]) END,
       CASE WHEN g.total > 0 THEN array_fill(0, ARRAY[g.place]) || array_fill(g.total::int, ARRAY[60 - g.place]) END
FROM given g
CROSS JOIN LATERAL (
  SELECT * FROM slo_slicehour h WHERE h.series_id = g.series ORDER BY h.hour DESC LIMIT 1
) before
WHERE before.hour < g.hour AND g.bad <= {NARROW} AND g.total <= {NARROW}
RETURNING series_id
"""  # noqa: S608 - as above


def append(samples: Mapping[int, tuple[int, Counts]]) -> set[int]:
    """Series -> (minute, counts): write what is the newest of its series. Returns the series that are done."""
    done: set[int] = set()
    for statement in (_FILL, _BEGIN):
        waiting = {series: sample for series, sample in samples.items() if series not in done}
        if waiting:
            done |= _written(statement, waiting)
    return done


def _written(statement: str, samples: Mapping[int, tuple[int, Counts]]) -> set[int]:
    given = {
        "series": as_array(samples),
        "minutes": as_array(minute for minute, _ in samples.values()),
        "bads": as_array(counts.bad for _, counts in samples.values()),
        "totals": as_array(counts.total for _, counts in samples.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return {row[0] for row in cursor.fetchall()}


def as_array(numbers: Iterable[int]) -> str:
    """An array as one literal: thousands of numbers as an expression take longer to parse than to use."""
    return f"{{{','.join(map(str, numbers))}}}"
