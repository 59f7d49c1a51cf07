"""What goes out: an evaluation and its verdict as the contract has them."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from changes.change.models import Change, Decision, Evaluation
from changes.change.queries.at_stake import AtStake
from changes.change.queries.headlines import cell
from changes.change.queries.overrides import override_of
from changes.change.queries.since import held_because
from changes.change.queries.turns import place_of
from changes.change.queries.verdicts import Explained, of_decision, ratio_text
from changes.gate.canonical import to_json
from itsm.api.fields import Instant
from itsm.notifications.web_addresses import our_address

POLL_SECONDS = 15
LONGEST_POLL_SECONDS = 300
_instant = Instant().to_representation


def evaluation_shape(evaluation: Evaluation) -> dict[str, Any]:
    """The body of 201, 202 and GET. `allowed` is true only for what is approved, unexpired and unused."""
    change, decision = evaluation.change, evaluation.decision
    if decision is None:  # never judged: nothing is known, so nothing is allowed
        return {"id": str(evaluation.pk), "status": "error", "allowed": False, "outcome": "", "reasons": []}
    said, now = of_decision(decision), timezone.now()
    stands = evaluation.stands(now)
    return {
        "id": str(evaluation.pk),
        "status": stands,
        "allowed": evaluation.is_good(now),
        "outcome": evaluation.outcome,
        "change_class": said.verdict.change_class,
        "risk": said.verdict.risk.value,
        **verdict_shape(said),
        "reach": _reach(decision),
        "capacity": _capacity(decision),
        "allowances": _allowances(decision),
        "reserved": {slug: ratio_text(ratio) for slug, ratio in sorted(said.verdict.reserved.items())}
        if stands == Evaluation.Status.APPROVED
        else {},
        **({"not_before": _instant(evaluation.not_before)} if evaluation.not_before else {}),
        "queue": place._asdict() if (place := place_of(evaluation, said)) else None,
        "decided_by": evaluation.decided_by or None,
        "override": _override(evaluation),
        "ended_because": evaluation.why_ended(now) or _spent(evaluation),
        "held_because": held_because(evaluation, now),
        "asked_at": _instant(evaluation.asked_at),
        "expires_at": _instant(evaluation.expires_at) if evaluation.expires_at else None,
        "used_at": _instant(evaluation.used_at) if evaluation.used_at else None,
        "change": change_link(change),
        "policy_version": decision.policy.reference,
        "evidence_hash": decision.evidence_hash,
        "enforced": said.verdict.enforced,
    }


def _override(evaluation: Evaluation) -> dict[str, Any] | None:
    """Whose word it goes by; None for every other answer."""
    found = override_of(evaluation)
    if found is None:
        return None
    return {
        "asked_by": found.asked_by.username,
        "seconded_by": found.seconded_by.username,
        "reason": found.reason,
        "number": found.number,
        "at": _instant(found.at),
        "review_due_at": _instant(found.review_due_at),
    }


def _reach(decision: Decision) -> list[dict[str, Any]]:
    """The services that it reaches through others, in the order of the evidence."""
    reach = decision.evidence["reach"].get("value") or {"reached": []}
    return [{"service": one["slug"], "state": one["state"], "path": one.get("path") or []} for one in reach["reached"]]


def _capacity(decision: Decision) -> list[dict[str, Any]]:
    """What is forecast of what it touches, in the order of the evidence."""
    forecasts = ((decision.evidence.get("capacity") or {}).get("value") or {"forecasts": []})["forecasts"]
    names = ("item", "measure", "soonest", "likely", "latest", "measured_until", "too_little")
    return [{name: one[name] for name in names} for one in forecasts]


def _allowances(decision: Decision) -> list[dict[str, Any]]:
    """In the order of the evidence."""
    held = ((decision.evidence.get("allowances") or {}).get("value") or {"holders": []})["holders"]
    return [{name: one[name] for name in ("holder", "share", "left")} for one in held]


def _spent(evaluation: Evaluation) -> str | None:
    """Why an approved answer allows nothing any more, in words: a start used it."""
    if evaluation.used_at is None:
        return None
    return _("A start of %(change)s used this answer; ask again for another start.") % {
        "change": evaluation.change.reference
    }


def verdict_shape(said: Explained) -> dict[str, Any]:
    """Reasons, what would help, conditions and who decides; the deciding reason first."""
    authority = said.authority
    return {
        "answer": said.answer,
        "because": cell(said),
        "reasons": [
            {
                "code": one.reason.code,
                "sentence": one.sentence,
                "slo": one.reason.values.get("objective", ""),
                "observed": one.reason.observed,
                "limit": one.reason.limit,
                "margin": one.reason.margin,
                "source": one.reason.source,
                "age_seconds": one.reason.age_seconds,
                "asks_for": one.reason.outcome.value if one.reason.outcome else None,
            }
            for one in said.reasons
        ],
        "what_would_help": [
            {"code": one.code, "sentence": one.sentence, "outcome": one.outcome} for one in said.what_would_help
        ],
        "conditions": list(said.conditions),
        "authority": None
        if authority is None
        else {"who": authority.role, "before": to_json(authority.before or ()), "team": authority.team or None,
              "quorum": authority.quorum, "due_at": _instant(authority.due_at)},
    }  # fmt: skip


def poll_after(evaluation: Evaluation, now: datetime) -> int:
    """Seconds: people may answer any moment; what is postponed is not judged before its instant."""
    if evaluation.not_before is None:
        return POLL_SECONDS
    return max(POLL_SECONDS, min(LONGEST_POLL_SECONDS, int((evaluation.not_before - now).total_seconds())))


def change_link(change: Change) -> dict[str, str]:
    return {
        "number": change.reference,
        "url": our_address(f"/api/v1/changes/{change.reference}/"),
        "page": our_address(change.get_absolute_url()),
    }


def probe_shape(explained_verdict: Explained, *, in_shadow: bool) -> dict[str, Any]:
    """The read-only probe: what the gate would say now. Nothing is promised or kept."""
    verdict = explained_verdict.verdict
    return {
        "allowed": in_shadow or verdict.outcome.value in {"approved", "exception"},
        "enforced": verdict.enforced,
        "outcome": verdict.outcome.value,
        "status": verdict.status.value,
        "change_class": verdict.change_class,
        "risk": verdict.risk.value,
        "decided_at": _instant(verdict.decided_at),
        "not_before": _instant(verdict.not_before) if verdict.not_before else None,
        "policy_version": f"{verdict.policy_slug} v{verdict.policy_version}",
        "evidence_hash": verdict.evidence_hash,
        "budgets": [
            {
                "slo": budget.objective,
                "state": budget.column.value,
                "remaining": None if budget.remaining is None else ratio_text(budget.remaining),
                "headroom": None if budget.headroom is None else ratio_text(budget.headroom),
            }
            for budget in verdict.budgets
        ],
        **verdict_shape(explained_verdict),
    }


def voided_shape(lost: AtStake | None) -> dict[str, Any] | None:
    """What an edit took away; None where nothing."""
    if lost is None:
        return None
    return {
        "evaluation": str(lost.evaluation),
        "status": lost.status,
        "good_until": _instant(lost.good_until) if lost.good_until else None,
        "approved_by": list(lost.approved_by),
        "reserved": dict(lost.reserved),
        "queue": lost.place._asdict() if lost.place else None,
        "sentences": lost.said(),
    }
