"""What open rounds ask of an item that lives on in another is asked of that one; of one that has its own life back it
is asked again."""

from django.db import connection

from catalog.health.queries.rounds import CONTENT

# An answer that was given stays with its hash: the other item's content is another, so that it is asked again.
_GO_ON = """
UPDATE catalog_roundline l SET ci_id = %(into)s, team_id = c.team_id, offered = false
FROM catalog_round r, catalog_ci c
WHERE l.ci_id = %(item)s AND r.id = l.round_id AND r.status = 'open' AND c.id = %(into)s
  AND NOT EXISTS (SELECT FROM catalog_roundline o WHERE o.round_id = l.round_id AND o.ci_id = %(into)s)
"""
# Both were asked for: one answer is enough.
_DROP = """
DELETE FROM catalog_roundline l USING catalog_round r
WHERE l.ci_id = %(item)s AND l.answer = '' AND r.id = l.round_id AND r.status = 'open'
"""
_ASK_AGAIN = f"""
INSERT INTO catalog_roundline (round_id, ci_id, team_id, hash, offered, answer)
SELECT l.round_id, c.id, c.team_id, {CONTENT}, false, ''
FROM catalog_roundline l JOIN catalog_round r ON r.id = l.round_id AND r.status = 'open'
JOIN catalog_ci c ON c.id = %(item)s
WHERE l.ci_id = %(left)s AND NOT EXISTS (
  SELECT FROM catalog_roundline o WHERE o.round_id = l.round_id AND o.ci_id = c.id
)
"""  # noqa: S608 - put together from words of this package only


def lines_go_on(item: int, into: int) -> None:
    """In the caller's transaction, which holds both items. Raises nothing."""
    with connection.cursor() as cursor:
        for statement in (_GO_ON, _DROP):
            cursor.execute(statement, {"item": item, "into": into})


def lines_come_back(item: int, left: int) -> None:
    """Rounds that ask for the item that it left ask for it too, with eyes, since nobody has seen it apart. In the
    caller's transaction. Raises nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_ASK_AGAIN, {"item": item, "left": left})
