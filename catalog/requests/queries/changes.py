"""How the changes stand that tasks wait for: told by what lies above, which knows changes."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.requests.models import WantedChange
from catalog.requests.vocabulary import WantedState
from itsm.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Progress:
    """A change as a request tells of it. `state`: in words, for those who work here. `planned_at`: when it is carried
    out; `has_begun`: it is carried out, or looked at afterwards; `is_delayed`: something holds it up, or it failed."""

    reference: str
    url: str
    state: str
    planned_at: datetime | None
    has_begun: bool
    is_over: bool
    is_delayed: bool


Read = Callable[[Collection[int], Actor | None], Mapping[int, Progress]]
_reads: list[Read] = []


def changes_come_from(read: Read) -> None:
    """Say who knows changes: `read(numbers, actor)` gives how each stands, as far as the actor may see it; all of them
    without an actor. Called once, in `AppConfig.ready()`."""
    _reads[:] = [read]


def progress_of(numbers: Collection[int], actor: Actor | None) -> Mapping[int, Progress]:
    """By number; nothing where nobody knows changes."""
    return _reads[0](numbers, actor) if _reads and numbers else {}


def wanted_of_task(task_id: int) -> WantedChange | None:
    """What a task asks for, with its item and request."""
    found = WantedChange.objects.select_related("item", "item__request", "item__request__requested_for", "task")
    return found.filter(task=task_id).first()


def wanted_by_change(number: int) -> WantedChange | None:
    """The open wish that this change serves; None where none waits for it."""
    found = WantedChange.objects.select_related("item", "item__request", "task")
    return found.filter(change_number=number, state=WantedState.OPENED).first()
