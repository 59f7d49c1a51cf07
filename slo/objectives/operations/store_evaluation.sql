,
ended AS (
  -- An alert ends when the short windows of its rows are clean again: they spend no faster than is sustainable.
  UPDATE slo_burnalert alert SET ended_at = greatest(%(at)s, alert.started_at)
  FROM evaluated e
  WHERE alert.objective_id = e.id AND alert.ended_at IS NULL
    AND CASE alert.severity WHEN %(page)s THEN e.page ELSE e.ticket END = '{{}}'
    AND NOT EXISTS (
      SELECT FROM ROWS FROM (unnest(%(names)s::text[]), unnest(%(shorts)s::int[])) AS r (name, short)
      WHERE r.name = ANY (alert.rows) AND e.shown[r.short] > 1
    )
),
wanted AS (
  -- A ticket is not begun while a page fires: ten per cent in five minutes would satisfy every row.
  SELECT e.id, episode.severity, episode.rows, episode.rejoin, known.id AS alert_id, known.ended_at
  FROM evaluated e
  CROSS JOIN LATERAL (
    VALUES (%(page)s, e.page, %(page_rejoin)s::interval),
           (%(ticket)s, CASE WHEN e.page = '{{}}' THEN e.ticket ELSE '{{}}' END, %(ticket_rejoin)s::interval)
  ) AS episode (severity, rows, rejoin)
  LEFT JOIN LATERAL (
    SELECT a.id, a.ended_at FROM slo_burnalert a
    WHERE a.objective_id = e.id AND a.severity = episode.severity
    ORDER BY a.started_at DESC, a.id DESC LIMIT 1
  ) known ON true
  WHERE episode.rows <> '{{}}'
),
rejoined AS (
  -- What seemed over and fires again soon after is the same burn; what goes on may fire over more rows by now.
  UPDATE slo_burnalert alert
  SET flaps = alert.flaps + CASE WHEN alert.ended_at IS NULL THEN 0 ELSE 1 END,
      ended_at = NULL,
      rows = ARRAY(SELECT name FROM unnest(%(names)s::text[]) AS name WHERE name = ANY (alert.rows::text[] || w.rows))
  FROM wanted w
  WHERE alert.id = w.alert_id AND (w.ended_at IS NULL AND NOT w.rows <@ alert.rows::text[] OR w.ended_at > %(at)s - w.rejoin)
),
begun AS (
  INSERT INTO slo_burnalert (objective_id, severity, rows, started_at, flaps, told)
  SELECT w.id, w.severity, w.rows, %(at)s, 0, ''
  FROM wanted w
  WHERE w.alert_id IS NULL OR w.ended_at <= %(at)s - w.rejoin
  ORDER BY w.id, w.severity
  ON CONFLICT (objective_id, severity) WHERE ended_at IS NULL DO NOTHING
),
written AS (
  -- In id order, as everybody who locks budgets does.
  INSERT INTO slo_budget AS b (
    objective_id, evaluated_at, watermark, terms_version, window_days, step_minutes, window_first, window_last,
    measured_from, measured_minutes, gates_since, remaining, reserved,
    headroom, coverage, missing, allowed, bad_in_window, total_in_window, burn, bad, total, firing, flags, level,
    level_since, state, state_since, announced_state, trust_marks, series_revision
  )
  SELECT e.id, %(at)s, to_timestamp(e.ending * 60), e.number, e.window_days, e.step, e.first, e.last,
         e.measured_from, e.measured_minutes, CASE WHEN NOT e.is_new THEN %(at)s END, e.remaining, e.reserved,
         e.headroom, e.coverage, e.missing, e.allowed / (e.unit * 1e9), e.bad[%(whole)s], e.total[%(whole)s],
         e.shown[1:%(whole)s - 1], e.bad[1:%(whole)s - 1], e.total[1:%(whole)s - 1],
         e.page || e.ticket, e.flags, e.level, %(at)s, e.state, %(at)s, '', '[]',
         (SELECT coalesce(sum(r.revision), 0) FROM slo_series r
          WHERE r.id IN (SELECT s.series_id FROM slo_countedperiod s WHERE s.objective_id = e.id))
  FROM evaluated e
  ORDER BY e.id
  ON CONFLICT (objective_id) DO UPDATE SET
    evaluated_at = EXCLUDED.evaluated_at, watermark = EXCLUDED.watermark, terms_version = EXCLUDED.terms_version,
    window_days = EXCLUDED.window_days, step_minutes = EXCLUDED.step_minutes, window_first = EXCLUDED.window_first, window_last = EXCLUDED.window_last,
    measured_from = EXCLUDED.measured_from, measured_minutes = EXCLUDED.measured_minutes,
    gates_since = coalesce(b.gates_since, EXCLUDED.gates_since),
    remaining = EXCLUDED.remaining, reserved = EXCLUDED.reserved, headroom = EXCLUDED.headroom,
    coverage = EXCLUDED.coverage, missing = EXCLUDED.missing, allowed = EXCLUDED.allowed,
    bad_in_window = EXCLUDED.bad_in_window, total_in_window = EXCLUDED.total_in_window, burn = EXCLUDED.burn,
    bad = EXCLUDED.bad, total = EXCLUDED.total, firing = EXCLUDED.firing, flags = EXCLUDED.flags,
    level = EXCLUDED.level,
    level_since = CASE WHEN b.level = EXCLUDED.level THEN b.level_since ELSE EXCLUDED.level_since END,
    state = EXCLUDED.state,
    state_since = CASE WHEN b.state = EXCLUDED.state THEN b.state_since ELSE EXCLUDED.state_since END,
    series_revision = EXCLUDED.series_revision
  RETURNING b.objective_id
)
SELECT count(*) FROM written
