"""What is bad, by kind: a statement each that says (ci_id, key, detail) of every living item at once.

`%(ids)s`: only these items; null means all. `%(at)s`: the instant.
"""

# ruff: noqa: S608 -- put together from words of this module only
from catalog.health.vocabulary import Kind

_ITEMS = """
FROM catalog_ci c
WHERE c.merged_into_id IS NULL AND c.status <> 'retired' AND (%(ids)s::bigint[] IS NULL OR c.id = ANY (%(ids)s))
"""

# The fields of a class are its own and those of every class above it, each as one of these may have made it tighter.
_FIELDS = """
  SELECT k.id AS class_id, f.key, f.label, f.position,
    bool_or(f.required <> 'never' OR coalesce(n.required, 'never') <> 'never') AS required,
    bool_or(f.recommended OR coalesce(n.recommended, false)) AS recommended
  FROM catalog_ciclass k
  JOIN catalog_ciclass above ON above.id = ANY (k.lineage)
  JOIN fields_field f ON f.set_id = above.field_set_id AND f.retired_at IS NULL
  LEFT JOIN (fields_narrowing n JOIN catalog_ciclass own ON own.field_set_id = n.set_id)
    ON n.field_id = f.id AND own.id = ANY (k.lineage)
  GROUP BY k.id, f.id
"""
_COMPLETE = f"""
SELECT c.id, '', jsonb_build_object('fields', jsonb_agg(w.label ORDER BY w.position, w.key))
FROM (SELECT * FROM ({_FIELDS}) every WHERE required) w
JOIN (SELECT c.id, c.ci_class_id, c.attributes {_ITEMS}) c ON c.ci_class_id = w.class_id
WHERE coalesce(c.attributes -> w.key, 'null'::jsonb) IN ('null', '""', '[]')
GROUP BY c.id
"""

# Description and support team are recommended of every item; the fields are told by their labels.
_FULL = f"""
WITH empty AS (
  SELECT c.id, jsonb_agg(w.label ORDER BY w.position, w.key) AS labels
  FROM (SELECT * FROM ({_FIELDS}) every WHERE recommended AND NOT required) w
  JOIN (SELECT c.id, c.ci_class_id, c.attributes {_ITEMS}) c ON c.ci_class_id = w.class_id
  WHERE coalesce(c.attributes -> w.key, 'null'::jsonb) IN ('null', '""', '[]')
  GROUP BY c.id
)
SELECT c.id, '', jsonb_build_object('fields', to_jsonb(array_remove(ARRAY[
  CASE WHEN c.description !~ '\\S' THEN 'description' END,
  CASE WHEN c.support_team_id IS NULL THEN 'support_team' END], NULL))) || CASE WHEN empty.id IS NULL THEN '{{}}'::jsonb
  ELSE jsonb_build_object('recommended', empty.labels) END
FROM (SELECT c.id, c.description, c.support_team_id {_ITEMS}) c LEFT JOIN empty ON empty.id = c.id
WHERE c.description !~ '\\S' OR c.support_team_id IS NULL OR empty.id IS NOT NULL
"""

# What no source ever saw is kept by people; how long ago they looked is what `certified` says.
_FRESH = f"""
WITH fresh AS (
  SELECT k.id, coalesce((
    SELECT above.fresh_for FROM unnest(k.lineage) WITH ORDINALITY AS l(id, depth)
    JOIN catalog_ciclass above ON above.id = l.id WHERE above.fresh_for IS NOT NULL ORDER BY l.depth DESC LIMIT 1
  ), %(fresh_for)s) AS lasts FROM catalog_ciclass k
)
SELECT c.id, '', jsonb_build_object('seen', c.last_seen_at, 'days', extract(day FROM fresh.lasts))
FROM (SELECT c.id, c.ci_class_id, c.last_seen_at {_ITEMS} AND c.last_seen_at IS NOT NULL) c
JOIN fresh ON fresh.id = c.ci_class_id WHERE c.last_seen_at < %(at)s::timestamptz - fresh.lasts
"""

_CONTESTED = f"""
SELECT c.id, left('contested ' || i.scheme || ' ' || md5(i.value), 100),
  jsonb_build_object('scheme', i.scheme, 'value', i.value)
FROM (SELECT c.id {_ITEMS}) c JOIN catalog_identifier i ON i.ci_id = c.id AND i.contested
"""
# Names that differ in a number are of a series (web-01, web-02). Among the others, sorted by name, each is compared
# with the ten that follow it; the newer of two that are alike has the finding, so that of n alike n - 1 are bad.
_ALIKE = """
UNION ALL
SELECT id, 'alike', jsonb_build_object('item', min(other)) FROM (
  SELECT greatest(a.id, b.id) AS id, least(a.id, b.id) AS other FROM named a
  CROSS JOIN generate_series(1, 10) AS step
  JOIN named b ON b.ci_class_id = a.ci_class_id AND b.environment = a.environment AND b.numbers = a.numbers
    AND b.place = a.place + step
  WHERE a.alike > 1 AND similarity(a.name, b.name) >= %(alike)s
) pairs GROUP BY id
"""
_NAMED = """
WITH named AS MATERIALIZED (
  SELECT id, ci_class_id, environment, numbers, name, count(*) OVER same AS alike,
    row_number() OVER (same ORDER BY name, id) AS place
  FROM (
    SELECT c.id, c.ci_class_id, c.environment, lower(c.name) AS name,
      regexp_replace(c.name, '\\D+', ' ', 'g') AS numbers
    FROM catalog_ci c WHERE c.merged_into_id IS NULL AND c.status <> 'retired'
  ) c WINDOW same AS (PARTITION BY ci_class_id, environment, numbers)
)
"""
# Of a few items: those found alike before, as long as they still are. New ones are found when all are looked at.
_STILL_ALIKE = f"""
UNION ALL
SELECT c.id, f.key, f.detail FROM (SELECT c.id, c.name, c.ci_class_id, c.environment {_ITEMS}) c
JOIN catalog_finding f ON f.ci_id = c.id AND f.finding_kind = 'unique' AND f.key = 'alike' AND f.cleared_at IS NULL
JOIN catalog_ci o ON o.id = (f.detail ->> 'item')::bigint AND o.merged_into_id IS NULL AND o.status <> 'retired'
  AND o.ci_class_id = c.ci_class_id AND o.environment = c.environment
WHERE similarity(lower(c.name), lower(o.name)) >= %(alike)s
  AND regexp_replace(c.name, '\\D+', ' ', 'g') = regexp_replace(o.name, '\\D+', ' ', 'g')
"""

# Down from all services at once, or up from a few items until a service is met.
_CONNECTED = f"""
WITH RECURSIVE reached(id) AS (
  SELECT c.id FROM catalog_service s JOIN catalog_ci c ON c.id = s.id WHERE c.status <> 'retired'
  UNION SELECT a.provider_id FROM reached JOIN catalog_arrow a ON a.consumer_id = reached.id
)
SELECT c.id, '', '{{}}'::jsonb {_ITEMS} AND NOT EXISTS (SELECT FROM reached r WHERE r.id = c.id)
"""
_CONNECTED_FEW = f"""
WITH RECURSIVE above(start, id) AS (
  SELECT c.id, c.id {_ITEMS}
  UNION SELECT above.start, a.consumer_id FROM above JOIN catalog_arrow a ON a.provider_id = above.id
)
SELECT c.id, '', '{{}}'::jsonb {_ITEMS} AND NOT EXISTS (
  SELECT FROM above JOIN catalog_ci felt ON felt.id = above.id AND felt.status <> 'retired'
  JOIN catalog_service s ON s.id = above.id WHERE above.start = c.id
)
"""

_OWNED = f"""
SELECT c.id, '', jsonb_build_object('why', CASE
  WHEN c.team_id IS NULL THEN 'none'
  WHEN NOT EXISTS (SELECT FROM staffed WHERE staffed.team_id = c.team_id) THEN 'empty' ELSE 'not_ours' END)
FROM (SELECT c.id, c.team_id {_ITEMS}) c
LEFT JOIN answers ON answers.ci_id = c.id AND answers.answer = 'not_ours' AND answers.team_id = c.team_id
WHERE c.team_id IS NULL OR answers.ci_id IS NOT NULL
  OR NOT EXISTS (SELECT FROM staffed WHERE staffed.team_id = c.team_id)
"""
_STAFFED = """
staffed AS MATERIALIZED (
  SELECT DISTINCT m.team_id FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id WHERE u.is_active
)
"""
# The last line of each item in a round that is open or was closed.
_ANSWERS = """
answers AS MATERIALIZED (
  SELECT DISTINCT ON (l.ci_id) l.ci_id, l.answer, l.team_id, l.at, r.status, r.ended_at, r.id AS round
  FROM catalog_roundline l JOIN catalog_round r ON r.id = l.round_id
  WHERE r.status IN ('open', 'closed') AND (l.answer <> '' OR r.status = 'closed')
    AND (%(ids)s::bigint[] IS NULL OR l.ci_id = ANY (%(ids)s))
  ORDER BY l.ci_id, l.round_id DESC
)
"""

_CERTIFIED = f"""
WITH {_ANSWERS}
SELECT c.id, '', CASE WHEN c.unanswered THEN jsonb_build_object('round', c.round)
  ELSE jsonb_build_object('at', c.certified_at) END
FROM (
  SELECT c.id, c.certified_at, greatest(c.certified_at, c.created_at) AS known, answers.round,
    coalesce(answers.answer = '' AND coalesce(c.certified_at < answers.ended_at, true), false) AS unanswered
  FROM (SELECT c.id, c.certified_at, c.created_at {_ITEMS}) c LEFT JOIN answers ON answers.ci_id = c.id
) c
WHERE c.unanswered OR c.known < %(at)s::timestamptz - %(certified_for)s::interval
"""

_CONSISTENT = f"""
WITH {_ANSWERS}, items AS MATERIALIZED (SELECT c.id, c.last_seen_at {_ITEMS})
SELECT c.id, left('conflict ' || x.key, 100), jsonb_build_object('conflict', x.key)
FROM items c JOIN catalog_conflict x ON x.ci_id = c.id AND x.state = 'open' GROUP BY c.id, x.key
UNION ALL
SELECT c.id, 'group ' || g.id, jsonb_build_object('group', g.name, 'needs', g.needs, 'members', count(a.relation_id))
FROM items c JOIN catalog_group g ON g.consumer_id = c.id AND g.needs IS NOT NULL
LEFT JOIN catalog_arrow a ON a.group_id = g.id
GROUP BY c.id, g.id HAVING count(a.relation_id) < g.needs
UNION ALL
SELECT c.id, 'tier ' || p.id, jsonb_build_object('item', p.id)
FROM items c JOIN catalog_service s ON s.id = c.id
JOIN catalog_arrow a ON a.consumer_id = c.id AND a.strength = 'hard' AND a.group_id IS NULL
JOIN catalog_service p ON p.id = a.provider_id AND p.tier > s.tier
GROUP BY c.id, p.id
UNION ALL
SELECT c.id, 'gone', jsonb_build_object('gone', answers.at)
FROM items c JOIN answers ON answers.ci_id = c.id AND answers.answer = 'gone'
WHERE coalesce(c.last_seen_at < answers.at, true)
"""

_ACCOUNTED = f"""
SELECT c.id, '', jsonb_build_object('edits', count(*))
FROM catalog_history h LEFT JOIN catalog_explanation e ON e.history_id = h.id
JOIN (SELECT c.id {_ITEMS}) c ON c.id = h.ci_id
WHERE NOT h.accounted AND e.id IS NULL AND h.at >= %(at)s::timestamptz - %(unaccounted_for)s::interval
  AND (%(ids)s::bigint[] IS NULL OR h.ci_id = ANY (%(ids)s))
GROUP BY c.id
"""

_OWNED_WHOLE = f"WITH {_STAFFED}, {_ANSWERS} {_OWNED}"


def bad(kind: Kind, *, few: bool) -> str:
    """The statement of a kind; `few`: of some items, where another way is cheaper."""
    match kind:
        case Kind.COMPLETE:
            return _COMPLETE
        case Kind.FULL:
            return _FULL
        case Kind.FRESH:
            return _FRESH
        case Kind.UNIQUE:
            return _CONTESTED + _STILL_ALIKE if few else _NAMED + _CONTESTED + _ALIKE
        case Kind.CONNECTED:
            return _CONNECTED_FEW if few else _CONNECTED
        case Kind.OWNED:
            return _OWNED_WHOLE
        case Kind.CERTIFIED:
            return _CERTIFIED
        case Kind.CONSISTENT:
            return _CONSISTENT
        case Kind.ACCOUNTED:
            return _ACCOUNTED
