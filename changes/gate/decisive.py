"""What would make a person think again, taken out of evidence; and what has become worse since they decided.

Promise: pure, as the whole package. Only what is worse holds a start: a new major incident, a new closure, a
budget that burns fast, is gone or cannot be seen any more, a wider reach, evidence that is missing. That something
got better, or moved within what people decide about, is news for the page and holds nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from changes.gate.budget_states import COLUMN_OF, budget_assessments
from changes.gate.calendar_rules import closures
from changes.gate.canonical import LATER, sha256_of, to_json
from changes.gate.capacity_rules import worries
from changes.gate.evidence import Evidence
from changes.gate.measures import count, instant_text
from changes.gate.policy import Policy
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.vocabulary import Column, recognised
from slo.engine.states import State

# In the order in which one thinks again; a state that is not among them only informs.
GRAVE = (Column.BURNING_FAST.value, Column.EXHAUSTED.value, Column.NO_DATA.value)
_REACHED = {State.BURNING_FAST, State.EXHAUSTED, State.NO_DATA}
_ORDER = [column.value for column in COLUMN_OF.values()]


@dataclass(frozen=True, slots=True)
class Decisive:
    """majors: incident -> service. closures: name -> "kind until instant". budgets: objective -> column of the table.

    reached: service that depends on what is changed -> its state where that is grave, else "". unseen: group of the
    evidence -> why it cannot be used. capacity: "measure (item)" -> when its limit may be met, "" where that cannot be
    told; None where the policy does not ask.
    """

    majors: Mapping[str, str] = field(default_factory=dict)
    closures: Mapping[str, str] = field(default_factory=dict)
    budgets: Mapping[str, str] = field(default_factory=dict)
    reached: Mapping[str, str] = field(default_factory=dict)
    unseen: Mapping[str, str] = field(default_factory=dict)
    capacity: Mapping[str, str] | None = field(default=None, metadata={LATER: True})


@dataclass(frozen=True, slots=True)
class News:
    """One difference. `worse`: it holds a start; `better`: it is good news; neither: it only informs."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)
    worse: bool = False
    better: bool = False


def decisive(evidence: Evidence, policy: Policy) -> Decisive:
    """What of the evidence decides by the policy's table, small enough to be kept and compared."""
    case = UsableEvidence(evidence, policy)
    closed = {one.reference: f"{one.kind} {instant_text(one.ends_at)}" for one in closures(case)}
    if case.non_production:  # only the calendar counts there, as in the table
        seen = {group: why for group, why in case.troubles.items() if group == "calendar"}
        return Decisive(closures=closed, unseen=seen)
    majors = {
        one.reference: one.service
        for one in case.incidents or ()
        if one.major is True or count(one.priority, 1) is not None
    }
    return Decisive(majors, closed, dict(_budgets(case)), dict(_reached(case)), case.troubles, _capacity(case))


def _capacity(case: UsableEvidence) -> dict[str, str] | None:
    """Of two that are called the same, as those of confidential items are, the soonest."""
    rule = case.policy.capacity
    if rule is None:
        return None
    found: dict[str, str] = {}
    for _code, values in worries(case, rule):
        name = f"{values['measure']} ({values['item']})" if "measure" in values else values["service"]
        found.setdefault(name, values.get("soonest", ""))
    return found


def _budgets(case: UsableEvidence) -> Iterator[tuple[str, str]]:
    """The budget's own column: an incident speaks for itself."""
    evidence = replace(case.evidence, incidents=replace(case.evidence.incidents, value=()))
    calm = UsableEvidence(evidence, case.policy)
    for service in case.reach.direct if case.reach else ():
        for one in budget_assessments(calm, service):
            if one.objective:
                yield one.objective, one.column.value


def _reached(case: UsableEvidence) -> Iterator[tuple[str, str]]:
    for service in case.reach.reached if case.reach else ():
        state = recognised(State, service.state)
        yield service.slug, service.state if state is None or state in _REACHED else ""


def news_between(known: Decisive, now: Decisive) -> tuple[News, ...]:
    """What is different now, the worst first."""
    found = (
        *_incidents(known, now),
        *_calendar(known, now),
        *_of_budgets(known, now),
        *_of_reach(known, now),
        *_of_capacity(known.capacity or {}, now.capacity or {}),
        *(News("evidence_unseen", {"group": group}, worse=True) for group in sorted(now.unseen.keys() - known.unseen)),
    )
    return tuple(sorted(found, key=lambda each: (not each.worse, each.better)))


def worse(known: Decisive, now: Decisive) -> tuple[News, ...]:
    """Only the news that is worse for the change."""
    return tuple(each for each in news_between(known, now) if each.worse)


def seen_mark(news: tuple[News, ...]) -> str:
    """Stands for what somebody was shown; "" for nothing worse."""
    shown = [to_json(each) for each in news if each.worse]
    return sha256_of(shown)[:16] if shown else ""


def _incidents(known: Decisive, now: Decisive) -> Iterator[News]:
    for incident in sorted(now.majors.keys() - known.majors.keys()):
        yield News("major_opened", {"incident": incident, "service": now.majors[incident]}, worse=True)
    for incident in sorted(known.majors.keys() - now.majors.keys()):
        yield News("major_over", {"incident": incident, "service": known.majors[incident]}, better=True)


def _calendar(known: Decisive, now: Decisive) -> Iterator[News]:
    for name in sorted(now.closures.keys() - known.closures.keys()):
        kind, _, ends_at = now.closures[name].partition(" ")
        yield News("calendar_closes", {"kind": kind, "reference": name, "ends_at": ends_at}, worse=True)
    for name in sorted(known.closures.keys() - now.closures.keys()):
        yield News("calendar_opens", {"kind": known.closures[name].partition(" ")[0], "reference": name}, better=True)


def _of_budgets(known: Decisive, now: Decisive) -> Iterator[News]:
    for objective, column in sorted(now.budgets.items()):
        before = known.budgets.get(objective, "")
        if column == before:
            continue
        values = {"objective": objective, "before": before, "now": column}
        if column in GRAVE:
            yield News(f"budget_{column}", values, worse=True)
        elif before:
            yield News("budget_moved", values, better=before in GRAVE or _rank(column) < _rank(before))
    for objective in sorted(known.budgets.keys() - now.budgets.keys()):
        yield News("budget_gone", {"objective": objective}, worse=True)


def _rank(column: str) -> int:
    return _ORDER.index(column) if column in _ORDER else len(_ORDER)


def _of_reach(known: Decisive, now: Decisive) -> Iterator[News]:
    grown = sorted(now.reached.keys() - known.reached.keys())
    if grown:
        yield News("reach_grown", {"services": ", ".join(grown)}, worse=True)
    for service, state in sorted(now.reached.items()):
        if state and state != known.reached.get(service, ""):
            yield News("reached_trouble", {"service": service, "now": state}, worse=True)
        elif not state and known.reached.get(service, ""):
            yield News("reached_well", {"service": service}, better=True)
    shrunk = sorted(known.reached.keys() - now.reached.keys())
    if shrunk:
        yield News("reach_shrunk", {"services": ", ".join(shrunk)}, better=True)


def _of_capacity(known: Mapping[str, str], now: Mapping[str, str]) -> Iterator[News]:
    """A nearer day of what was near already is no news: people looked at it."""
    for name, soonest in sorted(now.items()):
        if soonest and not known.get(name):
            yield News("capacity_runs_out", {"measure": name, "soonest": soonest}, worse=True)
        elif not soonest and name not in known:
            yield News("capacity_unusable", {"measure": name}, worse=True)
    for name in sorted(known.keys() - now.keys()):
        yield News("capacity_clear", {"measure": name}, better=True)
