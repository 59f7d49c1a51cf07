"""The minute's usual work in one statement: samples that are newer than all others of their series.

Whatever does not fit here (late samples, sums beyond four bytes, several minutes of one hour) is left
to the general way, which can do everything.
"""

from collections.abc import Iterable, Mapping

from django.db import connection

from slo.engine.prefix import Counts
from slo.engine.traffic import ENOUGH_MINUTES, MIN_USUAL, TIMES_USUAL
from slo.measuring.operations.hours import NARROW

_FEW = 50
# What has more than 10,000 events, and more than 1,000 times the mean of all before it, is looked at elsewhere.
_PLAIN = TIMES_USUAL * MIN_USUAL

# Each indicator's own samples are kept in one series.
_GIVEN = """
WITH given AS (
  SELECT indicator, minute / 60 AS hour, (minute %% 60)::int AS place, bad, total
  FROM unnest(%(indicators)s::bigint[], %(minutes)s::bigint[], %(bads)s::bigint[], %(totals)s::bigint[])
       AS g (indicator, minute, bad, total)
)
"""
_OWN_SERIES = """
JOIN slo_seriesmember m ON m.indicator_id = g.indicator
JOIN slo_series s ON s.id = m.series_id AND s.method = 'occurrences'
"""

# Into the hour that is being filled: the sums from this minute on rise, the bit is set.
_FILL = f"""
{_GIVEN}, own AS MATERIALIZED (
  SELECT g.*, s.id AS series FROM given g {_OWN_SERIES}
)
UPDATE slo_hourcounts h
SET valid = h.valid | (1::bigint << g.place),
    bad = CASE WHEN g.bad = 0 THEN h.bad
               ELSE coalesce(h.bad[1:g.place], array_fill(0, ARRAY[g.place]))
                    || array_fill((coalesce(h.bad[60], 0) + g.bad)::int, ARRAY[60 - g.place]) END,
    total = CASE WHEN g.total = 0 THEN h.total
                 ELSE coalesce(h.total[1:g.place], array_fill(0, ARRAY[g.place]))
                      || array_fill((coalesce(h.total[60], 0) + g.total)::int, ARRAY[60 - g.place]) END,
    revision = h.revision + 1
FROM own g
-- Joined by the series alone: all rows share the hour, and a join by it would be each row with each.
WHERE h.live AND h.series_id = g.series AND h.hour - g.hour = 0 AND h.valid >> g.place = 0
  AND h.wide_bad IS NULL AND h.wide_total IS NULL
  AND coalesce(h.bad[60], 0) + g.bad <= {NARROW} AND coalesce(h.total[60], 0) + g.total <= {NARROW}
  AND (g.total <= {_PLAIN} OR (
    h.base_valid + bit_count(h.valid::bit(64)) >= {ENOUGH_MINUTES}
    AND g.total / {TIMES_USUAL} * (h.base_valid + bit_count(h.valid::bit(64)))
      <= h.base_total + coalesce(h.total[60], 0)
  ))
RETURNING g.indicator
"""  # noqa: S608 - only our own text and a number of ours

# An hour that is over goes to the others before the next one begins.
_CLOSE = f"""
{_GIVEN}
UPDATE slo_hourcounts h SET live = false FROM given g {_OWN_SERIES}
WHERE h.live AND h.series_id = s.id AND h.hour < g.hour
"""  # noqa: S608 - as above

# Into an hour that begins with this minute: its bases are what the newest hour ends with.
_BEGIN = f"""
{_GIVEN}, begun AS (
  INSERT INTO slo_hourcounts (series_id, hour, base_bad, base_total, base_valid, valid, revision, live, bad, total)
  SELECT s.id, g.hour, before.base_bad + coalesce(before.bad[60], before.wide_bad[60], 0),
         before.base_total + coalesce(before.total[60], before.wide_total[60], 0),
         before.base_valid + bit_count(before.valid::bit(64)), 1::bigint << g.place, 1, true,
         CASE WHEN g.bad > 0 THEN array_fill(0, ARRAY[g.place]) || array_fill(g.bad::int, ARRAY[60 - g.place]) END,
         CASE WHEN g.total > 0 THEN array_fill(0, ARRAY[g.place]) || array_fill(g.total::int, ARRAY[60 - g.place]) END
  FROM given g {_OWN_SERIES}
  CROSS JOIN LATERAL (
    SELECT * FROM slo_hourcounts h WHERE h.series_id = s.id ORDER BY h.hour DESC LIMIT 1
  ) before
  WHERE before.hour < g.hour AND g.hour >= coalesce(s.thinned_hour, 0) AND g.bad <= {NARROW} AND g.total <= {NARROW}
    AND (g.total <= {_PLAIN} OR (
      before.base_valid + bit_count(before.valid::bit(64)) >= {ENOUGH_MINUTES}
      AND g.total / {TIMES_USUAL} * (before.base_valid + bit_count(before.valid::bit(64)))
        <= before.base_total + coalesce(before.total[60], before.wide_total[60], 0)
    ))
  RETURNING series_id
)
SELECT m.indicator_id FROM begun b JOIN slo_seriesmember m ON m.series_id = b.series_id
"""  # noqa: S608 - as above


def append(samples: Mapping[int, tuple[int, Counts]]) -> set[int]:
    """Indicator -> (minute, counts): write what is the newest of its series. Returns the indicators that are left.

    The caller holds the lock of the series' writers.
    """
    left = samples.keys() - _run(_FILL, samples)
    if left:
        waiting = {indicator: samples[indicator] for indicator in left}
        _run(_CLOSE, waiting)
        left -= _run(_BEGIN, waiting)
    return left


def _run(statement: str, samples: Mapping[int, tuple[int, Counts]]) -> set[int]:
    """The indicators that the statement wrote."""
    given = {
        "indicators": as_array(samples),
        "minutes": as_array(minute for minute, _ in samples.values()),
        "bads": as_array(counts.bad for _, counts in samples.values()),
        "totals": as_array(counts.total for _, counts in samples.values()),
    }
    many = statement is _FILL and len(samples) > _FEW
    with connection.cursor() as cursor:
        if many:
            # The planner cannot know how many of these rows fit and may take them for one: 20 s instead of 0.03.
            cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(statement, given)
        written = {row[0] for row in cursor.fetchall()} if cursor.description else set()
        if many:
            cursor.execute("SET LOCAL enable_nestloop = on")
        return written


def as_array(numbers: Iterable[int]) -> str:
    """An array as one literal: thousands of numbers as an expression take longer to parse than to use."""
    return f"{{{','.join(map(str, numbers))}}}"
