"""Evidence as rows people read: every rule that spoke, then what was looked at and gave no cause to speak."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.cmdb.queries.changed import called
from changes.change.queries.allowance_rows import allowance_sentences
from changes.change.queries.capacity_rows import capacity_sentences
from changes.change.queries.engines import engine_rows
from changes.change.queries.headlines import deciding_rule
from changes.change.queries.risk_words import PEOPLE, RISKS, by_risk, is_well, risk_sentence
from changes.change.queries.verdicts import Explained, ReasonText
from changes.gate.evidence import Budget, Evidence
from changes.gate.facts import AnyFact
from changes.gate.limits import Limits
from changes.gate.policy import Policy
from changes.gate.sentences import COUNTS
from changes.gate.verdict import Contribution, JudgedBudget
from changes.gate.vocabulary import Engine
from itsm.ui.figures import percent, plain_number
from slo.engine.windows import ALERT_ROWS

_ABOUT_BUDGETS = ("budget_", "reservation_", "one_at_a_time")
_FALLBACK_WINDOW_DAYS = 28
_WAYS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One row. `outcome` is what the rule asks for ("" where it only informs); `why` names the arithmetic behind it.

    `seen_at`: when it was true, so that its age runs on; `decides`: this is what would have to change.
    """

    sentence: str
    value: str = ""
    limit: str = ""
    margin: str = ""
    source: str = ""
    age_seconds: int | None = None
    outcome: str = ""
    why: str = ""
    detail: Any = None
    seen_at: datetime | None = None
    decides: bool = False


@dataclass(frozen=True, slots=True)
class BurnRateRow:
    """One row of the burn alerts as the gate saw it: it fires when both burns pass the limit."""

    severity: str
    long: str
    short: str
    burn_long: Decimal
    burn_short: Decimal
    limit: Decimal

    @property
    def fires(self) -> bool:
        """Whether the burn rate is above the limit of its alert."""
        return self.share > 1

    @property
    def share(self) -> Decimal:
        """How near to firing: above 1 it fires."""
        return min(self.burn_long, self.burn_short) / self.limit


@dataclass(frozen=True, slots=True)
class BudgetCase:
    """remaining + excused - reserved = headroom, the limits it stands against, and the burn."""

    judged: JudgedBudget
    limits: Limits
    burns: list[BurnRateRow]
    seen: Budget | None


def evidence_rows(
    said: Explained, evidence: Evidence, policy: Policy, window_days: Mapping[str, int]
) -> list[EvidenceRow]:
    """What decides comes first. `window_days`: objective slug -> the window of the terms it was judged by.

    Where the policy's rule decides, it is a row of its own: no fact that is well carries the mark of having asked.
    """
    cases = {one.objective: _case(one, evidence, policy, window_days) for one in said.budgets}
    spoke = [_spoken(one, said, cases) for one in said.reasons]
    heard = {one.reason.code for one in said.reasons}
    quiet = [] if "budget_burning_fast" in heard else list(_burn([case for case in cases.values() if case.burns]))
    risk = [] if heard & {*RISKS} else [_risk(said)]
    rule = "" if by_risk(said.verdict) else deciding_rule(said)
    ruled = [EvidenceRow(rule, source="policy", outcome=said.verdict.outcome.value)] if rule else []
    rows = [*ruled, *spoke, *risk, *quiet, *_quiet(evidence, heard), *_allowed(evidence, said)]
    return [_dated(row, said.verdict.decided_at, decides=row is rows[0]) for row in rows]


def _dated(row: EvidenceRow, decided_at: datetime, *, decides: bool) -> EvidenceRow:
    seen_at = None if row.age_seconds is None else decided_at - timedelta(seconds=row.age_seconds)
    return replace(row, seen_at=seen_at, decides=decides and bool(row.outcome))


def _case(judged: JudgedBudget, evidence: Evidence, policy: Policy, window_days: Mapping[str, int]) -> BudgetCase:
    seen = _reading(evidence, judged)
    days = window_days.get(judged.objective, _FALLBACK_WINDOW_DAYS)
    return BudgetCase(judged, policy.limits, list(_burn_lines(seen, days)), seen)


def _reading(evidence: Evidence, judged: JudgedBudget) -> Budget | None:
    direct = evidence.reach.value.direct if evidence.reach.value else ()
    for service in direct:
        fact = service.budgets.get(judged.objective)
        if service.slug == judged.service and fact is not None:
            return fact.value
    return None


def _burn_lines(seen: Budget | None, days: int) -> Iterator[BurnRateRow]:
    """None of what was never measured: there is no burn to speak of."""
    for row in ALERT_ROWS:
        if seen is not None and seen.watermark is not None and {row.long, row.short} <= set(seen.burns):
            factor = row.factor(days)
            limit = Decimal(factor.numerator) / factor.denominator
            yield BurnRateRow(
                row.severity.value, row.long, row.short, seen.burns[row.long], seen.burns[row.short], limit
            )


def _spoken(one: ReasonText, said: Explained, cases: Mapping[str, BudgetCase]) -> EvidenceRow:
    reason = one.reason
    is_risk = reason.code in RISKS
    number = _count if reason.code in COUNTS else _share
    case = cases.get(reason.values.get("objective", "")) if reason.code.startswith(_ABOUT_BUDGETS) else None
    return EvidenceRow(
        worded(one, said),
        number(reason.observed),
        number(reason.limit),
        number(reason.margin),
        reason.source,
        reason.age_seconds,
        "" if reason.outcome is None or (reason.outcome in PEOPLE and is_well(reason)) else reason.outcome.value,
        "risk" if is_risk else "budget" if case else "",
        engine_rows(said.contributions) if is_risk else case,
    )


def worded(one: ReasonText, said: Explained) -> str:
    """A limit that is passed already is not held out as one to pass."""
    reason = one.reason
    if reason.code == "budget_watch" and reason.margin and not reason.margin.startswith("-"):
        values = {"objective": reason.values.get("objective", ""), "free": _share(reason.observed)}
        return _("%(objective)s has %(free)s of its budget free.") % values
    return one.sentence


def _share(text: str) -> str:
    """ "0.0312" as a percentage; words as they are."""
    try:
        return percent(Decimal(text)) if text else ""
    except ArithmeticError:
        return text


def _count(text: str) -> str:
    return text


def _burn(cases: list[BudgetCase]) -> Iterator[EvidenceRow]:
    """The page row, of all budgets, that is nearest to firing."""
    lines = [(line, case) for case in cases for line in case.burns[:2]]
    if not lines:
        return
    line, case = max(lines, key=lambda each: each[0].share)
    said = _("Nothing burns fast; nearest is %(objective)s, %(burn)s times as fast as it may over %(window)s.") % {
        "objective": case.judged.objective,
        "burn": plain_number(line.burn_long, 2),
        "window": line.long,
    }
    value, limit = f"{plain_number(line.burn_long, 2)} ×", f"{plain_number(line.limit, 2)} ×"
    source, age = case.judged.source, case.judged.age_seconds
    yield EvidenceRow(said, value, limit, source=source, age_seconds=age, why="burn", detail=case)


def _risk(said: Explained) -> EvidenceRow:
    """The number beside it is history's: the chance of failing that is not exceeded with 80 % certainty."""
    history = next((one for one in said.contributions if one.engine is Engine.HISTORY), None)
    value, limit = (_share(history.score), _share(_next_limit(history))) if history and history.known else ("", "")
    return EvidenceRow(
        risk_sentence(said.verdict), value, limit, source="history", why="risk", detail=engine_rows(said.contributions)
    )


def _next_limit(one: Contribution) -> str:
    return one.medium_from if Decimal(one.score) < Decimal(one.medium_from) else one.high_from


def _quiet(evidence: Evidence, heard: set[str]) -> Iterator[EvidenceRow]:
    calendar, incidents, reach = evidence.calendar.value, evidence.incidents.value, evidence.reach.value
    if calendar is not None and "calendar_closed" not in heard:
        yield _looked(_("No freeze, blackout or lockdown covers it."), _("clear"), evidence.calendar)
    if calendar is not None and "conflict" not in heard:
        count = len(calendar.conflicts)
        said = ngettext("%(count)s other change is near it.", "%(count)s other changes are near it.", count)
        none = _("No other change is in its way.")
        yield _looked(said % {"count": count} if count else none, str(count), evidence.calendar)
    if incidents is not None and not {"major_incident", "reached_major_incident"} & heard:
        said = _("No open major incident on it or on what depends on it.")
        yield _looked(said, str(len(incidents)), evidence.incidents)
    if reach is not None:
        count = len(reach.reached)
        said = ngettext("%(count)s service depends on it.", "%(count)s services depend on it.", count)
        none = _("No other service depends on it.")
        yield _looked(said % {"count": count} if count else none, str(count), evidence.reach)
        yield from _through_items(evidence)
    if evidence.capacity is not None:
        for sentence, value in capacity_sentences(evidence, heard):
            yield _looked(sentence, value, evidence.capacity)


def _allowed(evidence: Evidence, said: Explained) -> Iterator[EvidenceRow]:
    if evidence.allowances is not None:
        for sentence, value in allowance_sentences(evidence, said.verdict.reasons):
            yield _looked(sentence, value, evidence.allowances)


def _through_items(evidence: Evidence) -> Iterator[EvidenceRow]:
    """The services that are reached through what they run on, with the way: the nearest few by name."""
    reach = evidence.reach.value
    through = [(one, one.path) for one in reach.reached if one.path] if reach is not None else []
    names = called(step for _one, path in through[:_WAYS_SHOWN] for step in path)
    for one, path in through[:_WAYS_SHOWN]:
        said = _("%(service)s rests on what it changes: by %(way)s.")
        values = {"service": one.slug, "way": " → ".join(names.get(step, step) for step in path)}
        yield _looked(said % values, "", evidence.reach)
    if len(through) > _WAYS_SHOWN:
        count = len(through) - _WAYS_SHOWN
        more = ngettext("%(count)s more service does.", "%(count)s more services do.", count)
        yield _looked(more % {"count": count}, str(count), evidence.reach)


def _looked(sentence: str, value: str, fact: AnyFact) -> EvidenceRow:
    return EvidenceRow(sentence, value, source=fact.source, age_seconds=fact.age_seconds)
