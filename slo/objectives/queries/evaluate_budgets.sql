-- Every asked budget at one instant, evaluated: the shared beginning of what is kept and what is only asked.
-- Minutes count from 1970; windows are half-open. Counts are in the unit of the method, `allowed` is
-- counts x budget ratio in billionths; all arithmetic is exact, in 30 decimals where it must divide.
chosen AS (
  -- Each objective with the terms in force at the instant; how slices count is as it is today.
  SELECT o.id, o.method, o.missing_slices, o.alert_rows, o.gates_from, v.number, v.window_days, v.budget_basis,
         v.calendar_unit, v.calendar_count, v.calendar_start, v.calendar_zone,
         (%(units)s::bigint[])[place] AS unit, (%(min_bad)s::int[])[place] AS min_bad,
         (%(min_allowed)s::int[])[place] AS min_allowed
  FROM slo_objective o
  CROSS JOIN LATERAL array_position(%(methods)s::text[], o.method::text) AS place
  CROSS JOIN LATERAL (
    SELECT * FROM slo_objectiveversion v WHERE v.objective_id = o.id AND v.from_minute <= %(minute)s
    ORDER BY v.number DESC LIMIT 1
  ) v
  WHERE o.retired_at IS NULL AND {which}
),
components AS (
  -- The watermark of a component is the end of its newest closed minute that has a sample.
  SELECT c.id, component.component, component.error_budget_ppb, component.step_minutes, newest.ending, newest.measured * component.step_minutes AS measured
  FROM chosen c
  CROSS JOIN LATERAL (
    SELECT DISTINCT s.component, s.series_id, s.error_budget_ppb, s.step_minutes
    FROM {counted_periods} s WHERE s.objective_id = c.id AND s.number = c.number
  ) component
  LEFT JOIN LATERAL slo_newest(component.series_id, %(minute)s) newest ON true
),
asked AS (
  -- What is evaluated over several indicators is known as far as the slowest of them.
  SELECT l.id, bool_or(l.ending IS NULL) AS silent, max(l.step_minutes) AS step,
         min(coalesce(l.measured, 0)) AS measured_minutes,
         CASE WHEN bool_or(l.ending IS NULL) THEN %(minute)s ELSE min(l.ending) END AS ending
  FROM components l
  GROUP BY l.id
),
framed AS (
  SELECT a.*, c.gates_from, c.number, c.unit, c.min_bad, c.min_allowed, c.missing_slices, c.alert_rows, c.window_days,
         c.calendar_unit <> '' AS by_calendar,
         c.calendar_unit <> '' AND c.budget_basis = %(full_window)s AS whole_period,
         c.method = %(occurrences)s AS by_events,
         coalesce(p.first, a.ending - c.window_days * 1440) AS first,
         coalesce(p.last, a.ending) AS last,
         coalesce(p.last - p.first, c.window_days * 1440) AS width
  FROM asked a
  JOIN chosen c ON c.id = a.id
  LEFT JOIN LATERAL (
    SELECT period.* FROM slo_period(
      a.ending, c.calendar_unit::text, c.calendar_count::int, nullif(c.calendar_start, '')::timestamp,
      nullif(c.calendar_zone, '')::text
    ) period
    WHERE c.calendar_unit <> ''  -- in here: a condition of the join would be asked when the period is known
  ) p ON true
),
counted_periods AS (
  -- Each minute counts by the target of its own time, excluded ones not at all; the calm hour looks further back.
  SELECT f.id, f.ending, f.first, f.last, f.width, f.by_calendar, f.whole_period, f.by_events, f.unit,
         s.component, s.series_id, s.weight_ppm, s.error_budget_ppb, s.step_minutes, s.from_minute, s.until_minute,
         CASE WHEN s.number = f.number THEN s.error_budget_ppb END AS budget_now,
         -- Nothing is missing of a series that never began.
         CASE WHEN r.began_minute IS NULL THEN 'excluded' ELSE f.missing_slices::text END AS missing_slices,
         coalesce(r.began_minute, f.ending) AS began, r.began_minute
  FROM framed f
  JOIN {counted_periods} s ON s.objective_id = f.id
  JOIN slo_series r ON r.id = s.series_id
  WHERE s.from_minute < f.ending AND s.until_minute > f.ending - f.width - %(hysteresis_minutes)s
     -- A component of today is there even where nothing of its window counts.
     OR s.number = f.number AND s.is_last
),
beginnings AS (
  SELECT s.id, min(s.began_minute) AS measured_from FROM counted_periods s GROUP BY s.id
),
ends AS (
  -- What was counted up to now. A calendar period also asks what as many minutes as it has in all brought until now.
  SELECT s.*, newest.minute, now.bad, now.total, now.valid, now.due,
         now.total - past.total AS past_total, now.valid - past.valid AS past_valid
  FROM counted_periods s
  CROSS JOIN LATERAL (
    SELECT greatest(s.from_minute, least(s.until_minute, s.ending)) AS minute,
           greatest(s.from_minute, least(s.until_minute, s.ending - s.width)) AS before
  ) newest
  CROSS JOIN LATERAL slo_counted(
    s.series_id, newest.minute, s.began, s.step_minutes::int, s.missing_slices::text, s.unit
  ) now
  LEFT JOIN LATERAL slo_counted(
    CASE WHEN s.whole_period AND s.by_events THEN s.series_id END, newest.before, s.began, s.step_minutes::int,
    s.missing_slices::text, s.unit
  ) past ON true
),
component_windows AS (
  -- What lies between an edge and now: the burn windows' beginnings, and the whole window's. What failed weighs as much
  -- as the terms of its own time said (`weighed`), just as it is held against their target.
  -- In the order that the steps after this one need as well, so that one sort serves all.
  SELECT s.id, edge.place, s.component, max(s.unit) AS unit, max(s.budget_now) AS budget_now, max(s.step_minutes) AS step,
         bool_or(s.by_events) AS by_events, bool_or(s.whole_period) AS whole_period, max(s.last - s.ending) AS ahead,
         sum(s.bad - p.bad) AS bad, sum(s.total - p.total) AS total,
         sum((s.bad - p.bad) * s.weight_ppm::numeric) AS weighed,
         sum((s.total - p.total) * s.error_budget_ppb::numeric) AS allowed,
         -- What follows is asked of the whole window only.
         sum((s.valid - p.valid) * s.step_minutes) FILTER (WHERE edge.place = %(whole)s) AS valid,
         sum((s.due - p.due) * s.step_minutes) FILTER (WHERE edge.place = %(whole)s) AS due,
         sum(s.minute - clipped.minute) FILTER (WHERE edge.place = %(whole)s) AS minutes,
         sum(s.past_total) FILTER (WHERE edge.place = %(whole)s) AS past_total,
         sum(s.past_valid * s.step_minutes) FILTER (WHERE edge.place = %(whole)s) AS past_valid
  FROM ends s
  CROSS JOIN LATERAL unnest(%(widths)s::bigint[] || (s.ending - s.first)) WITH ORDINALITY AS edge (back, place)
  CROSS JOIN LATERAL (
    SELECT greatest(s.from_minute, least(s.until_minute, s.ending - edge.back)) AS minute
  ) clipped
  CROSS JOIN LATERAL slo_counted(
    s.series_id, clipped.minute, s.began, s.step_minutes::int, s.missing_slices::text, s.unit
  ) p
  GROUP BY s.id, edge.place, s.component
),
component_budgets AS (
  -- What one window allows. A calendar period's budget counts what is still to come: its slices are known,
  -- its events are expected as the last so many minutes brought them. A component that the terms of today have no more
  -- counts for its own time, and nothing is to come.
  SELECT w.*, w.allowed + CASE
           WHEN w.place <> %(whole)s OR NOT w.whole_period OR w.ahead = 0 OR w.budget_now IS NULL THEN 0
           WHEN NOT w.by_events THEN w.budget_now * w.unit * w.ahead::numeric / w.step
           WHEN w.past_valid > 0 THEN w.budget_now * (w.past_total * w.ahead)::numeric(90, 30) / w.past_valid
           ELSE 0 END AS granted
  FROM component_windows w
),
burning AS (
  SELECT b.id, b.place, sum(b.bad) AS bad, sum(b.total) AS total, max(b.bad) AS most_bad, max(b.allowed) AS most_allowed,
         sum(CASE WHEN b.allowed > 0 THEN (1000.0 * b.weighed)::numeric(90, 30) / b.allowed ELSE 0 END)
           AS burn,
         sum(CASE WHEN b.granted > 0 THEN (1000.0 * b.weighed)::numeric(90, 30) / b.granted ELSE 0 END)
           FILTER (WHERE b.place = %(whole)s) AS spent,
         sum(b.granted) FILTER (WHERE b.place = %(whole)s) AS granted,
         max(b.granted) FILTER (WHERE b.place = %(whole)s) AS most_granted,
         max(b.due - b.valid) FILTER (WHERE b.place = %(whole)s) AS missing,
         min(b.valid) FILTER (WHERE b.place = %(whole)s AND b.minutes > 0) AS valid,
         min(least(1, round(b.valid::numeric / b.minutes, 9))) FILTER (WHERE b.place = %(whole)s AND b.minutes > 0)
           AS coverage,
         array_agg(b.component) FILTER (WHERE b.place = %(whole)s AND b.whole_period) AS components,
         array_agg(b.granted) FILTER (WHERE b.place = %(whole)s AND b.whole_period) AS granted_by_component
  FROM component_budgets b
  GROUP BY b.id, b.place
),
measured AS (
  SELECT b.id,
         array_agg(b.bad ORDER BY b.place) AS bad,
         array_agg(b.total ORDER BY b.place) AS total,
         array_agg(b.most_bad ORDER BY b.place) AS most_bad,
         array_agg(b.most_allowed ORDER BY b.place) AS most_allowed,
         array_agg(b.burn ORDER BY b.place) AS burn,
         array_agg(ceil(b.burn * 1e9) * 1e-9 ORDER BY b.place) AS shown,
         ceil(max(b.spent) * 1e9) * 1e-9 AS spent,
         max(b.granted) AS allowed, max(b.most_granted) AS most_granted, max(b.valid) AS valid,
         max(b.missing) AS missing,
         max(b.coverage) AS coverage, max(b.components) AS components, max(b.granted_by_component) AS granted_by_component
  FROM burning b
  GROUP BY b.id
),
held AS (
  -- What is open now is found by its own index; a past instant also asks for what was given back since.
  SELECT open.id, sum(open.ratio) AS reserved
  FROM (
    SELECT objective_id AS id, ratio FROM slo_reservation
    WHERE released_at IS NULL AND held_at <= %(at)s AND expires_at > %(at)s
    UNION ALL
    SELECT objective_id, ratio FROM slo_reservation
    WHERE NOT %(remembering)s AND released_at > %(at)s AND held_at <= %(at)s AND expires_at > %(at)s
  ) open
  GROUP BY open.id
),
unanswered AS MATERIALIZED (
  -- Minutes of a series that its source was asked for and has not answered: from the first to the last of them.
  SELECT m.series_id, min(o.first_minute) AS first, max(o.end_minute) AS last
  FROM slo_owedpiece o JOIN slo_seriesmember m ON m.indicator_id = o.indicator_id
  WHERE o.failed
  GROUP BY m.series_id
),
owed AS (
  SELECT DISTINCT s.id FROM counted_periods s JOIN unanswered u ON u.series_id = s.series_id
  WHERE u.first < least(s.until_minute, s.ending) AND u.last > greatest(s.from_minute, s.first)
),
drafted AS (
  -- Ranks count from 0, the kindest level; the rank falls at once. A row fires when both its windows burn above
  -- its factor, and more than a single failure says so.
  SELECT f.*, m.bad, m.total, m.shown, m.spent, m.allowed, m.most_granted, m.components, m.granted_by_component,
         greatest(m.missing, 0) AS missing,
         coalesce(firing.page, '{{}}') AS page, coalesce(firing.ticket, '{{}}') AS ticket,
         -- What people chose to hear of steers alerts; how fast it burns is a fact.
         coalesce(firing.burns_fast, false) AS burns_fast, coalesce(firing.burns_slowly, false) AS burns_slowly,
         coalesce(h.reserved, 0) AS reserved,
         1 - m.spent AS remaining,
         1 - m.spent - coalesce(h.reserved, 0) AS headroom,
         m.valid,
         -- Where corrections leave nothing of what has passed, nothing is known; of a fresh period nothing has passed.
         coalesce(m.coverage, CASE WHEN f.ending > f.first THEN 0 ELSE 1 END) AS coverage,
         array_position(%(levels)s::text[], b.level::text) - 1 AS rank_before,
         beginnings.measured_from, b.gates_since,
         -- Who decides once is never new again: what fell silent then is no_data.
         b.gates_since IS NULL AND CASE WHEN f.gates_from IS NULL THEN f.measured_minutes < %(first_minutes)s
                                        ELSE f.gates_from > %(at)s END AS is_new
  FROM framed f
  JOIN measured m ON m.id = f.id
  LEFT JOIN beginnings ON beginnings.id = f.id
  LEFT JOIN held h ON h.id = f.id
  LEFT JOIN slo_budget b ON b.objective_id = f.id AND %(remembering)s
  CROSS JOIN LATERAL (
    SELECT array_agg(r.name ORDER BY r.place) FILTER (WHERE r.severity = %(page)s AND r.chosen) AS page,
           array_agg(r.name ORDER BY r.place) FILTER (WHERE r.severity = %(ticket)s AND r.chosen) AS ticket,
           bool_or(r.severity = %(page)s) AS burns_fast, bool_or(r.severity = %(ticket)s) AS burns_slowly
    FROM (SELECT *, f.alert_rows IS NULL OR name = ANY (f.alert_rows) AS chosen FROM ROWS FROM (
      unnest(%(severities)s::text[]), unnest(%(names)s::text[]), unnest(%(longs)s::int[]), unnest(%(shorts)s::int[]),
      unnest(%(long_minutes)s::int[]), unnest(%(spent_percents)s::int[])
    ) WITH ORDINALITY AS rows (severity, name, long, short, long_minutes, spent_percent, place)) r,
    LATERAL (
      SELECT greatest(r.spent_percent * f.width, 100 * r.long_minutes)::numeric AS up,
             (100 * r.long_minutes)::numeric AS down
    ) factor
    WHERE m.burn[r.long] * factor.down > factor.up
      AND m.burn[r.short] * factor.down > factor.up
      AND (m.most_allowed[r.long] * factor.up >= f.unit * 1e9 * factor.down
           OR m.most_bad[r.long] >= f.min_bad * f.unit)
  ) firing
),
ranked AS (
  SELECT d.*,
         (SELECT count(*) FROM unnest(%(limits)s::numeric[]) AS above (mark) WHERE d.headroom <= mark)::int AS rank_now,
         (SELECT count(*) FROM unnest(%(limits)s::numeric[]) AS above (mark)
          WHERE d.headroom <= mark + %(hysteresis_margin)s)::int AS rank_with_margin
  FROM drafted d
),
looked AS (
  -- Who might rise is looked at over the last hour, as the data stand now; a new period remembers nothing.
  SELECT s.id, s.component, back, sum((upper.bad - lower.bad) * s.weight_ppm::numeric) AS weighed,
         sum(s.error_budget_ppb * (upper.total - lower.total)::numeric) AS allowed
  FROM ranked r
  JOIN counted_periods s ON s.id = r.id
  CROSS JOIN unnest(%(hysteresis_checkpoints)s::int[]) AS back
  CROSS JOIN LATERAL slo_counted(
    s.series_id, greatest(s.from_minute, least(s.until_minute, s.ending - back)), s.began, s.step_minutes::int,
    s.missing_slices::text, s.unit
  ) upper
  CROSS JOIN LATERAL slo_counted(
    s.series_id,
    greatest(s.from_minute, least(
      s.until_minute, CASE WHEN s.by_calendar THEN s.first ELSE s.ending - back - s.width END
    )),
    s.began, s.step_minutes::int, s.missing_slices::text, s.unit
  ) lower
  WHERE r.rank_with_margin < r.rank_before AND (NOT s.by_calendar OR s.ending - back >= s.first)
  GROUP BY s.id, s.component, back
),
calm AS (
  SELECT look.id, max(look.burn) AS worst
  FROM (
    SELECT l.id, l.back, sum(
             CASE WHEN allowed.counts > 0
                  THEN (1000.0 * l.weighed)::numeric(90, 30) / allowed.counts ELSE 0 END
           ) AS burn
    FROM looked l
    JOIN ranked r ON r.id = l.id
    CROSS JOIN LATERAL (
      SELECT CASE WHEN r.whole_period THEN r.granted_by_component[array_position(r.components, l.component)] ELSE l.allowed END AS counts
    ) allowed
    GROUP BY l.id, l.back
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
             WHERE 1 - c.worst - r.reserved <= mark + %(hysteresis_margin)s
           )::int)
         END AS rank
  FROM ranked r
  LEFT JOIN calm c ON c.id = r.id
),
flagged AS MATERIALIZED (
  -- Once for each: the state below looks at the flags again and again.
  SELECT l.*, (%(levels)s::text[])[l.rank + 1] AS level,
         array_remove(ARRAY[
           CASE WHEN l.burns_fast THEN %(burning_fast)s END,
           CASE WHEN l.burns_slowly THEN %(burning_slow)s END,
           CASE WHEN l.is_new THEN %(not_yet_measured)s END,
           -- "No data" is for what fell silent: where nothing was ever measured there is nothing to miss yet.
           CASE WHEN l.silent AND NOT l.is_new OR NOT l.silent AND %(at)s - to_timestamp(l.ending * 60)
                                 > %(stale_after)s + (l.step - 1) * interval '1 minute' THEN %(no_data)s END,
           -- Nothing is certain about a window with a piece that nobody has answered.
           CASE WHEN NOT l.is_new AND (l.coverage < %(enough_coverage)s OR EXISTS (SELECT FROM owed WHERE owed.id = l.id)
                                       OR l.most_granted < l.min_allowed * l.unit * 1e9)
                THEN %(low_confidence)s END,
           CASE WHEN l.total[%(whole)s] = 0 AND l.valid > 0 THEN %(no_traffic)s END
         ]::text[], NULL) AS flags
  FROM leveled l
),
evaluated AS (
  SELECT f.*,
         CASE WHEN %(burning_fast)s = ANY (f.flags) THEN %(state_burning_fast)s
              WHEN %(not_yet_measured)s = ANY (f.flags) THEN %(state_not_yet_measured)s
              WHEN %(no_data)s = ANY (f.flags) THEN %(state_no_data)s
              WHEN %(low_confidence)s = ANY (f.flags) THEN %(state_low_confidence)s
              WHEN %(burning_slow)s = ANY (f.flags) THEN (%(levels)s::text[])[greatest(f.rank, 1) + 1]
              ELSE f.level END AS state
  FROM flagged f
)
