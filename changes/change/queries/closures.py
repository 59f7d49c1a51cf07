"""Whether the calendar holds a change now, by the ruling policy's own words about freezes and lockdowns."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from catalog.environments.queries import is_production
from changes.calendar.models import CLOSING
from changes.calendar.queries.occurrences import Occurrence, occurrences_at
from changes.change.models import Change, Decision, Evaluation
from changes.gate.calendar_rules import HOLDING
from changes.gate.derivation import Derived
from changes.gate.open_rows import kinds_of, open_rows
from changes.gate.vocabulary import ChangeClass, Closure, Outcome, Purpose, Risk, Row
from changes.policies.queries import in_force

_HELD = (Outcome.POSTPONED, Outcome.BLOCKED)


class Judged(NamedTuple):
    """As what it was judged: the row that ruled, and every kind of change that was proven."""

    row: Row
    kinds: frozenset[str]


def closing_now(change: Change, evaluation: Evaluation, at: datetime) -> Occurrence | None:
    """The closure that holds this change at `at`, the longest one; None when it is open for it.

    Where it is not judged as production only a lockdown counts; where the policy lets
    people or a proven exception decide during a closure (security fixes, rollbacks), it holds nothing.
    """
    running = occurrences_at([change.service_id], change.environment, at, CLOSING)
    judged = judged_as(evaluation) if running else None
    return max((one for one in running if holds(one, change, judged)), key=_end, default=None)


def _end(window: Occurrence) -> datetime:
    return window.ends_at


def holds(window: Occurrence, change: Change, judged: Judged | None) -> bool:
    """Whether a closure in whose scope the change is holds it while it lasts. What was never judged is held."""
    closure = Closure(window.window_type)
    if closure is not Closure.LOCKDOWN and not is_production(change.environment):
        return False
    if judged is None:
        return True
    return window.concerns(judged.kinds) and in_force().cell(judged.row, HOLDING[closure]).outcome in _HELD


def judged_as(evaluation: Evaluation | None) -> Judged | None:
    """By its decision; None where there is none."""
    known = Decision.objects.filter(pk=(evaluation and evaluation.decision_id) or 0)
    said = known.values_list("verdict__row", "verdict__change_class", "verdict__purpose", "change__environment")
    for row, change_class, purpose, environment in said:
        opens = None if purpose == Purpose.FEATURE else Row(purpose)
        derived = Derived(ChangeClass(change_class), Purpose(purpose), opens, ())
        rows = open_rows(derived, Risk.LOW, not is_production(environment))
        return Judged(Row(row), kinds_of(rows))
    return None


def for_its_kind(change: Change, windows: Sequence[Occurrence]) -> list[Occurrence]:
    """Those that are for a change of its kind, as the gate counted it last. Two queries where one names kinds."""
    if not any(one.change_kinds for one in windows):
        return list(windows)
    judged = judged_as(change.evaluations.order_by("-asked_at").first() if change.pk else None)
    return [one for one in windows if one.concerns(judged and judged.kinds)]
