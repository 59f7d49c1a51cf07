"""Where one budget stands: headroom, level with hysteresis, flags, and the table column that follows.

Promise: a budget that is missing, stale, from the future, out of range or in unknown words stands in `no_data`,
which leads to people; a burning flag is believed even then. Precedence: burning_fast or an open major incident,
no_data, unmeasured, low_confidence, level. An objective that is not yet measured does not decide beside one that is.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from changes.gate.evidence import Budget, DirectService
from changes.gate.facts import ABSENT, Fact
from changes.gate.limits import Limits
from changes.gate.measures import count, sound
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.vocabulary import Column, recognised
from slo.engine.states import LEVELS, Flag, Level, State, state_of

RECOVERY_WINDOW = "3d"
MAX_FIGURE = 1_000_000


@dataclass(frozen=True, slots=True)
class BudgetAssessment:
    """One objective of one service ("" for a service without any) with the arithmetic behind its column.

    decides: False for a new objective beside others; it is shown, and asks for nothing.
    """

    service: DirectService
    objective: str
    column: Column
    fact: Fact[Budget] = ABSENT
    headroom: Decimal | None = None
    level: Level | None = None
    flags: tuple[Flag, ...] = ()
    trouble: str = ""
    major: str = ""  # reference of the open major incident or P1
    decides: bool = True


def budget_assessments(case: UsableEvidence, service: DirectService) -> tuple[BudgetAssessment, ...]:
    """One for each gating objective; exactly one for a service that has none, or whose objectives nobody knows.

    Reckoned once for a case: the table asks, and so do rules.
    """
    known: tuple[DirectService, tuple[BudgetAssessment, ...]] | None = case.reckoned.get(service.slug)
    if known is None or known[0] is not service:
        known = case.reckoned[service.slug] = (service, _each_assessed(case, service))
    return known[1]


def _each_assessed(case: UsableEvidence, service: DirectService) -> tuple[BudgetAssessment, ...]:
    major = open_major(case, service.slug)
    trouble = case.trouble(service.objectives, "objectives")
    listed = service.objectives.value
    if trouble or listed is None:
        column = Column.BURNING_FAST if major else Column.NO_DATA
        return (BudgetAssessment(service, "", column, trouble=trouble or "missing", major=major),)
    names = sorted({*listed, *service.budgets})
    if not names:
        return (
            BudgetAssessment(service, "", Column.BURNING_FAST if major else _unmeasured(case, service), major=major),
        )
    return _with_new_ones_aside(tuple(_assessed(case, service, name, major) for name in names))


def _with_new_ones_aside(found: tuple[BudgetAssessment, ...]) -> tuple[BudgetAssessment, ...]:
    """What is not measured yet changes nothing beside what is; alone it decides, and leads to one approver."""
    new = sum(each.column is Column.NOT_YET_MEASURED for each in found)
    if new in (0, len(found)):
        return found
    return tuple(replace(each, decides=each.column is not Column.NOT_YET_MEASURED) for each in found)


def open_major(case: UsableEvidence, slug: str) -> str:
    """Reference of an open major incident, P1 or P0 on that service, "" if there is none."""
    for incident in case.incidents or ():
        if incident.service == slug and (incident.major is True or count(incident.priority, 1) is not None):
            return incident.reference or "?"
    return ""


def _unmeasured(case: UsableEvidence, service: DirectService) -> Column:
    """What is measured under the name of another environment is not let go without a look at it under this one."""
    lenient = service.tier in (3, 4) and not case.counts_as_production(service.measured_in)
    return Column.UNMEASURED_TIER_3_4 if lenient else Column.UNMEASURED_TIER_1_2


def _assessed(case: UsableEvidence, service: DirectService, objective: str, major: str) -> BudgetAssessment:
    fact: Fact[Budget] = service.budgets.get(objective, ABSENT)
    budget, trouble = fact.value, case.trouble(fact, "budget")
    problem = trouble or (_unsound(budget, case.at) if budget else "missing")
    burning = budget is not None and Flag.BURNING_FAST in budget.flags
    if problem or budget is None:
        column = Column.BURNING_FAST if major or burning else Column.NO_DATA
        up = (Flag.BURNING_FAST,) if burning else ()
        return BudgetAssessment(service, objective, column, fact, flags=up, trouble=problem or "missing", major=major)
    room = headroom_of(budget)
    level = level_with_memory(room, budget, case.limits, case.at)
    flags = _flags(budget, case.limits, case.at)
    if Flag.NOT_YET_MEASURED in flags and not major:
        stored = tuple(flag for flag in Flag if flag in budget.flags)
        return BudgetAssessment(service, objective, Column.NOT_YET_MEASURED, fact, flags=stored)
    recovering = case.incidents is not None and not major and _recovering(budget, case.limits)
    state = state_of(level, flags, recovering=recovering)
    column = Column.BURNING_FAST if major else COLUMN_OF[state]
    return BudgetAssessment(service, objective, column, fact, room, level, flags, major=major)


COLUMN_OF = {
    state: Column(state.value if state is not State.UNMEASURED else Column.UNMEASURED_TIER_1_2) for state in State
}


def _unsound(budget: Budget, at: datetime) -> str | None:
    """Why the numbers cannot be used; None when every one can."""
    numbers = (
        sound(budget.remaining, -MAX_FIGURE, 1),
        sound(budget.coverage, 0, 1),
        sound(budget.allowed_failures, 0, MAX_FIGURE * MAX_FIGURE),
        sound(budget.reserved, 0, MAX_FIGURE),
        sound(budget.excused, 0, MAX_FIGURE),
        count(budget.reservations),
        count(budget.objective_version),
        count(budget.measured_minutes, MAX_FIGURE * MAX_FIGURE),
        *(sound(burn, 0, MAX_FIGURE) for burn in budget.burns.values()),
    )
    if any(number is None for number in numbers) or headroom_of(budget) > 1:
        return "out_of_range"
    if budget.watermark is None and Flag.NOT_YET_MEASURED not in budget.flags:
        return "undated"
    if budget.watermark is not None and budget.watermark > at:
        return "from_the_future"
    words_known = all(recognised(Flag, flag) for flag in budget.flags)
    stored_known = budget.stored_level is None or recognised(Level, budget.stored_level)
    return None if words_known and stored_known else "unknown_word"


def headroom_of(budget: Budget) -> Decimal:
    """remaining + excused - reserved, of a budget whose numbers are sound."""
    return (budget.remaining or Decimal(0)) + budget.excused - (budget.reserved or Decimal(0))


def level_limit(level: Level, limits: Limits) -> Decimal | None:
    """Headroom must lie above this for the level; None for exhausted, which has none."""
    return {
        Level.HEALTHY: limits.healthy_above,
        Level.WATCH: limits.watch_above,
        Level.CONSTRAINED: limits.constrained_above,
    }.get(level)


def level_by_headroom(room: Decimal, limits: Limits, margin: Decimal = Decimal(0)) -> Level:
    """The best level whose limit lies below this share of headroom; `margin` is added to each limit."""
    for level in LEVELS:
        limit = level_limit(level, limits)
        if limit is None or room > limit + margin:
            return level
    return Level.EXHAUSTED


def level_with_memory(room: Decimal, budget: Budget, limits: Limits, at: datetime) -> Level:
    """Down at once; up only above the limit plus the margin, held for the hysteresis time. Never above the numbers."""
    measured = level_by_headroom(room, limits)
    stored = recognised(Level, budget.stored_level)
    if stored is None or LEVELS.index(measured) >= LEVELS.index(stored):
        return measured
    since = budget.better_since
    held = since is not None and at - since >= timedelta(seconds=limits.hysteresis_seconds)
    climbed = level_by_headroom(room, limits, limits.hysteresis_margin)
    return min(climbed, stored, key=LEVELS.index) if held else stored


def _flags(budget: Budget, limits: Limits, at: datetime) -> tuple[Flag, ...]:
    """The engine's flags and what the numbers say besides: the stricter of both."""
    flags = {flag for said in budget.flags if (flag := recognised(Flag, said))}
    if budget.watermark is None or at - budget.watermark > timedelta(seconds=limits.no_data_after_seconds):
        flags.add(Flag.NO_DATA)
    if few_failures(budget, limits) or (sound(budget.coverage, 0, 1) or 0) < limits.coverage_from:
        flags.add(Flag.LOW_CONFIDENCE)
    return tuple(flag for flag in Flag if flag in flags)


def few_failures(budget: Budget, limits: Limits) -> bool:
    """So few failures are allowed that one change at a time is all that can be told apart."""
    allowed = sound(budget.allowed_failures, 0, MAX_FIGURE * MAX_FIGURE)
    return allowed is None or allowed < limits.allowed_failures_from


def _recovering(budget: Budget, limits: Limits) -> bool:
    burn = sound(budget.burns.get(RECOVERY_WINDOW), 0, MAX_FIGURE)
    return budget.fix_verified is True and burn is not None and burn < limits.recovering_burn_below
