"""Time that people worked on a record: entries by person, minutes and day; the sum is always that of the entries.

The caller found the record among what the actor may see, and judged who may work there.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound, NotPermitted
from itsm.work.models import TimeWorked
from itsm.work.time_limits import AHEAD, MAX_DAYS_BACK, MAX_MINUTES


def time_on(record: Any) -> "QuerySet[TimeWorked]":
    """The entries of a record, the newest day first."""
    return TimeWorked.objects.filter(record_kind=record.kind, record_id=record.pk).select_related("by")


def minutes_by_record(kind: str, ids: Collection[int]) -> dict[int, int]:
    """The sums of these records, those without an entry left out. One query."""
    found = TimeWorked.objects.filter(record_kind=kind, record_id__in=ids).order_by().values_list("record_id")
    return dict(found.annotate(all=Sum("minutes")))


def minutes_worked(kind: str, first: date, last: date, among: "QuerySet[Any] | None" = None) -> int:
    """Minutes that were worked on days from `first` to before `last`; `among`: on these records alone.

    Raises nothing.
    """
    found = TimeWorked.objects.filter(record_kind=kind, day__gte=first, day__lt=last)
    if among is not None:
        found = found.filter(record_id__in=among.order_by().values("pk"))
    return found.aggregate(all=Sum("minutes"))["all"] or 0


@transaction.atomic
def add_time(record: Any, *, actor: Actor, minutes: int, note: str = "", day: date | None = None) -> TimeWorked:
    """One's own minutes on a day (today without one). Raises NotPermitted, InvalidInput."""
    if actor.id is None:
        raise NotPermitted(gettext("Time is worked by people and service accounts."))
    wanted = day or timezone.localdate()
    _require_sensible(minutes, wanted)
    made = TimeWorked.objects.create(
        record_kind=record.kind, record_id=record.pk, by_id=actor.id, minutes=minutes, note=note.strip(), day=wanted,
        at=timezone.now(),
    )  # fmt: skip
    _tell(record, "time_worked", actor, {"minutes": [None, minutes], "day": [None, wanted.isoformat()]})
    return made


@transaction.atomic
def correct_time(record: Any, entry: TimeWorked, *, actor: Actor, **fields: Any) -> TimeWorked:
    """Change minutes, note or day of one's own entry. Raises NotPermitted, InvalidInput, NotFound (gone meanwhile)."""
    current = _own(record, entry, actor)
    before = {name: getattr(current, name) for name in fields}
    for name, value in fields.items():
        setattr(current, name, value.strip() if isinstance(value, str) else value)
    _require_sensible(current.minutes, current.day)
    changed = {
        name: [_plain(old), _plain(getattr(current, name))]
        for name, old in before.items()
        if old != getattr(current, name)
    }
    if changed:
        current.save(update_fields=list(fields))
        _tell(record, "time_corrected", actor, changed)
    return current


@transaction.atomic
def withdraw_time(record: Any, entry: TimeWorked, *, actor: Actor) -> None:
    """Take one's own entry back; the history keeps it. Raises NotPermitted, NotFound (gone meanwhile)."""
    current = _own(record, entry, actor)
    changes = {"minutes": [current.minutes, None], "day": [_plain(current.day), None], "note": [current.note, None]}
    current.delete()
    _tell(record, "time_withdrawn", actor, changes)


def _own(record: Any, entry: TimeWorked, actor: Actor) -> TimeWorked:
    current = time_on(record).select_for_update(no_key=True, of=("self",)).filter(pk=entry.pk).first()
    if current is None:
        raise NotFound(gettext("There is no such entry of time here."))
    require_own(current, actor=actor)
    return current


def require_own(entry: TimeWorked, *, actor: Actor) -> None:
    """Raise NotPermitted where it is somebody else's time."""
    if entry.by_id != actor.id:
        raise NotPermitted(gettext("Time is corrected by who worked it."))


def _require_sensible(minutes: int, day: date) -> None:
    if not 1 <= minutes <= MAX_MINUTES:
        raise InvalidInput.about("minutes", gettext("Say 1 to %(most)d minutes.") % {"most": MAX_MINUTES})
    today = timezone.now().date()
    if day > today + AHEAD:
        raise InvalidInput.about("day", gettext("That day has not come yet."))
    if day < today - timedelta(days=MAX_DAYS_BACK):
        raise InvalidInput.about("day", gettext("That day is more than %(most)d days ago.") % {"most": MAX_DAYS_BACK})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _tell(record: Any, event: str, actor: Actor, changes: dict[str, Any]) -> None:
    """Words of the note are named otherwise there: `note` in a history is the number of one."""
    lifecycle.announce(
        record,
        event,
        actor=actor,
        changes={"words" if name == "note" else name: pair for name, pair in changes.items()},
    )
