"""What a change cost of error budgets, and what follows for it. The ledger lies above, and registers who tells.

Promise: what follows by itself is only ever stricter: a clean run becomes a failed one, a close code a worse one, and
people look back. Kinder is what people say, who have no interest (`close`, refunds).
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from changes.change.models import Change
from changes.change.operations import review_reminders
from changes.change.operations.counting import recount
from changes.change.operations.evaluations import GATE
from changes.change.operations.reviewing import due_after
from changes.change.vocabulary import STRICTNESS, OutcomeCode, ReviewCause
from changes.change.workflow import Status
from itsm import lifecycle


class FoundCost(NamedTuple):
    """What the cost of a change says of it.

    `outcome_code`: the close code that it proposes; `failed`: the run counts as one that failed; `is_dear`: it took
    more than a fifth of a budget, so people look back at it.
    """

    outcome_code: str
    failed: bool
    is_dear: bool


Source = Callable[[Change, datetime], FoundCost | None]
_sources: list[Source] = []


def come_from(source: Source) -> None:
    """`source(change, at)`: what the change, which the caller holds, cost up to now; None where nothing is known.

    Called once, in `ready()`.
    """
    _sources[:] = [source]


def found(change: Change, at: datetime) -> FoundCost | None:
    """As it is known now. Raises nothing."""
    return _sources[0](change, at) if _sources else None


def follow(change: Change, cost: FoundCost, *, at: datetime) -> bool:
    """Count the run as it went, propose the close code, and owe a review. The caller holds the change.

    Returns whether a run that was counted clean is counted as failed now. Raises nothing.
    """
    counted = cost.failed and recount(change, failed=True)
    if change.status != Status.REVIEWING:
        return counted
    dear = cost.is_dear and change.review_due_at is None
    stricter = cost.outcome_code != OutcomeCode.SUCCESSFUL and _is_stricter(cost.outcome_code, change.outcome_code)
    if not dear and not stricter:
        return counted
    with lifecycle.edit(change, actor=GATE, version=None, version_required=False, event="cost_found") as current:
        if stricter:
            current.outcome_code = cost.outcome_code
        if dear:
            current.review_because, current.review_due_at = ReviewCause.COST, due_after(at)
            review_reminders.promise(current, at)
    return counted


def _is_stricter(code: str, than: str) -> bool:
    return not than or STRICTNESS.index(OutcomeCode(code)) > STRICTNESS.index(OutcomeCode(than))
