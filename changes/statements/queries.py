"""The statement about one answer of the gate, from what was kept with its decision."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext

from changes.change.models import Change, Decision, Evaluation
from changes.statements.formats.statement import statement, subject
from itsm.approvals.queries import about
from itsm.kernel.errors import NotFound
from itsm.notifications.web_addresses import our_address
from itsm.signing import dsse, keys


def signed(evaluation: Evaluation, at: datetime) -> dict[str, Any]:
    """A DSSE envelope about how it stands at this instant, by the clock: the same bytes until that is another.

    Raises NotFound: it still waits, or nobody decided, or this desk has no key.
    """
    decision = evaluation.decision
    if evaluation.status == Evaluation.Status.PENDING or decision is None:
        raise NotFound(gettext("There is no statement yet: only what was decided is stated, and this still waits."))
    if not keys.is_available():
        raise NotFound(gettext("This desk has no key to sign with: an administrator sets HEADROOM_SIGNING_KEY."))
    judged = decision.evidence["change"]
    # What was asked about without an artifact is named by its content.
    digest = judged.get("artifact_digest") or ""
    name = f"{judged['service']}/{judged['environment']}" if digest else evaluation.change.reference
    about_it = subject(digest or f"sha256:{evaluation.content_hash}", name=name)
    return dsse.sealed(statement(about_it, _predicate(evaluation, decision, judged, at)), keys.private_key())


def _predicate(evaluation: Evaluation, decision: Decision, judged: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Of what was judged it says what the evidence kept: the change itself may have been edited since."""
    return {
        "evaluation": str(evaluation.pk),
        "issuer": our_address("/"),
        "change": evaluation.change.reference,
        "contentHash": evaluation.content_hash,
        "service": judged["service"],
        "environment": judged["environment"],
        "status": _status(evaluation, at),
        "outcome": decision.outcome,
        "decidedBy": evaluation.decided_by,
        "decidedAt": _instant(decision.decided_at),
        "expiresAt": _instant(evaluation.expires_at),
        "usedAt": _instant(evaluation.used_at),
        "evidence": {"sha256": decision.evidence_hash},
        "verdict": {"sha256": decision.verdict_hash},
        "policy": {"reference": decision.policy.reference, "sha256": decision.policy.hash},
        "votes": _votes(evaluation.change, evaluation),
        "override": _override(evaluation),
    }


def _status(evaluation: Evaluation, at: datetime) -> str:
    """As it stands; "held" where it was approved and what decides has become worse since: it lets nothing go then."""
    return "held" if evaluation.is_unused(at) and not evaluation.is_good(at) else str(evaluation.stands(at))


def _votes(change: Change, evaluation: Evaluation) -> list[dict[str, Any]]:
    """Who said what about this very content, in the order of their words."""
    asks = [one for one in about(change) if one.content_hash == evaluation.content_hash]
    answers = sorted((answer for one in asks for answer in one.answers.all()), key=lambda answer: answer.pk)
    return [
        {
            "by": answer.by.username,
            "inPlaceOf": answer.in_place_of.username if answer.in_place_of else None,
            "decision": answer.decision,
            "at": _instant(answer.at),
        }
        for answer in answers
    ]


def _override(evaluation: Evaluation) -> dict[str, Any] | None:
    override = getattr(evaluation, "override", None)
    if override is None:
        return None
    return {
        "askedBy": override.asked_by.username,
        "secondedBy": override.seconded_by.username,
        "reason": override.reason,
    }


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
