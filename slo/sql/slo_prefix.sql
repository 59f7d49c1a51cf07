-- What a series had counted before a minute: one probe of the primary key, whatever the window.
-- STABLE and plain SQL, so that the planner folds it into the query that asks; its body is bound to its tables when it
-- is made (BEGIN ATOMIC), because a search_path of its own would keep the planner from that.
CREATE OR REPLACE FUNCTION slo_prefix(of_series bigint, at_minute bigint)
RETURNS TABLE (bad bigint, total bigint, valid integer) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 BEGIN ATOMIC
  SELECT coalesce(own.bad, before.bad), coalesce(own.total, before.total), coalesce(own.valid, before.valid)
  FROM (SELECT least((at_minute - 1) / 60, 2147483647)::int AS hour, ((at_minute - 1) % 60 + 1)::int AS place) AS asked
  LEFT JOIN LATERAL (
    SELECT h.base_bad + coalesce(h.bad[asked.place], h.wide_bad[asked.place], 0) AS bad,
           h.base_total + coalesce(h.total[asked.place], h.wide_total[asked.place], 0) AS total,
           h.base_valid + bit_count((h.valid & ((1::bigint << asked.place) - 1))::bit(64))::int AS valid
    FROM slo_hourcounts h
    WHERE h.series_id = of_series AND h.hour = asked.hour
    LIMIT 1
  ) own ON true
  LEFT JOIN LATERAL (
    SELECT h.base_bad + coalesce(h.bad[60], h.wide_bad[60], 0) AS bad,
           h.base_total + coalesce(h.total[60], h.wide_total[60], 0) AS total,
           h.base_valid + bit_count(h.valid::bit(64))::int AS valid
    FROM slo_hourcounts h
    WHERE own.valid IS NULL AND h.series_id = of_series AND h.hour < asked.hour
    ORDER BY h.hour DESC
    LIMIT 1
  ) before ON true
  WHERE coalesce(own.valid, before.valid) IS NOT NULL;
END;
