"""Whether the calendar holds a change now, by the ruling policy's own words about freezes and lockdowns."""

from datetime import datetime

from django.db.models import Q

from catalog.environments.queries import is_production
from changes.calendar.models import CalendarWindow
from changes.calendar.queries import CLOSING
from changes.change.models import Change, Decision, Evaluation
from changes.gate.calendar_rules import HOLDING
from changes.gate.vocabulary import Closure, Outcome, Row
from changes.policies.queries import in_force

_HELD = (Outcome.POSTPONED, Outcome.BLOCKED)


def closing_now(change: Change, evaluation: Evaluation, at: datetime) -> CalendarWindow | None:
    """The closure that holds this change at `at`, the longest one; None when it is open for it.

    Where it is not judged as production only a lockdown counts; where the policy lets
    people or a proven exception decide during a closure (security fixes, rollbacks), it holds nothing.
    """
    windows = [window for window in _windows(change, at) if _counts(window, change, evaluation)]
    return max(windows, key=lambda window: window.ends_at, default=None)


def _windows(change: Change, at: datetime) -> list[CalendarWindow]:
    in_scope = Q(services=None) | Q(services=change.service_id)
    here = Q(environments=[]) | Q(environments__contains=[change.environment])
    running = CalendarWindow.objects.filter(window_type__in=CLOSING, lifted_at=None, starts_at__lte=at, ends_at__gt=at)
    return list(running.filter(in_scope, here))


def _counts(window: CalendarWindow, change: Change, evaluation: Evaluation) -> bool:
    closure = Closure(window.window_type)
    if closure is not Closure.LOCKDOWN and not is_production(change.environment):
        return False
    row = _row(evaluation)
    return row is None or in_force().cell(row, HOLDING[closure]).outcome in _HELD


def _row(evaluation: Evaluation) -> Row | None:
    """The row of the table under which it was judged."""
    found = Decision.objects.filter(pk=evaluation.decision_id or 0).values_list("verdict__row", flat=True).first()
    return Row(found) if found else None
