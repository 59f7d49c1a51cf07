"""What the gate said of a change, as it stands at an instant: an answer that ended or whose time is over is none.

`Change.verdict`, `Evaluation.outcome` and the decisions keep what was decided then; what tells a verdict, shows it or
finds by it asks here, so that nobody is told "approved" of what may not go.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q

from changes.change.workflow import WAITING, Status
from changes.gate.vocabulary import WITHOUT_PEOPLE, Outcome

# Without a live answer: what was asked or authorised has ended there. A refusal is told until it is asked anew.
_ENDED = (Status.DRAFT, Status.ON_HOLD, Status.CANCELLED)


def has_lapsed(change: Any, at: datetime) -> bool:
    """It is authorised no more and nobody used it; by the clock too, for the sweeper may come later."""
    until = change.authorised_until
    return change.status == Status.SCHEDULED and until is not None and until <= at


def verdict_at(change: Any, at: datetime) -> str:
    """The outcome that holds at this instant, of what went the one that it went by; "" where none does."""
    told = str(change.verdict)
    ended = change.status in _untold_in(told) or (told != Outcome.BLOCKED and has_lapsed(change, at))
    return "" if ended else told


def overridden_at(change: Any, at: datetime) -> bool:
    """Whether it goes, or went, by an override; no more where that lapsed unused."""
    return bool(change.overridden) and not has_lapsed(change, at)


def saying(verdict: str, at: datetime) -> Q:
    """Changes of which `verdict_at` says this; found by the index of `verdict`."""
    told = Q(verdict=verdict) & ~Q(status__in=_untold_in(verdict))
    lapsed = Q(status=Status.SCHEDULED, authorised_until__lte=at)
    return told if verdict == Outcome.BLOCKED else told & ~lapsed


def _untold_in(verdict: str) -> tuple[Status, ...]:
    """The states of a change in which this outcome, kept from its last judgement, holds no more.

    One that is settled without people holds nothing up: what waits was asked anew, and is judged in a moment.
    """
    if verdict == Outcome.BLOCKED:
        return WAITING
    return (*_ENDED, *WAITING) if verdict in WITHOUT_PEOPLE else _ENDED
