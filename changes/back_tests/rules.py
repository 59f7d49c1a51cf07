"""The rules of a back-test, pure: what evidence may be judged, and which quadrant a change falls in.

Promise: nothing that came to be known after a decision is looked at by the draft; later facts say how it went, and
nothing else.
"""

import json
import re
from datetime import datetime
from typing import Any

from changes.back_tests.vocabulary import Quadrant, Refusal
from changes.gate.canonical import from_json, sha256_of
from changes.gate.decide import answer
from changes.gate.evidence import Evidence
from changes.gate.policy import Policy
from changes.gate.vocabulary import WITHOUT_PEOPLE, Outcome

# Evidence says of these that they had been when it was gathered. What it says of the time to come (windows, closures,
# forecasts, when a budget recovers) was known then.
PAST = ("observed_at", "watermark", "certified_at", "made_at", "measured_until", "finished_at", "watch_ended_at",
        "better_since", "since", "unaudited_since")  # fmt: skip
_INSTANTS = re.compile(rf'"(?:{"|".join(PAST)})":\s*"([^"\\]+)"')
PEOPLE = frozenset({Outcome.PEER, Outcome.CAB})


def is_newer(text: str, at: datetime) -> bool:
    """Whether evidence (JSON as text) names something that was seen after `at`. Raises nothing: what is no instant is
    nothing that was seen."""
    return any(_is_after(found, at) for found in set(_INSTANTS.findall(text)))


def _is_after(written: str, at: datetime) -> bool:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return False  # the reader of evidence refuses it
    return found.tzinfo is not None and found > at


def evidence_of(text: str, at: datetime, evidence_hash: str, policy_hash: str) -> Evidence | Refusal:
    """The evidence that a decision was made from at `at`, or why it is not judged."""
    if is_newer(text, at):
        return Refusal.FUTURE
    try:
        plain: Any = json.loads(text)
        if sha256_of({"evidence": plain, "policy": policy_hash}) != evidence_hash:
            return Refusal.ALTERED
        evidence = from_json(Evidence, plain)
    except (ValueError, ArithmeticError, LookupError, TypeError):
        return Refusal.UNREADABLE
    return evidence if evidence.at == at else Refusal.ALTERED


def said_of(evidence: Evidence, policy: Policy) -> Outcome | Refusal:
    """What a policy says of evidence. What it breaks on is refused: one such case keeps no other from being judged."""
    try:
        return answer(evidence, policy)
    except (ValueError, ArithmeticError, LookupError, TypeError):
        return Refusal.UNREADABLE


def quadrant(said: Outcome, *, ran: bool, failed: bool) -> Quadrant:
    """Where a change stands; one that never ran is unknown, whatever the draft says of it."""
    if not ran:
        return Quadrant.UNKNOWN
    if said in WITHOUT_PEOPLE:
        return Quadrant.ESCAPED if failed else Quadrant.SMOOTH
    return Quadrant.STOPPED if failed else Quadrant.FRICTION
