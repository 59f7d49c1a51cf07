"""The gate's answer about a change, as it stands now: for `ask_gate` and `why`."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from changes.change.agent_tools.case import Case
from changes.change.agent_tools.shapes import GateAnswer
from changes.change.agent_tools.steps import clock
from changes.change.agent_tools.telling import MOST_NEXT, next_of, told
from changes.change.models import Change, Evaluation
from changes.change.queries.verdicts import of_decision
from changes.gate.canonical import from_json
from changes.gate.evidence import Evidence
from changes.policies import queries as policies
from itsm.agents.acting import Call
from itsm.notifications.web_addresses import our_address

_LIVE = (Evaluation.Status.PENDING, Evaluation.Status.REJECTED)


def case_of(call: Call, change: Change, evaluation: Evaluation) -> Case | None:
    """What was decided about it last; None where it never was."""
    decision = evaluation.decision
    if decision is None:
        return None
    return Case(
        service=change.service,
        environment=change.environment,
        said=of_decision(decision),
        evidence=from_json(Evidence, decision.evidence),
        policy=policies.parsed(decision.policy_id),
        at=decision.decided_at,
        eyes=call.eyes,
        asked={},
        change=change,
    )


def answer_about(call: Call, change: Change, evaluation: Evaluation | None) -> GateAnswer:
    """Small: the deciding reasons, the nearest ways, and what to do next."""
    return GateAnswer(**members(call, change, evaluation))


def members(
    call: Call, change: Change, evaluation: Evaluation | None, *, most_next: int = MOST_NEXT, **room: int
) -> dict[str, Any]:
    """The members of the answer. `room`: how many reasons and ways are told."""
    page = our_address(change.get_absolute_url())
    if evaluation is None:
        ask = _("The gate was not asked yet: ask_gate(change=%(change)s).") % {"change": change.reference}
        return {"change": change.reference, "status": "draft", "page": page, "allowed": False, "outcome": None,
                "next": [ask]}  # fmt: skip
    case = case_of(call, change, evaluation)
    said = told(case, **room) if case is not None else {"outcome": None}
    if evaluation.status not in _LIVE:  # what would have helped then helps nobody now
        said |= {"ways": [], "decides": None, "dead_end": False, "not_before": None}
    allowed = is_good(evaluation, call.at)
    return {
        **said,
        "change": change.reference,
        "status": evaluation.status,
        "page": page,
        "allowed": allowed,
        "decided_by": evaluation.decided_by,
        "asked_at": evaluation.asked_at,
        "expires_at": evaluation.expires_at,
        "used_at": evaluation.used_at,
        "next": _next(case, change, evaluation, said, allowed=allowed, most=most_next),
    }


def is_good(evaluation: Evaluation, at: datetime) -> bool:
    """Whether a deployment may start on this answer now."""
    unused = evaluation.status == Evaluation.Status.APPROVED and evaluation.used_at is None
    return unused and evaluation.held is None and evaluation.expires_at is not None and at < evaluation.expires_at


def _next(
    case: Case | None, change: Change, evaluation: Evaluation, said: dict[str, Any], *, allowed: bool, most: int
) -> list[str]:
    words = {
        "change": change.reference,
        "until": clock(evaluation.expires_at) if evaluation.expires_at else "",
        "digest": change.artifact_digest or "…",
    }
    if allowed:
        start = _(
            "Before you deploy, and before %(until)s: report_result(change=%(change)s, status=started, "
            "artifact_digest=%(digest)s). It is looked at again then."
        )
        end = _("Deploy, then report_result(change=%(change)s, status=succeeded), or failed, or rolled_back.")
        window = _("It may start from %(at)s on.") % {"at": clock(change.window_start)} if change.window_start else ""
        return [one for one in (window, start % words, end % words) if one]
    if evaluation.used_at is not None:
        used = _("This answer was used by a deployment. Say how it went: report_result(change=%(change)s, status=…).")
        return [used % words, _("For another deployment ask again, as a new change.")]
    if evaluation.held is not None:
        held = _("It was approved, and what decides has become worse since: the approvers were asked again.")
        return [held, _("Read why(change=%(change)s) once they have answered.") % words]
    if case is not None and evaluation.status in _LIVE:
        return next_of(case, said["ways"], most)
    return [_("This answer has ended. Ask again: ask_gate(change=%(change)s).") % words]
