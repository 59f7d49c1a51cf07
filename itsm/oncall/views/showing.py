"""Who is on call now, a schedule as a calendar, one's own turns."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.oncall import permissions, queries
from itsm.oncall.engine.rota import final
from itsm.oncall.engine.values import Rota, Shift
from itsm.oncall.forms import FeedForm, TimeOffForm
from itsm.oncall.models import Schedule
from itsm.oncall.queries import calendar, otherwise
from itsm.oncall.queries.duty import names_of
from itsm.oncall.queries.feeds import feeds_of
from itsm.oncall.queries.listing import in_use, on_call_rows
from itsm.oncall.queries.turns_ahead import own_turns
from itsm.oncall.views.reading import reader
from itsm.oncall.vocabulary import SwapStatus
from itsm.ui.activity import activity
from itsm.ui.steps import offered

SPANS = {7: 7, 14: 14}


@login_required
def now(request: HttpRequest) -> HttpResponse:
    """Every schedule, who has it now, until when and why, and who is next."""
    actor, at = reader(request), timezone.now()
    rows = on_call_rows(actor, at)
    names = names_of({person for row in rows for person in (*row.duty.people, *row.following.people)})
    shown = [
        {
            "schedule": row.schedule, "duty": row.duty, "people": [names[one] for one in row.duty.people],
            "next": [names[one] for one in row.following.people], "mine": actor.id in row.duty.people,
        }
        for row in rows
    ]  # fmt: skip
    context = {"rows": shown, "at": at, "may_make": permissions.makers(actor), "here": "now"}
    return render(request, "oncall/now.html", context)


@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """When the reader is on call, when they are away, and the feeds that tell their calendar."""
    return mine_page(request, reader(request), {})


def mine_page(request: HttpRequest, actor: Actor, more: dict[str, Any], status: int = 200) -> HttpResponse:
    """The page of one's own turns, with a form that was refused or an address that was made."""
    at = timezone.now()
    turns = own_turns(actor.id or 0, at)
    off = otherwise.time_off(actor).filter(person=actor.id or 0, ends_at__gt=at, cancelled_at=None)
    context = {
        "turns": turns, "now_on": [one for one in turns if one.shift.start <= at], "off": off, "here": "mine",
        "off_form": TimeOffForm(), "feed_form": FeedForm(), "feeds": feeds_of(actor).filter(revoked_at=None),
        "may_have_feed": permissions.feed_owners(actor), "may_write": permissions.contributors(actor),
    }  # fmt: skip
    return render(request, "oncall/mine.html", context | more, status=status)


@login_required
def schedule(request: HttpRequest, slug: str) -> HttpResponse:
    """The final schedule of a week or two, its layers, gaps of 30 days, what is otherwise, and its past."""
    actor = reader(request)
    found = queries.schedule_called(actor, slug)
    at = timezone.now()
    zone = ZoneInfo(found.zone)
    first, count = _period(request, zone, at)
    context = {
        **picture(found, first, count, actor, at), "zone_name": found.zone, "here": "schedules",
        "gaps": queries.gaps(found, at) if found.layers_at else [], "duty": queries.on_duty(found.pk, at),
        "may_keep": permissions.keepers(actor, found), "may_override": permissions.overriders(actor, found),
        "overrides": otherwise.overrides(actor).filter(schedule=found, ends_at__gt=at, withdrawn_at=None),
        "swaps": [(one, offered(one, actor, "oncall:swap_step")) for one in _open_swaps(actor, found)],
        "events": activity(found, timeline(found)), "is_called": bool(in_use(found)),
    }  # fmt: skip
    context["on_duty"] = list(names_of(set(context["duty"].people)).values())
    return render(request, "oncall/schedule.html", context)


def _open_swaps(actor: Actor, found: Schedule) -> Any:
    rows = otherwise.swaps(actor).filter(schedule=found, status__in=(SwapStatus.ASKED, SwapStatus.TAKEN))
    return rows.order_by("-pk")[:20]


def picture(
    found: Schedule, first: date, count: int, actor: Actor, at: datetime, rota: Rota | None = None
) -> dict[str, Any]:  # fmt: skip
    """What the calendar draws of so many days: by the rows, or by a rota that is only being looked at."""
    zone = ZoneInfo(found.zone)
    days = calendar.days_shown(first, count, zone, at)
    begin, end = calendar.edge(first, zone), calendar.edge(first + timedelta(days=count), zone)
    looked_at = rota or queries.rota_of(found, begin, end)
    versions = list(found.layers.all())
    known = min((one.effective_from for one in versions), default=None)
    shifts: list[Shift] = calendar.cut_at(final(looked_at, begin, end), known)
    lines = list(dict.fromkeys(one.line for one in sorted(looked_at.layers, key=lambda one: one.rank)))
    people = calendar.people_of(shifts) | {p for one in looked_at.layers for slot in one.slots for p in slot}
    names = names_of(people | {one.into for one in looked_at.swaps})
    titles = {one.line_id: one.name for one in versions}
    return {
        "schedule": found, "days": days, "first": first, "count": count, "begin": begin, "end": end,
        "columns": range(sum(one.width for one in days)), "last": first - timedelta(days=count),
        "following": first + timedelta(days=count), "today": at.astimezone(zone).date(),
        "final": calendar.row(shifts, begin, end, names, actor.id, known),
        "layers": [
            (place, titles.get(line, ""), calendar.layer_row(looked_at, line, begin, end, names, actor.id))
            for place, line in enumerate(lines, 1)
        ],
        "lines": calendar.listed(shifts, names, actor.id, at, known), "known": known,
    }  # fmt: skip


def _period(request: HttpRequest, zone: ZoneInfo, at: datetime) -> tuple[date, int]:
    """`?from=2026-11-23&days=14`: this week by default."""
    count = SPANS.get(int(said) if (said := request.GET.get("days", "7")).isdecimal() and len(said) < 3 else 7, 7)
    text = request.GET.get("from", "")
    if not text:
        today = at.astimezone(zone).date()
        return today - timedelta(days=today.weekday()), count
    try:
        first = date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    if not 1990 < first.year < 2100:
        raise Http404
    return first, count
