"""The statements by which what is owed is found, claimed and marked. Written out: some are asked for each delivery."""

# Due, the first of its aggregate, of nobody who is given enough at once already.
# The first of an aggregate is looked up row by row, so that the rows are walked in their order whatever the planner
# knows of a table that grew a moment ago: as an anti-join it was quadratic then, three seconds at 3,000 rows.
_OWED = """
FROM notifications_delivery d
WHERE d.due_at <= %(at)s AND d.delivered_at IS NULL AND d.dead_at IS NULL
  AND (%(lanes)s::text[] IS NULL OR d.lane = ANY (%(lanes)s::text[]))
  AND NOT split_part(d.aggregate, ':', 1) = ANY (%(full)s::text[])
  AND d.id = (
    SELECT e.id FROM notifications_delivery e
    WHERE e.aggregate = d.aggregate AND e.delivered_at IS NULL AND e.dead_at IS NULL ORDER BY e.id LIMIT 1
  )
"""
# One lane is asked by its name: then the index has its rows in their order.
_OF_ONE = _OWED.replace("(%(lanes)s::text[] IS NULL OR d.lane = ANY (%(lanes)s::text[]))", "d.lane = %(lane)s")
_LOCKED = "SELECT d.* {owed} ORDER BY d.due_at, d.id LIMIT {most} FOR NO KEY UPDATE OF d SKIP LOCKED"
CLAIM, CLAIM_OF_ONE = (_LOCKED.format(owed=owed, most=1) for owed in (_OWED, _OF_ONE))
MORE = _LOCKED.format(
    owed=f"{_OF_ONE} AND split_part(d.aggregate, ':', 1) = %(owner)s AND d.id <> %(first)s", most="%(most)s"
)
OWE = """
INSERT INTO notifications_delivery (channel, lane, key, aggregate, payload, created_at, due_at, attempts, last_error)
VALUES {} ON CONFLICT DO NOTHING
"""
OWED = "(%s, %s, %s, %s, %s, %s, coalesce(%s, statement_timestamp()), 0, '')"
_COUNTED = "SELECT count(*) FROM (SELECT d.id {owed} LIMIT %(most)s) AS owed"
COUNT, COUNT_OF_ONE = (_COUNTED.format(owed=owed) for owed in (_OWED, _OF_ONE))
BEGIN = """
WITH begun AS (
  UPDATE notifications_delivery SET attempts = least(attempts + 1, %(most)s), due_at = %(until)s
  WHERE id = ANY (%(ids)s) RETURNING id, attempts
)
INSERT INTO notifications_attempt (delivery_id, number, begun_at, said)
SELECT id, attempts, clock_timestamp(), '' FROM begun RETURNING delivery_id, id
"""
GIVE_BACK = """
WITH unmade AS (DELETE FROM notifications_attempt WHERE id = ANY (%(attempts)s))
UPDATE notifications_delivery d SET attempts = d.attempts - 1, due_at = was.due_at
FROM unnest(%(ids)s::bigint[], %(due)s::timestamptz[]) AS was (id, due_at)
WHERE d.id = was.id AND d.delivered_at IS NULL AND d.dead_at IS NULL
"""
# What waits behind something that was put off is due no earlier. Else every look would step over all of it.
LET_WAIT = """
UPDATE notifications_delivery d SET due_at = h.due_at
FROM notifications_delivery h
WHERE d.lane = %(lane)s AND d.due_at <= %(at)s AND d.delivered_at IS NULL AND d.dead_at IS NULL AND d.attempts = 0
  AND h.id = (
    SELECT e.id FROM notifications_delivery e
    WHERE e.aggregate = d.aggregate AND e.delivered_at IS NULL AND e.dead_at IS NULL ORDER BY e.id LIMIT 1
  )
  AND h.id < d.id AND h.due_at > %(at)s AND h.last_error <> ''
  AND NOT EXISTS (SELECT FROM notifications_attempt a WHERE a.delivery_id = h.id AND a.ended_at IS NULL)
"""
NEED_NOT_WAIT = """
UPDATE notifications_delivery SET due_at = %(at)s
WHERE aggregate = %(aggregate)s AND delivered_at IS NULL AND dead_at IS NULL
  AND id > %(id)s AND attempts = 0 AND due_at > %(at)s
"""
DELIVERED = """
WITH marked AS (
  UPDATE notifications_delivery SET delivered_at = %(at)s
  WHERE id = %(id)s AND delivered_at IS NULL AND dead_at IS NULL
)
UPDATE notifications_attempt SET ok = true, said = %(said)s, ended_at = clock_timestamp() WHERE id = %(attempt)s
"""
