-- What a series had counted before a minute: one probe of the primary key, whatever the window.
-- STABLE and plain SQL, so that the planner folds it into the query that asks; its body is bound to its tables when it
-- is made (BEGIN ATOMIC), because a search_path of its own would keep the planner from that.
CREATE OR REPLACE FUNCTION slo_prefix(of_series bigint, at_minute bigint)
RETURNS TABLE (bad bigint, total bigint, valid integer) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 BEGIN ATOMIC
  SELECT h.base_bad + coalesce(h.bad[least(60, at_minute - h.hour * 60)],
                               h.wide_bad[least(60, at_minute - h.hour * 60)], 0),
         h.base_total + coalesce(h.total[least(60, at_minute - h.hour * 60)],
                                 h.wide_total[least(60, at_minute - h.hour * 60)], 0),
         h.base_valid
           + bit_count((h.valid & ((1::bigint << least(60, at_minute - h.hour * 60)::int) - 1))::bit(64))::int
  FROM slo_hourcounts h
  WHERE h.series_id = of_series AND h.hour <= (at_minute - 1) / 60
  ORDER BY h.hour DESC
  LIMIT 1;
END;
