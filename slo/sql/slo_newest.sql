-- The end of the newest minute with a sample before this one, and how many minutes had one until then. It is nearly
-- always of this hour or the last: whoever looks from the newest on reads a page of the index where two rows would do.
CREATE OR REPLACE FUNCTION slo_newest(of_series bigint, before_minute int)
RETURNS TABLE (ending int, measured int) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 BEGIN ATOMIC
  SELECT found.hour * 60 + 65 - position(B'1' IN found.seen), found.base_valid + bit_count(found.seen)::int
  FROM (SELECT (before_minute - 1) / 60 AS hour) AS asked
  LEFT JOIN LATERAL (
    SELECT h.hour, h.base_valid, (h.valid & closed.bits)::bit(64) AS seen
    FROM slo_hourcounts h,
         LATERAL (SELECT (1::bigint << least(60, before_minute - h.hour * 60)) - 1 AS bits) closed
    WHERE h.series_id = of_series AND h.hour BETWEEN asked.hour - 1 AND asked.hour AND h.valid & closed.bits <> 0
    ORDER BY h.hour DESC
    LIMIT 1
  ) near ON true
  LEFT JOIN LATERAL (
    SELECT h.hour, h.base_valid, h.valid::bit(64) AS seen
    FROM slo_hourcounts h
    WHERE near.hour IS NULL AND h.series_id = of_series AND h.hour < asked.hour - 1 AND h.valid <> 0
    ORDER BY h.hour DESC
    LIMIT 1
  ) far ON true
  CROSS JOIN LATERAL (
    SELECT coalesce(near.hour, far.hour) AS hour, coalesce(near.base_valid, far.base_valid) AS base_valid,
           coalesce(near.seen, far.seen) AS seen
  ) found
  WHERE found.hour IS NOT NULL;
END;
