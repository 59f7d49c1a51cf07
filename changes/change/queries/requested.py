"""Changes as requests see them whose tasks wait for them: the catalog lies below and knows no changes."""

from collections.abc import Collection, Mapping

from catalog.requests.queries import Progress
from changes.change.models import Change
from changes.change.queries.fixes import state_of, succeeded
from changes.change.workflow import OVER, Status
from changes.gate.vocabulary import Outcome
from itsm.kernel.actors import Actor

_HALTED = (Status.DRAFT, Status.ON_HOLD)
_BEGUN = (Status.RUNNING, Status.REVIEWING)


def progress(numbers: Collection[int], actor: Actor | None) -> Mapping[int, Progress]:
    """How these changes stand, by number; those that the actor may see, all of them without one. One query."""
    seen = Change.objects.all() if actor is None else Change.objects.visible_to(actor)
    return {change.pk: _progress(change) for change in seen.filter(pk__in=numbers)}


def _progress(change: Change) -> Progress:
    over = change.status in OVER
    postponed = change.verdict == Outcome.POSTPONED.value and change.status == Status.ASSESSING
    return Progress(
        reference=change.reference,
        url=change.get_absolute_url(),
        state=state_of(change),
        planned_at=None if over or change.status in _BEGUN else change.window_start or change.not_before,
        has_begun=change.status in _BEGUN,
        is_over=over,
        is_delayed=change.status in _HALTED or postponed or (over and not succeeded(change)),
    )
