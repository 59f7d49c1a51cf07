-- Every asked budget at one instant, judged and written in one statement.
-- Windows are half-open, [end - width, end), in whole minutes since 1970; counts are thousandths of
-- an event; `allowed` is events x budget ratio in thousandths of billionths; all arithmetic is exact.
WITH asked AS (
  -- The watermark is the end of the newest closed minute that has a sample.
  SELECT o.id, o.terms_version, o.window_days, o.window_days * 1440 AS width,
         coalesce(newest.ending, %(minute)s) AS ending, newest.ending IS NULL AS silent
  FROM slo_objective o
  LEFT JOIN LATERAL (
    SELECT h.hour * 60 + 65 - position(B'1' IN (h.valid & closed.bits)::bit(64)) AS ending
    FROM slo_slicehour h,
         LATERAL (SELECT (1::bigint << least(60, %(minute)s - h.hour * 60)) - 1 AS bits) closed
    WHERE h.indicator_id = o.indicator_id AND h.hour <= (%(minute)s - 1) / 60 AND h.valid & closed.bits <> 0
    ORDER BY h.hour DESC LIMIT 1
  ) newest ON true
  WHERE %(objectives)s::bigint[] IS NULL OR o.id = ANY (%(objectives)s::bigint[])
),
terms AS (
  SELECT v.objective_id, v.indicator_id, v.error_budget_ppb, v.from_minute,
         lead(v.from_minute, 1, %(forever)s) OVER (PARTITION BY v.objective_id ORDER BY v.number) AS until_minute
  FROM slo_objectiveversion v
  WHERE v.objective_id IN (SELECT id FROM asked)
),
spans AS (
  -- Each minute counts by the terms of its own time; the calm hour looks back one hour further.
  SELECT a.id, a.ending, a.width, t.indicator_id, t.error_budget_ppb, t.from_minute, t.until_minute
  FROM asked a
  JOIN terms t ON t.objective_id = a.id
  WHERE t.from_minute < a.ending AND t.until_minute > a.ending - a.width - %(calm)s
),
edges AS (
  SELECT s.id, edge.place, sum(p.bad) AS bad, sum(p.total) AS total, sum(p.valid) AS valid,
         sum(p.total * s.error_budget_ppb::numeric) AS allowed
  FROM spans s
  CROSS JOIN LATERAL unnest(0 || %(widths)s::int[] || s.width) WITH ORDINALITY AS edge (back, place)
  LEFT JOIN LATERAL slo_prefix(
    s.indicator_id, greatest(s.from_minute, least(s.until_minute, s.ending - edge.back))
  ) p ON true
  GROUP BY s.id, edge.place
),
inside AS (
  SELECT e.id, e.place - 1 AS place,
         coalesce(newest.bad, 0) - coalesce(e.bad, 0) AS bad,
         coalesce(newest.total, 0) - coalesce(e.total, 0) AS total,
         coalesce(newest.valid, 0) - coalesce(e.valid, 0) AS valid,
         coalesce(newest.allowed, 0) - coalesce(e.allowed, 0) AS allowed
  FROM edges e
  JOIN edges newest ON newest.id = e.id AND newest.place = 1
  WHERE e.place > 1
),
burning AS (
  -- Rounded up to billionths.
  SELECT i.*, CASE WHEN i.allowed > 0 THEN div(i.bad * 1e18 + i.allowed - 1, i.allowed) * 1e-9 ELSE 0 END AS burn
  FROM inside i
),
measured AS (
  SELECT b.id,
         array_agg(b.bad ORDER BY b.place) AS bad,
         array_agg(b.total ORDER BY b.place) AS total,
         array_agg(b.allowed ORDER BY b.place) AS allowed,
         array_agg(b.burn ORDER BY b.place) AS burn,
         max(b.valid) FILTER (WHERE b.place = %(whole)s) AS valid
  FROM burning b
  GROUP BY b.id
),
firing AS (
  -- A row fires when both its windows burn above its factor and the long one holds enough events.
  SELECT m.id,
         array_agg(r.name ORDER BY r.place) FILTER (WHERE r.severity = %(page)s) AS page,
         array_agg(r.name ORDER BY r.place) FILTER (WHERE r.severity = %(ticket)s) AS ticket
  FROM measured m
  JOIN asked a ON a.id = m.id
  CROSS JOIN ROWS FROM (
    unnest(%(severities)s::text[]), unnest(%(names)s::text[]), unnest(%(longs)s::int[]), unnest(%(shorts)s::int[]),
    unnest(%(long_minutes)s::int[]), unnest(%(spent_percents)s::int[])
  ) WITH ORDINALITY AS r (severity, name, long, short, long_minutes, spent_percent, place)
  CROSS JOIN LATERAL (
    SELECT greatest(r.spent_percent * a.width, 100 * r.long_minutes)::numeric AS up,
           (100 * r.long_minutes)::numeric AS down
  ) factor
  WHERE m.bad[r.long] * 1e9 * factor.down > factor.up * m.allowed[r.long]
    AND m.bad[r.short] * 1e9 * factor.down > factor.up * m.allowed[r.short]
    AND m.allowed[r.long] * factor.up >= 1e12 * factor.down
  GROUP BY m.id
),
held AS (
  SELECT objective_id AS id, sum(ratio) AS reserved
  FROM slo_reservation
  WHERE released_at IS NULL AND expires_at > %(at)s
  GROUP BY objective_id
),
drafted AS (
  -- Ranks count from 0, the kindest level; the rank falls at once.
  SELECT a.*, m.bad, m.total, m.allowed, m.burn, m.valid,
         coalesce(f.page, '{}') AS page, coalesce(f.ticket, '{}') AS ticket,
         coalesce(h.reserved, 0) AS reserved,
         1 - m.burn[%(whole)s] AS remaining,
         1 - m.burn[%(whole)s] - coalesce(h.reserved, 0) AS headroom,
         round(m.valid::numeric / a.width, 9) AS coverage,
         array_position(%(levels)s::text[], b.level::text) - 1 AS rank_before
  FROM asked a
  JOIN measured m ON m.id = a.id
  LEFT JOIN firing f ON f.id = a.id
  LEFT JOIN held h ON h.id = a.id
  LEFT JOIN slo_budget b ON b.objective_id = a.id
),
ranked AS (
  SELECT d.*,
         (SELECT count(*) FROM unnest(%(limits)s::numeric[]) AS above (mark) WHERE d.headroom <= mark)::int AS rank_now,
         (SELECT count(*) FROM unnest(%(limits)s::numeric[]) AS above (mark)
          WHERE d.headroom <= mark + %(margin)s)::int AS rank_with_margin
  FROM drafted d
),
calm AS (
  -- Who might rise is looked at over the last hour, as the data stand now; the worst look counts.
  SELECT look.id, max(look.burn) AS worst
  FROM (
    SELECT s.id, back,
           CASE WHEN sum(s.error_budget_ppb * (upper.total - coalesce(lower.total, 0))::numeric) > 0
                THEN sum(upper.bad - coalesce(lower.bad, 0)) * 1e9
                     / sum(s.error_budget_ppb * (upper.total - coalesce(lower.total, 0))::numeric)
                ELSE 0 END AS burn
    FROM ranked r
    JOIN spans s ON s.id = r.id
    CROSS JOIN unnest(%(looks)s::int[]) AS back
    LEFT JOIN LATERAL slo_prefix(
      s.indicator_id, greatest(s.from_minute, least(s.until_minute, s.ending - back))
    ) upper ON true
    LEFT JOIN LATERAL slo_prefix(
      s.indicator_id, greatest(s.from_minute, least(s.until_minute, s.ending - back - s.width))
    ) lower ON true
    WHERE r.rank_with_margin < r.rank_before
    GROUP BY s.id, back
  ) look
  GROUP BY look.id
),
leveled AS (
  SELECT r.*,
         CASE
           WHEN r.rank_before IS NULL OR r.rank_now >= r.rank_before THEN r.rank_now
           WHEN c.worst IS NULL THEN r.rank_before
           ELSE least(r.rank_before, (
             SELECT count(*) FROM unnest(%(limits)s::numeric[]) AS above (mark)
             WHERE 1 - c.worst - r.reserved <= mark + %(margin)s
           )::int)
         END AS rank
  FROM ranked r
  LEFT JOIN calm c ON c.id = r.id
),
flagged AS (
  SELECT l.*, (%(levels)s::text[])[l.rank + 1] AS level,
         array_remove(ARRAY[
           CASE WHEN l.page <> '{}' THEN %(burning_fast)s END,
           CASE WHEN l.ticket <> '{}' THEN %(burning_slow)s END,
           CASE WHEN l.silent OR %(at)s - to_timestamp(l.ending * 60) > %(patience)s THEN %(no_data)s END,
           CASE WHEN l.coverage < %(enough_coverage)s OR l.allowed[%(whole)s] < %(enough_failures)s * 1e12
                THEN %(low_confidence)s END,
           CASE WHEN l.total[%(whole)s] = 0 AND l.valid > 0 THEN %(no_traffic)s END
         ]::text[], NULL) AS flags
  FROM leveled l
),
judged AS (
  SELECT f.*,
         CASE WHEN %(burning_fast)s = ANY (f.flags) THEN %(state_burning_fast)s
              WHEN %(no_data)s = ANY (f.flags) THEN %(state_no_data)s
              WHEN %(low_confidence)s = ANY (f.flags) THEN %(state_low_confidence)s
              WHEN %(burning_slow)s = ANY (f.flags) THEN (%(levels)s::text[])[greatest(f.rank, 1) + 1]
              ELSE f.level END AS state
  FROM flagged f
),
ended AS (
  UPDATE slo_burnalert alert SET ended_at = greatest(%(at)s, alert.started_at)
  FROM judged j
  WHERE alert.objective_id = j.id AND alert.ended_at IS NULL
    AND CASE alert.severity WHEN %(page)s THEN j.page ELSE j.ticket END = '{}'
),
begun AS (
  -- A ticket is not begun while a page fires: ten per cent in five minutes would satisfy every row.
  INSERT INTO slo_burnalert (objective_id, severity, rows, started_at, incident_reference)
  SELECT j.id, spell.severity, spell.rows, %(at)s, ''
  FROM judged j
  CROSS JOIN LATERAL (
    VALUES (%(page)s, j.page), (%(ticket)s, CASE WHEN j.page = '{}' THEN j.ticket ELSE '{}' END)
  ) AS spell (severity, rows)
  WHERE spell.rows <> '{}' AND NOT EXISTS (
    SELECT FROM slo_burnalert known
    WHERE known.objective_id = j.id AND known.severity = spell.severity AND known.ended_at IS NULL
  )
  ORDER BY j.id, spell.severity
  ON CONFLICT (objective_id, severity) WHERE ended_at IS NULL DO NOTHING
),
written AS (
  -- In id order, as everybody who locks budgets does.
  INSERT INTO slo_budget AS b (
    objective_id, evaluated_at, watermark, terms_version, window_days, remaining, reserved, headroom, coverage,
    allowed, bad_in_window, total_in_window, burn, bad, total, firing, flags, level, level_since, state,
    state_since, announced_state
  )
  SELECT j.id, %(at)s, to_timestamp(j.ending * 60), j.terms_version, j.window_days, j.remaining, j.reserved,
         j.headroom, j.coverage, j.allowed[%(whole)s] * 1e-12, j.bad[%(whole)s], j.total[%(whole)s],
         j.burn[1:%(whole)s - 1], j.bad[1:%(whole)s - 1], j.total[1:%(whole)s - 1],
         j.page || j.ticket, j.flags, j.level, %(at)s, j.state, %(at)s, ''
  FROM judged j
  ORDER BY j.id
  ON CONFLICT (objective_id) DO UPDATE SET
    evaluated_at = EXCLUDED.evaluated_at, watermark = EXCLUDED.watermark, terms_version = EXCLUDED.terms_version,
    window_days = EXCLUDED.window_days, remaining = EXCLUDED.remaining, reserved = EXCLUDED.reserved,
    headroom = EXCLUDED.headroom, coverage = EXCLUDED.coverage, allowed = EXCLUDED.allowed,
    bad_in_window = EXCLUDED.bad_in_window, total_in_window = EXCLUDED.total_in_window, burn = EXCLUDED.burn,
    bad = EXCLUDED.bad, total = EXCLUDED.total, firing = EXCLUDED.firing, flags = EXCLUDED.flags,
    level = EXCLUDED.level,
    level_since = CASE WHEN b.level = EXCLUDED.level THEN b.level_since ELSE EXCLUDED.level_since END,
    state = EXCLUDED.state,
    state_since = CASE WHEN b.state = EXCLUDED.state THEN b.state_since ELSE EXCLUDED.state_since END
  RETURNING b.objective_id
)
SELECT count(*) FROM written
