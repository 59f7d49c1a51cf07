"""Changes as problems see them that they fix: incidents lie below and know no changes."""

from collections.abc import Collection, Iterator

from changes.change.models import Change
from changes.change.vocabulary import OutcomeCode
from changes.change.workflow import OVER, Status
from incidents.problem.queries import Fix

_SUCCEEDED = (OutcomeCode.SUCCESSFUL, OutcomeCode.WITH_ISSUES)


def fixes(numbers: Collection[int]) -> Iterator[Fix]:
    """How these changes stand, in the order of their numbers. One query."""
    for change in Change.objects.filter(pk__in=numbers).order_by("pk"):
        yield Fix(
            number=change.pk,
            reference=change.reference,
            summary=change.summary,
            url=change.get_absolute_url(),
            state=state_of(change),
            is_over=change.status in OVER,
            succeeded=succeeded(change),
        )


def succeeded(change: Change) -> bool:
    """Whether it was closed as successful, with issues or without."""
    return change.status == Status.CLOSED and change.outcome_code in _SUCCEEDED


def state_of(change: Change) -> str:
    """Its outcome where it is closed, else its state."""
    shown = change.get_outcome_code_display() if change.status == Status.CLOSED else change.get_status_display()
    return str(shown)
