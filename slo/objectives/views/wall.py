"""The wall-board: the overview for a screen across the room, worst first, by itself."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from slo.measuring.views.readers import reader_of
from slo.objectives.queries.overview import counts_by_state, overview, overview_rows
from slo.objectives.views.overview import filtered

TILES = 40
STANDS_STILL = timedelta(minutes=5)


@login_required
def wall(request: HttpRequest) -> HttpResponse:
    """The page; to htmx only its tiles, which tell by a header that they are tiles and not some other page."""
    actor, now = reader_of(request), timezone.now()
    chosen = filtered(request, actor).qs
    lines = overview_rows(list(overview(chosen, now)[:TILES]), now)
    counts = counts_by_state(chosen, now)
    looked = max((one.line.budget.evaluated_at for one in lines), default=None)
    context = {
        "lines": lines,
        "counts": counts,
        "more": sum(count for _, count in counts) - len(lines),
        "now": now,
        "looked": looked,
        "stands_still": looked is not None and now - looked > STANDS_STILL,
        "narrowed_by": [request.GET[name] for name in ("team", "service", "environment") if request.GET.get(name)],
    }
    part = getattr(request, "htmx", False)
    answer = render(request, "slo/objectives/partials/wall_tiles.html" if part else "slo/objectives/wall.html", context)
    answer["X-Wall"] = "tiles"
    return answer
