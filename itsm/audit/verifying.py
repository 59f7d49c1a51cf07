"""Whether the history is what was written: the chain is walked, and every entry held against its newest link.

What is wrong is named by chain and position. A chain that was rewritten as a whole agrees with itself: that is found by
the anchors, which lie outside (`itsm.audit.anchors`).
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, connections

from itsm.audit.chains import CHAINS

SLICE = 100_000  # links or entries that one statement looks at: about half a second of a core
MOST_JOBS = 8
MOST = 1_000  # findings of one statement that are named
BEHIND_AT_MOST = 64  # links by which a head is behind after a long transaction
BEHIND = 10_000  # entries of a check since a checkpoint that may have been numbered earlier and written later


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What is wrong, where: `chain` and `seq` of the link, `entry` the id of the entry; None where there is none."""

    what: str
    chain: int | None = None
    seq: int | None = None
    entry: int | None = None
    detail: str = ""

    def __str__(self) -> str:
        where = "" if self.chain is None else f"chain {self.chain}, position {self.seq}: "
        which = "" if self.entry is None else f"entry {self.entry} "
        return f"{where}{which}{WORDS[self.what]}{self.detail and ': ' + self.detail}"


WORDS = {
    "gap": "the link before it is missing",
    "broken": "it does not follow from the link before it",
    "link edited": "the link is not what its hash says",
    "head": "the head of the chain is no link of it",
    "cut": "links that the head knows of are gone",
    "no entry": "is gone",
    "no link": "was written beside the chain",
    "edited": "is not what was written",
    "no salt": "cannot be proven: its salt is gone, and nothing was taken from it since",
    "mask": "was changed, and no erasure or rule of retention that is on record did it",
    "checkpoint": "it is another link than the one that was checked before",
    "anchor": "it is another link than the one that was anchored outside",
    "anchor cut": "it was anchored outside and is gone",
    "anchor signature": "the anchor is not signed by this desk",
    "anchor missing": "the anchor does not follow from the one before it",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check saw: `heads` chain -> (position, hash), `links` and `entries` that it read, `newest` entry's id."""

    findings: list[Finding]
    heads: Mapping[int, tuple[int, str]]
    links: int
    entries: int
    newest: int

    @property
    def is_proven(self) -> bool:
        return not self.findings


@dataclass(frozen=True, slots=True)
class Since:
    """A check that found nothing wrong, from which the next one goes on."""

    heads: Mapping[int, tuple[int, str]] = field(default_factory=dict)
    newest: int = 0


Told = Callable[[int, int], None]

# What may change an entry, by the word of its links: an SQL condition of `l` (the link) and `e` (its entry).
_explained: dict[str, str] = {}


def explains(because: str, condition: str) -> None:
    """Say when a link `because` of this is right. Called once per word, at start."""
    _explained[because] = condition


_WALK = """
SELECT seq, entry_id, CASE WHEN before IS DISTINCT FROM seq - 1 THEN 'gap' WHEN previous <> hash_before THEN 'broken'
                           ELSE 'link edited' END
FROM (
  SELECT l.*, lag(seq, 1, {first}) OVER w AS before, lag(hash, 1, {genesis}) OVER w AS hash_before
  FROM audit_link l WHERE chain = %(chain)s AND seq >= %(after)s AND seq <= %(until)s WINDOW w AS (ORDER BY seq)
) AS l
WHERE seq > %(after)s AND (
  before IS DISTINCT FROM seq - 1 OR previous <> hash_before
  OR hash <> audit_link_hash(previous, content, chain, seq, entry_id, revision, because, because_id, form)
)
ORDER BY seq LIMIT %(most)s
"""
_HEADS = """
SELECT c, h.seq, l.seq, encode(l.hash, 'hex'), l.entry_id, h.hash IS NOT DISTINCT FROM at.hash
FROM generate_series(0, %s) AS c
LEFT JOIN audit_head h ON h.chain = c
LEFT JOIN audit_link at ON at.chain = c AND at.seq = h.seq
LEFT JOIN LATERAL (SELECT seq, hash, entry_id FROM audit_link WHERE chain = c ORDER BY seq DESC LIMIT 1) l ON true
"""
_CONTENT = """
SELECT * FROM (
  SELECT l.chain, l.seq, coalesce(l.entry_id, e.id), CASE
    WHEN l.entry_id IS NULL THEN 'no link'
    WHEN e.id IS NULL THEN 'no entry'
    WHEN l.salt IS NULL THEN CASE WHEN NOT EXISTS (
      SELECT FROM audit_link n WHERE n.entry_id = l.entry_id AND n.revision = l.revision + 1) THEN 'no salt' END
    WHEN l.content IS DISTINCT FROM audit_content(e, l.salt, l.form) THEN 'edited'
    END AS what
  FROM (SELECT * FROM audit_link WHERE {links}) AS l
  FULL JOIN (SELECT * FROM audit_entry WHERE {entries}) AS e ON e.id = l.entry_id
) AS found WHERE what IS NOT NULL LIMIT %(most)s
"""
_EXPLAINED = """
SELECT l.chain, l.seq, l.entry_id, 'mask' FROM audit_link l JOIN audit_entry e ON e.id = l.entry_id
WHERE l.revision > 0 AND {links} AND NOT ({explained} OR false) LIMIT %(most)s
"""

_NEW = "chain = %(chain)s AND seq > %(start)s"
_OF_NEW = "id IN (SELECT entry_id FROM audit_link WHERE chain = %(chain)s AND seq > %(start)s)"


def verify(
    since: Since | None = None, *, jobs: int | None = None, told: Callable[[int, int], None] | None = None
) -> Checked:
    """Read everything, or what came `since`, with `jobs` connections at once (1: this one, in its transaction).

    Without a word: as many as there are cores for all of it; one for what came since, and in a transaction, whose rows
    no other connection sees. Nearly all of it is hashing in the database, a core for each connection.
    `told(done, of)` hears of each statement that was answered.
    """
    known = since or Since()
    if jobs is None:
        jobs = 1 if since or connection.in_atomic_block else cores()
    heads, findings = _heads(known)
    tasks: list[Callable[[], list[Finding]]] = []
    for chain, (last, _hash) in heads.items():
        start = known.heads.get(chain, (0, ""))[0]
        tasks += [_walks(chain, after, min(after + SLICE, last)) for after in range(start, last, SLICE)]
    newest = _newest()
    tasks += _contents(known, newest, heads) if since else _whole(newest)
    for done, found in enumerate(_done(tasks, jobs), 1):
        findings += found
        if told is not None:
            told(done, len(tasks))
    return Checked(
        sorted(set(findings), key=_place),
        heads,
        sum(seq - known.heads.get(chain, (0, ""))[0] for chain, (seq, _) in heads.items()),
        newest - known.newest,
        newest,
    )


def cores() -> int:
    """How many connections look at once, where all of it is checked."""
    return min(len(os.sched_getaffinity(0)), MOST_JOBS)


def _place(one: Finding) -> tuple[int, int, int, str]:
    return (-1 if one.chain is None else one.chain, one.seq or 0, one.entry or 0, one.what)


def _heads(known: Since) -> tuple[dict[int, tuple[int, str]], list[Finding]]:
    """The last link of each chain, and what is wrong with heads and with where the last check ended."""
    heads, findings = {}, []
    with connection.cursor() as cursor:
        cursor.execute(_HEADS, [CHAINS - 1])
        for chain, seq, last, last_hash, entry, agrees in cursor.fetchall():
            if last is not None:
                heads[chain] = (last, last_hash)
            if seq is not None and (last or 0) < seq:
                findings.append(Finding("cut", chain, (last or 0) + 1, None, f"the head is at {seq}"))
            elif not agrees or (last or 0) - (seq or 0) > BEHIND_AT_MOST:
                findings.append(Finding("head", chain, last, entry))
        for chain, (seq, hash_) in known.heads.items():
            cursor.execute("SELECT encode(hash, 'hex') FROM audit_link WHERE chain = %s AND seq = %s", [chain, seq])
            row = cursor.fetchone()
            if row is None or row[0] != hash_:
                findings.append(Finding("checkpoint", chain, seq))
    return heads, findings


def _newest() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest((SELECT max(id) FROM audit_entry), (SELECT max(entry_id) FROM audit_link))")
        return int(cursor.fetchone()[0] or 0)


def _walks(chain: int, after: int, until: int) -> Callable[[], list[Finding]]:
    # Only a chain's first link has nothing before it; of a later slice the one before is read with it.
    first, genesis = ("0", f"decode('{'00' * 32}', 'hex')") if after == 0 else ("NULL", "NULL")
    statement = _WALK.format(first=first, genesis=genesis)

    def look() -> list[Finding]:
        given = {"chain": chain, "after": after, "until": until, "most": MOST}
        return [Finding(what, chain, seq, entry) for seq, entry, what in _asked(statement, given)]

    return look


def _whole(newest: int) -> Iterator[Callable[[], list[Finding]]]:
    for low in range(0, newest + 1, SLICE):
        given = {"low": low, "high": low + SLICE}
        yield _compares("entry_id >= %(low)s AND entry_id < %(high)s", "id >= %(low)s AND id < %(high)s", given)


def _contents(known: Since, newest: int, heads: Mapping[int, tuple[int, str]]) -> Iterator[Callable[[], list[Finding]]]:
    """New links with their entries; and entries that were written beside the chain since."""
    for chain, (last, _hash) in heads.items():
        start = known.heads.get(chain, (0, ""))[0]
        if last > start:
            yield _compares(_NEW, _OF_NEW, {"chain": chain, "start": start})
    unlinked = "id > %(low)s AND NOT EXISTS (SELECT FROM audit_link n WHERE n.entry_id = audit_entry.id)"
    yield _compares("false", unlinked, {"low": max(known.newest - BEHIND, 0)})


def _compares(links: str, entries: str, given: Mapping[str, Any]) -> Callable[[], list[Finding]]:
    content = _CONTENT.format(links=links, entries=entries)
    known = " OR ".join(f"l.because = '{word}' AND {rule}" for word, rule in sorted(_explained.items()))
    explained = _EXPLAINED.format(links=links, explained=known or "false")

    def look() -> list[Finding]:
        rows = [*_asked(content, {**given, "most": MOST}), *_asked(explained, {**given, "most": MOST})]
        return [Finding(what, chain, seq, entry) for chain, seq, entry, what in rows]

    return look


def _asked(statement: str, given: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())


def _done(tasks: Iterable[Callable[[], list[Finding]]], jobs: int) -> Iterator[list[Finding]]:
    if jobs == 1:
        yield from (task() for task in tasks)
        return
    with ThreadPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(lambda task: task(), tasks)
        finally:  # also where whoever hears of it has enough: then what has not begun is not asked
            for _ in range(jobs):
                pool.submit(connections.close_all)
