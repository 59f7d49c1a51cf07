"""What stands in the calendar of a period: times of windows, and changes that say when."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from changes.calendar.queries.occurrences import MOST, Occurrence, occurrences_between, occurrences_for
from changes.calendar.queries.page import visible_windows
from changes.change.models import Change
from changes.change.queries.besides import Besides, between
from changes.change.workflow import OVER
from itsm.accounts.permissions import staff
from itsm.kernel.actors import Actor

if TYPE_CHECKING:
    from catalog.models import Service

MOST_CHANGES = 2000
# What a calendar says of a change, and who may move it: there may be hundreds.
_SAID = (
    "summary", "service__name", "service__slug", "environment", "status", "verdict", "overridden", "requested_by",
    "authorised_until", "window_start", "window_end", "created_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CalendarOf:
    """[begins, ends): the times of windows and the changes that meet it, each in order. Truncated: there are more."""

    begins: datetime
    ends: datetime
    windows: list[Occurrence]
    changes: list[Change]
    meetings: list[Besides] = field(default_factory=list)

    @property
    def truncated(self) -> bool:
        """Whether not all of it was read."""
        return len(self.windows) >= MOST or len(self.changes) >= MOST_CHANGES


def calendar_of(actor: Actor, begins: datetime, ends: datetime, service: "Service | None" = None) -> CalendarOf:
    """What this actor may see of it; of one service what concerns it. Four queries at most."""
    named = Change.objects.visible_to(actor).select_related("service").only(*_SAID)
    planned = named.exclude(window_start=None).filter(window_start__lt=ends, window_end__gt=begins)
    planned = planned.exclude(status__in=OVER)
    if service is None:
        windows = _seen_by(actor, occurrences_between(begins, ends))
    else:
        windows, planned = occurrences_for([service.pk], None, begins, ends), planned.filter(service=service.pk)
    meetings = between(actor, begins, ends) if service is None else []
    return CalendarOf(begins, ends, windows, list(planned.order_by("window_start", "pk")[:MOST_CHANGES]), meetings)


def _seen_by(actor: Actor, windows: list[Occurrence]) -> list[Occurrence]:
    if staff(actor):
        return windows
    seen = set(visible_windows(actor).order_by().values_list("pk", flat=True))
    return [one for one in windows if one.window_id in seen]
