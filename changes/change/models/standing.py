"""What the gate said of a change, as it stands at an instant: an answer that ended or whose time is over is none.

`Change.verdict`, `Evaluation.outcome` and the decisions keep what was decided then; what tells a verdict, shows it or
finds by it asks here, so that nobody is told "approved" of what may not go.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q

from changes.change.workflow import Status
from changes.gate.vocabulary import Outcome

# Without a live answer: what was asked or authorised has ended there. A refusal is told until it is asked anew.
_ENDED = (Status.DRAFT, Status.ON_HOLD, Status.CANCELLED)


def has_lapsed(change: Any, at: datetime) -> bool:
    """It is authorised no more and nobody used it; by the clock too, for the sweeper may come later."""
    until = change.authorised_until
    return change.status == Status.SCHEDULED and until is not None and until <= at


def verdict_at(change: Any, at: datetime) -> str:
    """The outcome that holds at this instant, of what went the one that it went by; "" where none does."""
    ended = change.status in _ENDED or has_lapsed(change, at)
    return "" if ended and change.verdict != Outcome.BLOCKED else str(change.verdict)


def overridden_at(change: Any, at: datetime) -> bool:
    """Whether it goes, or went, by an override; no more where that lapsed unused."""
    return bool(change.overridden) and not has_lapsed(change, at)


def saying(verdict: str, at: datetime) -> Q:
    """Changes of which `verdict_at` says this; found by the index of `verdict`."""
    if verdict == Outcome.BLOCKED:
        return Q(verdict=verdict)
    lapsed = Q(status=Status.SCHEDULED, authorised_until__lte=at)
    return Q(verdict=verdict) & ~Q(status__in=_ENDED) & ~lapsed
