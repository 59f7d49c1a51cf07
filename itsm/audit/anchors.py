"""The heads of the chains, signed and laid outside the database: a chain that is rewritten as a whole agrees with
itself, and no longer with them.

An anchor is one line: a DSSE envelope around canonical JSON (number, instant, the head of each chain, how many links
there are, the hash of the line before). Lines lie in a file a day, `audit-anchors-2026-11-30.ndjson`; a folder of such
files is all that an auditor needs beside the database and the published key.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, transaction

from itsm.audit.chains import CHAINS
from itsm.audit.models import Anchor
from itsm.audit.verifying import Finding, Since
from itsm.locks import AdvisoryLock, one_at_a_time
from itsm.signing import dsse, keys

KIND = "application/vnd.headroom.audit-anchor+json"
GENESIS = "0" * 64
_NAME = "audit-anchors-{:%Y-%m-%d}.ndjson"
_CHUNK = 20_000
_LAST = """
SELECT c, l.seq, encode(l.hash, 'hex') FROM generate_series(0, %s) AS c
JOIN LATERAL (SELECT seq, hash FROM audit_link WHERE chain = c ORDER BY seq DESC LIMIT 1) AS l ON true ORDER BY c
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What an anchor says, and the line that it was read from. `heads`: chain -> (position, hash)."""

    number: int
    at: datetime
    heads: Mapping[int, tuple[int, str]]
    previous: str
    digest: str
    unproven: str = ""


def make(at: datetime) -> Anchor:
    """Note the last link of each chain as it stands committed. Returns the row, whose line is not outside yet."""
    with transaction.atomic(), connection.cursor() as cursor:
        one_at_a_time(AdvisoryLock.AUDIT_ANCHOR)
        last = Anchor.objects.order_by("-number").first()
        cursor.execute(_LAST, [CHAINS - 1])
        heads = {str(chain): [seq, hash_] for chain, seq, hash_ in cursor.fetchall()}
        said = {
            "number": (last.number if last else 0) + 1,
            "at": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "heads": heads,
            "links": sum(seq for seq, _hash in heads.values()),
            "previous": last.digest if last else GENESIS,
        }
        line = json.dumps(_sealed(said), sort_keys=True, separators=(",", ":"))
        return Anchor.objects.create(number=said["number"], at=at, line=line, digest=_digest(line))


def _sealed(said: Mapping[str, Any]) -> dict[str, Any]:
    payload = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    if keys.is_available():
        return dsse.sealed(payload, keys.private_key(), KIND)
    return dsse.unsigned(payload, KIND)


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


def write(folder: Path, rows: Iterable[Anchor]) -> None:
    """Append the lines to the files of their days, and wait until the disk has them. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for row in rows:
        with (folder / _NAME.format(row.at.astimezone(UTC))).open("a", encoding="utf-8") as file:
            file.write(row.line + "\n")
            file.flush()
            os.fsync(file.fileno())


def read(folder: Path, since: date | None = None) -> list[Said]:
    """Every anchor in a folder (`since`: of that day and later), by number. A line that is there twice counts once; one
    that is none says so itself."""
    known = {dsse.key_id(key): key for key in keys.public_keys()}
    oldest = _NAME.format(since) if since is not None else ""
    files = sorted(file for file in folder.glob("*.ndjson") if file.name >= oldest)
    lines = {line for file in files for line in file.read_text(encoding="utf-8").splitlines()}
    return sorted((understood(line, known) for line in lines if line.strip()), key=lambda one: one.number)


def understood(line: str, known: Mapping[str, Ed25519PublicKey]) -> Said:
    """What a line says; `unproven` says why nobody has to believe it. Where no key is known, none is asked for."""
    try:
        payload = dsse.opened(line.encode(), known, KIND) if known else dsse.payload_of(line.encode())
        said, why = json.loads(payload), ""
    except ValueError as error:
        said, why = {}, str(error)
    try:
        heads = {int(chain): (int(seq), str(hash_)) for chain, (seq, hash_) in said["heads"].items()}
        at = datetime.fromisoformat(said["at"])
        return Said(int(said["number"]), at, heads, str(said["previous"]), _digest(line), why)
    except (KeyError, TypeError, ValueError, AttributeError):
        return Said(0, datetime.now(UTC), {}, "", _digest(line), why or "It holds no heads.")


def check(anchors: Sequence[Said]) -> list[Finding]:
    """What of the chains is not as it was anchored, and what is wrong with the anchors themselves."""
    findings = [
        Finding("anchor signature", detail=f"number {one.number}, {one.unproven}") for one in anchors if one.unproven
    ]
    proven = [one for one in anchors if not one.unproven]
    for before, after in pairwise(proven):
        if after.number != before.number + 1 or after.previous != before.digest:
            findings.append(Finding("anchor missing", detail=f"number {after.number} after {before.number}"))
    return findings + _differing(proven)


def _differing(anchors: Sequence[Said]) -> list[Finding]:
    """For each chain the first anchored position that holds another link, or none."""
    pairs = {(chain, seq, hash_): one for one in reversed(anchors) for chain, (seq, hash_) in one.heads.items()}
    wanted = sorted(pairs)
    wrong: dict[int, tuple[int, str, bool]] = {}
    right: dict[int, int] = {}
    for start in range(0, len(wanted), _CHUNK):
        for chain, seq, hash_, is_there, is_same in _found(wanted[start : start + _CHUNK]):
            if is_same:
                right[chain] = max(seq, right.get(chain, 0)) if chain not in wrong else right.get(chain, 0)
            elif chain not in wrong:
                wrong[chain] = (seq, hash_, is_there)
    return [
        Finding(
            "anchor" if is_there else "anchor cut", chain, right.get(chain, 0) + 1,
            detail=f"positions {right.get(chain, 0) + 1} to {seq}, anchor {pairs[chain, seq, hash_].number}"
            f" of {pairs[chain, seq, hash_].at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        )
        for chain, (seq, hash_, is_there) in sorted(wrong.items())
    ]  # fmt: skip


_ASK = """
SELECT w.chain, w.seq, w.hash, l.hash IS NOT NULL, coalesce(encode(l.hash, 'hex') = w.hash, false)
FROM unnest(%s::smallint[], %s::bigint[], %s::text[]) AS w(chain, seq, hash)
LEFT JOIN audit_link l ON l.chain = w.chain AND l.seq = w.seq
ORDER BY 1, 2
"""


def _found(wanted: Sequence[tuple[int, int, str]]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_ASK, [list(column) for column in zip(*wanted, strict=True)])
        return list(cursor.fetchall())


def since(anchors: Sequence[Said], at: datetime) -> Since:
    """Where the newest proven anchor up to an instant stood; the beginning where there is none."""
    before = [one for one in anchors if not one.unproven and one.at <= at]
    if not before or not before[-1].heads:  # none, or made before anything had happened
        return Since()
    with connection.cursor() as cursor:
        chains, seqs = zip(*((chain, seq) for chain, (seq, _) in before[-1].heads.items()), strict=True)
        cursor.execute(
            "SELECT coalesce(max(entry_id), 0) FROM audit_link"
            " JOIN unnest(%s::smallint[], %s::bigint[]) AS w(chain, seq) USING (chain, seq)",
            [list(chains), list(seqs)],
        )
        return Since(before[-1].heads, int(cursor.fetchone()[0]))
