"""A schedule's team hears of gaps in the next 30 days: after an edit, and each night; of each gap once."""

from datetime import UTC, datetime

from itsm.accounts.queues import members_of
from itsm.notifications.sayings import saying as _
from itsm.notifications.telling import tell
from itsm.oncall.engine.values import Shift
from itsm.oncall.models import Schedule
from itsm.oncall.queries.duty import gaps

DAYS = 30


def tell_gaps(schedule: Schedule, at: datetime, *, by: int | None = None) -> int:
    """Tell the team of the gaps that it was not told of, in a transaction of the caller's or by itself. How many
    gaps are new. A schedule without layers, or retired, has none to tell. Raises nothing."""
    if schedule.layers_at is None or schedule.retired_at is not None:
        return 0
    found = gaps(schedule, at, DAYS)
    known = set(schedule.gaps_told)
    fresh = [one for one in found if known.isdisjoint(_keys(one))]
    Schedule.objects.filter(pk=schedule.pk).update(gaps_told=[key for one in found for key in _keys(one)][:1000])
    if not fresh:
        return 0
    first = fresh[0]
    words = {
        "name": schedule.name, "number": len(fresh), "start": _said(first.start), "end": _said(first.end),
    }  # fmt: skip
    tell(
        "schedule.gaps",
        {"team": list(members_of(schedule.team_id).values_list("pk", flat=True))},
        _("Nobody is on call in %(name)s: %(number)s gaps in the next 30 days") % words,
        body=_("The first is from %(start)s to %(end)s (UTC). Find cover, or say that nobody is needed then.") % words,
        path=schedule.get_absolute_url(),
        record=schedule,
        by=None,
        at=at,
    )
    return len(fresh)


def _keys(gap: Shift) -> tuple[str, str]:
    """Either end tells it: one that has begun is still the same tomorrow, and so is one that the 30 days cut."""
    return f"from {gap.start.astimezone(UTC).isoformat()}", f"to {gap.end.astimezone(UTC).isoformat()}"


def _said(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
