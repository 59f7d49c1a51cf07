"""Ways to falsify a history as a superuser, each at a place that is drawn: what a check must find."""

import random
from collections.abc import Callable
from typing import Any

# Entries of the history that a test wrote, by id, in the order in which they were linked.
Ids = list[int]


def _unguarded(cursor: Any, table: str, statement: str, given: list[Any] | None = None) -> None:
    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    cursor.execute(statement, given or [])
    cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def value_edited(cursor: Any, ids: Ids, draw: random.Random) -> list[int]:
    one = draw.choice(ids)
    said = """UPDATE audit_entry SET changes = jsonb_build_object('n', '[0, "9"]'::jsonb) WHERE id = %s"""
    _unguarded(cursor, "audit_entry", said, [one])
    return [one]


def actor_edited(cursor: Any, ids: Ids, draw: random.Random) -> list[int]:
    one = draw.choice(ids)
    _unguarded(cursor, "audit_entry", "UPDATE audit_entry SET actor_name = actor_name || 'x' WHERE id = %s", [one])
    return [one]


def time_edited(cursor: Any, ids: Ids, draw: random.Random) -> list[int]:
    one = draw.choice(ids)
    _unguarded(cursor, "audit_entry", "UPDATE audit_entry SET at = at - interval '1 microsecond' WHERE id = %s", [one])
    return [one]


def row_deleted(cursor: Any, ids: Ids, draw: random.Random) -> list[int]:
    one = draw.choice(ids)
    _unguarded(cursor, "audit_entry", "DELETE FROM audit_entry WHERE id = %s", [one])
    return [one]


def row_and_link_deleted(cursor: Any, ids: Ids, draw: random.Random) -> list[int]:
    """What is left says nothing of it, but that a place is empty before the next link."""
    one, after = _neighbours(cursor, ids, draw)
    _unguarded(cursor, "audit_entry", "DELETE FROM audit_entry WHERE id = %s", [one])
    _unguarded(cursor, "audit_link", "DELETE FROM audit_link WHERE entry_id = %s", [one])
    return [after]


def row_and_link_rewritten(cursor: Any, ids: Ids, draw: random.Random) -> list[int]:
    """They agree with each other; the next link still says what was there before."""
    one, after = _neighbours(cursor, ids, draw)
    _edited_with_links(cursor, one, only_its_own=True)
    return [after]


def _neighbours(cursor: Any, ids: Ids, draw: random.Random) -> tuple[int, int]:
    """Two entries whose links follow each other."""
    cursor.execute(
        "SELECT l.entry_id, n.entry_id FROM audit_link l JOIN audit_link n ON n.chain = l.chain AND n.seq = l.seq + 1"
        " WHERE l.entry_id = ANY (%s) AND n.entry_id = ANY (%s) ORDER BY l.entry_id",
        [ids, ids],
    )
    one, after = draw.choice(cursor.fetchall())
    return one, after


_COPY = """
INSERT INTO audit_entry (actor_id, actor_name, actor_kind, via, event, record_kind, record_id, reference, changes, remark, request_id, at)
SELECT actor_id, actor_name, actor_kind, via, event, record_kind, record_id, reference, changes, remark, request_id, at
FROM audit_entry WHERE id = %s RETURNING id
"""  # fmt: skip


def row_inserted(cursor: Any, ids: Ids, draw: random.Random) -> list[int]:
    cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
    cursor.execute(_COPY, [draw.choice(ids)])
    (made,) = cursor.fetchone()
    cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    return [made]


def two_swapped(cursor: Any, ids: Ids, draw: random.Random) -> list[int]:
    one, other = draw.sample(ids, 2)
    said = "UPDATE audit_entry SET id = CASE id WHEN %s THEN -1 WHEN -1 THEN %s ELSE %s END WHERE id = %s"
    cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
    for given in ([one, 0, 0, one], [0, 0, one, other], [0, other, 0, -1]):
        cursor.execute(said, given)
    cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    return [one, other]


def link_edited(cursor: Any, ids: Ids, draw: random.Random) -> list[int]:
    one, column = draw.choice(ids), draw.choice(["content", "previous", "hash"])
    said = f"UPDATE audit_link SET {column} = set_byte({column}, 7, get_byte({column}, 7) # 1) WHERE entry_id = %s"
    _unguarded(cursor, "audit_link", said, [one])
    return [one]


def tail_cut(cursor: Any, ids: Ids, draw: random.Random) -> list[int]:
    """Entries, links and heads: what is left agrees with itself."""
    gone = ids[-draw.randint(1, len(ids) // 2) :]
    _unguarded(cursor, "audit_entry", "DELETE FROM audit_entry WHERE id = ANY (%s)", [gone])
    _unguarded(cursor, "audit_link", "DELETE FROM audit_link WHERE entry_id = ANY (%s)", [gone])
    _follow(cursor)
    return []


def table_truncated(cursor: Any, ids: Ids, draw: random.Random) -> list[int]:
    for table in draw.choice((("audit_entry",), ("audit_link",), ("audit_entry", "audit_link", "audit_head"))):
        _unguarded(cursor, table, f"TRUNCATE {table}")
    return []


def trigger_off_and_written(cursor: Any, ids: Ids, draw: random.Random) -> list[int]:
    """One trigger alone, and what looks like an honest entry."""
    one = draw.choice(ids)
    cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_rows_are_kept")
    cursor.execute("UPDATE audit_entry SET event = 'user.heard', remark = 'honest' WHERE id = %s", [one])
    cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_rows_are_kept")
    return [one]


def rewritten(cursor: Any, ids: Ids, draw: random.Random) -> list[int]:
    """A row is edited, and its link and all after it are made anew: only what lies outside knows."""
    _edited_with_links(cursor, draw.choice(ids))
    _follow(cursor)
    return []


def _edited_with_links(cursor: Any, one: int, *, only_its_own: bool = False) -> None:
    _unguarded(cursor, "audit_entry", "UPDATE audit_entry SET remark = 'never said' WHERE id = %s", [one])
    cursor.execute("ALTER TABLE audit_link DISABLE TRIGGER USER")
    cursor.execute("SELECT chain, seq FROM audit_link WHERE entry_id = %s AND salt IS NOT NULL", [one])
    chain, seq = cursor.fetchone()
    cursor.execute(_ANEW.format(int(chain), int(seq), int(seq) if only_its_own else 10**12))
    cursor.execute("ALTER TABLE audit_link ENABLE TRIGGER USER")


_ANEW = """
DO $do$ DECLARE
  l audit_link; before bytea;
BEGIN
  SELECT hash INTO before FROM audit_link WHERE chain = {0} AND seq = {1} - 1;
  before := coalesce(before, decode(repeat('00', 32), 'hex'));
  FOR l IN SELECT * FROM audit_link WHERE chain = {0} AND seq BETWEEN {1} AND {2} ORDER BY seq LOOP
    IF l.salt IS NOT NULL THEN
      SELECT audit_content(e, l.salt, l.form) INTO l.content FROM audit_entry e WHERE e.id = l.entry_id;
    END IF;
    l.previous := before;
    l.hash := audit_link_hash(before, l.content, l.chain, l.seq, l.entry_id, l.revision, l.because, l.because_id, l.form);
    UPDATE audit_link SET content = l.content, previous = l.previous, hash = l.hash WHERE chain = l.chain AND seq = l.seq;
    before := l.hash;
  END LOOP;
END $do$
"""


def masked_without_erasure(cursor: Any, ids: Ids, draw: random.Random) -> list[int]:
    """By the database's own functions, as if somebody had been erased."""
    one = draw.choice(ids)
    said = "UPDATE audit_entry SET actor_name = 'erased-4711' WHERE id = %s"
    _unguarded(cursor, "audit_entry", said, [one])
    cursor.execute("SELECT audit_relink(ARRAY[%s]::bigint[], 'mask', %s)", [one, draw.randint(1, 10**6)])
    return [one]


def head_edited(cursor: Any, ids: Ids, draw: random.Random) -> list[int]:
    change = draw.choice(("seq = seq - 1", "seq = seq + 3", "hash = set_byte(hash, 1, get_byte(hash, 1) # 1)"))
    cursor.execute(f"UPDATE audit_head SET {change} WHERE chain = (SELECT chain FROM audit_link WHERE entry_id = %s LIMIT 1)", [ids[0]])  # fmt: skip
    return []


def _follow(cursor: Any) -> None:
    """Heads say what the last links are."""
    cursor.execute(
        "UPDATE audit_head h SET (seq, hash) = (SELECT seq, hash FROM audit_link l WHERE l.chain = h.chain"
        " ORDER BY seq DESC LIMIT 1) WHERE EXISTS (SELECT FROM audit_link l WHERE l.chain = h.chain)"
    )


WAYS: dict[str, tuple[Callable[[Any, Ids, random.Random], list[int]], set[str]]] = {
    "value edited": (value_edited, {"edited"}),
    "actor edited": (actor_edited, {"edited"}),
    "time edited": (time_edited, {"edited"}),
    "row deleted": (row_deleted, {"no entry"}),
    "row and link deleted": (row_and_link_deleted, {"gap"}),
    "row and link rewritten": (row_and_link_rewritten, {"broken"}),
    "row inserted": (row_inserted, {"no link"}),
    "two swapped": (two_swapped, {"edited"}),
    "link edited": (link_edited, {"link edited", "broken", "edited", "head", "anchor"}),
    "tail cut": (tail_cut, {"anchor cut"}),
    "table truncated": (table_truncated, {"no entry", "no link", "anchor cut", "cut"}),
    "trigger off": (trigger_off_and_written, {"edited"}),
    "rewritten": (rewritten, {"anchor"}),
    "mask without erasure": (masked_without_erasure, {"mask"}),
    "head edited": (head_edited, {"head", "cut"}),
}
