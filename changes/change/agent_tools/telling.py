"""A case as an answer: the verdict, why, the ways to a kinder one, who decides, and what to do next."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from changes.change.agent_tools.case import Case
from changes.change.agent_tools.making import clock
from changes.change.agent_tools.shapes import Decides, Reason, Step, Way
from changes.change.agent_tools.steps import ways
from changes.change.agent_tools.wording import condition_said, is_ours, reason_said, risk_said
from changes.change.queries.risk_words import RISKS, deciding_first
from changes.change_models import queries as change_models
from changes.gate.vocabulary import WITHOUT_PEOPLE, ChangeClass, Outcome, strictness

MOST_REASONS = 4
MOST_WAYS = 3
MOST_NEXT = 2


def told(case: Case, *, most_reasons: int = MOST_REASONS, most_ways: int = MOST_WAYS) -> dict[str, Any]:
    """The members that every answer of the gate has, of a verdict."""
    verdict = case.verdict
    found = sorted(ways(case), key=_cost)[:most_ways]
    return {
        "outcome": verdict.outcome,
        "change_class": verdict.change_class,
        "risk": verdict.risk.value,
        "enforced": verdict.enforced,
        "reasons": reasons(case, most_reasons),
        "ways": found,
        "decides": decides(case),
        "conditions": [condition_said(one) for one in verdict.conditions],
        "not_before": verdict.not_before,
        "dead_end": is_dead_end(case, found),
        "policy": f"{verdict.policy_slug} v{verdict.policy_version}",
        "evidence_hash": verdict.evidence_hash,
    }


def reasons(case: Case, most: int) -> list[Reason]:
    """The deciding one first, then what else asks for something; what only informs comes last, if there is room."""
    spoken = deciding_first(case.verdict)
    ordered = [*(one for one in spoken if one.outcome is not None), *(one for one in spoken if one.outcome is None)]
    shown = []
    for one in ordered[:most]:
        said = _risk(case) if one.code in RISKS else reason_said(one)
        shown.append(Reason(code=one.code, says=said, asks_for=one.outcome))
    return shown


def _risk(case: Case) -> str:
    made = [one.engine.value for one in case.verdict.contributions if one.counted and one.risk is case.verdict.risk]
    return risk_said(case.verdict.risk, made)


def decides(case: Case) -> Decides | None:
    """Who is asked, by name; None where nobody is."""
    authority = case.verdict.authority
    if authority is None:
        return None
    return Decides(
        who=authority.decider,
        team=authority.team,
        people=case.deciding,
        quorum=authority.quorum,
        by=authority.due_at,
        where=case.page,
    )


def is_dead_end(case: Case, found: Sequence[Way]) -> bool:
    """Nobody decides, it is not judged again by itself, and neither an act nor waiting leads to a kinder answer."""
    outcome = case.verdict.outcome
    if outcome in WITHOUT_PEOPLE or case.verdict.authority is not None or found:
        return False
    return not (outcome is Outcome.POSTPONED and case.verdict.not_before is not None)


def next_of(case: Case, found: Sequence[Way], most: int = MOST_NEXT) -> list[str]:
    """Sentences, most useful first: the ways, then who decides or when it is judged again, then the dead end's door."""
    said = [*[way_said(one) for one in found][: most - 1], *_as_standard(case)]
    return [*said, _otherwise(case, found, is_only=not said)]


def _as_standard(case: Case) -> list[str]:
    """A normal change may be one that is approved beforehand, for who does not know: nothing else tells them."""
    if case.verdict.change_class != ChangeClass.NORMAL or case.verdict.outcome is Outcome.BLOCKED:
        return []
    model = change_models.of_service(case.service)
    if model is None or model.status != model.Status.APPROVED or not is_ours("model", model.slug):
        return []
    words = {"model": model.slug, "service": case.service.slug, "environment": case.environment}
    said = _(
        "If it is what the approved model %(model)s covers, ask as a standard change, which needs fewer people: "
        "may_i_deploy(service=%(service)s, environment=%(environment)s, change_class=standard) says what that would "
        "get; ask_gate then opens a new change."
    )
    return [said % words]


def _cost(way: Way) -> tuple[int, int]:
    """What one can do oneself is nearest, then what people do, then what comes by itself, then what may never come."""
    return sum(_COSTS[step.who] + 4 * (step.who == "time" and step.not_before is None) for step in way.steps), (
        strictness(way.leads_to) if way.leads_to is not None else -1
    )


_COSTS = {"you": 0, "person": 1, "time": 1}


def way_said(way: Way) -> str:
    """A way as a sentence for each of its steps, and where it leads."""
    words = {"steps": " ".join(_step(one) for one in way.steps), "outcome": way.leads_to.value if way.leads_to else ""}
    if way.leads_to is None:
        return words["steps"]
    return _("%(steps)s That leads to: %(outcome)s.") % words


def _step(step: Step) -> str:
    said = step.do
    if step.people:
        said += " " + _("Who: %(people)s.") % {"people": ", ".join(step.people)}
    if step.tool:
        said += " " + called(step)
    if step.where:
        said += " " + _("Where: %(page)s.") % {"page": step.where}
    return said


def called(step: Step) -> str:
    """The call of a tool as one writes it: `ask_gate(change=CHG-00007, backout=…)`."""
    given = [f"{name}={value}" for name, value in step.arguments.items()]
    given += [f"{name}=…" for name in step.you_supply]
    return _("Call %(call)s.") % {"call": f"{step.tool}({', '.join(given)})"}


def _otherwise(case: Case, found: Sequence[Way], *, is_only: bool) -> str:
    """What happens without any of it; `is_only`: there is nothing else to do."""
    verdict, authority = case.verdict, case.verdict.authority
    reference = case.change.reference if case.change is not None else ""
    words = {
        "people": ", ".join(case.deciding) or _("nobody who may is there now"),
        "by": clock(authority.due_at) if authority else "",
        "page": case.page or "",
        "change": reference,
        "at": clock(verdict.not_before) if verdict.not_before else "",
        "owners": ", ".join(case.owning) if authority is None else "",
    }
    if authority is not None and reference and is_only:
        return _("Let people decide: %(people)s, by %(by)s, at %(page)s. Then why(change=%(change)s).") % words
    if authority is not None and is_only:
        return _("Ask with ask_gate and let people decide: %(people)s, by %(by)s.") % words
    if authority is not None and reference:
        return _("Or let people decide: %(people)s, by %(by)s, at %(page)s. Then why(change=%(change)s).") % words
    if authority is not None:
        return _("Or ask with ask_gate and let people decide: %(people)s, by %(by)s.") % words
    if verdict.outcome is Outcome.POSTPONED and reference:
        said = _("Otherwise wait: %(change)s keeps its place and is judged again by itself at %(at)s.")
        return said % words + " " + _("If it cannot wait: only %(owners)s may override, at %(page)s.") % words
    if verdict.outcome is Outcome.POSTPONED:
        return _("Otherwise ask with ask_gate: it keeps its place and is judged again at %(at)s.") % words
    if is_dead_end(case, found):
        said = _("This is a dead end: nothing that you or time could do changes it. Only %(owners)s may override it")
        return said % words + (_(", at %(page)s.") % words if case.page else ".")
    return _("If it cannot wait for that: only %(owners)s may override, a counted token and two names.") % words
