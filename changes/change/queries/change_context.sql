-- What surrounds one proposal, in one statement: the calendar, changes in the way, major_or_p1 incidents, the
-- history of its kind, words about its artifact, who stands behind its accounts, what they hold of the budgets,
-- whether they measure anything, whether capacity is measured of what it touches, whether its service is in shadow,
-- the software agents among its accounts, and what these and their people's teams may draw of the service's headroom.
-- Each part is a JSON array of rows; exact figures are text.
-- What stands between "[window" and "window]" is left out for a proposal without one, and so for items and implementer:
-- it would find nothing, and to make ready what is never executed takes the database as long as all that is.
WITH RECURSIVE people AS (
  -- The natural persons with an interest: of a program its owner, of a merged account who goes on.
  SELECT DISTINCT person AS id FROM accounts_persons(%(interested)s)
),
accounts AS (
  -- And every account that counts as one of them.
  SELECT id FROM accounts_counting_as(ARRAY(SELECT id FROM people))
),
theirs AS (
  -- And every program that once was theirs: its word goes on being theirs.
  SELECT id FROM accounts
  UNION
  SELECT u.id FROM accounts_user u
  WHERE u.former_owners <> '{}' AND u.former_owners && ARRAY(SELECT id FROM accounts)
),
near AS (
  -- Windows with a time that meets the proposal's, those that changes have to happen in, and those of which nobody
  -- knows yet when they are: what recurs is written down for a while only. Their scope is looked at once.
  SELECT o.window_id AS id FROM changes_calendaroccurrence o
  WHERE o.period && tstzrange(%(ends_after)s, %(starts_before)s)
  UNION
  SELECT w.id FROM changes_calendarwindow w
  WHERE w.demanded AND (w.lifted_at IS NULL OR w.lifted_by_id IN (SELECT id FROM accounts)) AND {to_come}
  UNION
  SELECT w.id FROM changes_calendarwindow w
  WHERE w.lifted_at IS NULL AND w.rrule <> '' AND w.known_until < %(starts_before)s
),
{upstream},
windows AS MATERIALIZED (
  SELECT w.id, w.window_type, w.name, w.rrule, w.starts_at, w.ends_at, w.known_until, w.demanded,
    w.created_by_id, w.lifted_at, w.lifted_by_id, w.change_kinds
  FROM near JOIN changes_calendarwindow w ON w.id = near.id WHERE {in_scope}
),
entries AS (
  SELECT w.window_type, w.name, lower(o.period) AS starts_at, upper(o.period) AS ends_at, w.id,
    nullif(w.change_kinds, '{}') AS change_kinds
  FROM windows w JOIN changes_calendaroccurrence o ON o.window_id = w.id
  WHERE o.period && tstzrange(%(ends_after)s, %(starts_before)s) AND w.lifted_at IS NULL
  UNION ALL
  SELECT 'not_foreseen', w.name, w.known_until, %(starts_before)s, w.id, NULL
  FROM windows w WHERE w.lifted_at IS NULL AND w.known_until < %(starts_before)s
),
lifted AS (
  -- What one of these people lifted and would hold it yet: closures in its scope, maintenance it had to happen in.
  SELECT w.id, w.name FROM windows w
  WHERE w.lifted_by_id IN (SELECT id FROM accounts) AND (w.window_type <> 'maintenance' OR w.demanded)
),
left_out AS (
  -- Maintenance that it has to happen in and leaves: it lies within no time of any of them. One that these people
  -- entered themselves is no way out of what somebody else demands.
  SELECT w.id, w.name FROM windows w
  WHERE w.demanded AND w.lifted_at IS NULL AND {to_come} AND NOT EXISTS (
    SELECT FROM windows d JOIN changes_calendaroccurrence o ON o.window_id = d.id
    WHERE d.demanded AND d.lifted_at IS NULL AND o.period @> tstzrange(%(window_starts)s, %(starts_before)s)
      AND (
        d.created_by_id IS NULL OR d.created_by_id NOT IN (SELECT id FROM accounts)
        OR w.created_by_id IN (SELECT id FROM accounts)
      )
  )
),
touched AS (
  -- The items that it names, as they live on now; and those that were merged into them: other changes name these.
  SELECT coalesce(merged_into_id, id) AS id FROM catalog_ci WHERE id = ANY (%(items)s)
  UNION
  SELECT c.id FROM catalog_ci c
  WHERE c.merged_into_id IN (SELECT coalesce(merged_into_id, id) FROM catalog_ci WHERE id = ANY (%(items)s))
),
neighbours AS (
  SELECT a.provider_id AS on_id FROM catalog_arrow a JOIN catalog_service p ON p.id = a.provider_id
  WHERE a.consumer_id = %(service)s AND a.strength = 'hard'
),
under_way AS (
  -- Three ways to be in the way, each with its index.
  SELECT c.id FROM changes_change c
  WHERE c.status IN ('scheduled', 'running')
    AND c.service_id = ANY (%(services)s || ARRAY(SELECT on_id FROM neighbours))
  -- [implementer
  UNION
  SELECT c.id FROM changes_change c
  WHERE c.status IN ('scheduled', 'running') AND c.implementer_id = %(implementer)s
  -- implementer]
  -- [items
  UNION
  SELECT c.id FROM changes_change c
  WHERE c.status IN ('scheduled', 'running')
    AND NOT (c.items = '{}') AND c.items && ARRAY(SELECT id FROM touched)
  -- items]
),
others AS (
  -- What meets the proposal in time: what runs goes on for a while, what is scheduled has its window, or until it ends.
  SELECT c.id, c.status, c.environment, c.service_id, c.implementer_id, c.window_start, c.window_end, c.items
  FROM under_way JOIN changes_change c ON c.id = under_way.id
  WHERE CASE c.status WHEN 'running' THEN greatest(c.window_end, %(at)s::timestamptz) + %(runs_for)s
        ELSE coalesce(c.window_end, c.authorised_until) END > %(starts)s
    AND (c.status = 'running' OR c.window_start IS NULL OR c.window_start < %(ends)s)
  -- [window
  UNION
  -- What still waits meets it only where both have said when.
  SELECT c.id, c.status, c.environment, c.service_id, c.implementer_id, c.window_start, c.window_end, c.items
  FROM changes_change c
  WHERE c.status IN ('assessing', 'authorising') AND NOT (c.status IN ('closed', 'cancelled'))
    AND c.service_id = ANY (%(services)s || ARRAY(SELECT on_id FROM neighbours))
    AND c.environment = %(environment)s AND c.window_start < %(ends)s AND c.window_end > %(starts)s
  -- [items
  UNION
  -- An item is one thing, whatever environment it serves.
  SELECT c.id, c.status, c.environment, c.service_id, c.implementer_id, c.window_start, c.window_end, c.items
  FROM changes_change c
  WHERE c.status IN ('assessing', 'authorising') AND c.window_start < %(ends)s AND c.window_end > %(starts)s
    AND NOT (c.items = '{}') AND c.items && ARRAY(SELECT id FROM touched)
  -- items]
  -- window]
  UNION
  SELECT c.id, c.status, c.environment, c.service_id, c.implementer_id, c.window_start, c.window_end, c.items
  FROM changes_change c
  WHERE c.service_id = %(service)s AND c.environment = %(environment)s AND c.outcome_code = 'unsuccessful'
    AND c.finished_at > %(failed_since)s
  -- [window
  UNION
  -- One of its kind that failed within 90 days in the same maintenance that recurs.
  SELECT c.id, c.status, c.environment, c.service_id, c.implementer_id, c.window_start, c.window_end, c.items
  FROM changes_change c
  WHERE c.service_id = %(service)s AND c.environment = %(environment)s
    AND c.outcome_code = 'unsuccessful' AND c.model_id IS NOT DISTINCT FROM %(model)s
    AND c.finished_at > %(failed_here_since)s AND EXISTS (
      SELECT FROM windows w
      JOIN changes_calendaroccurrence now_ ON now_.window_id = w.id
      JOIN changes_calendaroccurrence then_ ON then_.window_id = w.id
      WHERE w.window_type = 'maintenance' AND w.rrule <> ''
        AND now_.period && tstzrange(%(starts)s, %(ends)s)
        AND then_.period && tstzrange(least(c.started_at, c.finished_at), c.finished_at, '[]')
    )
  -- window]
),
in_the_way AS (
  SELECT * FROM others WHERE id <> %(change)s ORDER BY id DESC LIMIT %(most_conflicts)s
),
major_or_p1 AS (
  SELECT i.id, i.priority, i.major, i.source_key IS NOT NULL AS alert, i.confirmed_by_id, s.slug, t.confidential
  FROM incidents_incident i
  JOIN accounts_team t ON t.id = i.team_id
  LEFT JOIN catalog_service s ON s.id = i.service_id
  WHERE i.service_id = ANY (%(services)s) AND i.status = ANY (%(open)s) AND (i.major OR i.priority = 1)
  ORDER BY i.id LIMIT 50
),
said AS (
  -- The newest word of each account that may be believed: people, and whom somebody named for this subject. A kind
  -- word counts while its author is named, a strict one also when they were named as they said it.
  SELECT DISTINCT ON (a.about, a.by_id) a.id, a.about, a.passed, a.failed, a.source, a.by_id, a.at
  FROM changes_attestation a JOIN accounts_user u ON u.id = a.by_id
  WHERE a.artifact_digest = %(digest)s AND a.service_id = %(service)s AND a.at > %(said_since)s
    AND a.withdraws_id IS NULL
    AND NOT EXISTS (SELECT FROM changes_attestation w WHERE w.withdraws_id = a.id AND w.by_id = a.by_id)
    AND a.by_id NOT IN (SELECT id FROM theirs)
    AND u.account_type <> 'agent' -- it vouches for nothing
    AND (
      u.account_type = 'human' OR EXISTS (
        SELECT FROM changes_attestor t
        WHERE t.service_id = %(service)s AND t.about = a.about AND t.account_id = a.by_id
          AND (t.dismissed_at IS NULL OR a.failed > 0 AND a.at >= t.named_at AND a.at < t.dismissed_at)
      )
    )
  ORDER BY a.about, a.by_id, a.id DESC
),
words AS (
  -- The strictest of them, for each subject: a kinder one by somebody else does not erase it.
  SELECT DISTINCT ON (about) * FROM said ORDER BY about, failed DESC, passed, id DESC
),
held AS (
  SELECT r.objective_id, sum(r.ratio)::text AS ratio
  FROM slo_reservation r JOIN slo_objective o ON o.id = r.objective_id
  WHERE o.service_id = %(service)s AND o.environment = %(environment)s
    AND r.released_at IS NULL AND r.expires_at > %(at)s AND r.person_id IN (SELECT id FROM accounts)
  GROUP BY r.objective_id
),
allowed AS (
  -- The same as `changes.allowances.queries.binding`.
  SELECT a.id, a.agent_id, coalesce('agent:' || u.username, 'team:' || t.slug) AS holder, a.share, a.left,
    a.given_by_id IN (SELECT id FROM accounts) AS by_interested
  FROM changes_allowance a
  LEFT JOIN accounts_user u ON u.id = a.agent_id
  LEFT JOIN accounts_team t ON t.id = a.team_id
  WHERE a.service_id = %(service)s AND a.ended_at IS NULL AND (
    a.agent_id = ANY (%(interested)s)
    OR a.team_id IN (SELECT m.team_id FROM accounts_membership m WHERE m.user_id IN (SELECT id FROM people))
  )
),
drawn AS (
  -- What changes in flight hold of each budget and drew on one of these.
  SELECT a.id, o.slug, sum(r.ratio)::text AS ratio
  FROM allowed a
  JOIN slo_objective o ON o.service_id = %(service)s AND o.environment = %(environment)s
  JOIN slo_reservation r ON r.objective_id = o.id AND r.released_at IS NULL AND r.expires_at > %(at)s
  WHERE EXISTS (
    SELECT FROM changes_allowanceentry e WHERE e.change_reference = r.holder AND e.allowance_id = a.id AND e.what = 'drawn'
  )
  GROUP BY a.id, o.slug
)
SELECT
  (SELECT json_agg(json_build_array(window_type, name, starts_at, ends_at, change_kinds) ORDER BY starts_at, id) FROM entries),
  (SELECT json_agg(
     json_build_array(
       id, status, environment, service_id, implementer_id,
       false
       -- [items
       OR items && ARRAY(SELECT id FROM touched)
       -- items]
       , window_start, window_end
     ) ORDER BY id DESC
   ) FROM in_the_way),
  (SELECT json_agg(json_build_array(id, slug, priority, major, alert, confirmed_by_id, confidential) ORDER BY id) FROM major_or_p1),
  (SELECT json_build_array(runs, weighted_runs::text, weighted_failures::text, recent, as_of)
   FROM changes_history
   WHERE service_id = %(service)s AND model_id IS NOT DISTINCT FROM %(model)s
     AND environment = %(environment)s),
  (SELECT json_agg(json_build_array(about, passed, failed, source, by_id, at)) FROM words),
  (SELECT array_agg(on_id) FROM neighbours),
  (SELECT array_agg(id ORDER BY id) FROM accounts),
  (SELECT json_object_agg(objective_id, ratio) FROM held),
  EXISTS (SELECT FROM slo_measurer WHERE account_id IN (SELECT id FROM theirs)),
  (SELECT json_agg(name ORDER BY id) FROM lifted),
  (SELECT json_agg(name ORDER BY id) FROM left_out),
  EXISTS (SELECT FROM catalog_measure WHERE ci_id = ANY (
    %(run_on)s || ARRAY(SELECT id FROM catalog_ci WHERE merged_into_id = ANY (%(run_on)s))
  )),
  coalesce((SELECT is_production FROM catalog_environment WHERE name = %(environment)s), true),
  -- What must hold and does not, and since when nobody has looked whether it does.
  (SELECT array_agg(invariant ORDER BY id) FROM invariants_violation WHERE closes_gate AND cleared_at IS NULL),
  (SELECT looked_at FROM invariants_auditor WHERE looked_at < %(audited_since)s),
  EXISTS (
    SELECT FROM changes_gateshadow
    WHERE service_id = %(service)s AND ended_at IS NULL AND began_at <= %(at)s AND until > %(at)s
  ),
  (SELECT json_agg(json_build_array(id, username) ORDER BY username) FROM accounts_user
   WHERE id = ANY (%(interested)s) AND account_type = 'agent'),
  (SELECT json_agg(
     json_build_array(
       a.id, a.agent_id, a.holder, a.share::text, a.left::text, a.by_interested,
       (SELECT json_object_agg(d.slug, d.ratio) FROM drawn d WHERE d.id = a.id)
     ) ORDER BY a.holder
   ) FROM allowed a)
