"""The gate's answer about a change, as it stands now: for `ask_gate` and `why`."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from changes.change.agent_tools.case import Case
from changes.change.agent_tools.making import again, clock
from changes.change.agent_tools.shapes import GateAnswer, Way
from changes.change.agent_tools.telling import MOST_NEXT, next_of, told, way_said
from changes.change.models import Change, Evaluation
from changes.change.queries.verdicts import of_decision
from changes.change.workflow import OVER
from changes.gate.canonical import from_json
from changes.gate.evidence import Evidence
from changes.policies import queries as policies
from itsm.agents.acting import Call
from itsm.notifications.web_addresses import our_address


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
    said |= _since_then(case, change, evaluation, call.at)
    stands, allowed = evaluation.stands(call.at), evaluation.is_good(call.at)
    return {
        **said,
        "change": change.reference,
        "status": stands,
        "page": page,
        "allowed": allowed,
        "decided_by": evaluation.decided_by,
        "asked_at": evaluation.asked_at,
        "expires_at": evaluation.expires_at,
        "used_at": evaluation.used_at,
        "next": _next(case, change, evaluation, said, stands=stands, allowed=allowed, most=most_next),
    }


def _since_then(case: Case | None, change: Change, evaluation: Evaluation, at: datetime) -> dict[str, Any]:
    """What of the verdict no longer holds once its answer has ended, or people have spoken."""
    live = evaluation.status == Evaluation.Status.PENDING
    if live or (evaluation.status == Evaluation.Status.REJECTED and not _declined(evaluation)):
        return {}
    said: dict[str, Any] = {"decides": None, "dead_end": False, "not_before": None}
    if case is not None and _declined(evaluation):
        return said
    asks_again = case is not None and evaluation.stands(at) != Evaluation.Status.APPROVED
    return said | {"ways": [_asked_anew(case, change, at)] if case is not None and asks_again else []}


def _declined(evaluation: Evaluation) -> bool:
    return evaluation.status == Evaluation.Status.REJECTED and evaluation.decided_by == Evaluation.DecidedBy.PERSON


def _asked_anew(case: Case, change: Change, at: datetime) -> Way:
    """After an answer that has ended: about the same change, in a window to come; about another, where that is over."""
    if change.status in OVER:
        other = replace(case, change=None, asked={"service": change.service.slug, "environment": change.environment})
        do = _("%(change)s is over. Ask about a new change.") % {"change": change.reference}
        return Way(leads_to=None, steps=[again(other, do)])
    if change.window_end is not None and change.window_end <= at:
        do = _("Its window is over. Ask again for one that is still to come (free_slots names some).")
        return Way(leads_to=None, steps=[again(case, do, "window_start", "window_end")])
    return Way(leads_to=None, steps=[again(case, _("This answer has ended. Ask again."))])


def _next(
    case: Case | None,
    change: Change,
    evaluation: Evaluation,
    said: dict[str, Any],
    *,
    stands: str,
    allowed: bool,
    most: int,
) -> list[str]:
    words = {"change": change.reference, "page": our_address(change.get_absolute_url())}
    if allowed:
        return _may_start(change, evaluation)
    if evaluation.used_at is not None:
        used = _("This answer was used by a deployment. Say how it went: report_result(change=%(change)s, status=…).")
        return [used % words, _("For another deployment ask again, as a new change.")]
    if evaluation.held is not None and stands == Evaluation.Status.APPROVED:
        held = _("It was approved, and what decides has become worse since: the approvers were asked again.")
        return [held, _("Read why(change=%(change)s) once they have answered.") % words]
    if _declined(evaluation):
        no = _(
            "People declined it; they say why at %(page)s. Change what they ask for: ask_gate(change=%(change)s, …)."
        )
        return [no % words]
    if case is None:
        return [_("Ask again: ask_gate(change=%(change)s).") % words]
    if evaluation.status in (Evaluation.Status.PENDING, Evaluation.Status.REJECTED):
        return next_of(case, said["ways"], most)
    return [way_said(one) for one in said["ways"]]


def _may_start(change: Change, evaluation: Evaluation) -> list[str]:
    words = {
        "change": change.reference,
        "until": clock(evaluation.expires_at) if evaluation.expires_at else "",
        "digest": change.artifact_digest or "…",
    }
    start = _(
        "Before you deploy, and before %(until)s: report_result(change=%(change)s, status=started, "
        "artifact_digest=%(digest)s). It is looked at again then."
    )
    end = _("Deploy, then report_result(change=%(change)s, status=succeeded), or failed, or rolled_back.")
    window = _("It may start from %(at)s on.") % {"at": clock(change.window_start)} if change.window_start else ""
    return [one for one in (window, start % words, end % words) if one]
