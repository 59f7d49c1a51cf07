-- When enough of what failed will have left the window, if nothing more fails and traffic stays as it is.
WITH asked AS (
  SELECT b.objective_id AS id, extract(epoch FROM b.watermark)::bigint / 60 AS ending, b.window_days * 1440 AS width,
         coalesce((SELECT sum(r.ratio) FROM slo_reservation r
                   WHERE r.objective_id = b.objective_id AND r.released_at IS NULL AND r.expires_at > %(at)s), 0) AS held
  FROM slo_budget b
  WHERE b.objective_id = ANY (%(objectives)s)
),
terms AS (
  SELECT v.objective_id, v.indicator_id, v.error_budget_ppb, v.from_minute,
         lead(v.from_minute, 1, %(forever)s) OVER (PARTITION BY v.objective_id ORDER BY v.number) AS until_minute
  FROM slo_objectiveversion v
  WHERE v.objective_id = ANY (%(objectives)s)
),
spans AS (
  -- One stretch of the window per version, oldest first, with what failed in it and before it.
  SELECT a.*, t.indicator_id, edge.first, edge.last, coalesce(lower.bad, 0) AS bad_before_first,
         coalesce(upper.bad, 0) - coalesce(lower.bad, 0) AS bad,
         (coalesce(upper.total, 0) - coalesce(lower.total, 0)) * t.error_budget_ppb::numeric * 1e-9 AS allowed
  FROM asked a
  JOIN terms t ON t.objective_id = a.id AND t.from_minute < a.ending AND t.until_minute > a.ending - a.width
  CROSS JOIN LATERAL (
    SELECT greatest(t.from_minute, a.ending - a.width) AS first, least(t.until_minute, a.ending) AS last
  ) edge
  LEFT JOIN LATERAL slo_prefix(t.indicator_id, edge.first) lower ON true
  LEFT JOIN LATERAL slo_prefix(t.indicator_id, edge.last) upper ON true
),
ordered AS (
  SELECT s.*, sum(s.bad) OVER whole AS all_bad, sum(s.allowed) OVER whole AS all_allowed,
         sum(s.bad) OVER (PARTITION BY s.id ORDER BY s.first) - s.bad AS left_before
  FROM spans s
  WINDOW whole AS (PARTITION BY s.id)
),
wanted AS (
  -- More than `need` failures must have left; that happens while this stretch is leaving.
  SELECT o.*, mark.mark, o.all_bad - (1 - mark.mark - o.held) * o.all_allowed AS need
  FROM ordered o
  CROSS JOIN unnest(%(limits)s::numeric[]) AS mark (mark)
)
SELECT w.id, w.mark, hour.hour * 60 + minute.place + w.width
FROM wanted w
CROSS JOIN LATERAL (
  SELECT h.hour, h.base_bad, h.bad
  FROM slo_slicehour h
  WHERE h.indicator_id = w.indicator_id AND h.hour BETWEEN w.first / 60 AND (w.last - 1) / 60
    AND h.base_bad + h.bad[60] - w.bad_before_first + w.left_before > w.need
  ORDER BY h.hour LIMIT 1
) hour
CROSS JOIN LATERAL (
  SELECT min(running.place) AS place
  FROM unnest(hour.bad) WITH ORDINALITY AS running (bad, place)
  WHERE hour.base_bad + running.bad - w.bad_before_first + w.left_before > w.need
) minute
WHERE w.need >= w.left_before AND w.need < w.left_before + w.bad
