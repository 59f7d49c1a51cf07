"""What the calendar asks: lockdown, freeze and blackout hold a change to their end; maintenance holds nothing.

Promise: an entry counts when it covers any part of the change's window (without a window: the instant of decision).
In other environments only a lockdown counts. One for some kinds of change holds what proves no kind beside them: a
claim opens nothing. The end is the end of the whole chain of touching entries.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from changes.gate.cell_rule import condition, conditions_of, outcome_of
from changes.gate.derivation import derive
from changes.gate.evidence import Calendar, CalendarEntry
from changes.gate.measures import instant_text
from changes.gate.open_rows import kinds_of, open_rows
from changes.gate.rule_results import RuleResult
from changes.gate.table import EXCEPTION_ROWS
from changes.gate.usable_evidence import UsableEvidence
from changes.gate.verdict import Reason
from changes.gate.vocabulary import Closure, Column, ConditionCode, ConflictKind, Outcome, Risk, Row, recognised

HOLDING = {Closure.LOCKDOWN: Column.LOCKDOWN, Closure.FREEZE: Column.FREEZE, Closure.BLACKOUT: Column.FREEZE}


def window_of(case: UsableEvidence) -> tuple[datetime, datetime]:
    """Start and end of the change's window; the instant of the question twice where it has none."""
    window = case.change.window
    if window is None or window.ends_at <= window.starts_at:
        return case.at, case.at
    return window.starts_at, window.ends_at


def closures(case: UsableEvidence) -> tuple[CalendarEntry, ...]:
    """The holding entries that cover part of the window, lockdowns first."""
    starts, ends = window_of(case)
    kinds = (Closure.LOCKDOWN,) if case.non_production else tuple(HOLDING)
    found = [entry for entry in _entries(case) if recognised(Closure, entry.kind) in kinds]
    covering = [
        entry for entry in found if entry.starts_at <= starts < entry.ends_at or starts < entry.starts_at < ends
    ]
    return tuple(
        sorted(covering, key=lambda entry: (kinds.index(Closure(entry.kind)), entry.starts_at, entry.reference))
    )


def end_of_closures(case: UsableEvidence, covering: Iterable[CalendarEntry]) -> datetime:
    """The first instant after which no holding entry covers anything that was covered before: chains are followed."""
    end = max(entry.ends_at for entry in covering)
    kinds = (Closure.LOCKDOWN,) if case.non_production else tuple(HOLDING)
    held = [entry for entry in _entries(case) if recognised(Closure, entry.kind) in kinds]
    for entry in sorted(held, key=lambda each: each.starts_at):
        if entry.starts_at <= end < entry.ends_at:
            end = entry.ends_at
    return end


def closing_column(case: UsableEvidence) -> Column | None:
    """lockdown above freeze and blackout; None when the calendar is open."""
    covering = closures(case)
    return HOLDING[Closure(covering[0].kind)] if covering else None


def calendar_asks(case: UsableEvidence, row: Row) -> Iterator[RuleResult]:
    """What freezes, blackouts and other windows of the calendar ask for."""
    covering, column = closures(case), closing_column(case)
    if column is not None:
        cell, outcome = case.policy.cell(row, column), outcome_of(case, row, column)
        end = end_of_closures(case, covering)
        later = max(end, case.at) if outcome is Outcome.POSTPONED else None
        first = covering[0]
        values = {"kind": first.kind, "reference": first.reference, "ends_at": instant_text(end)}
        reason = _reason(case, "calendar_closed", outcome, values)
        yield RuleResult(outcome, reason, cell.decider, "", conditions_of(case, cell, case.change.service, ""), later)
    if row not in EXCEPTION_ROWS:
        yield from _unknown_entries(case)
        yield from _conflicts(case)


def _unknown_entries(case: UsableEvidence) -> Iterator[RuleResult]:
    for entry in _entries(case):
        if recognised(Closure, entry.kind) is None:
            values = {"kind": entry.kind, "reference": entry.reference}
            yield RuleResult(Outcome.PEER, _reason(case, "calendar_word_unknown", Outcome.PEER, values))


def _conflicts(case: UsableEvidence) -> Iterator[RuleResult]:
    """Conflicts raise the risk; those on the very thing that is changed also ask for one at a time."""
    for conflict in case.calendar.conflicts if case.calendar else ():
        kind = recognised(ConflictKind, conflict.kind)
        values = {"kind": conflict.kind, "reference": conflict.reference}
        if kind is None:
            yield RuleResult(Outcome.PEER, _reason(case, "conflict_word_unknown", Outcome.PEER, values))
        elif kind in case.policy.risk.one_at_a_time:
            alone = (condition(case, ConditionCode.ONE_AT_A_TIME, case.change.service, ""),)
            yield RuleResult(None, _reason(case, "conflict", None, values), conditions=alone)


def _entries(case: UsableEvidence) -> tuple[CalendarEntry, ...]:
    """Those that concern a change of its kind, which is looked for only where one of them names some."""
    calendar: Calendar | None = case.calendar
    entries = calendar.entries if calendar else ()
    if all(one.change_kinds is None for one in entries):
        return entries
    mine = kinds_of(open_rows(derive(case), Risk.LOW, case.non_production))
    return tuple(one for one in entries if one.change_kinds is None or mine <= set(one.change_kinds))


def _reason(case: UsableEvidence, code: str, outcome: Outcome | None, values: dict[str, str]) -> Reason:
    fact = case.evidence.calendar
    return Reason(code, outcome, values, source=fact.source, age_seconds=fact.age_at(case.at))
