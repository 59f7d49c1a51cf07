-- What each version and component of one objective holds in any number of half-open stretches of time.
WITH parts AS (
  -- The terms of today stay, even where all of their time is excluded: what is to come is reckoned by them.
  SELECT s.*, coalesce(r.began_minute, %(ending)s) AS began
  FROM slo_countedperiod s
  JOIN slo_series r ON r.id = s.series_id
  WHERE s.objective_id = %(objective)s
    AND (s.number = %(number)s OR s.from_minute < %(ending)s AND s.until_minute > %(oldest)s)
)
SELECT p.number, p.component, p.error_budget_ppb, p.weight_ppm, p.step_minutes, stretch.place,
       sum(upper.bad - lower.bad), sum(upper.total - lower.total), sum((upper.valid - lower.valid) * p.step_minutes),
       sum((upper.due - lower.due) * p.step_minutes), sum(edge.ends - edge.begins)
FROM parts p
CROSS JOIN unnest(%(begins)s::bigint[], %(ends)s::bigint[]) WITH ORDINALITY AS stretch (begins, ends, place)
CROSS JOIN LATERAL (
  SELECT greatest(p.from_minute, least(p.until_minute, stretch.begins)) AS begins,
         greatest(p.from_minute, least(p.until_minute, stretch.ends)) AS ends
) edge
CROSS JOIN LATERAL slo_counted(p.series_id, edge.begins, p.began, p.step_minutes::int, %(missing)s::text, %(unit)s) lower
CROSS JOIN LATERAL slo_counted(p.series_id, edge.ends, p.began, p.step_minutes::int, %(missing)s::text, %(unit)s) upper
WHERE edge.ends > edge.begins OR p.number = %(number)s
GROUP BY p.number, p.component, p.error_budget_ppb, p.weight_ppm, p.step_minutes, stretch.place
ORDER BY stretch.place, p.number, p.component
