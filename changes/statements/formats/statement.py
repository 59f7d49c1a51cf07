"""in-toto Statement v1 about a decision of the gate: which artifact, by which evidence, policy and votes. Pure."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from itsm.signing.dsse import Unproven

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:headroom:gate-decision:v1"
APPROVED = "approved"


def subject(digest: str, *, name: str) -> dict[str, Any]:
    """What a statement is about: `digest` as "sha256:...". One without an algorithm is named so, as SHA-256."""
    algorithm, _, value = digest.rpartition(":")
    return {"name": name, "digest": {(algorithm or "sha256").lower(): value.lower()}}


def statement(about: Mapping[str, Any], predicate: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: the same on every machine for the same decision."""
    whole = {"_type": STATEMENT, "subject": [about], "predicateType": PREDICATE, "predicate": predicate}
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read(payload: bytes) -> dict[str, Any]:
    """A statement of ours. Raises Unproven for anything else that was signed."""
    try:
        document = json.loads(payload)
        shape = (document["_type"], document["predicateType"], isinstance(document["predicate"], dict))
        digests = [dict(one["digest"]) for one in document["subject"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Unproven("What was signed is no statement about a decision.") from error
    if shape != (STATEMENT, PREDICATE, True) or len(digests) != 1:
        raise Unproven("What was signed is another kind of statement.")
    return document  # type: ignore[no-any-return]


def require_for(document: Mapping[str, Any], digest: str, *, at: datetime) -> None:
    """The statement lets this very artifact go at this instant. Raises Unproven for another one, where the answer was
    no, and where its time is over and nobody used it meanwhile: whoever kept it would have it for ever.
    """
    wanted = subject(digest, name="")["digest"]
    if document["subject"][0]["digest"] != wanted:
        raise Unproven("The statement is about another artifact.")
    status = document["predicate"].get("status")
    if status != APPROVED:
        raise Unproven(f"The statement does not let it go: it says {status}.")
    used, until = document["predicate"].get("usedAt"), document["predicate"].get("expiresAt")
    if used is None and not _is_before(at, until):
        raise Unproven(f"The statement lets it go no more: it was good until {until}, and nobody had used it.")


def _is_before(at: datetime, until: Any) -> bool:
    try:
        return at < datetime.fromisoformat(until)
    except (TypeError, ValueError):  # none, or none that we would write
        return False
