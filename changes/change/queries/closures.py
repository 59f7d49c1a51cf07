"""Whether the calendar holds a change now, by the ruling policy's own words about freezes and lockdowns."""

from datetime import datetime

from catalog.environments.queries import is_production
from changes.calendar.models import CLOSING
from changes.calendar.queries.occurrences import Occurrence, occurrences_at
from changes.change.models import Change, Decision, Evaluation
from changes.gate.calendar_rules import HOLDING
from changes.gate.vocabulary import Closure, Outcome, Row
from changes.policies.queries import in_force

_HELD = (Outcome.POSTPONED, Outcome.BLOCKED)


def closing_now(change: Change, evaluation: Evaluation, at: datetime) -> Occurrence | None:
    """The closure that holds this change at `at`, the longest one; None when it is open for it.

    Where it is not judged as production only a lockdown counts; where the policy lets
    people or a proven exception decide during a closure (security fixes, rollbacks), it holds nothing.
    """
    running = occurrences_at([change.service_id], change.environment, at, CLOSING)
    return max((one for one in running if _counts(one, change, evaluation)), key=_end, default=None)


def _end(window: Occurrence) -> datetime:
    return window.ends_at


def _counts(window: Occurrence, change: Change, evaluation: Evaluation) -> bool:
    closure = Closure(window.window_type)
    if closure is not Closure.LOCKDOWN and not is_production(change.environment):
        return False
    row = _row(evaluation)
    return row is None or in_force().cell(row, HOLDING[closure]).outcome in _HELD


def _row(evaluation: Evaluation) -> Row | None:
    """The row of the table under which it was judged."""
    found = Decision.objects.filter(pk=evaluation.decision_id or 0).values_list("verdict__row", flat=True).first()
    return Row(found) if found else None
