"""The risk in words, and whether it is what decides."""

from django.utils.translation import gettext as _

from changes.change.queries.engines import NAMES
from changes.gate.verdict import Contribution, Reason, Verdict
from changes.gate.vocabulary import Engine, Outcome, Risk

RISKS = ("risk_medium", "risk_high")
PEOPLE = (Outcome.PEER, Outcome.CAB)


def is_well(reason: Reason) -> bool:
    """About a budget that stands above every limit that a more lenient answer would need."""
    return reason.code.startswith("budget_") and bool(reason.margin) and not reason.margin.startswith("-")


def by_risk(verdict: Verdict) -> bool:
    """People decide though the budget is well: then the risk is what would have to change."""
    first = verdict.reasons[0] if verdict.reasons else None
    raised = verdict.risk is not Risk.LOW and verdict.row.value.startswith("normal_")
    return first is not None and raised and verdict.outcome in PEOPLE and is_well(first)


def deciding_first(verdict: Verdict) -> tuple[Reason, ...]:
    """The reasons with what decides in front: the one story that pages and the API tell."""
    if not by_risk(verdict):
        return verdict.reasons
    code = f"risk_{verdict.risk}"
    spoken = next((one for one in verdict.reasons if one.code == code), Reason(code))
    deciding = Reason(code, verdict.outcome, spoken.values, spoken.observed, spoken.limit, spoken.margin)
    return (deciding, *(one for one in verdict.reasons if one.code != code))


def risk_sentence(verdict: Verdict) -> str:
    """The risk, and which engines made it so."""
    risk = verdict.risk
    if risk is Risk.LOW:
        return _("The risk is low.")
    makers = ", ".join(_maker(one) for one in verdict.contributions if one.counted and one.risk is risk)
    words = _("The risk is high, by %(engines)s.") if risk is Risk.HIGH else _("The risk is medium, by %(engines)s.")
    return words % {"engines": makers}


def _maker(one: Contribution) -> str:
    if not one.known:
        return _("%(engine)s, which cannot be seen") % {"engine": NAMES[one.engine]}
    if one.engine is Engine.CONFLICT:
        return _("conflicts with %(changes)s") % {"changes": one.values.get("changes", "")}
    return str(NAMES[one.engine])
