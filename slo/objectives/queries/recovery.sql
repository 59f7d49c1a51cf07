-- When enough of what failed will have left the window, if nothing more fails and traffic stays as it is.
WITH asked AS (
  SELECT b.objective_id AS id, extract(epoch FROM b.watermark)::bigint / 60 AS ending, b.window_first AS first,
         b.window_last AS last, b.remaining, o.calendar_unit <> '' AS by_calendar,
         coalesce((SELECT sum(r.ratio) FROM slo_reservation r
                   WHERE r.objective_id = b.objective_id AND r.released_at IS NULL AND r.expires_at > %(at)s), 0) AS held
  FROM slo_budget b
  JOIN slo_objective o ON o.id = b.objective_id
  WHERE b.objective_id = ANY (%(objectives)s)
),
counted_periods AS (
  -- One stretch of the window per counted period, oldest first, with what failed in it and before it.
  SELECT a.*, s.series_id, s.component, edge.begins, edge.ends, coalesce(lower.bad, 0) AS bad_before_first,
         coalesce(upper.bad, 0) - coalesce(lower.bad, 0) AS bad,
         (coalesce(upper.total, 0) - coalesce(lower.total, 0)) * s.error_budget_ppb::numeric * 1e-9 AS allowed
  FROM asked a
  JOIN slo_countedperiod s ON s.objective_id = a.id AND s.from_minute < a.ending AND s.until_minute > a.first
  CROSS JOIN LATERAL (
    SELECT greatest(s.from_minute, a.first) AS begins, least(s.until_minute, a.ending) AS ends
  ) edge
  LEFT JOIN LATERAL slo_prefix(s.series_id, edge.begins) lower ON true
  LEFT JOIN LATERAL slo_prefix(s.series_id, edge.ends) upper ON true
  WHERE NOT a.by_calendar
),
ordered AS (
  SELECT s.*, sum(s.bad) OVER whole AS all_bad, sum(s.allowed) OVER whole AS all_allowed, max(s.component) OVER whole AS components,
         sum(s.bad) OVER (PARTITION BY s.id ORDER BY s.begins) - s.bad AS left_before
  FROM counted_periods s
  WINDOW whole AS (PARTITION BY s.id)
),
wanted AS (
  -- More than `need` failures must have left; that happens while this stretch is leaving.
  SELECT o.*, mark.mark, o.all_bad - (1 - mark.mark - o.held) * o.all_allowed AS need
  FROM ordered o
  CROSS JOIN unnest(%(limits)s::numeric[]) AS mark (mark)
  WHERE o.components = 0
)
SELECT w.id, w.mark, hour.hour * 60 + minute.place + (w.ending - w.first)
FROM wanted w
CROSS JOIN LATERAL (
  SELECT h.hour, h.base_bad, coalesce(h.bad::bigint[], h.wide_bad) AS bad
  FROM slo_hourcounts h
  WHERE h.series_id = w.series_id AND h.hour BETWEEN w.begins / 60 AND (w.ends - 1) / 60
    AND h.base_bad + coalesce(h.bad[60], h.wide_bad[60], 0) - w.bad_before_first + w.left_before > w.need
  ORDER BY h.hour LIMIT 1
) hour
CROSS JOIN LATERAL (
  SELECT min(running.place) AS place
  FROM unnest(coalesce(hour.bad, array_fill(0::bigint, ARRAY[60]))) WITH ORDINALITY AS running (bad, place)
  WHERE hour.base_bad + running.bad - w.bad_before_first + w.left_before > w.need
) minute
WHERE w.need >= w.left_before AND w.need < w.left_before + w.bad
UNION ALL
-- A calendar period gives a fresh budget at its end; several components are back at the latest when all of today has left.
SELECT a.id, mark.mark, CASE WHEN a.by_calendar THEN a.last ELSE a.ending + (a.ending - a.first) END
FROM asked a
CROSS JOIN unnest(%(limits)s::numeric[]) AS mark (mark)
WHERE a.remaining - a.held <= mark.mark AND 1 - a.held > mark.mark
  AND (a.by_calendar OR EXISTS (SELECT FROM slo_countedperiod s WHERE s.objective_id = a.id AND s.component > 0))
