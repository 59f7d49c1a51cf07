"""A change is moved in the calendar: dragged, or step by step by keys. What it would meet and lose is asked before."""

from copy import copy
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from changes.calendar.rules.bounds import is_within
from changes.change import permissions
from changes.change.models import Change
from changes.change.operations import editing
from changes.change.operations.evaluations import live_evaluation
from changes.change.queries import listing
from changes.change.queries.at_stake import at_stake
from changes.change.queries.calendar_grid import midnight
from changes.change.queries.conflicts import conflicts_of
from changes.change.queries.slots import slots_of
from changes.change.views.calendar import VIEWS, day_in
from itsm.accounts.actors import actor_permitted
from itsm.ui.htmx import render_partial

_GRID = timedelta(minutes=15)
_DAY = timedelta(days=1)
_MOST_DAYS = 42


@login_required
def move(request: HttpRequest, reference: str) -> HttpResponse:
    """Asks before a change is moved: `?on=` another day at the same clock, or `?start=` an instant; else as it is."""
    change = _movable(request, reference)
    now, lasts = timezone.now(), _lasts(change)
    starts_at = _wanted(request, change, now)
    moved = copy(change)
    moved.window_start, moved.window_end = starts_at, starts_at + lasts
    lost = at_stake(live_evaluation(change), change, now)
    back = request.GET.get("back", "")
    context: dict[str, Any] = {
        "change": change,
        "starts_at": starts_at,
        "ends_at": moved.window_end,
        "minutes": lasts // timedelta(minutes=1),
        "is_past": moved.window_end <= now,
        "conflicts": conflicts_of(moved, now).found,
        "lost": lost.said() if lost else [],
        "agreed": lost.mark if lost else "",
        "slots": slots_of(change, lasts, now).slots,
        "steps": _steps(starts_at),
        "back": back if back in VIEWS else "",
    }
    title = _("Move %(reference)s") % {"reference": change.reference}
    return render_partial(request, "changes/change/partials/moving.html", context, title=title, back=change)


@login_required
def free(request: HttpRequest, reference: str) -> HttpResponse:
    """Where it would fit, as bands of local days: [?from=, ?to=], 42 days at most."""
    change = _movable(request, reference)
    zone, now = timezone.get_current_timezone(), timezone.now()
    begin = day_in(request.GET.get("from", "")) or timezone.localdate()
    end = min(day_in(request.GET.get("to", "")) or begin, begin + _DAY * _MOST_DAYS)
    from_then = max(now, midnight(begin, zone))
    found = slots_of(change, _lasts(change), from_then).slots
    bands = [
        {"day": day.isoformat(), "words": f"{_clock(first, day)} – {_clock(last, day, ends=True)}"}
        for day in (begin + _DAY * number for number in range((end - begin).days + 1))
        for slot in found
        for first, last in [(slot.start.astimezone(zone), slot.free_until.astimezone(zone))]
        if first.date() <= day and last > midnight(day, zone)
    ]
    return JsonResponse({"bands": bands})


def _clock(at: datetime, day: date, *, ends: bool = False) -> str:
    if at.date() == day:
        return f"{at:%H:%M}"
    return "24:00" if ends else "00:00"


def _movable(request: HttpRequest, reference: str) -> Change:
    actor = actor_permitted(request, permissions.staff, _("When changes run is for people who work here."))
    change = listing.by_reference(actor, reference)
    editing.require_editable(change, actor)
    return change


def _lasts(change: Change) -> timedelta:
    begins, ends = change.window or (timezone.now(), timezone.now() + timedelta(hours=1))
    return max(timedelta(minutes=1), min(ends - begins, timedelta(days=14)))


def _wanted(request: HttpRequest, change: Change, now: datetime) -> datetime:
    """The start that is asked about; what cannot be read leaves it where it is."""
    zone = timezone.get_current_timezone()
    was = (change.window_start or now + _GRID).astimezone(zone)
    on = day_in(request.GET.get("on", ""))
    if on is not None:
        return was.replace(year=on.year, month=on.month, day=on.day, tzinfo=zone)
    try:
        said = datetime.fromisoformat(request.GET.get("start", ""))
    except ValueError:
        return was
    return said.astimezone(zone) if said.tzinfo is not None and is_within(said) else was


def _steps(starts_at: datetime) -> list[dict[str, Any]]:
    """A quarter of an hour and a day, either way: a day later is the same clock, whatever the clocks do meanwhile."""
    local = starts_at.astimezone(timezone.get_current_timezone())
    wanted = (
        ("day-earlier", _("a day earlier"), local - _DAY),
        ("earlier", _("15 minutes earlier"), _elapsed(local, -_GRID)),
        ("later", _("15 minutes later"), _elapsed(local, _GRID)),
        ("day-later", _("a day later"), local + _DAY),
    )
    return [{"name": name, "words": words, "start": at.isoformat()} for name, words, at in wanted if is_within(at)]


def _elapsed(local: datetime, by: timedelta) -> datetime:
    return (local.astimezone(UTC) + by).astimezone(local.tzinfo)
