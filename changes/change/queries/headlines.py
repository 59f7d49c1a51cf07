"""Where a change stands, in one line: the word, its colour, and the instant that matters next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.change.models import Evaluation
from changes.change.queries.risk_words import PEOPLE, is_well
from changes.change.queries.verdicts import Explained
from changes.gate.vocabulary import strictness
from itsm.approvals.models import ApprovalDecision, ApprovalRequest

_By = Evaluation.DecidedBy


@dataclass(frozen=True, slots=True)
class Headline:
    """tone: red, amber, green, blue or grey. `until` with `means`: "not before", "expires", "due", "used"."""

    word: str
    tone: str
    icon: str
    means: str = ""
    until: datetime | None = None
    by_policy: bool = True


_ROWS: dict[str, Any] = {
    "standard": gettext_lazy("a standard change"),
    "normal_low": gettext_lazy("a normal change of low risk"),
    "normal_medium": gettext_lazy("a normal change of medium risk"),
    "normal_high": gettext_lazy("a normal change of high risk"),
    "reliability_fix": gettext_lazy("a reliability fix"),
    "security_fix": gettext_lazy("a security fix"),
    "rollback": gettext_lazy("a rollback"),
    "flag_off": gettext_lazy("turning a flag off"),
    "emergency": gettext_lazy("an emergency"),
}
_COLUMNS: dict[str, Any] = {
    "healthy": gettext_lazy("with a healthy budget"),
    "watch": gettext_lazy("with a budget to watch"),
    "constrained": gettext_lazy("with a constrained budget"),
    "recovering": gettext_lazy("with a budget that recovers"),
    "exhausted": gettext_lazy("with an exhausted budget"),
    "low_confidence": gettext_lazy("with a budget measured too thinly"),
    "unmeasured_tier_1_2": gettext_lazy("on an important service that nobody measures"),
    "unmeasured_tier_3_4": gettext_lazy("on a supporting service that nobody measures"),
    "not_yet_measured": gettext_lazy("on a service whose objectives are all new"),
    "no_data": gettext_lazy("on a service that cannot be seen right now"),
    "burning_fast": gettext_lazy("while the service burns fast or has a major incident"),
}
_ANSWERS: dict[str, Any] = {
    "approved": gettext_lazy("goes without anybody"),
    "exception": gettext_lazy("goes as an exception"),
    "peer": gettext_lazy("needs one approver"),
    "cab": gettext_lazy("is for the board to decide"),
    "postponed": gettext_lazy("waits"),
    "blocked": gettext_lazy("is refused"),
}


def cell(said: Explained) -> str:
    """The cell of the policy's table that the strictest budget stands in, as a sentence; empty without a budget."""
    judged = [(budget, budget.outcome) for budget in said.budgets if budget.outcome is not None]
    if not judged:
        return ""
    one, outcome = max(judged, key=lambda each: strictness(each[1]))
    words: dict[str, Any] = {
        "row": _ROWS[said.verdict.row.value],
        "column": _COLUMNS.get(one.column.value, one.column.value),
    }
    words["answer"] = _ANSWERS[outcome.value]
    if outcome is said.verdict.outcome:
        return capfirst(_("%(row)s %(column)s %(answer)s.") % words)
    return _("By its budget alone, %(row)s %(column)s %(answer)s; the reason above asks for more.") % words


def deciding_rule(said: Explained) -> str:
    """The cell's sentence where it is what decides; empty where a reason is.

    A budget that is well above its limits does not hold a change: then the policy's rule says why people decide.
    """
    first = said.verdict.reasons[0] if said.verdict.reasons else None
    return cell(said) if first is not None and said.verdict.outcome in PEOPLE and is_well(first) else ""


def headline(
    evaluation: Evaluation | None, said: Explained | None, asks: Sequence[ApprovalRequest], at: datetime
) -> Headline:
    """The newest question to the gate and what became of it by this instant."""
    if evaluation is None or said is None:
        return Headline(_("Not asked yet"), "grey", "circle-dashed", by_policy=False)
    stands = evaluation.stands(at)
    if stands in Evaluation.ENDED:
        return _over(stands, evaluation.why_ended(at))
    made: Headline = _BY_STATUS[stands](evaluation, said, asks)
    return made


def _pending(evaluation: Evaluation, said: Explained, asks: Sequence[ApprovalRequest]) -> Headline:
    if evaluation.outcome == "postponed":
        return Headline(_("Postponed"), "amber", "clock-pause", _("not before"), evaluation.not_before)
    first = next((ask for ask in asks if ask.status == ApprovalRequest.Status.OPEN and ask.part), None)
    who = first.authority if first else said.authority.role if said.authority else _("people")
    due = next((ask.due_at for ask in asks if ask.status == ApprovalRequest.Status.OPEN), None)
    return Headline(_("Waits for people: %(who)s") % {"who": who}, "blue", "users", _("due"), due)


def _approved(evaluation: Evaluation, said: Explained, asks: Sequence[ApprovalRequest]) -> Headline:
    if evaluation.decided_by == _By.SHADOW:
        word = _("Allowed in shadow: the gate says “%(answer)s”") % {"answer": said.answer}
    elif evaluation.decided_by == _By.OVERRIDE:
        word = _("Goes by override: the gate did not approve it")
    elif evaluation.decided_by == _By.PERSON:
        word = _("Approved by %(who)s") % {"who": _answered(asks, ApprovalDecision.Decision.APPROVE)}
    elif evaluation.outcome == "exception":
        word = _("Exception: proven, so it goes without budget")
    else:
        word = _("Approved, nobody needs to sign")
    by_policy = evaluation.decided_by not in (_By.PERSON, _By.OVERRIDE)
    if evaluation.decided_by in (_By.OVERRIDE, _By.SHADOW):
        used = evaluation.used_at
        means, until = (_("expires"), evaluation.expires_at) if used is None else (_("used"), used)
        return Headline(word, "amber", "alert-triangle", means, until, by_policy)
    if evaluation.held is not None and evaluation.used_at is None:
        return Headline(_("Held: asked again"), "amber", "player-pause", _("expires"), evaluation.expires_at, by_policy)
    if evaluation.used_at is not None:
        return Headline(word, "green", "circle-check", _("used"), evaluation.used_at, by_policy)
    return Headline(word, "green", "circle-check", _("expires"), evaluation.expires_at, by_policy)


def _rejected(evaluation: Evaluation, said: Explained, asks: Sequence[ApprovalRequest]) -> Headline:
    if evaluation.decided_by == _By.PERSON:
        who = _answered(asks, ApprovalDecision.Decision.DECLINE)
        return Headline(_("Declined by %(who)s") % {"who": who}, "red", "thumb-down", by_policy=False)
    return Headline(_("Blocked"), "red", "ban")


def _over(stands: str, why: str) -> Headline:
    word = str(Evaluation.Status(stands).label).capitalize()
    return Headline(f"{word}: {why}" if why and why != stands else word, "grey", "circle-x")


def _answered(asks: Sequence[ApprovalRequest], decision: str) -> str:
    """Who gave this answer to the newest ask that has one."""
    for ask in asks:
        names = [answer.said_by for answer in ask.answers.all() if answer.decision == decision]
        if names:
            return ", ".join(names)
    return _("a person")


_BY_STATUS: dict[str, Any] = {
    Evaluation.Status.PENDING: _pending,
    Evaluation.Status.APPROVED: _approved,
    Evaluation.Status.REJECTED: _rejected,
}
