-- The same for a series whose missing slices may count: as good or as bad ones, from its first minute on. `due` slices
-- would have been there. Only differences between two minutes mean something.
CREATE OR REPLACE FUNCTION slo_counted(of_series bigint, at_minute bigint, began bigint, step int, missing text, unit bigint)
RETURNS TABLE (bad bigint, total bigint, valid bigint, due bigint) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 BEGIN ATOMIC
  SELECT coalesce(p.bad, 0) + CASE WHEN missing = 'bad' THEN gap.slices * unit ELSE 0 END,
         coalesce(p.total, 0) + CASE WHEN missing IN ('good', 'bad') THEN gap.slices * unit ELSE 0 END,
         coalesce(p.valid, 0)::bigint,
         greatest(at_minute, began) / step
  FROM (SELECT 1) AS one
  LEFT JOIN LATERAL slo_prefix(of_series, at_minute) p ON true
  CROSS JOIN LATERAL (SELECT greatest(at_minute, began) / step - coalesce(p.valid, 0) AS slices) gap;
END;
