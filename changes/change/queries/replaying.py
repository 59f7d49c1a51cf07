"""A stored decision, decided again from its own evidence and policy: what is not as it was."""

from collections.abc import Iterator

from changes.change.models import Decision
from changes.gate.canonical import from_json, sha256_of, to_json
from changes.gate.decide import decide
from changes.gate.evidence import Evidence
from changes.policies import queries as policy_queries


def differences(decision: Decision) -> Iterator[str]:
    """What is not as it was; nothing for a decision that stands."""
    try:
        ruled = policy_queries.parsed(decision.policy_id)
    except ValueError as error:  # its content is not what its hash says, or no policy any more
        yield f"policy ({error})"
        return
    try:
        again = decide(from_json(Evidence, decision.evidence), ruled)
    except (ValueError, ArithmeticError, LookupError, TypeError) as error:  # evidence that no longer means anything
        yield f"evidence ({type(error).__name__})"
        return
    said = to_json(again)
    pairs = {
        "verdict": (decision.verdict, said),
        "verdict hash": (decision.verdict_hash, sha256_of(said)),
        "evidence hash": (decision.evidence_hash, again.evidence_hash),
        "outcome": (decision.outcome, again.outcome.value),
    }
    yield from (name for name, (stored, replayed) in pairs.items() if stored != replayed)
