"""The calendar of changes: a month, a week, and a lane per service."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.services.queries import visible_services
from changes.calendar.forms import WindowForm
from changes.calendar.permissions import calendar_keepers
from changes.change import permissions
from changes.change.models import Change
from changes.change.operations import editing
from changes.change.operations.previewing import MOST, whom_it_hits
from changes.change.queries import calendar_grid as grid
from changes.change.queries.calendar import calendar_of
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, render_partial

VIEWS = ("month", "week", "lanes")
_YEARS = range(2000, 2200)


@login_required
def calendar(request: HttpRequest, shown: str) -> HttpResponse:
    """`shown`: month, week or lanes. ?on= a day within it (today), ?service= of one service only."""
    actor, zone = actor_of(request), timezone.get_current_timezone()
    today = timezone.localdate()
    on = day_in(request.GET.get("on", "")) or today
    slug = request.GET.get("service", "")
    service = get_object_or_404(visible_services(actor), slug=slug.replace("\0", "")) if slug else None
    begin, end = grid.month_of(on) if shown == "month" else grid.week_of(on)
    read = calendar_of(actor, grid.midnight(begin, zone), grid.midnight(end, zone), service)
    chips = grid.chips_of(read, zone)
    month = on.month if shown == "month" else None
    lanes = grid.lanes_of(read.changes, begin, end, today, zone) if shown == "lanes" else []
    if shown == "lanes":  # above the lanes, the calendar's own windows
        chips = [chip for chip in chips if chip.change is None]
    context = {
        "shown": shown,
        "on": on,
        "begin": begin,
        "end": end - timedelta(days=1),
        "weeks": grid.weeks_of(grid.days_of(chips, begin, end, today, zone, month)),
        "lanes": lanes,
        "movable": {one.pk for one in read.changes if may_move(actor, one)},
        "service": service,
        "truncated": read.truncated,
        **_turns(on, shown),
    }
    return render(request, f"changes/change/calendar_{shown}.html", context)


def _turns(on: date, shown: str) -> dict[str, Any]:
    """A day within the period before this one, and within the next."""
    if shown == "month":
        first = on.replace(day=1)
        return {"before": first - timedelta(days=1), "after": (first + timedelta(days=31)).replace(day=1)}
    return {"before": on - timedelta(days=7), "after": on + timedelta(days=7)}


def day_in(text: str) -> date | None:
    """A day of this century or the next; None for anything else."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in _YEARS else None


@login_required
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Whom a window would hit, before it is entered: the calendar's form sends what it holds. Nothing is written."""
    actor = actor_permitted(request, calendar_keepers, _("Change managers keep the calendar."))
    form = WindowForm(visible_services(actor), Team.objects.visible_to(actor), request.POST)
    context: dict[str, Any] = {"form": form, "hit": None, "most": MOST}
    status = 422
    if form.is_valid():
        said = {name: value for name, value in form.said().items() if name not in ("name", "reason", "demanded")}
        with form_errors_from(form) as refused:
            context["hit"], status = whom_it_hits(actor=actor, at=timezone.now(), **said), 200
        status = status if context["hit"] is not None else refused.status
    title = _("Whom it would hit")
    return render_partial(request, "changes/change/partials/calendar_hits.html", context, title=title, status=status)


def may_move(actor: Actor, change: Change) -> bool:
    """Whether the calendar offers to move it."""
    return change.status in editing.EDITABLE and permissions.requesters(actor, change)
